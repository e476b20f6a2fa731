//! Descriptions that nobody should write: every value of a whole description replaced or taken away, one at a time.

use palisade_network::ask::{GraphFormat, PathQuestion, Verdict, diff, path_graph, vpc_graph};
use palisade_network::model::Place;
use palisade_network::{Document, Network, from_dump};
use serde_json::{Value, json};

/// One of each construct, joined to each other.
fn whole() -> Value {
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/a/1";
    let mut whole = json!({
        "Vpcs": [{ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333" }, { "VpcId": "vpc-2", "CidrBlock": "10.1.0.0/16" }],
        "Subnets": [
            { "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "eu-west-1a" },
            { "SubnetId": "subnet-2", "VpcId": "vpc-2", "CidrBlock": "10.1.0.0/24", "AvailabilityZone": "eu-west-1a" },
        ],
        "NetworkInterfaces": [
            { "NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "Groups": [{ "GroupId": "sg-1" }],
              "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.0.5", "Association": { "PublicIp": "203.0.113.5" } }],
              "Ipv6Addresses": [{ "Ipv6Address": "2600::5" }], "Attachment": { "InstanceId": "i-1" } },
            { "NetworkInterfaceId": "eni-2", "VpcId": "vpc-2", "SubnetId": "subnet-2", "Groups": [{ "GroupId": "sg-1" }],
              "PrivateIpAddresses": [{ "PrivateIpAddress": "10.1.0.5" }] },
            { "NetworkInterfaceId": "eni-3", "VpcId": "vpc-1", "SubnetId": "subnet-1", "InterfaceType": "network_load_balancer",
              "Description": "ELB net/a/1", "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.0.6", "Association": { "PublicIp": "203.0.113.6" } }] },
        ],
        "SecurityGroups": [{ "GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [
            { "IpProtocol": "tcp", "FromPort": 22, "ToPort": 80, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }], "PrefixListIds": [{ "PrefixListId": "pl-1" }], "UserIdGroupPairs": [{ "GroupId": "sg-1" }] },
            { "IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "Ipv6Ranges": [{ "CidrIpv6": "::/0" }] },
        ], "IpPermissionsEgress": [{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }] }],
        "NetworkAcls": [{ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Associations": [{ "SubnetId": "subnet-1" }], "Entries": [
            { "RuleNumber": 100, "Protocol": "6", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0", "PortRange": { "From": 1, "To": 65535 } },
            { "RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0" },
        ] }],
        "RouteTables": [{ "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{ "Main": true }, { "GatewayId": "igw-1" }], "Routes": [
            { "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active" },
            { "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active" },
            { "DestinationCidrBlock": "10.1.0.0/16", "TransitGatewayId": "tgw-1" },
            { "DestinationPrefixListId": "pl-1", "VpcPeeringConnectionId": "pcx-1" },
            { "DestinationCidrBlock": "10.9.0.0/16", "VpcEndpointId": "vpce-1" },
        ] }, { "RouteTableId": "rtb-2", "VpcId": "vpc-2", "Associations": [{ "Main": true }], "Routes": [
            { "DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local" }, { "DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-1" },
        ] }],
        "InternetGateways": [{ "InternetGatewayId": "igw-1", "Attachments": [{ "VpcId": "vpc-1", "State": "available" }] }],
        "NatGateways": [{ "NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "NatGatewayAddresses": [{ "PrivateIp": "10.0.0.7", "PublicIp": "203.0.113.7" }] }],
        "PrefixLists": [{ "PrefixListId": "pl-1", "Cidrs": ["10.1.0.0/16"] }],
        "VpcPeeringConnections": [{ "VpcPeeringConnectionId": "pcx-1", "Status": { "Code": "active" }, "RequesterVpcInfo": { "VpcId": "vpc-1" }, "AccepterVpcInfo": { "VpcId": "vpc-2" } }],
        "TransitGateways": [{ "TransitGatewayId": "tgw-1" }],
        "TransitGatewayAttachments": [
            { "TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "available", "Association": { "TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated" } },
            { "TransitGatewayAttachmentId": "tgw-attach-2", "TransitGatewayId": "tgw-1", "ResourceType": "vpc", "ResourceId": "vpc-2", "State": "available", "Association": { "TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated" } },
        ],
        "TransitGatewayVpcAttachments": [
            { "TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "State": "available" },
            { "TransitGatewayAttachmentId": "tgw-attach-2", "TransitGatewayId": "tgw-1", "VpcId": "vpc-2", "SubnetIds": ["subnet-2"], "State": "available" },
        ],
        "TransitGatewayRouteTables": [{ "TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1" }],
        "TransitGatewayRoutes": [{ "TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": [
            { "DestinationCidrBlock": "0.0.0.0/0", "Type": "static", "State": "active", "TransitGatewayAttachments": [{ "TransitGatewayAttachmentId": "tgw-attach-1" }] },
        ] }],
        "LoadBalancers": [{ "LoadBalancerArn": arn, "Type": "network", "Scheme": "internet-facing", "VpcId": "vpc-1", "AvailabilityZones": [{ "SubnetId": "subnet-1" }] }],
        "Listeners": [{ "ListenerArn": "l", "LoadBalancerArn": arn, "Protocol": "TCP", "Port": 80, "DefaultActions": [{ "TargetGroupArn": "tg" }] }],
        "TargetGroups": [{ "TargetGroupArn": "tg", "Port": 22, "Protocol": "TCP", "TargetType": "instance" }],
        "LoadBalancerTargetHealth": [{ "TargetGroupArn": "tg", "TargetHealthDescriptions": [{ "Target": { "Id": "i-1", "Port": 22 }, "TargetHealth": { "State": "healthy" } }] }],
        "VpcBlockPublicAccessOptions": { "InternetGatewayBlockMode": "off" },
    });
    let parts = whole.as_object_mut().unwrap();
    parts.extend(firewall().as_object().unwrap().clone());
    whole
}

/// A network firewall with a stateless and a stateful rule.
fn firewall() -> Value {
    json!({
        "VpcEndpoints": [{ "VpcEndpointId": "vpce-1", "VpcEndpointType": "GatewayLoadBalancer", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"] }],
        "Firewalls": [{ "FirewallArn": "arn:f", "FirewallPolicyArn": "arn:p", "VpcId": "vpc-1", "SubnetMappings": [{ "SubnetId": "subnet-1" }],
            "FirewallStatus": { "SyncStates": { "a": { "Attachment": { "SubnetId": "subnet-1", "EndpointId": "vpce-1", "Status": "READY" } } } } }],
        "FirewallPolicies": [{ "Arn": "arn:p", "StatelessDefaultActions": ["aws:forward_to_sfe"], "StatefulDefaultActions": ["aws:drop_strict"],
            "StatefulEngineOptions": { "RuleOrder": "STRICT_ORDER" }, "PolicyVariables": { "RuleVariables": { "HOME_NET": { "Definition": ["10.0.0.0/8"] } } },
            "StatelessRuleGroupReferences": [{ "ResourceArn": "arn:s", "Priority": 1 }], "StatefulRuleGroupReferences": [{ "ResourceArn": "arn:g", "Priority": 1 }] }],
        "RuleGroups": [
            { "Arn": "arn:s", "RulesSource": { "StatelessRulesAndCustomActions": { "StatelessRules": [{ "Priority": 1, "RuleDefinition": { "Actions": ["aws:drop"],
                "MatchAttributes": { "Protocols": [6], "Sources": [{ "AddressDefinition": "10.0.0.0/24" }], "SourcePorts": [{ "FromPort": 1, "ToPort": 9 }] } } }] } } },
            { "Arn": "arn:g", "RuleVariables": { "IPSets": { "A": { "Definition": ["10.0.0.0/8", "!10.1.0.0/16"] } }, "PortSets": { "P": { "Definition": ["[1:9,!5]"] } } },
                "RulesSource": { "StatefulRules": [{ "Action": "PASS", "RuleOptions": [{ "Keyword": "sid" }],
                    "Header": { "Protocol": "TCP", "Source": "$A", "SourcePort": "$P", "Direction": "ANY", "Destination": "!$HOME_NET", "DestinationPort": "ANY" } }] } },
        ],
    })
}

/// Every place of a value, as JSON pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{n}"), out);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                places(member, &format!("{at}/{name}"), out);
            }
        }
        _ => {}
    }
}

fn ask_everything(json: Value) -> usize {
    let document = Document {
        name: "hostile".to_owned(),
        place: Place::default(),
        json,
    };
    let network = Network::new(from_dump([&document]).0);
    let exposed = network.exposed();
    let _ = network.egress();
    let _ = serde_json::to_string(&network.pairs());
    for (from, to) in [
        ("internet", "eni-1"),
        ("eni-1", "eni-2"),
        ("eni-2", "internet"),
        ("eni-1", "10.9.0.1"),
        ("vpc-1", "10.1.0.5"),
    ] {
        let question = PathQuestion {
            from: from.to_owned(),
            to: to.to_owned(),
            ..PathQuestion::default()
        };
        if let Ok(answer) = network.path(&question) {
            let _ = path_graph(&answer, GraphFormat::Svg);
        }
    }
    let _ = vpc_graph(&network, "vpc-1", GraphFormat::Svg);
    assert!(diff(&network, &network).changes.is_empty());
    exposed.rows.len()
}

#[test]
fn no_value_of_a_description_can_stop_the_engine() {
    assert!(
        ask_everything(whole()) >= 2,
        "the description is one that means something"
    );
    let mut all = Vec::new();
    places(&whole(), "", &mut all);
    let bad = [
        json!(null),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("0.0.0.0/0"),
        json!("::/0"),
        json!([]),
        json!([[{}]]),
        json!({}),
        json!("\u{202e}\u{0}<script>"),
    ];
    // Three of the values at each place, others at the next.
    for (n, place) in all.iter().enumerate() {
        for value in bad.iter().cycle().skip(n * 3).take(3) {
            let mut json = whole();
            *json.pointer_mut(place).unwrap() = value.clone();
            ask_everything(json);
        }
    }
}

#[test]
fn a_circle_of_routes_ends() {
    let mut json = whole();
    // The transit gateway sends everything back to where it came from.
    let routes =
        "/TransitGatewayRoutes/0/Routes/0/TransitGatewayAttachments/0/TransitGatewayAttachmentId";
    *json.pointer_mut(routes).unwrap() = json!("tgw-attach-2");
    ask_everything(json);
}

#[test]
fn a_part_that_is_missing_makes_unknown_and_never_blocked() {
    let verdict = |json: Value| {
        let document = Document {
            name: "part".to_owned(),
            place: Place::default(),
            json,
        };
        let answer = Network::new(from_dump([&document]).0).exposed();
        let rows = answer.rows.into_iter();
        rows.filter(|row| row.interface == "eni-1" && row.address == "203.0.113.5")
            .map(|row| row.verdict)
            .next()
    };
    // Without the edge table, so that all of it is plain.
    let mut plain = whole();
    let associations = plain.pointer_mut("/RouteTables/0/Associations").unwrap();
    associations.as_array_mut().unwrap().truncate(1);
    // Of the parts that its way needs, and those that it does not.
    assert_eq!(verdict(plain.clone()), Some(Verdict::Reachable));
    for (part, expected) in [
        ("Subnets", Verdict::Unknown),
        ("SecurityGroups", Verdict::Unknown),
        ("NetworkAcls", Verdict::Unknown),
        ("RouteTables", Verdict::Unknown),
        ("InternetGateways", Verdict::Unknown),
        ("Vpcs", Verdict::Reachable),
        ("NatGateways", Verdict::Reachable),
        ("TransitGatewayAttachments", Verdict::Reachable),
    ] {
        let mut json = plain.clone();
        json.as_object_mut().unwrap().remove(part).unwrap();
        assert_eq!((part, verdict(json)), (part, Some(expected)));
    }
}

#[test]
fn a_databases_interface_is_named_when_only_one_can_be_it() {
    let database = |id: &str, public: bool| {
        json!({ "DBInstanceIdentifier": id, "PubliclyAccessible": public, "AvailabilityZone": "eu-west-1a",
            "VpcSecurityGroups": [{ "VpcSecurityGroupId": "sg-1" }],
            "DBSubnetGroup": { "VpcId": "vpc-1", "Subnets": [{ "SubnetIdentifier": "subnet-1" }] } })
    };
    let named = |databases: Value| {
        let mut json = whole();
        json["DBInstances"] = databases;
        json["NetworkInterfaces"][0]["Description"] = json!("RDSNetworkInterface");
        json["NetworkInterfaces"][0]["Attachment"] = json!({});
        let document = Document {
            name: "db".to_owned(),
            place: Place::default(),
            json,
        };
        let network = Network::new(from_dump([&document]).0);
        let resource = network.resource_of(&network.estate.interfaces["eni-1"]);
        (resource.kind, resource.id)
    };
    let is = |id: &str| ("database".to_owned(), id.to_owned());
    assert_eq!(
        named(json!([database("a", true), database("b", false)])),
        is("a")
    );
    assert_eq!(
        named(json!([database("a", true), database("b", true)])),
        is("")
    );
    assert_eq!(named(json!([database("b", false)])), is(""));
}

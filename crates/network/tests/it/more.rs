//! IPv6, egress-only gateways, NAT, Block Public Access, load balancers, prefix lists, peering references: small estates, whole answers.

use palisade_network::ask::{PathAnswer, PathQuestion, Verdict};
use palisade_network::model::Place;
use palisade_network::{Document, Network, from_dump};
use serde_json::{Value, json};

fn network(json: Value) -> Network {
    Network::new(
        from_dump(&[Document {
            name: "more.json".into(),
            place: Place::default(),
            json,
        }])
        .0,
    )
}

fn ask(network: &Network, from: &str, to: &str, port: u16) -> PathAnswer {
    network
        .path(&PathQuestion {
            from: from.into(),
            to: to.into(),
            port: Some(port),
            ..PathQuestion::default()
        })
        .unwrap()
}

fn codes(answer: &PathAnswer) -> Vec<String> {
    answer
        .blockers
        .iter()
        .map(|blocker| blocker.code.word())
        .collect()
}

fn eni(id: &str, subnet: &str, address: &str, group: &str) -> Value {
    json!({ "NetworkInterfaceId": id, "VpcId": "vpc-1", "SubnetId": subnet, "InterfaceType": "interface", "Groups": [{ "GroupId": group }],
        "PrivateIpAddresses": [{ "PrivateIpAddress": address }] })
}

/// A dual-stack VPC: subnet-a routes to the internet gateway, subnet-b to a NAT gateway and an egress-only gateway.
fn dual() -> Value {
    let any = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }], "Ipv6Ranges": [{ "CidrIpv6": "::/0" }] }]);
    let mut entries = Vec::new();
    for egress in [false, true] {
        entries.push(json!({ "RuleNumber": 100, "Egress": egress, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0" }));
        entries.push(json!({ "RuleNumber": 101, "Egress": egress, "Protocol": "-1", "RuleAction": "allow", "Ipv6CidrBlock": "::/0" }));
    }
    let subnet = |id: &str, v4: &str, v6: &str| {
        json!({ "SubnetId": id, "VpcId": "vpc-1", "CidrBlock": v4, "AvailabilityZone": "a",
        "Ipv6CidrBlockAssociationSet": [{ "Ipv6CidrBlock": v6, "Ipv6CidrBlockState": { "State": "associated" } }] })
    };
    let (mut a, mut b) = (
        eni("eni-a", "subnet-a", "10.0.1.5", "sg-1"),
        eni("eni-b", "subnet-b", "10.0.2.5", "sg-1"),
    );
    a["Ipv6Addresses"] = json!([{ "Ipv6Address": "2600:1::1:5" }]);
    b["Ipv6Addresses"] = json!([{ "Ipv6Address": "2600:1::2:5" }]);
    let local = [
        json!({ "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local" }),
        json!({ "DestinationIpv6CidrBlock": "2600:1::/56", "GatewayId": "local" }),
    ];
    json!({
        "Vpcs": [{ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333",
            "Ipv6CidrBlockAssociationSet": [{ "Ipv6CidrBlock": "2600:1::/56", "Ipv6CidrBlockState": { "State": "associated" } }] }],
        "Subnets": [subnet("subnet-a", "10.0.1.0/24", "2600:1::1:0/112"), subnet("subnet-b", "10.0.2.0/24", "2600:1::2:0/112")],
        "NetworkInterfaces": [a, b],
        "SecurityGroups": [{ "GroupId": "sg-1", "IpPermissions": any, "IpPermissionsEgress": any }],
        "NetworkAcls": [{ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Entries": entries }],
        "RouteTables": [
            { "RouteTableId": "rtb-a", "VpcId": "vpc-1", "Associations": [{ "SubnetId": "subnet-a" }], "Routes": [local[0], local[1],
                { "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1" }, { "DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1" }] },
            { "RouteTableId": "rtb-b", "VpcId": "vpc-1", "Associations": [{ "SubnetId": "subnet-b" }], "Routes": [local[0], local[1],
                { "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1" }, { "DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1" }] },
        ],
        "InternetGateways": [{ "InternetGatewayId": "igw-1", "Attachments": [{ "VpcId": "vpc-1", "State": "available" }] }],
        "EgressOnlyInternetGateways": [{ "EgressOnlyInternetGatewayId": "eigw-1", "Attachments": [{ "VpcId": "vpc-1", "State": "attached" }] }],
        "NatGateways": [{ "NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-a", "State": "available",
            "NatGatewayAddresses": [{ "PrivateIp": "10.0.1.9", "PublicIp": "52.1.1.9" }] }],
    })
}

#[test]
fn ipv6_is_public_by_its_route_and_egress_only_lets_nothing_in() {
    let network = network(dual());
    let exposed = network.exposed();
    let rows: Vec<_> = exposed
        .rows
        .iter()
        .map(|row| {
            (
                row.interface.as_str(),
                row.address.as_str(),
                row.verdict,
                row.traffic.is_empty(),
            )
        })
        .collect();
    assert_eq!(rows[0], ("eni-a", "2600:1::1:5", Verdict::Reachable, false));
    assert!(
        rows.iter().skip(1).all(|row| row.0 == "eni-b" && row.3),
        "nothing that is answered reaches eni-b: {rows:?}"
    );
    assert_eq!(
        exposed.rows[0].traffic[0].addresses,
        ["internet-ipv6 except 2600:1::/56"]
    );
    let ways: Vec<_> = network
        .egress()
        .rows
        .into_iter()
        .map(|row| (row.interface, row.by))
        .collect();
    let expected = [("eni-a", "igw-1"), ("eni-b", "nat-1"), ("eni-b", "eigw-1")]
        .map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(ways, expected);
}

#[test]
fn block_public_access_closes_gateways_but_for_exclusions() {
    let mut json = dual();
    json["VpcBlockPublicAccessOptions"] =
        json!({ "AwsAccountId": "111122223333", "InternetGatewayBlockMode": "block-ingress" });
    let blocked = network(json.clone());
    assert!(blocked.exposed().rows.is_empty());
    assert_eq!(
        codes(&ask(&blocked, "internet", "2600:1::1:5", 22))[0],
        "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"
    );
    assert_eq!(
        ask(&blocked, "eni-b", "8.8.8.8", 443).verdict,
        Verdict::Reachable,
        "NAT lives in block-ingress"
    );
    json["VpcBlockPublicAccessOptions"]["InternetGatewayBlockMode"] = json!("block-bidirectional");
    assert_eq!(
        ask(&network(json.clone()), "eni-b", "8.8.8.8", 443).verdict,
        Verdict::Blocked
    );
    json["VpcBlockPublicAccessExclusions"] = json!([{ "State": "create-complete", "InternetGatewayExclusionMode": "allow-bidirectional",
        "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-a" }]);
    assert_eq!(network(json).exposed().exposed, 1);
}

#[test]
fn a_nat_gateway_needs_the_answers_of_both_sides() {
    let mut json = dual();
    // The NAT gateway's subnet refuses answers from the internet to high ports.
    json["NetworkAcls"][0]["Entries"]
        .as_array_mut()
        .unwrap()
        .push(
            json!({ "RuleNumber": 50, "Egress": false, "Protocol": "6", "RuleAction": "deny",
        "CidrBlock": "8.0.0.0/8", "PortRange": { "From": 1024, "To": 65535 } }),
        );
    let answer = ask(&network(json), "eni-b", "8.8.8.8", 443);
    assert_eq!(
        (answer.verdict, codes(&answer)),
        (Verdict::Blocked, vec!["SUBNET_ACL_RESTRICTION".to_owned()])
    );
    assert!(
        answer.blockers[0].detail.contains("rule 50: deny"),
        "{:?}",
        answer.blockers
    );
}

#[test]
fn an_application_balancer_hides_the_client_and_its_targets_are_exposed_through_it() {
    let mut json = dual();
    let mut front = eni("eni-lb", "subnet-a", "10.0.1.20", "sg-lb");
    front["Description"] = json!("ELB app/web/1");
    front["PrivateIpAddresses"][0]["Association"] = json!({ "PublicIp": "52.9.9.9" });
    let mut target = eni("eni-t", "subnet-b", "10.0.2.30", "sg-t");
    target["Attachment"] = json!({ "InstanceId": "i-t" });
    json["NetworkInterfaces"]
        .as_array_mut()
        .unwrap()
        .extend([front, target]);
    let lb = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/1";
    json["LoadBalancers"] = json!([{ "LoadBalancerArn": lb, "LoadBalancerName": "web", "Type": "application", "Scheme": "internet-facing", "VpcId": "vpc-1", "SecurityGroups": ["sg-lb"] }]);
    json["Listeners"] = json!([{ "ListenerArn": "l", "LoadBalancerArn": lb, "Port": 443, "Protocol": "HTTPS", "DefaultActions": [{ "TargetGroupArn": "tg" }] }]);
    json["TargetGroups"] = json!([{ "TargetGroupArn": "tg", "Port": 8080, "Protocol": "HTTP", "TargetType": "instance", "VpcId": "vpc-1" }]);
    json["LoadBalancerTargetHealth"] = json!([{ "TargetGroupArn": "tg", "TargetHealthDescriptions": [{ "Target": { "Id": "i-t", "Port": 8080 } }] }]);
    let all = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    let group = |id: &str, rules: Value| json!({ "GroupId": id, "IpPermissions": rules, "IpPermissionsEgress": all });
    json["PrefixLists"] = json!([{ "PrefixListId": "pl-1", "Cidrs": ["8.0.0.0/8"] }]);
    json["SecurityGroups"].as_array_mut().unwrap().extend([
        group("sg-lb", json!([{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{ "PrefixListId": "pl-1" }] }])),
        group("sg-t", json!([{ "IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "UserIdGroupPairs": [{ "GroupId": "sg-lb" }] }])),
    ]);
    let exposed = network(json.clone()).exposed();
    let row = exposed
        .rows
        .iter()
        .find(|row| row.interface == "eni-t")
        .expect("the target is exposed");
    assert_eq!(
        (row.through.as_deref(), row.verdict),
        (Some("eni-lb"), Verdict::Reachable)
    );
    assert_eq!(
        serde_json::to_value(&row.traffic).unwrap(),
        json!([{ "protocol": "tcp", "ports": "443", "addresses": ["8.0.0.0/8"] }])
    );
    // Without the reference the target lets nothing in.
    json["SecurityGroups"][2]["IpPermissions"] = json!([]);
    assert!(
        network(json)
            .exposed()
            .rows
            .iter()
            .all(|row| row.interface != "eni-t")
    );
}

#[test]
fn a_balancer_that_is_its_own_target_ends_the_walk() {
    let mut json = dual();
    let mut front = eni("eni-lb", "subnet-a", "10.0.1.20", "sg-1");
    front["Description"] = json!("ELB net/web/1");
    front["PrivateIpAddresses"][0]["Association"] = json!({ "PublicIp": "52.9.9.9" });
    json["NetworkInterfaces"]
        .as_array_mut()
        .unwrap()
        .push(front);
    let lb = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/net/web/1";
    json["LoadBalancers"] = json!([{ "LoadBalancerArn": lb, "Type": "network", "VpcId": "vpc-1" }]);
    json["Listeners"] = json!([{ "ListenerArn": "l", "LoadBalancerArn": lb, "Port": 80, "Protocol": "TCP", "DefaultActions": [{ "TargetGroupArn": "tg" }] }]);
    json["TargetGroups"] = json!([{ "TargetGroupArn": "tg", "Port": 80, "Protocol": "TCP", "TargetType": "ip", "VpcId": "vpc-1" }]);
    json["LoadBalancerTargetHealth"] = json!([{ "TargetGroupArn": "tg", "TargetHealthDescriptions": [{ "Target": { "Id": "10.0.1.20", "Port": 80 } }] }]);
    let network = network(json);
    assert!(
        network
            .exposed()
            .rows
            .iter()
            .all(|row| row.interface != "eni-lb")
    );
    assert!(codes(&ask(&network, "internet", "52.9.9.9", 80)).contains(&"CANNOT_ROUTE".to_owned()));
}

#[test]
fn a_prefix_list_that_was_not_read_makes_the_answer_unknown_only_where_it_matters() {
    let mut json = dual();
    json["SecurityGroups"][0]["IpPermissions"] = json!([{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{ "PrefixListId": "pl-x" }] },
        { "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    let network = network(json);
    assert_eq!(
        ask(&network, "eni-a", "10.0.2.5", 22).verdict,
        Verdict::Unknown
    );
    assert_eq!(
        ask(&network, "eni-a", "10.0.2.5", 443).verdict,
        Verdict::Reachable
    );
    assert_eq!(
        ask(&network, "eni-a", "10.0.2.5", 80).verdict,
        Verdict::Blocked
    );
}

#[test]
fn answers_are_the_same_bytes_in_every_run() {
    let bytes =
        || serde_json::to_vec(&(network(dual()).exposed(), network(dual()).egress())).unwrap();
    assert_eq!(bytes(), bytes());
}

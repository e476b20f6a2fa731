//! Estates written by hand as describe-* JSON: intents, differences, pictures, and what is not described.

use palisade_network::ask::{
    GraphFormat, Intents, PathQuestion, Verdict, diff, path_graph, vpc_graph,
};
use palisade_network::model::Place;
use palisade_network::{Document, Network, from_dump};
use serde_json::{Value, json};

/// Web in a public subnet, a database in a private one.
fn estate() -> Value {
    let open = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    let acl = |egress: bool| json!({ "RuleNumber": 100, "Egress": egress, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0" });
    json!({
        "Vpcs": [{ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16" }],
        "Subnets": [
            { "SubnetId": "subnet-web", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "a" },
            { "SubnetId": "subnet-db", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "a", "Tags": [{ "Key": "tier", "Value": "private" }] },
        ],
        "NetworkInterfaces": [
            { "NetworkInterfaceId": "eni-web", "VpcId": "vpc-1", "SubnetId": "subnet-web", "InterfaceType": "interface", "Groups": [{ "GroupId": "sg-web" }],
              "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.5", "Association": { "PublicIp": "52.1.1.5" } }], "TagSet": [{ "Key": "tier", "Value": "web" }] },
            { "NetworkInterfaceId": "eni-db", "VpcId": "vpc-1", "SubnetId": "subnet-db", "InterfaceType": "interface", "Groups": [{ "GroupId": "sg-db" }],
              "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.2.5" }], "TagSet": [{ "Key": "tier", "Value": "db" }] },
        ],
        "SecurityGroups": [
            { "GroupId": "sg-web", "VpcId": "vpc-1", "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }],
              "IpPermissionsEgress": open },
            { "GroupId": "sg-db", "VpcId": "vpc-1", "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{ "GroupId": "sg-web" }] }],
              "IpPermissionsEgress": open },
        ],
        "NetworkAcls": [{ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Entries": [acl(false), acl(true)],
            "Associations": [{ "SubnetId": "subnet-web" }, { "SubnetId": "subnet-db" }] }],
        "RouteTables": [
            { "RouteTableId": "rtb-main", "VpcId": "vpc-1", "Associations": [{ "Main": true }], "Routes": [{ "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active" }] },
            { "RouteTableId": "rtb-web", "VpcId": "vpc-1", "Associations": [{ "SubnetId": "subnet-web" }], "Routes": [
                { "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active" }, { "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active" }] },
        ],
        "InternetGateways": [{ "InternetGatewayId": "igw-1", "Attachments": [{ "VpcId": "vpc-1", "State": "available" }] }],
    })
}

fn network(json: Value) -> Network {
    let (estate, warnings) = from_dump(&[Document {
        name: "hand.json".into(),
        place: Place::default(),
        json,
    }]);
    assert_eq!(warnings, []);
    Network::new(estate)
}

const INTENTS: &str = r#"
[[rule]]
name = "nothing from the internet to databases"
from = "internet"
to = "tag:tier=db"
deny = ["any"]

[[rule]]
name = "web reaches the database on 5432 only"
from = "tag:tier=web"
to = "tag:tier=db"
only = ["tcp 5432"]
require = ["tcp 5432"]

[[rule]]
name = "private subnets have no route to an internet gateway"
subnets = "tag:tier=private"
no_route_to = "internet-gateway"
"#;

#[test]
fn intents_hold_and_their_violations_have_a_witness() {
    let intents = Intents::parse("intent.toml", INTENTS).unwrap();
    let answer = network(estate())
        .check("intent.toml", INTENTS, &intents)
        .unwrap();
    assert!(answer.holds, "{answer:#?}");

    let mut open = estate();
    open["SecurityGroups"][1]["IpPermissions"][0]["ToPort"] = json!(5433);
    open["RouteTables"][0]["Routes"]
        .as_array_mut()
        .unwrap()
        .push(
            json!({ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active" }),
        );
    let answer = network(open)
        .check("intent.toml", INTENTS, &intents)
        .unwrap();
    let holds: Vec<bool> = answer.rules.iter().map(|rule| rule.holds).collect();
    assert_eq!(holds, [true, false, false]);
    let violation = &answer.rules[1].violations[0];
    assert_eq!(violation.message, "tcp 5433 from 10.0.1.5 reaches 10.0.2.5");
    let packet = violation.path.as_ref().unwrap().packet.as_ref().unwrap();
    assert_eq!(
        (packet.port, packet.destination.as_str()),
        (5433, "10.0.2.5")
    );
    assert_eq!(
        answer.rules[2].violations[0].message,
        "subnet-db has a route to internet-gateway, in rtb-main"
    );
}

#[test]
fn errors_of_an_intent_file_point_at_the_place() {
    let error = |text: &str| Intents::parse("intent.toml", text).unwrap_err().to_string();
    assert!(
        error("[[rule]]\nname = \"x\"\nfrom = \"internet\"\nto = \"eni-1\"\ndeny = [\"tpc 22\"]\n")
            .starts_with("intent.toml:5:9: `tpc 22` is no traffic")
    );
    assert!(
        error("[[rule]]\nname = \"x\"\nfrm = \"internet\"\n")
            .starts_with("intent.toml:3:1: unknown field `frm`")
    );
    assert!(error("[[rule]]\nname = \"x\"\n").starts_with("intent.toml:2:8: a rule has"));
    let text = "[[rule]]\nname = \"x\"\nfrom = \"tag:a=b\"\nto = \"eni-db\"\ndeny = [\"any\"]\n";
    let intents = Intents::parse("intent.toml", text).unwrap();
    let error = network(estate())
        .check("intent.toml", text, &intents)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("intent.toml:3:8: `tag:a=b` is not"),
        "{error}"
    );
}

#[test]
fn exposure_egress_and_differences() {
    let before = network(estate());
    let exposed = before.exposed();
    assert_eq!((exposed.interfaces, exposed.exposed), (2, 1));
    let row = &exposed.rows[0];
    assert_eq!(
        (row.interface.as_str(), row.address.as_str(), row.verdict),
        ("eni-web", "52.1.1.5", Verdict::Reachable)
    );
    assert_eq!(
        serde_json::to_value(&row.traffic).unwrap(),
        json!([{ "protocol": "tcp", "ports": "443", "addresses": ["internet"] }])
    );
    assert_eq!(
        row.path,
        ["internet", "igw-1", "vpc-1", "subnet-web", "eni-web"]
    );
    assert_eq!(row.allowed_by, ["sg-web: tcp 443 from 0.0.0.0/0"]);
    let egress = before.egress();
    assert_eq!(
        egress
            .rows
            .iter()
            .map(|row| (row.interface.as_str(), row.by.as_str()))
            .collect::<Vec<_>>(),
        [("eni-web", "igw-1")]
    );

    let mut json = estate();
    json["SecurityGroups"][0]["IpPermissions"] = json!([{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": "8.0.0.0/8" }] }]);
    let changes = diff(&before, &network(json)).changes;
    assert_eq!(
        serde_json::to_value(&changes).unwrap(),
        json!([{ "interface": "eni-web", "address": "52.1.1.5",
        "opened": [{ "protocol": "tcp", "ports": "22", "addresses": ["8.0.0.0/8"] }], "closed": [{ "protocol": "tcp", "ports": "443", "addresses": ["internet"] }] }])
    );
}

#[test]
fn every_blocker_of_the_path_is_named() {
    let mut json = estate();
    json["NetworkAcls"][0]["Entries"][0]["RuleAction"] = json!("deny");
    json["InternetGateways"] = json!([]);
    let answer = network(json).path(&PathQuestion {
        from: "internet".into(),
        to: "eni-web".into(),
        protocol: Some("tcp".into()),
        port: Some(22),
        ..PathQuestion::default()
    });
    let answer = answer.unwrap();
    let codes: Vec<String> = answer
        .blockers
        .iter()
        .map(|blocker| blocker.code.word())
        .collect();
    assert_eq!(answer.verdict, Verdict::Blocked);
    assert_eq!(
        codes,
        [
            "BAD_STATE_ATTACHMENT",
            "SUBNET_ACL_RESTRICTION",
            "ENI_SG_RULES_MISMATCH",
            "BAD_STATE_ATTACHMENT"
        ]
    );
}

#[test]
fn what_is_not_described_makes_answers_unknown_not_blocked() {
    let question = PathQuestion {
        from: "internet".into(),
        to: "eni-web".into(),
        protocol: Some("tcp".into()),
        port: Some(443),
        ..PathQuestion::default()
    };
    for (part, construct) in [
        ("RouteTables", "route_tables"),
        ("NetworkAcls", "network_acls"),
        ("InternetGateways", "internet_gateways"),
        ("SecurityGroups", "security_groups"),
    ] {
        let mut json = estate();
        json.as_object_mut().unwrap().remove(part);
        let answer = network(json).path(&question).unwrap();
        assert_eq!(
            answer.verdict,
            Verdict::Unknown,
            "without {part}: {answer:#?}"
        );
        assert!(
            answer
                .not_modelled
                .iter()
                .any(|gap| gap.construct == construct),
            "without {part}: {:?}",
            answer.not_modelled
        );
    }
}

#[test]
fn pictures() {
    let network = network(estate());
    let answer = network
        .path(&PathQuestion {
            from: "eni-web".into(),
            to: "eni-db".into(),
            port: Some(5432),
            ..PathQuestion::default()
        })
        .unwrap();
    let mermaid = path_graph(&answer, GraphFormat::Mermaid);
    assert!(
        mermaid.starts_with("flowchart LR\n  n0[\"eni-web\"]\n")
            && mermaid.contains("rtb-web 10.0.0.0/16 -> local"),
        "{mermaid}"
    );
    let dot = vpc_graph(&network, "vpc-1", GraphFormat::Dot);
    assert!(
        dot.starts_with("digraph network {")
            && dot.contains("[label=\"igw-1\"]")
            && dot.ends_with("}\n"),
        "{dot}"
    );
}

#[test]
fn hostile_documents_are_warnings() {
    let broken = json!({ "Vpcs": [{ "VpcId": 7 }, 3], "SecurityGroups": [{ "GroupId": "sg-1", "IpPermissions": [{ "IpProtocol": "tcp", "FromPort": 99, "ToPort": 1,
        "IpRanges": [{ "CidrIp": "300.0.0.0/8" }] }] }], "Nonsense": [{}], "RouteTables": { "a": 1 } });
    let documents = [broken, json!([]), json!(null)].map(|json| Document {
        name: "bad.json".into(),
        place: Place::default(),
        json,
    });
    let (estate, warnings) = from_dump(&documents);
    let words: Vec<&str> = warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    assert!(
        words
            .iter()
            .any(|word| word.contains("`300.0.0.0/8` is not a block")),
        "{words:?}"
    );
    assert!(
        words
            .iter()
            .any(|word| word.contains("ports 99-1 are no range")),
        "{words:?}"
    );
    assert!(
        words.contains(&"this key is not known") && words.contains(&"a member is not an object"),
        "{words:?}"
    );
    assert_eq!(Network::new(estate).exposed().rows, []);
}

//! `palisade network` and `collect --from-dir`, on a small estate of describe-* files: a web instance and a database.

use crate::support::Desk;
use insta::assert_snapshot;
use serde_json::{Value, json};

const REGION: &str = "describe/accounts/111122223333/eu-west-1";

fn rule(protocol: &str, port: u16, peer: Value) -> Value {
    let mut rule = json!({ "IpProtocol": protocol, "FromPort": port, "ToPort": port });
    rule.as_object_mut()
        .unwrap()
        .extend(peer.as_object().unwrap().clone());
    rule
}

fn world(block: &str) -> Value {
    json!({ "IpRanges": [{ "CidrIp": block }] })
}

fn interface(id: &str, subnet: &str, address: &str, group: &str, tier: &str) -> Value {
    json!({
        "NetworkInterfaceId": id, "VpcId": "vpc-1", "SubnetId": subnet, "OwnerId": "111122223333",
        "InterfaceType": "interface", "SourceDestCheck": true, "Groups": [{ "GroupId": group }],
        "PrivateIpAddresses": [{ "PrivateIpAddress": address }], "TagSet": [{ "Key": "tier", "Value": tier }],
    })
}

/// Files of an estate whose web group also lets `more` in.
fn estate(desk: &Desk, folder: &str, more: Vec<Value>) {
    let subnet = |id: &str, block: &str, tier: &str| {
        json!({ "SubnetId": id, "VpcId": "vpc-1", "CidrBlock": block, "AvailabilityZone": "eu-west-1a",
            "OwnerId": "111122223333", "Tags": [{ "Key": "tier", "Value": tier }] })
    };
    let local =
        json!({ "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active" });
    let out =
        json!({ "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active" });
    let all = json!({ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] });
    let entry = |egress: bool| json!({ "RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": egress, "CidrBlock": "0.0.0.0/0" });
    let mut web = interface("eni-web", "subnet-public", "10.0.0.10", "sg-web", "web");
    web["PrivateIpAddresses"][0]["Association"] = json!({ "PublicIp": "203.0.113.10" });
    web["Attachment"] = json!({ "InstanceId": "i-web" });
    let mut ingress = vec![
        rule("tcp", 443, world("0.0.0.0/0")),
        rule("tcp", 22, world("198.51.100.0/24")),
    ];
    ingress.extend(more);
    let from_web = json!({ "UserIdGroupPairs": [{ "GroupId": "sg-web" }] });
    let files = [
        (
            "vpcs",
            json!({ "Vpcs": [{ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333" }] }),
        ),
        (
            "subnets",
            json!({ "Subnets": [
            subnet("subnet-public", "10.0.0.0/24", "web"),
            subnet("subnet-private", "10.0.1.0/24", "db"),
        ] }),
        ),
        (
            "interfaces",
            json!({ "NetworkInterfaces": [web, interface("eni-db", "subnet-private", "10.0.1.20", "sg-db", "db")] }),
        ),
        (
            "groups",
            json!({ "SecurityGroups": [
            { "GroupId": "sg-web", "GroupName": "web", "VpcId": "vpc-1", "IpPermissions": ingress, "IpPermissionsEgress": [all] },
            { "GroupId": "sg-db", "GroupName": "db", "VpcId": "vpc-1", "IpPermissions": [rule("tcp", 5432, from_web)], "IpPermissionsEgress": [all] },
        ] }),
        ),
        (
            "acls",
            json!({ "NetworkAcls": [{ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Entries": [entry(true), entry(false)] }] }),
        ),
        (
            "routes",
            json!({ "RouteTables": [
            { "RouteTableId": "rtb-main", "VpcId": "vpc-1", "Associations": [{ "Main": true }], "Routes": [local] },
            { "RouteTableId": "rtb-public", "VpcId": "vpc-1", "Associations": [{ "SubnetId": "subnet-public" }], "Routes": [local, out] },
        ] }),
        ),
        (
            "gateways",
            json!({ "InternetGateways": [{ "InternetGatewayId": "igw-1", "Attachments": [{ "VpcId": "vpc-1", "State": "available" }] }] }),
        ),
        (
            "none",
            json!({ "EgressOnlyInternetGateways": [], "NatGateways": [], "VpcPeeringConnections": [], "VpcEndpoints": [],
            "TransitGatewayAttachments": [], "VpnConnections": [], "LoadBalancers": [] }),
        ),
    ];
    for (name, json) in files {
        desk.file(
            &format!("{}/{name}.json", REGION.replace("describe", folder)),
            &json.to_string(),
        );
    }
}

fn desk() -> Desk {
    let desk = Desk::new();
    estate(&desk, "describe", vec![]);
    desk
}

/// The answer of a question about the files, on the screen.
fn asks(arguments: &[&str]) -> String {
    let all: Vec<&str> = ["network"].iter().chain(arguments).copied().collect();
    desk().show(&[&all[..], &["--from-dir", "describe"]].concat())
}

#[test]
fn exposed() {
    assert_snapshot!(asks(&["exposed"]));
}

#[test]
fn egress() {
    assert_snapshot!(asks(&["egress"]));
}

#[test]
fn path_that_is_open() {
    assert_snapshot!(asks(&[
        "path",
        "--from",
        "tag:tier=web",
        "--to",
        "eni-db",
        "--port",
        "5432"
    ]));
}

#[test]
fn path_with_everything_in_its_way() {
    assert_snapshot!(asks(&[
        "path", "--from", "internet", "--to", "eni-db", "--port", "5432"
    ]));
}

#[test]
fn path_from_what_is_not_there() {
    assert_snapshot!(asks(&["path", "--from", "i-nowhere", "--to", "eni-db"]));
}

#[test]
fn graph_of_a_path_and_of_a_vpc() {
    assert_snapshot!(asks(&[
        "graph", "--from", "internet", "--to", "i-web", "--port", "443"
    ]));
    assert_snapshot!(
        "graph_of_a_vpc",
        asks(&["graph", "--vpc", "vpc-1", "--format", "dot"])
    );
    assert_snapshot!("graph_of_no_vpc", asks(&["graph", "--vpc", "vpc-2"]));
    assert!(asks(&["graph", "--vpc", "vpc-1", "--format", "svg"]).contains("</svg>"));
}

#[test]
fn the_same_bytes_each_time_and_a_named_format() {
    let desk = desk();
    for question in [
        &["exposed"][..],
        &["egress"],
        &["path", "--from", "i-web", "--to", "internet"],
    ] {
        let all = [
            &["network"],
            question,
            &["--from-dir", "describe", "--format", "json"],
        ]
        .concat();
        let (one, two) = (desk.run(&all), desk.run(&all));
        assert!(one.status.success() && one.stdout == two.stdout);
        let answer: Value = serde_json::from_slice(&one.stdout).unwrap();
        assert_eq!(
            answer["format"],
            format!("palisade.network.{}/1", question[0])
        );
    }
}

const KEPT: &str = r#"[[rule]]
name = "nothing from the internet to databases"
from = "internet"
to   = "tag:tier=db"
deny = ["any"]
[[rule]]
name    = "web reaches the database on 5432 only"
from    = "tag:tier=web"
to      = "tag:tier=db"
only    = ["tcp 5432"]
require = ["tcp 5432"]
[[rule]]
name        = "database subnets have no route to an internet gateway"
subnets     = "tag:tier=db"
no_route_to = "internet-gateway"
"#;

const BROKEN: &str = r#"[[rule]]
name = "nobody signs in from outside"
from = "internet"
to   = "tag:tier=web"
deny = ["tcp 22", "tcp 3389"]
[[rule]]
name        = "no subnet has a way to the internet"
subnets     = "tag:tier=web"
no_route_to = "internet-gateway"
"#;

#[test]
fn check_of_rules_that_are_kept_and_broken() {
    let desk = desk();
    let check = |text: &str| {
        desk.file("intent.toml", text);
        desk.show(&["network", "check", "intent.toml", "--from-dir", "describe"])
    };
    assert_snapshot!("check_of_kept_rules", check(KEPT));
    assert_snapshot!("check_of_broken_rules", check(BROKEN));
    assert_snapshot!(
        "check_of_a_wrong_file",
        check("[[rule]]\nname = 'x'\nfrom = 'internet'\nto = 'tag:tier=db'\ndeny = ['tpc 22']\n")
    );
    assert_snapshot!(
        "check_of_an_unknown_place",
        check("[[rule]]\nname = 'x'\nfrom = 'internet'\nto = 'tag:tier=dbs'\ndeny = ['any']\n")
    );
}

#[test]
fn a_part_that_is_not_there_makes_unknown_and_is_named() {
    let desk = desk();
    fs_err::remove_file(desk.path().join(REGION).join("acls.json")).unwrap();
    assert_snapshot!(
        "exposed_without_acls",
        desk.show(&["network", "exposed", "--from-dir", "describe"])
    );
    desk.file("intent.toml", KEPT);
    let check = desk.run(&["network", "check", "intent.toml", "--from-dir", "describe"]);
    assert_eq!(check.status.code(), Some(3), "kept, but not for certain");
}

#[test]
fn what_opened_and_what_closed() {
    let desk = desk();
    estate(&desk, "after", vec![rule("tcp", 3389, world("0.0.0.0/0"))]);
    assert_snapshot!(desk.show(&["network", "diff", "describe", "after"]));
}

#[test]
fn a_snapshot_from_files_says_the_same_and_is_asked_by_sql() {
    let desk = desk();
    let made = desk.run(&["collect", "--from-dir", "describe", "--out", "snap"]);
    assert!(made.status.success(), "{}", desk.shown(&made));
    let json = |source: &[&str]| {
        let all = [&["network", "exposed", "--format", "json"], source].concat();
        let output = desk.run(&all);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["rows"].clone()
    };
    assert_eq!(
        json(&["--snapshot", "snap"]),
        json(&["--from-dir", "describe"])
    );
    let sql = "select name, verdict, array_transform(openings, o -> o['from_port']) as ports from network_exposure order by name";
    assert_snapshot!(
        "exposure_by_sql",
        desk.show(&["query", "--quiet", "--snapshot", "snap", sql])
    );
    let told = desk.run(&["query", "--snapshot", "snap", sql]).stderr;
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(told.starts_with("note: `network_exposure`: "), "{told}");
    assert!(told.ends_with("rows may be missing\n"), "{told}");
    // Calls that no file answers make every control on the table unknown: nothing passes unseen.
    let control = "network-database-ports-not-reachable";
    let assess = desk.show(&[
        "assess",
        "--snapshot",
        "snap",
        "--control",
        control,
        "--format",
        "csv",
    ]);
    assert!(
        assess.contains("unknown") && !assess.contains(",pass,"),
        "{assess}"
    );
}

#[test]
fn files_that_are_no_description_are_told() {
    let desk = desk();
    desk.file(&format!("{REGION}/cut.json"), "{\"Vpcs\": [");
    assert_snapshot!(
        "a_file_that_is_cut_off",
        desk.show(&["network", "exposed", "--from-dir", "describe"])
    );
    desk.file(
        &format!("{REGION}/cut.json"),
        "{\"Odd\": [{}], \"Vpcs\": []}",
    );
    let odd = desk.run(&["network", "exposed", "--from-dir", "describe"]);
    let said = String::from_utf8_lossy(&odd.stderr).into_owned();
    assert!(
        odd.status.success() && said.contains("Odd: this key is not known"),
        "{said}"
    );
    assert_snapshot!(
        "a_folder_that_is_not_there",
        desk.show(&["network", "exposed", "--from-dir", "nowhere"])
    );
}

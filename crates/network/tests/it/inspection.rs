//! Network Firewall and Gateway Load Balancer endpoints as AWS describes them: small estates, whole answers.

use palisade_network::ask::{ExposureRow, PathAnswer, PathQuestion, Verdict};
use palisade_network::model::Place;
use palisade_network::{Document, Network, from_dump};
use serde_json::{Value, json};

const FIREWALL: &str = "arn:aws:network-firewall:eu-west-1:111122223333:firewall/f";
const POLICY: &str = "arn:aws:network-firewall:eu-west-1:111122223333:firewall-policy/p";
const GROUP: &str = "arn:aws:network-firewall:eu-west-1:111122223333:stateful-rulegroup/g";

/// An interface in subnet-app; the internet comes and goes through vpce-1 in subnet-fw.
fn estate() -> Value {
    let any = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]);
    let entry = |egress| json!({ "RuleNumber": 100, "Egress": egress, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0" });
    let local = json!({ "DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local" });
    json!({
        "Vpcs": [{ "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16" }],
        "Subnets": [
            { "SubnetId": "subnet-app", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "a" },
            { "SubnetId": "subnet-fw", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "a" },
            { "SubnetId": "subnet-db", "VpcId": "vpc-1", "CidrBlock": "10.0.3.0/24", "AvailabilityZone": "a" },
        ],
        "NetworkInterfaces": [
            { "NetworkInterfaceId": "eni-app", "VpcId": "vpc-1", "SubnetId": "subnet-app", "Groups": [{ "GroupId": "sg-1" }],
              "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.5", "Association": { "PublicIp": "52.0.0.5" } }] },
            { "NetworkInterfaceId": "eni-db", "VpcId": "vpc-1", "SubnetId": "subnet-db", "Groups": [{ "GroupId": "sg-1" }],
              "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.3.5" }] },
        ],
        "SecurityGroups": [{ "GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": any, "IpPermissionsEgress": any }],
        "NetworkAcls": [{ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Entries": [entry(false), entry(true)] }],
        "RouteTables": [
            { "RouteTableId": "rtb-edge", "VpcId": "vpc-1", "Associations": [{ "GatewayId": "igw-1" }],
              "Routes": [local, { "DestinationCidrBlock": "10.0.1.0/24", "VpcEndpointId": "vpce-1" }] },
            { "RouteTableId": "rtb-app", "VpcId": "vpc-1", "Associations": [{ "SubnetId": "subnet-app" }],
              "Routes": [local, { "DestinationCidrBlock": "0.0.0.0/0", "VpcEndpointId": "vpce-1" }, { "DestinationCidrBlock": "10.0.3.0/24", "VpcEndpointId": "vpce-1" }] },
            { "RouteTableId": "rtb-db", "VpcId": "vpc-1", "Associations": [{ "SubnetId": "subnet-db" }],
              "Routes": [local, { "DestinationCidrBlock": "10.0.1.0/24", "VpcEndpointId": "vpce-1" }] },
            { "RouteTableId": "rtb-fw", "VpcId": "vpc-1", "Associations": [{ "SubnetId": "subnet-fw" }],
              "Routes": [local, { "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1" }] },
        ],
        "InternetGateways": [{ "InternetGatewayId": "igw-1", "Attachments": [{ "VpcId": "vpc-1", "State": "available" }] }],
        "VpcEndpoints": [{ "VpcEndpointId": "vpce-1", "VpcEndpointType": "GatewayLoadBalancer", "VpcId": "vpc-1", "State": "available", "SubnetIds": ["subnet-fw"] }],
    })
}

fn firewall() -> Value {
    json!({
        "UpdateToken": "t",
        "Firewall": { "FirewallName": "f", "FirewallArn": FIREWALL, "FirewallPolicyArn": POLICY, "VpcId": "vpc-1", "SubnetMappings": [{ "SubnetId": "subnet-fw" }] },
        "FirewallStatus": { "Status": "READY", "SyncStates": { "a": { "Attachment": { "SubnetId": "subnet-fw", "EndpointId": "vpce-1", "Status": "READY" } } } },
    })
}

fn policy(order: &str, default: &str) -> Value {
    json!({
        "UpdateToken": "t",
        "FirewallPolicyResponse": { "FirewallPolicyName": "p", "FirewallPolicyArn": POLICY },
        "FirewallPolicy": {
            "StatelessDefaultActions": ["aws:forward_to_sfe"], "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
            "StatefulRuleGroupReferences": [{ "ResourceArn": GROUP, "Priority": 1 }],
            "StatefulDefaultActions": [default], "StatefulEngineOptions": { "RuleOrder": order },
        },
    })
}

fn rule(action: &str, destination: &str, port: &str) -> Value {
    json!({ "Action": action, "RuleOptions": [{ "Keyword": "sid", "Settings": ["1"] }],
        "Header": { "Protocol": "TCP", "Source": "ANY", "SourcePort": "ANY", "Direction": "FORWARD", "Destination": destination, "DestinationPort": port } })
}

fn group(source: Value) -> Value {
    json!({ "UpdateToken": "t", "RuleGroupResponse": { "RuleGroupArn": GROUP, "Type": "STATEFUL" }, "RuleGroup": { "RulesSource": source } })
}

fn network(documents: &[Value]) -> Network {
    let document = |json: &Value| Document {
        name: "d".into(),
        place: Place::default(),
        json: json.clone(),
    };
    let (estate, warnings) = from_dump(documents.iter().map(document));
    assert!(warnings.is_empty(), "{warnings:?}");
    Network::new(estate)
}

/// What the internet reaches at eni-app: verdict and words.
fn exposed(network: &Network) -> Vec<(Verdict, String)> {
    let words = |row: &ExposureRow| {
        let one = |t: &palisade_network::headers::Traffic| format!("{} {}", t.protocol, t.ports);
        row.traffic.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    let rows = network.exposed().rows;
    rows.iter().map(|row| (row.verdict, words(row))).collect()
}

fn ask(network: &Network, from: &str, to: &str, port: u16) -> PathAnswer {
    let question = PathQuestion {
        from: from.into(),
        to: to.into(),
        port: Some(port),
        source_port: Some(50_000),
        ..PathQuestion::default()
    };
    network.path(&question).unwrap()
}

fn gaps(answer: &PathAnswer) -> Vec<(&str, &str)> {
    answer
        .not_modelled
        .iter()
        .map(|gap| (gap.construct.as_str(), gap.component.as_str()))
        .collect()
}

#[test]
fn a_strict_policy_lets_pass_what_its_rules_name() {
    let rules = json!({ "StatefulRules": [rule("ALERT", "ANY", "ANY"), rule("PASS", "$HOME_NET", "443"), rule("DROP", "10.0.1.0/24", "[8000:8010]"), rule("PASS", "ANY", "8000:8001")] });
    let network = network(&[
        estate(),
        firewall(),
        policy("STRICT_ORDER", "aws:drop_strict"),
        group(rules),
    ]);
    assert_eq!(
        exposed(&network),
        [(Verdict::Reachable, "tcp 443".to_owned())]
    );
    let open = ask(&network, "internet", "eni-app", 443);
    let hops: Vec<&str> = open.forward.iter().map(|hop| hop.id.as_str()).collect();
    assert_eq!(
        hops,
        [
            "internet",
            "igw-1",
            "vpc-1",
            "vpce-1",
            FIREWALL,
            "subnet-fw",
            "vpc-1",
            "subnet-app",
            "eni-app"
        ]
    );
    assert!(open.r#return.iter().any(|hop| hop.id == FIREWALL));
    let shut = ask(&network, "internet", "eni-app", 8000);
    let code = shut
        .blockers
        .first()
        .map(|blocker| (blocker.code.word(), blocker.component.clone()));
    assert_eq!(
        (shut.verdict, code),
        (
            Verdict::Blocked,
            Some(("FIREWALL_RULES_RESTRICTION".to_owned(), FIREWALL.to_owned()))
        )
    );
    // Within the VPC too: routes that are more specific than local lead through it.
    assert_eq!(
        ask(&network, "eni-app", "eni-db", 443).verdict,
        Verdict::Reachable
    );
    assert_eq!(
        ask(&network, "eni-app", "eni-db", 5432).verdict,
        Verdict::Blocked
    );
}

#[test]
fn rules_that_are_not_modelled_make_unknown_what_comes_to_them() {
    let suricata = "pass http any any -> any any (sid:1;)";
    for (source, what) in [
        (json!({ "RulesString": suricata }), "suricata_rules"),
        (
            json!({ "RulesSourceList": { "Targets": [".example.com"], "TargetTypes": ["TLS_SNI"], "GeneratedRulesType": "ALLOWLIST" } }),
            "domain_list",
        ),
    ] {
        let network = network(&[
            estate(),
            firewall(),
            policy("STRICT_ORDER", "aws:drop_strict"),
            group(source),
        ]);
        let answer = ask(&network, "internet", "eni-app", 443);
        assert_eq!(
            (answer.verdict, gaps(&answer)),
            (Verdict::Unknown, vec![("network_firewall_rules", GROUP)])
        );
        assert!(
            answer.not_modelled[0].detail.starts_with(what),
            "{:?}",
            answer.not_modelled
        );
    }
    // A rule with a condition on what packets carry; and one before it that is certain.
    let mut option = rule("DROP", "ANY", "443");
    option["RuleOptions"] = json!([{ "Keyword": "content", "Settings": ["\"x\""] }]);
    let rules =
        json!({ "StatefulRules": [rule("PASS", "ANY", "22"), option, rule("DROP", "ANY", "80")] });
    let network = network(&[
        estate(),
        firewall(),
        policy("STRICT_ORDER", "aws:alert_strict"),
        group(rules),
    ]);
    let verdict = |port| ask(&network, "internet", "eni-app", port).verdict;
    assert_eq!(
        [22, 443, 80, 81].map(verdict),
        [
            Verdict::Reachable,
            Verdict::Unknown,
            Verdict::Blocked,
            Verdict::Reachable
        ]
    );
}

#[test]
fn a_firewall_that_is_not_described_is_unknown_and_never_blocked() {
    let rules = json!({ "StatefulRules": [] });
    let whole = [
        estate(),
        firewall(),
        policy("DEFAULT_ACTION_ORDER", "aws:drop_strict"),
        group(rules),
    ];
    assert_eq!(
        exposed(&network(&whole))[0].0,
        Verdict::Reachable,
        "in action order the default is to pass"
    );
    for without in 1..whole.len() {
        let mut less = whole.to_vec();
        less.remove(without);
        let network = network(&less);
        let verdicts: Vec<Verdict> = exposed(&network).iter().map(|row| row.0).collect();
        assert_eq!(verdicts, [Verdict::Unknown], "without document {without}");
    }
    // An estate without its status: the endpoint is known by its tag, or by its subnet.
    for tagged in [true, false] {
        let mut less = whole.to_vec();
        less[1].as_object_mut().unwrap().remove("FirewallStatus");
        if tagged {
            less[0]["VpcEndpoints"][0]["Tags"] = json!([{ "Key": "Firewall", "Value": FIREWALL }]);
            less[1]["Firewall"]["SubnetMappings"] = json!([]);
        }
        assert_eq!(exposed(&network(&less))[0].0, Verdict::Reachable);
    }
    // As lists of rows, each with what its own call gave.
    let flat = |document: &Value, key: &str, arn: &str| {
        let mut row = document[key].clone();
        row["Arn"] = json!(arn);
        row
    };
    let mut row = flat(&whole[1], "Firewall", FIREWALL);
    row["FirewallStatus"] = whole[1]["FirewallStatus"].clone();
    let lists = json!({
        "Firewalls": [row],
        "FirewallPolicies": [flat(&whole[2], "FirewallPolicy", POLICY)],
        "RuleGroups": [flat(&whole[3], "RuleGroup", GROUP)],
    });
    assert_eq!(
        exposed(&network(&[estate(), lists])),
        exposed(&network(&whole))
    );
}

#[test]
fn answers_must_come_back_by_the_stateful_engine() {
    let rules = json!({ "StatefulRules": [rule("PASS", "ANY", "443")] });
    let mut one_sided = estate();
    one_sided["RouteTables"][0]["Routes"]
        .as_array_mut()
        .unwrap()
        .truncate(1);
    let documents = [
        one_sided,
        firewall(),
        policy("STRICT_ORDER", "aws:drop_strict"),
        group(rules),
    ];
    let network = network(&documents);
    let answer = ask(&network, "internet", "eni-app", 443);
    assert_eq!(
        (answer.verdict, gaps(&answer)),
        (
            Verdict::Unknown,
            vec![("network_firewall_asymmetric_routing", FIREWALL)]
        )
    );
}

#[test]
fn stateless_rules_ask_both_ways() {
    let stateless = "arn:aws:network-firewall:eu-west-1:111122223333:stateless-rulegroup/s";
    let one = |priority: u32, matches: Value, action: &str| json!({ "Priority": priority, "RuleDefinition": { "Actions": [action, "my-metric"], "MatchAttributes": matches } });
    let ports = |key: &str| json!({ "Protocols": [6], key: [{ "FromPort": 443, "ToPort": 443 }] });
    let build = |rules: Value| {
        let mut policy = policy("STRICT_ORDER", "aws:drop_strict");
        policy["FirewallPolicy"]["StatelessDefaultActions"] = json!(["aws:drop"]);
        policy["FirewallPolicy"]["StatelessRuleGroupReferences"] =
            json!([{ "ResourceArn": stateless, "Priority": 1 }]);
        policy["FirewallPolicy"]["StatefulRuleGroupReferences"] = json!([]);
        let source = json!({ "StatelessRulesAndCustomActions": { "StatelessRules": rules } });
        let group = json!({ "RuleGroupResponse": { "RuleGroupArn": stateless, "Type": "STATELESS" }, "RuleGroup": { "RulesSource": source } });
        network(&[estate(), firewall(), policy, group])
    };
    let there = one(1, ports("DestinationPorts"), "aws:pass");
    let back = one(2, ports("SourcePorts"), "aws:pass");
    assert_eq!(
        ask(&build(json!([there])), "internet", "eni-app", 443).verdict,
        Verdict::Blocked,
        "answers are dropped"
    );
    let both = build(json!([back, there]));
    let verdict = |port| ask(&both, "internet", "eni-app", port).verdict;
    assert_eq!(
        [443, 80].map(verdict),
        [Verdict::Reachable, Verdict::Blocked]
    );
    let mut flags = there.clone();
    flags["RuleDefinition"]["MatchAttributes"]["TCPFlags"] =
        json!([{ "Flags": ["SYN"], "Masks": ["SYN", "ACK"] }]);
    assert_eq!(
        ask(&build(json!([back, flags])), "internet", "eni-app", 443).verdict,
        Verdict::Unknown
    );
}

#[test]
fn appliances_behind_a_gateway_balancer_are_a_condition_and_never_a_block() {
    let network_of = |json: Value| network(&[json]);
    let network = network_of(estate());
    for (from, to) in [
        ("internet", "eni-app"),
        ("eni-app", "8.8.8.8"),
        ("eni-app", "eni-db"),
    ] {
        let answer = ask(&network, from, to, 443);
        assert_eq!(
            (answer.verdict, gaps(&answer)),
            (Verdict::Unknown, vec![("gateway_load_balancer", "vpce-1")]),
            "{from} to {to}"
        );
        assert!(
            answer.not_modelled[0]
                .detail
                .contains("may drop, change or answer")
        );
        assert!(
            answer.r#return.iter().any(|hop| hop.id == "vpce-1"),
            "answers come back through it"
        );
    }
    assert_eq!(exposed(&network)[0].0, Verdict::Unknown);
    let pairs = network.pairs();
    let class = |id: &str| pairs.classes_of(id).next().unwrap();
    let set = pairs.between(class("eni-app"), class("eni-db")).unwrap();
    assert_eq!(set.traffic[0].verdict, Verdict::Unknown);
    assert_eq!(set.not_modelled[0].construct, "gateway_load_balancer");
    // What a rule that is known blocks stays blocked; groups are not known by name behind appliances.
    let mut shut = estate();
    shut["SecurityGroups"][0]["IpPermissions"] =
        json!([{ "IpProtocol": "-1", "UserIdGroupPairs": [{ "GroupId": "sg-1" }] }]);
    let answer = ask(&network_of(shut), "eni-app", "eni-db", 443);
    assert_eq!(
        (answer.verdict, answer.blockers[0].code.word().as_str()),
        (Verdict::Blocked, "SG_REFERENCES_NOT_PRESERVED")
    );
}

#[test]
fn block_public_access_closes_firewalls_in_excluded_subnets_too() {
    let documents = |mode: &str, excluded: bool| {
        let mut json = estate();
        json["VpcBlockPublicAccessOptions"] = json!({ "InternetGatewayBlockMode": mode });
        if excluded {
            json["VpcBlockPublicAccessExclusions"] = json!([{ "State": "create-complete", "InternetGatewayExclusionMode": "allow-bidirectional",
                "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1" }]);
        }
        let rules = json!({ "StatefulRules": [] });
        network(&[
            json,
            firewall(),
            policy("DEFAULT_ACTION_ORDER", ""),
            group(rules),
        ])
    };
    assert_eq!(exposed(&documents("off", false)).len(), 1);
    for (mode, excluded) in [
        ("block-ingress", false),
        ("block-ingress", true),
        ("block-bidirectional", true),
    ] {
        let network = documents(mode, excluded);
        assert_eq!(exposed(&network), []);
        let blocked = ask(&network, "internet", "eni-app", 443);
        assert_eq!(
            blocked.blockers[0].code.word(),
            "VPC_BLOCK_PUBLIC_ACCESS_ENABLED"
        );
        assert_eq!(
            ask(&network, "eni-app", "8.8.8.8", 443).verdict,
            Verdict::Blocked
        );
        assert_eq!(
            ask(&network, "eni-app", "eni-db", 443).verdict,
            Verdict::Reachable
        );
    }
}

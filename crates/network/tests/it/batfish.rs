//! Batfish's own assertions on describe-* snapshots (Apache-2.0, batfish/batfish), read from `PALISADE_PEERS`.
//!
//! Batfish asks about the way there only; hops are compared up to the first blocker.

use super::peers;
use palisade_network::Network;
use palisade_network::ask::{PathAnswer, PathQuestion, Verdict};
use palisade_network::explain::{Direction, HopKind};
use serde_json::Value;

/// Case, test, reason.
const SKIPS: &[(&str, &str, &str)] = &[(
    "public-subnet",
    "testFromInternetToPrivateIp#2",
    "from the internet to an address of nobody in the estate: not a question about it",
)];

/// Hop lists that differ only in what the other model's nodes are.
const OTHER_HOPS: &[(&str, &str, &str)] = &[(
    "load-balancer",
    "testClientToLbTrace#2",
    "a balancer and its target in one subnet: Batfish puts the subnet's router between them",
)];

#[test]
fn verdicts_and_hops_are_those_that_batfish_asserts() {
    let Some(root) = peers::folder("batfish-cases") else {
        return;
    };
    let mut cases: Vec<_> = fs_err::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    let (mut asked, mut agreed, mut hops, mut same_hops, mut wrong) = (0, 0, 0, 0, Vec::new());
    for case in cases {
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let network = peers::load(&case.join("aws_configs"));
        let expected: Vec<Value> =
            serde_json::from_slice(&fs_err::read(case.join("expect.json")).unwrap()).unwrap();
        for test in &expected {
            let id = test["test"].as_str().unwrap();
            if let Some(skip) = SKIPS.iter().find(|skip| skip.0 == name && skip.1 == id) {
                peers::say(&format!("skipped: {name} {id}: {}", skip.2));
                continue;
            }
            asked += 1;
            let answer = network.path(&question(test, None)).unwrap();
            let permitted = test["verdict"] == "permitted";
            if there(&answer) == permitted {
                agreed += 1;
            } else {
                wrong.push(format!(
                    "{name} {id}: expected {permitted}, got {}",
                    text(&answer)
                ));
            }
            if !test["batfish_hops"]
                .as_array()
                .unwrap()
                .iter()
                .any(|hop| hop == "...")
                && !OTHER_HOPS.iter().any(|o| o.0 == name && o.1 == id)
            {
                hops += 1;
                let (ours, theirs) = (our_hops(&network, &answer), their_hops(test));
                let also = answer
                    .also
                    .iter()
                    .any(|ids| named(&network, ids.iter().map(String::as_str)) == theirs);
                if ours == theirs || also {
                    same_hops += 1;
                } else {
                    wrong.push(format!(
                        "{name} {id}: hops\n  ours   {ours:?}\n  theirs {theirs:?}\n  {}",
                        text(&answer)
                    ));
                }
            }
            if let Some(derived) = test["derived_tcp22"].as_str() {
                let answer = network.path(&question(test, Some(22))).unwrap();
                if there(&answer) != derived.starts_with("permitted") {
                    wrong.push(format!(
                        "{name} {id} as TCP 22: expected {derived}, got {}",
                        text(&answer)
                    ));
                }
            }
        }
    }
    peers::say(&format!(
        "batfish: {agreed} of {asked} verdicts, {same_hops} of {hops} hop lists"
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn question(test: &Value, tcp: Option<u16>) -> PathQuestion {
    let (source, destination) = (
        test["source"].as_str().unwrap(),
        test["destination"].as_str().unwrap(),
    );
    let to = match destination.strip_prefix("IP of ") {
        Some(eni) => eni.to_owned(),
        None if destination == "any header" => test["batfish_hops"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned(),
        None => destination.to_owned(),
    };
    let address = test["source_ip"]
        .as_str()
        .or_else(|| source.starts_with("vpc-").then_some("8.8.8.8"));
    let port = |key: &str| test[key].as_u64().and_then(|port| u16::try_from(port).ok());
    PathQuestion {
        from: source.to_owned(),
        to,
        protocol: Some(if tcp.is_some() {
            "tcp".to_owned()
        } else {
            test["ip_protocol"].to_string()
        }),
        port: tcp.or_else(|| port("dst_port")),
        source_port: port("src_port"),
        source_address: address.map(|address| address.parse().unwrap()),
    }
}

/// Whether packets arrive, be they answered or not.
fn there(answer: &PathAnswer) -> bool {
    answer.verdict != Verdict::Blocked
        || !answer.one_way.is_empty()
            && answer
                .blockers
                .iter()
                .all(|blocker| blocker.direction == Direction::Return)
}

fn our_hops(network: &Network, answer: &PathAnswer) -> Vec<String> {
    let first = answer
        .blockers
        .iter()
        .filter(|blocker| blocker.direction == Direction::Forward)
        .map(|blocker| blocker.after)
        .min();
    let seen = answer
        .forward
        .iter()
        .take(first.unwrap_or(usize::MAX))
        .filter(|hop| !matches!(hop.kind, HopKind::Peering));
    named(network, seen.map(|hop| hop.id.as_str()))
}

fn named<'a>(network: &Network, ids: impl Iterator<Item = &'a str>) -> Vec<String> {
    let instance = |id: &str| network.estate.interfaces.get(id)?.instance.clone();
    ids.map(|id| instance(id).unwrap_or_else(|| id.to_owned()))
        .collect()
}

fn their_hops(test: &Value) -> Vec<String> {
    let all = test["batfish_hops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hop| hop.as_str().unwrap());
    let real = all.filter(|hop| *hop != "isp_16509(aws-backbone)");
    let word = |hop: &str| {
        if hop == "aws-services-gateway" {
            "internet".to_owned()
        } else {
            hop.rsplit(' ').next().unwrap().to_owned()
        }
    };
    real.map(word).collect()
}

fn text(answer: &PathAnswer) -> String {
    let blockers: Vec<String> = answer
        .blockers
        .iter()
        .map(|b| {
            format!(
                "{:?} {} {} ({}, after {})",
                b.direction,
                b.code.word(),
                b.component,
                b.detail,
                b.after
            )
        })
        .collect();
    format!(
        "{:?} {blockers:?} gaps {:?}",
        answer.verdict, answer.not_modelled
    )
}

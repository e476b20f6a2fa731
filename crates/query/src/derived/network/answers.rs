//! From the engine's answers to rows: one for each interface, the blocked ones too.

use super::super::Inputs;
use palisade_network::Network;
use palisade_network::ask::{EgressRow, ExposureRow, Resource, Verdict, resource_of};
use palisade_network::explain::Gap;
use palisade_network::headers::{Kind, Traffic};
use palisade_network::model::Interface;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Row = Map<String, Value>;

pub(super) fn exposure(inputs: &Inputs, network: &Network) -> Vec<Row> {
    let answer = network.exposed();
    let mut of: BTreeMap<&str, Vec<&ExposureRow>> = BTreeMap::new();
    for row in &answer.rows {
        of.entry(&row.interface).or_default().push(row);
    }
    let row = |interface: &Interface, mut row: Row| {
        let found = of
            .get(interface.id.as_str())
            .map_or(&[] as &[_], Vec::as_slice);
        let openings: Vec<Value> = found
            .iter()
            .flat_map(|one| one.traffic.iter().map(move |traffic| (one, traffic)))
            .flat_map(|(one, traffic)| {
                opening(traffic, "sources", &one.address, one.verdict, |item| {
                    item.insert("through".into(), json!(one.through));
                })
            })
            .collect();
        let gaps = found.iter().flat_map(|one| &one.not_modelled);
        row.insert(
            "verdict".into(),
            json!(overall(found.iter().map(|r| r.verdict))),
        );
        row.insert("openings".into(), Value::Array(openings));
        row.insert("unknowns".into(), words(gaps));
        let first = found.first();
        row.insert("path".into(), json!(first.map(|r| &r.path)));
        row.insert("allowed_by".into(), json!(first.map(|r| &r.allowed_by)));
        row
    };
    rows(inputs, network, row)
}

pub(super) fn egress(inputs: &Inputs, network: &Network) -> Vec<Row> {
    let answer = network.egress();
    let mut of: BTreeMap<&str, Vec<&EgressRow>> = BTreeMap::new();
    for row in &answer.rows {
        of.entry(&row.interface).or_default().push(row);
    }
    let row = |interface: &Interface, mut row: Row| {
        let found = of
            .get(interface.id.as_str())
            .map_or(&[] as &[_], Vec::as_slice);
        let openings: Vec<Value> = found
            .iter()
            .flat_map(|one| one.traffic.iter().map(move |traffic| (one, traffic)))
            .flat_map(|(one, traffic)| {
                opening(traffic, "destinations", &one.address, one.verdict, |item| {
                    item.insert("by".into(), json!(one.by));
                })
            })
            .collect();
        let gaps = found.iter().flat_map(|one| &one.not_modelled);
        row.insert(
            "verdict".into(),
            json!(overall(found.iter().map(|r| r.verdict))),
        );
        row.insert("openings".into(), Value::Array(openings));
        row.insert("unknowns".into(), words(gaps));
        row.insert("path".into(), json!(found.first().map(|r| &r.path)));
        row
    };
    rows(inputs, network, row)
}

/// Interfaces as the snapshot lists them, each with what the engine says.
fn rows(inputs: &Inputs, network: &Network, finish: impl Fn(&Interface, Row) -> Row) -> Vec<Row> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for listed in inputs.rows("aws_ec2_network_interface") {
        let text = |name: &str| listed.get(name).and_then(Value::as_str);
        let Some(id) = text("network_interface_id") else {
            continue;
        };
        // The owner of a shared VPC and its participant both list an interface.
        if !seen.insert(id.to_owned()) {
            continue;
        }
        let Some(interface) = network.estate.interfaces.get(id) else {
            continue;
        };
        let Resource { kind, id: resource } = resource_of(&network.estate, interface);
        let mut row = Row::new();
        for common in ["account_id", "region", "arn"] {
            row.insert(common.into(), json!(text(common)));
        }
        let name = if resource.is_empty() { id } else { &resource };
        row.insert("name".into(), json!(name));
        row.insert("interface_id".into(), json!(id));
        row.insert("resource_kind".into(), json!(kind));
        row.insert("vpc_id".into(), json!(interface.vpc));
        row.insert("subnet_id".into(), json!(interface.subnet));
        row.insert("security_groups".into(), json!(interface.groups));
        row.insert("resource_id".into(), json!(resource));
        out.push(finish(interface, row));
    }
    out
}

/// What is certain comes before what is not.
fn overall(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.min().unwrap_or(Verdict::Blocked)
}

fn opening(
    traffic: &Traffic,
    far: &str,
    address: &str,
    verdict: Verdict,
    finish: impl Fn(&mut Row),
) -> Vec<Value> {
    let item = |from: Option<u16>, to: Option<u16>| {
        let mut item = Row::new();
        item.insert("protocol".into(), json!(traffic.protocol.to_string()));
        item.insert("from_port".into(), json!(from));
        item.insert("to_port".into(), json!(to));
        item.insert("anywhere".into(), json!(traffic.wide));
        item.insert("address".into(), json!(address));
        item.insert("verdict".into(), json!(verdict));
        item.insert(far.into(), json!(traffic.addresses));
        finish(&mut item);
        Value::Object(item)
    };
    match traffic.protocol {
        Kind::Icmp | Kind::Icmp6 => vec![item(None, None)],
        Kind::Tcp | Kind::Udp | Kind::Other => traffic
            .ranges
            .iter()
            .map(|(from, to)| item(Some(*from), Some(*to)))
            .collect(),
    }
}

fn words<'g>(gaps: impl Iterator<Item = &'g Gap>) -> Value {
    let words: BTreeSet<String> = gaps
        .map(|gap| format!("{} {}: {}", gap.construct, gap.component, gap.detail))
        .collect();
    json!(words)
}

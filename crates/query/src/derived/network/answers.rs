//! From the engine's answers to rows: one for each interface, the blocked ones too.

use super::super::{Inputs, Made};
use palisade_core::schema::COMMON;
use palisade_network::Network;
use palisade_network::ask::{Resource, Verdict};
use palisade_network::explain::Gap;
use palisade_network::headers::{Kind, Traffic};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

type Row = Map<String, Value>;

pub(super) fn exposure(inputs: &Inputs, network: &Network, made: &mut Made) {
    let answer = network.exposed();
    let by_interface = grouped(&answer.rows, |row| &row.interface);
    rows(inputs, network, made, |id, row| {
        let found = by_interface.get(id).copied().unwrap_or_default();
        let openings = found.iter().flat_map(|one| {
            one.traffic.iter().flat_map(|traffic| {
                opening(traffic, "sources", &one.address, one.verdict, |item| {
                    item.insert("through".into(), json!(one.through));
                })
            })
        });
        let gaps = found.iter().flat_map(|one| &one.not_modelled);
        said(row, found.iter().map(|r| r.verdict), openings, gaps);
        let first = found.first();
        row.insert("path".into(), json!(first.map(|r| &r.path)));
        row.insert("allowed_by".into(), json!(first.map(|r| &r.allowed_by)));
    });
}

pub(super) fn egress(inputs: &Inputs, network: &Network, made: &mut Made) {
    let answer = network.egress();
    let by_interface = grouped(&answer.rows, |row| &row.interface);
    rows(inputs, network, made, |id, row| {
        let found = by_interface.get(id).copied().unwrap_or_default();
        let openings = found.iter().flat_map(|one| {
            one.traffic.iter().flat_map(|traffic| {
                opening(traffic, "destinations", &one.address, one.verdict, |item| {
                    item.insert("by".into(), json!(one.by));
                })
            })
        });
        let gaps = found.iter().flat_map(|one| &one.not_modelled);
        said(row, found.iter().map(|r| r.verdict), openings, gaps);
        row.insert("path".into(), json!(found.first().map(|r| &r.path)));
    });
}

/// The engine's answers, which come by interface.
fn grouped<T>(rows: &[T], interface: impl Fn(&T) -> &str) -> BTreeMap<&str, &[T]> {
    rows.chunk_by(|a, b| interface(a) == interface(b))
        .filter_map(|group| Some((interface(group.first()?), group)))
        .collect()
}

/// What both tables say of an interface.
fn said<'g>(
    row: &mut Row,
    verdicts: impl Iterator<Item = Verdict>,
    openings: impl Iterator<Item = Value>,
    gaps: impl Iterator<Item = &'g Gap>,
) {
    // What is certain comes before what is not.
    let overall = verdicts.min().unwrap_or(Verdict::Blocked);
    row.insert("verdict".into(), json!(overall));
    row.insert("openings".into(), openings.collect());
    row.insert("unknowns".into(), words(gaps));
}

/// Interfaces as the snapshot lists them, each with what the engine says.
fn rows(inputs: &Inputs, network: &Network, made: &mut Made, finish: impl Fn(&str, &mut Row)) {
    let mut seen = BTreeSet::new();
    let listed = inputs.restored("aws_ec2_network_interface", |column| {
        column == "network_interface_id" || COMMON.contains(&column)
    });
    for at in listed.rows() {
        let text = |name: &str| listed.text(at, name);
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
        let Resource { kind, id: resource } = network.resource_of(interface);
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
        finish(id, &mut row);
        made.push(row);
    }
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

//! Which rule lets a packet pass, or stops it, in words.

use crate::headers::port_words;
use crate::headers::{Address, Kind, of_net};
use crate::model::{Estate, Interface, NetworkAcl, Peer, Protocol, SgRule};

/// The security group rules of an interface that let this packet pass: `sg-1: tcp 22 from 0.0.0.0/0`.
#[must_use]
pub fn group_rules(
    estate: &Estate,
    interface: &Interface,
    ingress: bool,
    packet: (Kind, Address, u16),
    far: Option<&Interface>,
) -> Vec<String> {
    let (kind, address, port) = packet;
    let mut out = Vec::new();
    for group in interface
        .groups
        .iter()
        .filter_map(|id| estate.groups.get(id))
    {
        let rules = if ingress {
            &group.ingress
        } else {
            &group.egress
        };
        for rule in rules.iter().filter(|rule| {
            speaks_of(&rule.protocol, kind, port) && peer_has(estate, rule, address, far)
        }) {
            out.push(format!(
                "{}: {} {} {}",
                group.id,
                protocol_words(&rule.protocol),
                if ingress { "from" } else { "to" },
                peer_words(&rule.peer)
            ));
        }
    }
    out
}

/// The entry of a network ACL that decides on this packet: `acl-1 rule 100: allow tcp 22, 0.0.0.0/0`.
#[must_use]
pub fn acl_rule(
    acl: &NetworkAcl,
    egress: bool,
    (kind, address, port): (Kind, Address, u16),
) -> String {
    let mut entries: Vec<_> = acl
        .entries
        .iter()
        .filter(|entry| entry.egress == egress)
        .collect();
    entries.sort_by_key(|entry| entry.number);
    let hit = entries.iter().find(|entry| {
        speaks_of(&entry.protocol, kind, port) && of_net(entry.block).contains(address)
    });
    let side = if egress { "egress" } else { "ingress" };
    hit.map_or_else(
        || format!("{} {side}: no entry matches", acl.id),
        |entry| {
            let verb = if entry.allow { "allow" } else { "deny" };
            format!(
                "{} {side} rule {}: {verb} {}, {}",
                acl.id,
                entry.number,
                protocol_words(&entry.protocol),
                entry.block
            )
        },
    )
}

fn speaks_of(protocol: &Protocol, kind: Kind, port: u16) -> bool {
    match protocol {
        Protocol::Any => true,
        Protocol::Some(rule_kind, ports) => *rule_kind == kind && ports.contains(port),
    }
}

fn peer_has(estate: &Estate, rule: &SgRule, address: Address, far: Option<&Interface>) -> bool {
    match &rule.peer {
        Peer::Block(block) => of_net(*block).contains(address),
        Peer::List(id) => estate
            .lists
            .get(id)
            .and_then(|list| list.blocks.as_ref())
            .is_some_and(|blocks| blocks.iter().any(|b| of_net(*b).contains(address))),
        Peer::Group(id, _) => far.is_some_and(|far| far.groups.contains(id)),
    }
}

fn protocol_words(protocol: &Protocol) -> String {
    match protocol {
        Protocol::Any => "all".to_owned(),
        Protocol::Some(kind, ports) => format!("{kind} {}", port_words(*kind, ports)),
    }
}

fn peer_words(peer: &Peer) -> String {
    match peer {
        Peer::Block(block) => block.to_string(),
        Peer::List(id) | Peer::Group(id, _) => id.clone(),
    }
}

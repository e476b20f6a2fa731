//! The naive walk's rules: security groups, network ACLs, route tables, as they are written.

use super::naive::One;
use palisade_network::headers::Kind;
use palisade_network::model::{
    AclEntry, Destination, Estate, FirewallRules, Interface, Peer, Protocol, RouteTable, SgRule,
    Subnet, Target,
};
use std::net::IpAddr;

pub(crate) fn allowed_by_groups(
    estate: &Estate,
    eni: &Interface,
    ingress: bool,
    kind: Kind,
    far: IpAddr,
    port: u16,
    member: Option<&Interface>,
) -> bool {
    let fits = |rule: &SgRule| {
        says(&rule.protocol, kind, port)
            && match &rule.peer {
                Peer::Block(block) => block.contains(&far),
                Peer::List(id) => estate.lists[id]
                    .blocks
                    .as_ref()
                    .unwrap()
                    .iter()
                    .any(|block| block.contains(&far)),
                Peer::Group(id, _) => member.is_some_and(|member| member.groups.contains(id)),
            }
    };
    eni.groups.iter().map(|id| &estate.groups[id]).any(|group| {
        if ingress {
            &group.ingress
        } else {
            &group.egress
        }
        .iter()
        .any(fits)
    })
}

pub(crate) fn acl(
    estate: &Estate,
    subnet: &Subnet,
    egress: bool,
    kind: Kind,
    far: IpAddr,
    port: u16,
) -> bool {
    let acl = estate
        .acls
        .values()
        .find(|acl| acl.subnets.contains(&subnet.id))
        .unwrap();
    let fits = |entry: &&AclEntry| {
        entry.egress == egress && entry.block.contains(&far) && says(&entry.protocol, kind, port)
    };
    acl.entries
        .iter()
        .filter(fits)
        .min_by_key(|entry| entry.number)
        .is_some_and(|entry| entry.allow)
}

pub(crate) fn route<'n>(estate: &'n Estate, subnet: &Subnet, to: IpAddr) -> Option<&'n Target> {
    let table: &RouteTable = estate
        .tables
        .values()
        .find(|table| table.subnets.contains(&subnet.id))?;
    best(table, to)
}

pub(crate) fn best(table: &RouteTable, to: IpAddr) -> Option<&Target> {
    let length = |destination: &Destination| match destination {
        Destination::Block(block) => block.contains(&to).then(|| block.prefix_len()),
        Destination::List(_) => None,
    };
    let best = table
        .routes
        .iter()
        .filter_map(|route| Some((length(&route.destination)?, route)))
        .max_by_key(|(length, _)| *length)?;
    best.1.active.then_some(&best.1.target)
}

pub(crate) fn attached(estate: &Estate, igw: &str, vpc: &str) -> bool {
    estate
        .internet_gateways
        .get(igw)
        .is_some_and(|igw| igw.vpcs.iter().any(|at| at == vpc))
}

pub(crate) fn says(protocol: &Protocol, kind: Kind, port: u16) -> bool {
    match protocol {
        Protocol::Any => true,
        Protocol::Some(of, ports) => *of == kind && ports.contains(port),
    }
}

/// Where ports of any entry or firewall rule begin or have ended.
pub(crate) fn edges(estate: &Estate) -> impl Iterator<Item = u16> {
    let entries = estate.acls.values().flat_map(|acl| &acl.entries);
    let sets = entries.filter_map(|entry| match &entry.protocol {
        Protocol::Any => None,
        Protocol::Some(_, ports) => Some(ports),
    });
    let tuples = estate
        .firewalls
        .groups
        .values()
        .flat_map(|group| match &group.rules {
            FirewallRules::Stateless(rules) => {
                rules.iter().flat_map(|rule| &rule.matches).collect()
            }
            FirewallRules::Stateful(rules) => rules.iter().map(|rule| &rule.matches).collect(),
            FirewallRules::Other(_) => Vec::new(),
        });
    let of_rules = tuples.flat_map(|tuple| [&tuple.source_ports, &tuple.destination_ports]);
    sets.chain(of_rules)
        .flat_map(|ports| ports.ranges())
        .flat_map(|(low, high)| [Some(*low), high.checked_add(1)])
        .flatten()
}

pub(crate) fn private(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(ip) if ip.is_private())
}

/// ICMP messages that ask for no answer.
pub(crate) fn silent(packet: One) -> bool {
    packet.kind == Kind::Icmp && ![8, 13, 15, 17].contains(&(packet.port / 256))
}

//! A second evaluator: one packet, walked through the rules as they are written. It shares no code with the engine but the model.

use palisade_network::headers::Kind;
use palisade_network::model::{
    AclEntry, Destination, Estate, Interface, Peer, Protocol, RouteTable, SgRule, Subnet, Target,
};
use std::net::IpAddr;

/// One packet; an answer is the packet with its ends changed, and `answer` set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct One {
    pub(crate) kind: Kind,
    pub(crate) source: IpAddr,
    pub(crate) source_port: u16,
    pub(crate) destination: IpAddr,
    pub(crate) port: u16,
}

/// Where a packet came out.
#[derive(Debug, PartialEq, Eq)]
enum Out {
    Interface(String),
    Nat(String),
    Internet,
}

/// From an interface to an address, and the answer back.
pub(crate) fn from_interface(estate: &Estate, eni: &Interface, packet: One) -> bool {
    if !allowed_by_groups(
        estate,
        eni,
        false,
        packet.kind,
        packet.destination,
        packet.port,
        link(estate, &eni.vpc, packet.destination),
    ) {
        return false;
    }
    let subnet = &estate.subnets[&eni.subnet];
    travel(estate, subnet, packet, Some(eni)).is_some_and(|ways| ways)
}

/// From the internet to a public address, and the answer back.
pub(crate) fn from_internet(estate: &Estate, packet: One) -> bool {
    let Some((eni, inside)) = arrive_from_internet(estate, packet, false) else {
        return false;
    };
    let answer = turned(inside);
    let subnet = &estate.subnets[&eni.subnet];
    // The answer leaves by the subnet's routes, and must leave by the internet gateway.
    (silent(packet)
        || acl(
            estate,
            subnet,
            true,
            answer.kind,
            answer.destination,
            answer.port,
        ))
        && matches!(route(estate, subnet, answer.destination), Some(Target::Internet(igw)) if attached(estate, igw, &eni.vpc))
}

/// The way there and back, for a packet that has left its interface.
fn travel(estate: &Estate, subnet: &Subnet, packet: One, eni: Option<&Interface>) -> Option<bool> {
    let (out, seen) = step(estate, subnet, packet, eni, true)?;
    let answer = turned(seen);
    let home = |at: Out| match eni {
        Some(eni) => at == Out::Interface(eni.id.clone()),
        None => matches!(at, Out::Nat(_)),
    };
    match out {
        Out::Interface(id) => {
            let other = &estate.interfaces[&id];
            let back = step(estate, &estate.subnets[&other.subnet], answer, None, false)?;
            Some(home(back.0))
        }
        Out::Nat(id) => {
            let nat = &estate.nats[&id];
            let there = &estate.subnets[nat.subnet.as_ref().unwrap()];
            // The answer from the gateway to the one who asked.
            let back = step(estate, there, turned(packet), None, false)?;
            if !home(back.0) {
                return Some(false);
            }
            // The gateway's own packet: it may choose any port from 1024 up.
            let private = nat.addresses[0].private.unwrap();
            let edges = (1024..=65_535u16).filter(|port| {
                estate
                    .acls
                    .values()
                    .flat_map(|acl| &acl.entries)
                    .any(|entry| edge(entry, *port))
                    || *port == 1024
            });
            let mine = |source_port| One {
                source: private,
                source_port,
                ..packet
            };
            Some(
                edges
                    .map(mine)
                    .any(|packet| travel(estate, there, packet, None) == Some(true)),
            )
        }
        Out::Internet => match eni {
            Some(eni) => {
                let (to, _) = arrive_from_internet(estate, answer, true)?;
                Some(to.id == eni.id)
            }
            None => {
                // A NAT gateway's answer: into its subnet.
                let nat = estate
                    .nats
                    .values()
                    .find(|nat| nat.addresses[0].private == Some(packet.source))?;
                let there = &estate.subnets[nat.subnet.as_ref().unwrap()];
                Some(acl(
                    estate,
                    there,
                    false,
                    answer.kind,
                    answer.source,
                    answer.port,
                ))
            }
        },
    }
}

/// One way, from within a subnet; gives where it comes out and the packet as it is there.
fn step(
    estate: &Estate,
    subnet: &Subnet,
    packet: One,
    sender: Option<&Interface>,
    asks: bool,
) -> Option<(Out, One)> {
    let inside = subnet
        .blocks
        .iter()
        .any(|block| block.contains(&packet.destination));
    if inside {
        return deliver(estate, &subnet.vpc, packet, sender, asks);
    }
    if !acl(
        estate,
        subnet,
        true,
        packet.kind,
        packet.destination,
        packet.port,
    ) {
        return None;
    }
    match route(estate, subnet, packet.destination)? {
        Target::Local => into(estate, &subnet.vpc, packet, sender, asks),
        Target::Peering(id) => {
            let peering = &estate.peerings[id];
            let far = if peering.requester.vpc == subnet.vpc {
                &peering.accepter.vpc
            } else {
                &peering.requester.vpc
            };
            let within = |vpc: &str, ip: IpAddr| {
                estate.vpcs[vpc]
                    .blocks
                    .iter()
                    .any(|block| block.contains(&ip))
            };
            if !peering.active
                || !within(&subnet.vpc, packet.source)
                || !within(far, packet.destination)
            {
                return None;
            }
            into(estate, far, packet, sender, asks)
        }
        Target::Internet(igw) => {
            if !attached(estate, igw, &subnet.vpc) || private(packet.destination) {
                return None;
            }
            let nat = estate
                .nats
                .values()
                .find(|nat| nat.addresses[0].private == Some(packet.source))
                .and_then(|nat| nat.addresses[0].public);
            let own = estate
                .interfaces
                .values()
                .filter(|eni| eni.vpc == subnet.vpc)
                .flat_map(|eni| &eni.addresses)
                .find(|a| a.address == packet.source);
            let public = nat.or(own.and_then(|own| own.public))?;
            // Answers are looked at with the public source in its place.
            Some((
                Out::Internet,
                One {
                    source: public,
                    ..packet
                },
            ))
        }
        Target::Nat(id) => {
            let nat = &estate.nats[id];
            let there = &estate.subnets[nat.subnet.as_ref().unwrap()];
            let carries = matches!(packet.kind, Kind::Tcp | Kind::Udp | Kind::Icmp);
            let enters = there.id == subnet.id
                || acl(
                    estate,
                    there,
                    false,
                    packet.kind,
                    packet.source,
                    packet.port,
                );
            (asks && carries && nat.working && nat.vpc == subnet.vpc && enters)
                .then(|| (Out::Nat(id.clone()), packet))
        }
        _ => None,
    }
}

fn into(
    estate: &Estate,
    vpc: &str,
    packet: One,
    sender: Option<&Interface>,
    asks: bool,
) -> Option<(Out, One)> {
    let subnet = estate.subnets.values().find(|s| {
        s.vpc == vpc
            && s.blocks
                .iter()
                .any(|block| block.contains(&packet.destination))
    })?;
    if !acl(
        estate,
        subnet,
        false,
        packet.kind,
        packet.source,
        packet.port,
    ) {
        return None;
    }
    deliver(estate, vpc, packet, sender, asks)
}

fn deliver(
    estate: &Estate,
    vpc: &str,
    packet: One,
    sender: Option<&Interface>,
    asks: bool,
) -> Option<(Out, One)> {
    if let Some(nat) = estate
        .nats
        .values()
        .find(|nat| nat.vpc == vpc && nat.addresses[0].private == Some(packet.destination))
    {
        return (!asks).then(|| (Out::Nat(nat.id.clone()), packet));
    }
    let eni = estate.interfaces.values().find(|eni| {
        eni.vpc == vpc
            && eni
                .addresses
                .iter()
                .any(|a| a.address == packet.destination)
    })?;
    let open = !asks
        || allowed_by_groups(
            estate,
            eni,
            true,
            packet.kind,
            packet.source,
            packet.port,
            sender,
        );
    open.then(|| (Out::Interface(eni.id.clone()), packet))
}

fn arrive_from_internet(estate: &Estate, packet: One, answer: bool) -> Option<(&Interface, One)> {
    let holds = |eni: &&Interface| {
        eni.addresses
            .iter()
            .any(|a| a.public == Some(packet.destination))
    };
    let eni = estate.interfaces.values().find(holds)?;
    let own = eni
        .addresses
        .iter()
        .find(|a| a.public == Some(packet.destination))?
        .address;
    let igw = estate
        .internet_gateways
        .values()
        .any(|igw| igw.vpcs.contains(&eni.vpc));
    let subnet = &estate.subnets[&eni.subnet];
    let inside = One {
        destination: own,
        ..packet
    };
    let enters = igw
        && !private(packet.source)
        && acl(
            estate,
            subnet,
            false,
            packet.kind,
            packet.source,
            packet.port,
        );
    let open = answer
        || allowed_by_groups(
            estate,
            eni,
            true,
            packet.kind,
            packet.source,
            packet.port,
            None,
        );
    (enters && open).then_some((eni, inside))
}

/// The interface that an address means for a rule that names groups: in the VPC, or in a peer to which a connection is active.
fn link<'n>(estate: &'n Estate, vpc: &str, address: IpAddr) -> Option<&'n Interface> {
    let joined = |other: &str| {
        other == vpc
            || estate.peerings.values().any(|p| {
                p.active
                    && [&p.requester.vpc, &p.accepter.vpc]
                        .into_iter()
                        .all(|side| side == vpc || side == other)
            })
    };
    estate
        .interfaces
        .values()
        .find(|eni| joined(&eni.vpc) && eni.addresses.iter().any(|a| a.address == address))
}

fn allowed_by_groups(
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

fn acl(estate: &Estate, subnet: &Subnet, egress: bool, kind: Kind, far: IpAddr, port: u16) -> bool {
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

fn route<'n>(estate: &'n Estate, subnet: &Subnet, to: IpAddr) -> Option<&'n Target> {
    let table: &RouteTable = estate
        .tables
        .values()
        .find(|table| table.subnets.contains(&subnet.id))?;
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

fn attached(estate: &Estate, igw: &str, vpc: &str) -> bool {
    estate
        .internet_gateways
        .get(igw)
        .is_some_and(|igw| igw.vpcs.iter().any(|at| at == vpc))
}

fn says(protocol: &Protocol, kind: Kind, port: u16) -> bool {
    match protocol {
        Protocol::Any => true,
        Protocol::Some(of, ports) => *of == kind && ports.contains(port),
    }
}

fn edge(entry: &AclEntry, port: u16) -> bool {
    match &entry.protocol {
        Protocol::Any => false,
        Protocol::Some(_, ports) => ports
            .ranges()
            .iter()
            .any(|(low, high)| *low == port || high.checked_add(1) == Some(port)),
    }
}

fn private(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(ip) if ip.is_private())
}

/// ICMP messages that ask for no answer.
fn silent(packet: One) -> bool {
    packet.kind == Kind::Icmp && ![8, 13, 15, 17].contains(&(packet.port / 256))
}

fn turned(packet: One) -> One {
    One {
        kind: packet.kind,
        source: packet.destination,
        source_port: packet.port,
        destination: packet.source,
        port: packet.source_port,
    }
}

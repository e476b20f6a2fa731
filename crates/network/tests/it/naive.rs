//! A second evaluator: one packet, walked through the rules as they are written. It shares no code with the engine but the model.

use super::naive_firewall::{Seen, of_endpoint, passes};
use super::naive_rules::{acl, allowed_by_groups, attached, best, edges, private, route, silent};
use palisade_network::headers::Kind;
use palisade_network::model::{Estate, Interface, Subnet, Target};
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
    from_interface_inspected(estate, eni, packet) == Some(true)
}

/// The same; `None` where a firewall sees only the packet or only its answer.
pub(crate) fn from_interface_inspected(
    estate: &Estate,
    eni: &Interface,
    packet: One,
) -> Option<bool> {
    let subnet = &estate.subnets[&eni.subnet];
    let inside = subnet
        .blocks
        .iter()
        .any(|block| block.contains(&packet.destination));
    // Behind a firewall groups are not known by name.
    let member = match route(estate, subnet, packet.destination) {
        Some(Target::Endpoint(_)) if !inside => None,
        _ => link(estate, &eni.vpc, packet.destination),
    };
    let allowed = allowed_by_groups(
        estate,
        eni,
        false,
        packet.kind,
        packet.destination,
        packet.port,
        member,
    );
    if !allowed {
        return Some(false);
    }
    travel(estate, subnet, packet, Some(eni))
}

/// From the internet to a public address, and the answer back.
pub(crate) fn from_internet(estate: &Estate, packet: One) -> bool {
    from_internet_inspected(estate, packet) == Some(true)
}

/// The same; `None` where a firewall sees only the packet or only its answer.
pub(crate) fn from_internet_inspected(estate: &Estate, packet: One) -> Option<bool> {
    let seen = Seen::default();
    let Some((eni, inside)) = arrive_from_internet(estate, packet, false, &seen) else {
        return Some(false);
    };
    // The answer leaves by the subnet's routes, and must leave by the internet gateway.
    let (there, answer) = (&estate.subnets[&eni.subnet], turned(inside));
    if silent(packet) {
        let out = route(estate, there, answer.destination);
        return Some(matches!(out, Some(Target::Internet(igw)) if attached(estate, igw, &eni.vpc)));
    }
    let back = step(estate, there, answer, None, (false, &seen));
    let home = back.is_some_and(|(out, _)| out == Out::Internet);
    (!home || !seen.is_odd()).then_some(home)
}

/// The way there and back, for a packet that has left its interface.
fn travel(estate: &Estate, subnet: &Subnet, packet: One, eni: Option<&Interface>) -> Option<bool> {
    let seen = Seen::default();
    let judged = |home: bool| (!home || !seen.is_odd()).then_some(home);
    let Some((out, arrived)) = step(estate, subnet, packet, eni, (true, &seen)) else {
        return Some(false);
    };
    let answer = turned(arrived);
    let home = |at: Out| match eni {
        Some(eni) => at == Out::Interface(eni.id.clone()),
        None => matches!(at, Out::Nat(_)),
    };
    match out {
        Out::Interface(id) => {
            let there = &estate.subnets[&estate.interfaces[&id].subnet];
            let back = step(estate, there, answer, None, (false, &seen));
            judged(back.is_some_and(|back| home(back.0)))
        }
        Out::Nat(id) => {
            let nat = &estate.nats[&id];
            let there = &estate.subnets[nat.subnet.as_ref().unwrap()];
            // The answer from the gateway to the one who asked.
            let back = step(estate, there, turned(packet), None, (false, &seen));
            if !back.is_some_and(|back| home(back.0)) {
                return Some(false);
            }
            // The gateway's own packet: it may choose any port from 1024 up.
            let private = nat.addresses[0].private.unwrap();
            let edges = (1024..=65_535u16)
                .filter(|port| edges(estate).any(|edge| edge == *port) || *port == 1024);
            let mine = |source_port| One {
                source: private,
                source_port,
                ..packet
            };
            let beyond: Vec<_> = edges
                .map(|port| travel(estate, there, mine(port), None))
                .collect();
            match (beyond.contains(&Some(true)), beyond.contains(&None)) {
                (true, _) => judged(true),
                (false, true) => None,
                (false, false) => Some(false),
            }
        }
        Out::Internet => match eni {
            Some(eni) => {
                let to = arrive_from_internet(estate, answer, true, &seen);
                judged(to.is_some_and(|(to, _)| to.id == eni.id))
            }
            None => {
                // A NAT gateway's answer: into its subnet.
                let nat = estate
                    .nats
                    .values()
                    .find(|nat| nat.addresses[0].private == Some(packet.source))?;
                let there = &estate.subnets[nat.subnet.as_ref().unwrap()];
                let inside = One {
                    destination: packet.source,
                    ..answer
                };
                if let Some(id) = edge_route(estate, &nat.vpc, packet.source) {
                    let at = through(estate, None, id, inside, (false, &seen));
                    let back = at.and_then(|at| step(estate, at, inside, None, (false, &seen)));
                    return judged(back.is_some_and(|back| home(back.0)));
                }
                judged(acl(
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

/// Through a firewall's endpoint, into its subnet.
fn through<'n>(
    estate: &'n Estate,
    from: Option<&Subnet>,
    id: &str,
    packet: One,
    (asks, seen): (bool, &Seen),
) -> Option<&'n Subnet> {
    let firewall = of_endpoint(estate, id)?;
    let at = firewall.endpoints.iter().find(|at| at.id == id)?;
    let there = &estate.subnets[&at.subnet];
    let crosses = from.is_none_or(|from| from.id != there.id);
    if crosses
        && !acl(
            estate,
            there,
            false,
            packet.kind,
            packet.source,
            packet.port,
        )
    {
        return None;
    }
    passes(estate, id, packet, asks, seen).then_some(there)
}

/// The firewall's endpoint to which the internet gateway's own table sends packets for an address.
fn edge_route<'n>(estate: &'n Estate, vpc: &str, to: IpAddr) -> Option<&'n str> {
    let mut gateways = estate.internet_gateways.values();
    let igw = gateways.find(|igw| igw.vpcs.iter().any(|at| at == vpc))?;
    let table = estate
        .tables
        .values()
        .find(|table| table.gateways.contains(&igw.id))?;
    match best(table, to)? {
        Target::Endpoint(id) => Some(id),
        _ => None,
    }
}

/// One way, from within a subnet; gives where it comes out and the packet as it is there.
fn step(
    estate: &Estate,
    subnet: &Subnet,
    packet: One,
    sender: Option<&Interface>,
    (asks, seen): (bool, &Seen),
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
        Target::Endpoint(id) => {
            let there = through(estate, Some(subnet), id, packet, (asks, seen))?;
            // What comes back to the same endpoint goes in a circle.
            let again = there.id == subnet.id
                && !there.blocks.iter().any(|b| b.contains(&packet.destination));
            if again {
                return None;
            }
            step(estate, there, packet, None, (asks, seen))
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

fn arrive_from_internet<'n>(
    estate: &'n Estate,
    packet: One,
    answer: bool,
    seen: &Seen,
) -> Option<(&'n Interface, One)> {
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
    if !igw || private(packet.source) {
        return None;
    }
    if let Some(id) = edge_route(estate, &eni.vpc, own) {
        let at = through(estate, None, id, inside, (!answer, seen))?;
        let (out, _) = step(estate, at, inside, None, (!answer, seen))?;
        return (out == Out::Interface(eni.id.clone())).then_some((eni, inside));
    }
    let enters = acl(
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

fn turned(packet: One) -> One {
    One {
        kind: packet.kind,
        source: packet.destination,
        source_port: packet.port,
        destination: packet.source,
        port: packet.source_port,
    }
}

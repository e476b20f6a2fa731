//! The way between two places, with security groups taken as open; and between two addresses, as it is.

use super::answer::{PairSet, PairTraffic};
use super::classes::{Place, Spot};
use super::sets::Ports;
use crate::ask::path::{Verdict, verdict};
use crate::eval::{Beam, End, Engine, Link, Network, Origin, route_at};
use crate::explain::Gap;
use crate::headers::{AddressSet, Flows, Kind, PortSet, is_private, port_words};
use crate::model::{Role, Target};
use std::collections::BTreeSet;

/// What the way lets pass.
#[derive(Debug)]
pub(super) enum Way {
    Blocked,
    One(Box<One>),
    /// More than one way, or one that ends where security groups are not the last word: each pair of classes is walked.
    Several,
}

#[derive(Debug)]
pub(super) struct One {
    /// What arrives.
    pub(super) arrive: Ports,
    /// What is answered too.
    pub(super) ports: Ports,
    /// Source ports of TCP and UDP.
    pub(super) replies: (PortSet, PortSet),
    pub(super) gaps: Vec<Gap>,
    /// Whether rules of the sender's groups may name the receiver's groups.
    pub(super) names_receiver: bool,
    /// Whether rules of the receiver's groups may name the sender's groups.
    pub(super) names_sender: bool,
}

/// Two different addresses of one family that stand for the places.
pub(super) fn two<'n>(from: &[Spot<'n>], to: &[Spot<'n>]) -> Option<(Spot<'n>, Spot<'n>)> {
    let source = *from.first()?;
    let other = |spot: &&Spot<'n>| {
        (&spot.interface.id, spot.address) != (&source.interface.id, source.address)
            && spot.address.is_v4() == source.address.is_v4()
    };
    Some((source, *to.iter().find(other)?))
}

/// From one place to another.
pub(super) fn across<'n>(net: &'n Network, from: &Place<'n>, to: &Place<'n>) -> Way {
    let Some((source, target)) = two(&from.spots, &to.spots) else {
        return Way::Blocked;
    };
    if matches!(target.interface.role, Role::Balancer(_)) {
        return Way::Several;
    }
    if out_of_reach(net, source, target) {
        return Way::Blocked;
    }
    let engine = Engine {
        groups_open: true,
        ..net.engine(false)
    };
    let beams = arrived(engine, source, target);
    match beams.as_slice() {
        [] => Way::Blocked,
        [beam] => {
            one(engine, beam, source, target).map_or(Way::Several, |one| Way::One(one.into()))
        }
        _ => Way::Several,
    }
}

/// The usual case in little time: another VPC's private address, for which the sender's table has no route, or one to an internet gateway
/// (VPC guide, "Internet gateways": private addresses are not carried).
fn out_of_reach(net: &Network, source: Spot<'_>, target: Spot<'_>) -> bool {
    if source.interface.vpc == target.interface.vpc || !is_private(target.address) {
        return false;
    }
    let Some(table) = net.table(&source.interface.subnet) else {
        return false;
    };
    let route = route_at(&net.estate, table, target.address);
    let target = route
        .and_then(|at| table.routes.get(at))
        .map(|route| &route.target);
    matches!(target, None | Some(Target::Internet(_)))
}

fn one<'n>(engine: Engine<'n>, beam: &Beam<'n>, source: Spot<'n>, target: Spot<'n>) -> Option<One> {
    let at_home = matches!(beam.end, End::Interface(end) if end.id == target.interface.id);
    let simple = |flows: &Flows| Kind::ALL.iter().all(|kind| flows.of(*kind).len() <= 1);
    if !at_home || !simple(&beam.flows) || !simple(&beam.delivered) {
        return None;
    }
    let ports = |flows: &Flows| {
        Kind::ALL.map(|kind| {
            let cell = flows.of(kind).first();
            cell.map_or_else(PortSet::empty, |cell| cell.ports.clone())
        })
    };
    let replies = |kind| {
        let cell = beam.flows.of(kind).first();
        cell.map_or_else(PortSet::empty, |cell| cell.replies.clone())
    };
    let start = start(source, target);
    let named = engine.peek(source.interface, &start);
    let names = !matches!(
        beam.link,
        Link::Lost | Link::Peering { references: false } | Link::Transit { references: false }
    );
    Some(One {
        arrive: ports(&beam.delivered),
        ports: ports(&beam.flows),
        replies: (replies(Kind::Tcp), replies(Kind::Udp)),
        gaps: beam.gaps.iter().cloned().collect(),
        names_receiver: named.is_some_and(|named| named.id == target.interface.id),
        names_sender: names && beam.sender.is_some(),
    })
}

fn start<'n>(source: Spot<'n>, target: Spot<'n>) -> Beam<'n> {
    let flows = Flows::all(&AddressSet::one(target.address));
    let origin = Origin::Interface(source.interface);
    Beam {
        sender: Some(source.interface),
        ..Beam::new(Some(source.address), Some(target.address), flows, origin)
    }
}

/// The packets that come to the target, or may do so.
fn arrived<'n>(engine: Engine<'n>, source: Spot<'n>, target: Spot<'n>) -> Vec<Beam<'n>> {
    let mut out = Vec::new();
    engine.leave(source.interface, start(source, target), &mut out);
    let balancer = matches!(target.interface.role, Role::Balancer(_));
    out.retain(|beam| {
        let here = match beam.end {
            End::Interface(end) => balancer || end.id == target.interface.id,
            // Where they went on from a place that is not described or not modelled they may come to the target.
            _ => !beam.gaps.is_empty(),
        };
        here && !beam.flows.is_empty() && verdict(beam) != Verdict::Blocked
    });
    out
}

/// From one address to another, with everything that is on the way.
pub(super) fn whole<'n>(net: &'n Network, from: &[Spot<'n>], to: &[Spot<'n>]) -> PairSet {
    let Some((source, target)) = two(from, to) else {
        return PairSet::default();
    };
    let (mut traffic, mut gaps) = (Vec::new(), BTreeSet::new());
    for beam in arrived(net.engine(false), source, target) {
        for kind in Kind::ALL {
            for cell in beam.flows.of(kind) {
                traffic.push(one_traffic(
                    kind,
                    &cell.ports,
                    &cell.replies,
                    verdict(&beam),
                ));
            }
        }
        gaps.extend(beam.gaps);
    }
    PairSet {
        traffic,
        not_modelled: gaps.into_iter().collect(),
    }
}

pub(super) fn one_traffic(
    kind: Kind,
    ports: &PortSet,
    replies: &PortSet,
    verdict: Verdict,
) -> PairTraffic {
    PairTraffic {
        protocol: kind,
        ports: port_words(kind, ports),
        source_ports: (kind.has_source_port() && !replies.is_full()).then(|| replies.to_string()),
        verdict,
        open: (ports.clone(), replies.clone()),
    }
}

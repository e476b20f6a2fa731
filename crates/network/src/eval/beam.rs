//! A set of packets on its way, and what it met.

use super::Inspected;
use crate::explain::{Blocker, Code, Direction, Gap, HopKind};
use crate::headers::{Address, Flows, Way};
use crate::model::{Interface, Subnet};
use std::collections::BTreeSet;

/// One of the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Source,
    Destination,
}

/// How the two ends of a segment are joined: it decides whether references to security groups hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Local,
    Peering { references: bool },
    Transit { references: bool },
    Lost,
}

/// Where a segment began: there its answers must come back.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin<'n> {
    Interface(&'n Interface),
    Subnet(&'n Subnet),
    Nat(&'n str),
    Balancer(&'n Interface),
    Internet,
    Edge(&'n str),
}

/// Where packets ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End<'n> {
    Interface(&'n Interface),
    Subnet(&'n str),
    Nat(&'n str),
    Internet(&'n str),
    Edge(&'n str),
    Service(&'n str, &'n str),
    Nowhere,
}

/// One hop, with the addresses that the packets bore there; `None` is the free side.
#[derive(Debug, Clone)]
pub(crate) struct Hop<'n> {
    pub(crate) kind: HopKind,
    pub(crate) id: &'n str,
    pub(crate) source: Option<Address>,
    pub(crate) destination: Option<Address>,
    pub(crate) port: Option<u16>,
    pub(crate) by: Option<String>,
}

/// A set of packets on its way. `flows` is keyed by the addresses of the side `far`; the other side has one address.
#[derive(Debug, Clone)]
pub(crate) struct Beam<'n> {
    pub(crate) source: Option<Address>,
    pub(crate) destination: Option<Address>,
    pub(crate) far: Side,
    pub(crate) way: Way,
    pub(crate) flows: Flows,
    /// What arrived at the end, before answers were looked at.
    pub(crate) delivered: Flows,
    pub(crate) origin: Origin<'n>,
    pub(crate) sender: Option<&'n Interface>,
    pub(crate) link: Link,
    pub(crate) zone: Option<&'n str>,
    pub(crate) port: Option<u16>,
    pub(crate) hops: Vec<Hop<'n>>,
    pub(crate) back: Vec<Hop<'n>>,
    /// What network firewalls made of the packets that asked, by endpoint.
    pub(crate) inspected: Vec<(&'n str, Inspected)>,
    /// Of answers: the endpoints whose stateful engine saw them.
    pub(crate) answered_by: Vec<&'n str>,
    pub(crate) blockers: Vec<Blocker>,
    pub(crate) gaps: BTreeSet<Gap>,
    pub(crate) end: End<'n>,
}

impl<'n> Beam<'n> {
    pub(crate) fn new(
        source: Option<Address>,
        destination: Option<Address>,
        flows: Flows,
        origin: Origin<'n>,
    ) -> Self {
        let far = if destination.is_some() && source.is_none() {
            Side::Source
        } else {
            Side::Destination
        };
        Self {
            source,
            destination,
            far,
            way: Way::Forward,
            flows,
            delivered: Flows::default(),
            origin,
            sender: None,
            link: Link::Local,
            zone: None,
            port: None,
            hops: Vec::new(),
            back: Vec::new(),
            inspected: Vec::new(),
            answered_by: Vec::new(),
            blockers: Vec::new(),
            gaps: BTreeSet::new(),
            end: End::Nowhere,
        }
    }

    /// The side that the packets travel to.
    pub(crate) const fn ahead(&self) -> Side {
        match self.way {
            Way::Forward => Side::Destination,
            Way::Return => Side::Source,
        }
    }

    /// The side that they come from.
    pub(crate) const fn behind(&self) -> Side {
        match self.way {
            Way::Forward => Side::Source,
            Way::Return => Side::Destination,
        }
    }

    /// The one address of a side, or `None` if there are many.
    pub(crate) const fn address(&self, side: Side) -> Option<Address> {
        match side {
            Side::Source => self.source,
            Side::Destination => self.destination,
        }
    }

    /// For filters: `None` where they must look at the far addresses of each packet.
    pub(crate) fn at(&self, side: Side) -> Option<Address> {
        if side == self.far {
            None
        } else {
            self.address(side)
        }
    }

    /// The two ends are joined by this from here on. References that were lost before stay lost.
    pub(crate) fn join(&mut self, link: Link) {
        if self.link != Link::Lost {
            self.link = link;
        }
    }

    /// Changes the one address of a side.
    pub(crate) fn rewrite(&mut self, side: Side, to: Address) {
        if side == self.far {
            self.flows = self.flows.moved(to);
        }
        match side {
            Side::Source => self.source = Some(to),
            Side::Destination => self.destination = Some(to),
        }
    }

    pub(crate) fn hop(&mut self, kind: HopKind, id: &'n str) {
        self.hop_by(kind, id, None);
    }

    pub(crate) fn hop_by(&mut self, kind: HopKind, id: &'n str, by: Option<String>) {
        let hop = Hop {
            kind,
            id,
            source: self.source,
            destination: self.destination,
            port: self.port,
            by,
        };
        self.hops.push(hop);
    }

    pub(crate) const fn direction(&self) -> Direction {
        match self.way {
            Way::Forward => Direction::Forward,
            Way::Return => Direction::Return,
        }
    }

    pub(crate) fn blocked(&mut self, code: Code, component: &str, detail: String) {
        let blocker = Blocker {
            code,
            direction: self.direction(),
            component: component.to_owned(),
            detail,
            after: self.hops.len(),
        };
        if !self.blockers.iter().any(|old| {
            old.code == code
                && old.component == blocker.component
                && old.direction == blocker.direction
        }) {
            self.blockers.push(blocker);
        }
    }

    pub(crate) fn gap(&mut self, construct: &str, component: &str, detail: impl Into<String>) {
        self.gaps.insert(Gap {
            construct: construct.to_owned(),
            component: component.to_owned(),
            detail: detail.into(),
        });
    }
}

//! The shape of the answer.

use crate::ask::path::Verdict;
use crate::explain::Gap;
use crate::headers::{Kind, PortSet};
use serde::ser::{SerializeSeq as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

/// An address of an interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct End {
    /// The interface.
    pub interface: String,
    /// Its private or IPv6 address.
    pub address: String,
}

/// Addresses that everything treats alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PairClass {
    /// VPC.
    pub vpc: String,
    /// Subnet.
    pub subnet: String,
    /// Security groups, sorted.
    pub security_groups: Vec<String>,
    /// The addresses.
    pub ends: Vec<End>,
}

/// Packets that share their ports, between two addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PairTraffic {
    /// Class of protocols.
    pub protocol: Kind,
    /// As in [`crate::headers::Traffic`].
    pub ports: String,
    /// Source ports whose answers come back; left out where all do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ports: Option<String>,
    /// Reachable, or unknown.
    pub verdict: Verdict,
    #[serde(skip)]
    pub(crate) open: (PortSet, PortSet),
}

/// What passes both ways.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize)]
pub struct PairSet {
    /// By class of protocols.
    pub traffic: Vec<PairTraffic>,
    /// What could change what is unknown.
    pub not_modelled: Vec<Gap>,
}

impl PairSet {
    /// Whether a packet passes and is answered; `None`: it is blocked. For ICMP the port is `type * 256 + code`, and source ports count
    /// for TCP and UDP only.
    #[must_use]
    pub fn verdict(&self, kind: Kind, port: u16, source_port: u16) -> Option<Verdict> {
        let hit = |traffic: &&PairTraffic| {
            traffic.protocol == kind
                && traffic.open.0.contains(port)
                && (!kind.has_source_port() || traffic.open.1.contains(source_port))
        };
        let hits = self.traffic.iter().filter(hit);
        hits.map(|traffic| traffic.verdict).min()
    }
}

/// The answer, shape `palisade.network.pairs/1`. A pair that is not there is blocked. Both addresses are the interfaces' own (private, or
/// IPv6): what comes by a public IPv4 address is in [`crate::Network::exposed`]. What is sent to a load balancer and taken on to a target
/// counts as sent to the load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairsAnswer {
    /// `palisade.network.pairs/1`.
    pub format: &'static str,
    /// Classes, in the order of their first interface.
    pub classes: Vec<PairClass>,
    /// Sets of packets; each is once here.
    pub sets: Vec<PairSet>,
    /// Place and place there of each class.
    pub(super) at: Vec<(u32, u32)>,
    /// The classes of each place.
    pub(super) places: Vec<Vec<u32>>,
    /// For each class: places that it reaches, ascending, each with a row.
    pub(super) reach: Vec<Vec<(u32, u32)>>,
    /// For the classes of a place in order: a set and 1, or 0 where nothing passes.
    pub(super) rows: Vec<Vec<u32>>,
}

impl PairsAnswer {
    /// What passes from one class to another; `None`: nothing.
    #[must_use]
    pub fn between(&self, from: usize, to: usize) -> Option<&PairSet> {
        if from == to && self.classes.get(to)?.ends.len() < 2 {
            return None;
        }
        let (place, nth) = *self.at.get(to)?;
        let reach = self.reach.get(from)?;
        let at = reach.binary_search_by_key(&place, |(to, _)| *to).ok()?;
        let row = self.rows.get(index(reach.get(at)?.1))?;
        let set = row.get(index(nth))?.checked_sub(1)?;
        self.sets.get(index(set))
    }

    /// The classes that the addresses of an interface are in.
    pub fn classes_of(&self, interface: &str) -> impl Iterator<Item = usize> {
        let has = move |(at, class): (usize, &PairClass)| {
            let mine = class.ends.iter().any(|end| end.interface == interface);
            mine.then_some(at)
        };
        self.classes.iter().enumerate().filter_map(has)
    }

    /// Every pair of classes between which anything passes, with the place of its set in `sets`.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..self.reach.len())
            .flat_map(|from| self.of_class(from).map(move |(to, set)| (from, to, set)))
    }

    /// The classes that a class reaches, with the place of the set in `sets`.
    fn of_class(&self, from: usize) -> impl Iterator<Item = (usize, usize)> {
        let lone = self
            .classes
            .get(from)
            .is_some_and(|class| class.ends.len() < 2);
        let reach = self.reach.get(from).map_or(&[] as &[_], Vec::as_slice);
        reach.iter().flat_map(move |(place, row)| {
            let classes = self.places.get(index(*place)).into_iter().flatten();
            let sets = self.rows.get(index(*row)).into_iter().flatten();
            classes.zip(sets).filter_map(move |(to, set)| {
                let (to, set) = (index(*to), index(set.checked_sub(1)?));
                (to != from || !lone).then_some((to, set))
            })
        })
    }

    /// The number of ordered pairs of addresses between which anything passes.
    #[must_use]
    pub fn connected(&self) -> u64 {
        let size = |class: usize| {
            let ends = self.classes.get(class).map_or(0, |class| class.ends.len());
            u64::try_from(ends).unwrap_or(u64::MAX)
        };
        let count =
            |(from, to, _): (usize, usize, usize)| size(from) * (size(to) - u64::from(from == to));
        self.pairs().map(count).sum()
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// `from` is a class, `to` its pairs of class and set.
struct FromClass<'a>(&'a PairsAnswer, usize);

struct ToClasses<'a>(&'a PairsAnswer, usize);

struct Reach<'a>(&'a PairsAnswer);

impl Serialize for ToClasses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.of_class(self.1))
    }
}

impl Serialize for FromClass<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Reach", 2)?;
        out.serialize_field("from", &self.1)?;
        out.serialize_field("to", &ToClasses(self.0, self.1))?;
        out.end()
    }
}

impl Serialize for Reach<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_seq(None)?;
        for from in 0..self.0.reach.len() {
            if self.0.of_class(from).next().is_some() {
                out.serialize_element(&FromClass(self.0, from))?;
            }
        }
        out.end()
    }
}

impl Serialize for PairsAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("PairsAnswer", 4)?;
        out.serialize_field("format", self.format)?;
        out.serialize_field("classes", &self.classes)?;
        out.serialize_field("sets", &self.sets)?;
        out.serialize_field("reach", &Reach(self))?;
        out.end()
    }
}

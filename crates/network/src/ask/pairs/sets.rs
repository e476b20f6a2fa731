//! Sets of ports under numbers: equal sets have equal numbers, and what was worked out for two numbers is kept.

use crate::headers::{Address, HeaderSet, Kind, PortSet};
use indexmap::{IndexMap, IndexSet};
use std::hash::{BuildHasherDefault, Hasher};

/// The ports of each class of protocols.
pub(super) type Ports = [PortSet; 5];

/// The number of a set of ports.
pub(super) type Id = u32;

/// Numbers are their own best hash, once mixed.
#[derive(Debug, Default)]
pub(super) struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    fn write_usize(&mut self, number: usize) {
        self.write_u64(u64::try_from(number).unwrap_or(u64::MAX));
    }
}

/// A map by numbers, in the order of insertion.
pub(super) type ById<K, V> = IndexMap<K, V, BuildHasherDefault<Mix>>;

/// All sets of ports that came up.
#[derive(Debug)]
pub(super) struct Sets {
    all: IndexSet<Ports>,
    both: ById<(Id, Id), Id>,
    either: ById<(Id, Id), Id>,
}

impl Sets {
    /// The set of no ports.
    pub(super) const NONE: Id = 0;
    /// The set of all ports.
    pub(super) const ALL: Id = 1;

    pub(super) fn new() -> Self {
        let mut out = Self {
            all: IndexSet::new(),
            both: ById::default(),
            either: ById::default(),
        };
        out.id(Kind::ALL.map(|_| PortSet::empty()));
        out.id(Kind::ALL.map(Kind::all_ports));
        out
    }

    /// The number of a set.
    pub(super) fn id(&mut self, ports: Ports) -> Id {
        number(self.all.insert_full(ports).0)
    }

    /// What a filter allows at one address.
    pub(super) fn at(&mut self, filter: &HeaderSet, address: Address) -> Id {
        let ports = |kind| filter.of(kind).at(address).cloned().unwrap_or_default();
        self.id(Kind::ALL.map(ports))
    }

    /// The set of a number.
    pub(super) fn get(&self, id: Id) -> Option<&Ports> {
        self.all.get_index(usize::try_from(id).ok()?)
    }

    /// What is in both.
    pub(super) fn both(&mut self, a: Id, b: Id) -> Id {
        match (a.min(b), a.max(b)) {
            (Self::NONE, _) => Self::NONE,
            (Self::ALL, other) => other,
            (a, b) if a == b => a,
            key => self.worked_out(key, false),
        }
    }

    /// What is in either.
    pub(super) fn either(&mut self, a: Id, b: Id) -> Id {
        match (a.min(b), a.max(b)) {
            (Self::NONE, other) => other,
            (Self::ALL, _) => Self::ALL,
            (a, b) if a == b => a,
            key => self.worked_out(key, true),
        }
    }

    fn worked_out(&mut self, key: (Id, Id), either: bool) -> Id {
        let known = if either { &self.either } else { &self.both };
        if let Some(id) = known.get(&key) {
            return *id;
        }
        let (Some(a), Some(b)) = (self.get(key.0), self.get(key.1)) else {
            return Self::NONE;
        };
        let with = if either {
            PortSet::union
        } else {
            PortSet::intersect
        };
        let mut pairs = a.iter().zip(b);
        let ports = Kind::ALL.map(|_| {
            pairs
                .next()
                .map_or_else(PortSet::empty, |(a, b)| with(a, b))
        });
        let id = self.id(ports);
        let known = if either {
            &mut self.either
        } else {
            &mut self.both
        };
        known.insert(key, id);
        id
    }
}

/// Places of lists as numbers: no list here is longer than that.
pub(super) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

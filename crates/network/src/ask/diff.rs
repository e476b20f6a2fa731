//! What opened and what closed between two estates.

use crate::eval::Network;
use crate::headers::{Flows, HeaderSet, Traffic};
use serde::Serialize;
use std::collections::BTreeMap;

/// One interface and address of which the exposure changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The interface.
    pub interface: String,
    /// The address that packets are sent to.
    pub address: String,
    /// What the internet can reach now and could not before.
    pub opened: Vec<Traffic>,
    /// What it could reach before and cannot now.
    pub closed: Vec<Traffic>,
}

/// The answer, shape `palisade.network.diff/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DiffAnswer {
    /// `palisade.network.diff/1`.
    pub format: &'static str,
    /// By interface, then address.
    pub changes: Vec<Change>,
}

/// Compares the exposure of two estates.
#[must_use]
pub fn diff(before: &Network, after: &Network) -> DiffAnswer {
    let (old, new) = (exposure(before), exposure(after));
    let keys: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
    let none = HeaderSet::default();
    let mut changes = Vec::new();
    for key in keys {
        let (was, is) = (
            old.get(&key).unwrap_or(&none),
            new.get(&key).unwrap_or(&none),
        );
        let words = |set: HeaderSet| Flows::from_headers(&set).traffic();
        let (opened, closed) = (words(is.minus(was)), words(was.minus(is)));
        if !opened.is_empty() || !closed.is_empty() {
            changes.push(Change {
                interface: key.0,
                address: key.1,
                opened,
                closed,
            });
        }
    }
    DiffAnswer {
        format: "palisade.network.diff/1",
        changes,
    }
}

fn exposure(network: &Network) -> BTreeMap<(String, String), HeaderSet> {
    let mut out: BTreeMap<(String, String), HeaderSet> = BTreeMap::new();
    for row in network.exposed().rows {
        let set = out.entry((row.interface, row.address)).or_default();
        *set = set.union(&row.flows.headers());
    }
    out
}

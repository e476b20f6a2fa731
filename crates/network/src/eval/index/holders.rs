//! Which interfaces hold an address. The same private addresses are in many VPCs: every account's default VPC has them.

use crate::headers::Address;
use crate::model::Estate;
use indexmap::IndexSet;
use std::collections::BTreeMap;

/// Interfaces by their addresses, within each VPC; the first that is described holds it. VPCs and interfaces stand as
/// numbers, interfaces by their place in the estate.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    /// Described VPCs first, in their order; then those that only interfaces name.
    vpcs: IndexSet<String>,
    described: usize,
    at: BTreeMap<(Address, usize), usize>,
}

impl Holders {
    pub(super) fn new(estate: &Estate) -> Self {
        let mut holders = Self {
            vpcs: estate.vpcs.keys().cloned().collect(),
            described: estate.vpcs.len(),
            at: BTreeMap::new(),
        };
        for (interface, described) in estate.interfaces.values().enumerate() {
            let vpc = match holders.vpcs.get_index_of(&described.vpc) {
                Some(known) => known,
                None => holders.vpcs.insert_full(described.vpc.clone()).0,
            };
            for address in &described.addresses {
                let key = (Address::from(address.address), vpc);
                holders.at.entry(key).or_insert(interface);
            }
        }
        holders
    }

    /// The interface that holds an address in a VPC.
    pub(crate) fn within(&self, vpc: &str, address: Address) -> Option<usize> {
        let vpc = self.vpcs.get_index_of(vpc)?;
        self.at.get(&(address, vpc)).copied()
    }

    /// The interfaces that hold an address, one for each VPC, with the VPC: those that are described first, in their order.
    pub(crate) fn of(&self, address: Address) -> impl Iterator<Item = (&str, usize)> {
        let all = self.at.range((address, 0)..=(address, usize::MAX));
        all.filter_map(|((_, vpc), interface)| {
            Some((self.vpcs.get_index(*vpc)?.as_str(), *interface))
        })
    }

    /// The first described VPC where an address is held.
    pub(crate) fn vpc(&self, address: Address) -> Option<usize> {
        let mut all = self.at.range((address, 0)..(address, self.described));
        all.next().map(|((_, vpc), _)| *vpc)
    }
}

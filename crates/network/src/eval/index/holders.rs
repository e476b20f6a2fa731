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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Interface, PrivateAddress, Vpc};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_interface_with_the_address_holds_it(
            described in prop::collection::vec(0u8..5, 0..4),
            interfaces in prop::collection::vec((0u8..5, 0u8..4), 0..12),
            (vpc, host) in (0u8..5, 0u8..4),
        ) {
            let mut estate = Estate::default();
            let ip = |host: u8| std::net::IpAddr::from([10, 0, 0, host]);
            let name = |vpc: u8| format!("vpc-{vpc}");
            for vpc in described {
                estate.vpcs.insert(name(vpc), Vpc::default());
            }
            for (n, (vpc, host)) in interfaces.iter().enumerate() {
                let interface = Interface {
                    vpc: name(*vpc),
                    addresses: vec![PrivateAddress { address: ip(*host), public: None }],
                    ..Interface::default()
                };
                estate.interfaces.insert(format!("eni-{n}"), interface);
            }
            let (holders, at) = (Holders::new(&estate), Address::from(ip(host)));
            let within = |vpc: &str| {
                interfaces.iter().position(|(v, h)| name(*v) == vpc && *h == host)
            };
            prop_assert_eq!(holders.within(&name(vpc), at), within(&name(vpc)));
            let home = estate.vpcs.keys().position(|vpc| within(vpc).is_some());
            prop_assert_eq!(holders.vpc(at), home);
            let all: Vec<(String, usize)> = holders.of(at).map(|(v, i)| (v.to_owned(), i)).collect();
            let others = (0..5).map(name).filter(|vpc| within(vpc).is_some());
            prop_assert_eq!(all.len(), others.count());
            prop_assert!(all.iter().all(|(vpc, interface)| within(vpc) == Some(*interface)));
        }
    }
}

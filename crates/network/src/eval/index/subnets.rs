//! Which subnet of a VPC an address lies in.

use crate::headers::Address;
use crate::model::Estate;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};

/// The blocks of a VPC's subnets. A lookup asks once for each length of prefix, whatever the number of subnets.
#[derive(Debug, Default)]
struct Blocks {
    lengths: BTreeSet<u8>,
    /// By block without its host bits: the place in the estate of the first subnet that has it.
    subnets: BTreeMap<IpNet, usize>,
}

/// Subnets by their blocks, within each VPC.
#[derive(Debug, Default)]
pub(crate) struct Subnets(BTreeMap<String, Blocks>);

impl Subnets {
    pub(super) fn new(estate: &Estate) -> Self {
        let mut all = Self::default();
        for (at, subnet) in estate.subnets.values().enumerate() {
            let blocks = match all.0.get_mut(&subnet.vpc) {
                Some(blocks) => blocks,
                None => all.0.entry(subnet.vpc.clone()).or_default(),
            };
            for block in &subnet.blocks {
                blocks.lengths.insert(block.prefix_len());
                blocks.subnets.entry(block.trunc()).or_insert(at);
            }
        }
        all
    }

    /// The first subnet of a VPC, in the order of the estate, that an address lies in.
    pub(crate) fn holding(&self, vpc: &str, address: Address) -> Option<usize> {
        let blocks = self.0.get(vpc)?;
        let ip = address.ip();
        let block = |length: &u8| IpNet::new(ip, *length).ok();
        let fits = blocks.lengths.iter().filter_map(block);
        fits.filter_map(|block| blocks.subnets.get(&block.trunc()))
            .min()
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Subnet;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_subnet_with_the_address_is_found(
            blocks in prop::collection::vec((0u8..3, 0u8..4, 20u8..30), 0..12),
            (vpc, third, fourth) in (0u8..3, 0u8..4, any::<u8>()),
        ) {
            let mut estate = Estate::default();
            for (n, (vpc, third, length)) in blocks.iter().enumerate() {
                let block = format!("10.0.{third}.{}/{length}", n * 16);
                let id = format!("subnet-{n}");
                let subnet = Subnet {
                    id: id.clone(),
                    vpc: format!("vpc-{vpc}"),
                    blocks: vec![block.parse().unwrap(), format!("2001:db8:{third}::/{}", length + 28).parse().unwrap()],
                    ..Subnet::default()
                };
                estate.subnets.insert(id, subnet);
            }
            let (subnets, vpc) = (Subnets::new(&estate), format!("vpc-{vpc}"));
            for text in [format!("10.0.{third}.{fourth}"), format!("2001:db8:{third}:{fourth:x}00::1")] {
                let ip: std::net::IpAddr = text.parse().unwrap();
                let slow = estate.subnets.values().position(|subnet| {
                    subnet.vpc == vpc && subnet.blocks.iter().any(|block| block.contains(&ip))
                });
                prop_assert_eq!(subnets.holding(&vpc, ip.into()), slow);
            }
        }
    }
}

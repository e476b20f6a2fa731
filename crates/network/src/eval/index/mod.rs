//! What is looked up again and again, worked out once.

mod filters;
mod holders;
mod positions;
mod subnets;

pub(crate) use filters::{Filter, Filters};
pub(crate) use holders::Holders;
pub(crate) use positions::Positions;
pub(crate) use subnets::Subnets;

use super::Inspector;
use crate::headers::Address;
use crate::model::{Estate, NetworkAcl};
use filters::{acl_filters, group_filters};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(crate) struct Index {
    /// By sorted list of groups.
    pub(crate) groups: BTreeMap<Vec<String>, Filters>,
    pub(crate) acls: BTreeMap<String, Filters>,
    pub(crate) acl_of: BTreeMap<String, String>,
    pub(crate) table_of: BTreeMap<String, String>,
    pub(crate) edge_table: BTreeMap<String, String>,
    pub(crate) holders: Holders,
    /// By public address: interface and private address.
    pub(crate) public: BTreeMap<Address, (String, Address)>,
    pub(crate) subnets: Subnets,
    pub(crate) positions: Positions,
    /// Internet gateways of a VPC.
    pub(crate) igw_of: BTreeMap<String, String>,
    /// NAT gateways by their interfaces.
    pub(crate) nat_of: BTreeMap<String, String>,
    /// Endpoints of network firewalls.
    pub(crate) inspectors: BTreeMap<String, Inspector>,
    /// Where addresses of their rules begin or have ended.
    pub(crate) firewall_cuts: Vec<Address>,
}

impl Index {
    pub(crate) fn new(estate: &Estate) -> Self {
        let mut index = Self {
            holders: Holders::new(estate),
            subnets: Subnets::new(estate),
            positions: Positions::new(estate),
            ..Self::default()
        };
        for interface in estate.interfaces.values() {
            for address in &interface.addresses {
                let at = Address::from(address.address);
                if let Some(public) = address.public {
                    index
                        .public
                        .entry(public.into())
                        .or_insert_with(|| (interface.id.clone(), at));
                } else if address.address.is_ipv6() {
                    index
                        .public
                        .entry(at)
                        .or_insert_with(|| (interface.id.clone(), at));
                }
            }
            let key = sorted(&interface.groups);
            index
                .groups
                .entry(key)
                .or_insert_with_key(|key| group_filters(estate, key));
        }
        for balancer in estate.balancers.values() {
            index
                .groups
                .entry(sorted(&balancer.groups))
                .or_insert_with_key(|key| group_filters(estate, key));
        }
        for acl in estate.acls.values() {
            index.acls.insert(acl.id.clone(), acl_filters(acl));
            for subnet in &acl.subnets {
                index.acl_of.insert(subnet.clone(), acl.id.clone());
            }
        }
        for table in estate.tables.values() {
            for subnet in &table.subnets {
                index.table_of.insert(subnet.clone(), table.id.clone());
            }
            for gateway in &table.gateways {
                index.edge_table.insert(gateway.clone(), table.id.clone());
            }
        }
        let mut main: BTreeMap<&str, &str> = BTreeMap::new();
        for table in estate.tables.values().filter(|table| table.main) {
            main.entry(&table.vpc).or_insert(&table.id);
        }
        let mut default: BTreeMap<&str, &str> = BTreeMap::new();
        for acl in estate.acls.values().filter(|acl| acl.default) {
            default.entry(&acl.vpc).or_insert(&acl.id);
        }
        for subnet in estate.subnets.values() {
            let vpc = subnet.vpc.as_str();
            for (of, usual) in [
                (&mut index.table_of, main.get(vpc)),
                (&mut index.acl_of, default.get(vpc)),
            ] {
                if let (false, Some(usual)) = (of.contains_key(&subnet.id), usual) {
                    of.insert(subnet.id.clone(), (*usual).to_owned());
                }
            }
        }
        for gateway in estate
            .internet_gateways
            .values()
            .filter(|gateway| gateway.id.starts_with("igw-"))
        {
            for vpc in &gateway.vpcs {
                index.igw_of.insert(vpc.clone(), gateway.id.clone());
            }
        }
        for nat in estate.nats.values() {
            for address in &nat.addresses {
                let held = address
                    .private
                    .and_then(|ip| index.holders.within(&nat.vpc, ip.into()))
                    .and_then(|at| Some(estate.interfaces.get_index(at)?.0.clone()));
                if let Some(interface) = address.interface.clone().or(held) {
                    index.nat_of.insert(interface, nat.id.clone());
                }
            }
        }
        index.inspectors = super::firewall::inspectors(estate, &index.positions);
        let policies = index.inspectors.values();
        let policies = policies.filter_map(|at| at.policy.as_ref());
        let cuts: BTreeSet<Address> = policies.flat_map(|policy| policy.cuts()).collect();
        index.firewall_cuts = cuts.into_iter().collect();
        index
    }

    /// Works the filters of a security group out anew, alone and with others.
    pub(crate) fn group_changed(&mut self, estate: &Estate, group: &str) {
        for (key, filters) in &mut self.groups {
            if key.iter().any(|id| id == group) {
                *filters = group_filters(estate, key);
            }
        }
    }

    /// Works the filters of a network ACL out anew.
    pub(crate) fn acl_changed(&mut self, acl: &NetworkAcl) {
        self.acls.insert(acl.id.clone(), acl_filters(acl));
    }

    pub(crate) fn filters(&self, groups: &[String]) -> Option<&Filters> {
        if groups.is_sorted_by(|a, b| a < b) {
            self.groups.get(groups)
        } else {
            self.groups.get(&sorted(groups))
        }
    }
}

fn sorted(groups: &[String]) -> Vec<String> {
    let mut key = groups.to_vec();
    key.sort_unstable();
    key.dedup();
    key
}

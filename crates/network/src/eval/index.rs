//! What is looked up again and again, worked out once.

use super::Inspector;
use crate::headers::{Address, AddressSet, HeaderSet, Kind, PortSet, Rule, of_net};
use crate::model::{AclEntry, Estate, NetworkAcl, Peer, Protocol, SgRule};
use std::collections::{BTreeMap, BTreeSet};

/// What a list of rules lets pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// For certain.
    pub(crate) sure: HeaderSet,
    /// If everything that was not read lets everything pass; `None` if all was read.
    pub(crate) maybe: Option<HeaderSet>,
    /// What was not read.
    pub(crate) gap: String,
    /// References to groups, with what they allow.
    pub(crate) references: Vec<(String, HeaderSet)>,
    /// True if there is no rule at all.
    pub(crate) none: bool,
}

/// Both directions of a filter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filters {
    pub(crate) ingress: Filter,
    pub(crate) egress: Filter,
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    /// By sorted list of groups.
    pub(crate) groups: BTreeMap<Vec<String>, Filters>,
    pub(crate) acls: BTreeMap<String, Filters>,
    pub(crate) acl_of: BTreeMap<String, String>,
    pub(crate) table_of: BTreeMap<String, String>,
    pub(crate) edge_table: BTreeMap<String, String>,
    /// By address: VPC and interface. Few addresses are in more than one VPC.
    pub(crate) holders: BTreeMap<Address, Vec<(String, String)>>,
    /// By public address: interface and private address.
    pub(crate) public: BTreeMap<Address, (String, Address)>,
    /// Subnets of a VPC.
    pub(crate) subnets: BTreeMap<String, Vec<String>>,
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
        let mut index = Self::default();
        for interface in estate.interfaces.values() {
            for address in &interface.addresses {
                let at = Address::from(address.address);
                let held = index.holders.entry(at).or_default();
                if held.iter().all(|(vpc, _)| *vpc != interface.vpc) {
                    held.push((interface.vpc.clone(), interface.id.clone()));
                }
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
        let main = |vpc: &str| {
            estate
                .tables
                .values()
                .find(|table| table.main && table.vpc == vpc)
                .map(|table| table.id.clone())
        };
        let default = |vpc: &str| {
            estate
                .acls
                .values()
                .find(|acl| acl.default && acl.vpc == vpc)
                .map(|acl| acl.id.clone())
        };
        for subnet in estate.subnets.values() {
            index
                .subnets
                .entry(subnet.vpc.clone())
                .or_default()
                .push(subnet.id.clone());
            if let (false, Some(table)) =
                (index.table_of.contains_key(&subnet.id), main(&subnet.vpc))
            {
                index.table_of.insert(subnet.id.clone(), table);
            }
            if let (false, Some(acl)) =
                (index.acl_of.contains_key(&subnet.id), default(&subnet.vpc))
            {
                index.acl_of.insert(subnet.id.clone(), acl);
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
                    .and_then(|ip| index.holder(&nat.vpc, ip.into()).map(str::to_owned));
                if let Some(interface) = address.interface.clone().or(held) {
                    index.nat_of.insert(interface, nat.id.clone());
                }
            }
        }
        index.inspectors = super::firewall::inspectors(estate);
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

    /// The interface that holds an address in a VPC.
    pub(crate) fn holder(&self, vpc: &str, address: Address) -> Option<&str> {
        let held = self.holders.get(&address)?;
        held.iter()
            .find(|(of, _)| of == vpc)
            .map(|(_, interface)| interface.as_str())
    }
}

fn sorted(groups: &[String]) -> Vec<String> {
    let mut key = groups.to_vec();
    key.sort_unstable();
    key.dedup();
    key
}

fn acl_filters(acl: &NetworkAcl) -> Filters {
    let filter = |egress: bool| {
        let mut entries: Vec<&AclEntry> = acl
            .entries
            .iter()
            .filter(|entry| entry.egress == egress)
            .collect();
        entries.sort_by_key(|entry| entry.number);
        let rules: Vec<_> = entries
            .iter()
            .map(|entry| boxed(&entry.protocol, of_net(entry.block), entry.allow))
            .collect();
        Filter {
            sure: HeaderSet::first_match(&rules),
            none: rules.is_empty(),
            ..Filter::default()
        }
    };
    Filters {
        ingress: filter(false),
        egress: filter(true),
    }
}

fn group_filters(estate: &Estate, groups: &[String]) -> Filters {
    Filters {
        ingress: group_filter(estate, groups, true),
        egress: group_filter(estate, groups, false),
    }
}

fn group_filter(estate: &Estate, groups: &[String], ingress: bool) -> Filter {
    let (mut rules, mut unread, mut references, mut missing) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let everyone = AddressSet::full();
    for id in groups {
        let Some(group) = estate.groups.get(id) else {
            missing.push(id.as_str());
            unread.push((
                None,
                Rule {
                    addresses: everyone.clone(),
                    ports: PortSet::full(),
                    allow: true,
                },
            ));
            continue;
        };
        for SgRule { protocol, peer } in if ingress {
            &group.ingress
        } else {
            &group.egress
        } {
            match peer {
                Peer::Block(block) => rules.push(boxed(protocol, of_net(*block), true)),
                Peer::List(list) => {
                    match estate.lists.get(list).and_then(|list| list.blocks.as_ref()) {
                        Some(blocks) => rules.extend(
                            blocks
                                .iter()
                                .map(|block| boxed(protocol, of_net(*block), true)),
                        ),
                        None => {
                            missing.push(list.as_str());
                            unread.push(boxed(protocol, everyone.clone(), true));
                        }
                    }
                }
                Peer::Group(group, _) => references.push((
                    group.clone(),
                    HeaderSet::first_match(&[boxed(protocol, everyone.clone(), true)]),
                )),
            }
        }
    }
    let none = rules.is_empty() && unread.is_empty() && references.is_empty();
    let sure = HeaderSet::first_match(&rules);
    let maybe = (!unread.is_empty()).then(|| sure.union(&HeaderSet::first_match(&unread)));
    Filter {
        sure,
        maybe,
        gap: missing.join(", "),
        references,
        none,
    }
}

fn boxed(protocol: &Protocol, addresses: AddressSet, allow: bool) -> (Option<Kind>, Rule) {
    match protocol {
        Protocol::Any => (
            None,
            Rule {
                addresses,
                ports: PortSet::full(),
                allow,
            },
        ),
        Protocol::Some(kind, ports) => (
            Some(*kind),
            Rule {
                addresses,
                ports: ports.clone(),
                allow,
            },
        ),
    }
}

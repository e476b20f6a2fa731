//! Which addresses are alike.

use crate::eval::Network;
use crate::headers::{Address, of_net};
use crate::model::{Destination, Interface, Peer, Role, Target};
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// An address of an interface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'n> {
    pub(super) interface: &'n Interface,
    pub(super) address: Address,
}

/// Addresses for which routes, network ACLs and gateways do the same.
#[derive(Debug)]
pub(super) struct Place<'n> {
    /// Two of them, or the only one.
    pub(super) spots: Vec<Spot<'n>>,
    /// By security groups.
    pub(super) classes: Vec<Class<'n>>,
}

/// Addresses of a place that share their security groups too.
#[derive(Debug)]
pub(super) struct Class<'n> {
    pub(super) groups: Vec<&'n str>,
    pub(super) spots: Vec<Spot<'n>>,
}

#[derive(PartialEq, Eq, Hash)]
enum Key<'n> {
    Alike {
        subnet: &'n str,
        atom: usize,
        public: bool,
        check: bool,
        open: bool,
    },
    /// One of its kind.
    Alone(&'n str, Address),
}

/// All places, in the order of their first interface.
pub(super) fn places(network: &Network) -> Vec<Place<'_>> {
    let (cuts, targets) = (cuts(network), route_targets(network));
    let mut places: IndexMap<Key<'_>, IndexMap<Vec<&str>, Vec<Spot<'_>>>> = IndexMap::new();
    for interface in network.estate.interfaces.values() {
        let mut groups: Vec<&str> = interface.groups.iter().map(String::as_str).collect();
        groups.sort_unstable();
        groups.dedup();
        for own in &interface.addresses {
            let address = Address::from(own.address);
            let spot = Spot { interface, address };
            // Gaps may name an interface that has no groups; others' names are looked up by their addresses.
            let plain = match interface.role {
                Role::Plain | Role::Lambda => !groups.is_empty(),
                Role::Service(_) => true,
                Role::Nat
                | Role::Balancer(_)
                | Role::Endpoint
                | Role::Inspection
                | Role::Transit => false,
            };
            let held = network.index.holders.of(address).take(2).count();
            let alone = !plain
                || held != 1
                || network.holder(&interface.vpc, address).map(|eni| &eni.id)
                    != Some(&interface.id)
                || network.index.nat_of.contains_key(&interface.id)
                || targets.contains(interface.id.as_str())
                || !network.estate.subnets.contains_key(&interface.subnet);
            let key = if alone {
                Key::Alone(&interface.id, address)
            } else {
                Key::Alike {
                    subnet: &interface.subnet,
                    atom: cuts.partition_point(|cut| *cut <= address),
                    public: own.public.is_some(),
                    check: interface.check,
                    open: groups.is_empty(),
                }
            };
            let classes = places.entry(key).or_default();
            classes.entry(groups.clone()).or_default().push(spot);
        }
    }
    places.into_values().map(place).collect()
}

fn place<'n>(classes: IndexMap<Vec<&'n str>, Vec<Spot<'n>>>) -> Place<'n> {
    Place {
        spots: classes.values().flatten().take(2).copied().collect(),
        classes: classes
            .into_iter()
            .map(|(groups, spots)| Class { groups, spots })
            .collect(),
    }
}

/// Where blocks of any rule, route or network begin or have ended: between two cuts all addresses are alike to all of them.
fn cuts(network: &Network) -> Vec<Address> {
    let estate = &network.estate;
    let rules = estate
        .groups
        .values()
        .flat_map(|group| group.ingress.iter().chain(&group.egress))
        .filter_map(|rule| match &rule.peer {
            Peer::Block(block) => Some(*block),
            Peer::List(_) | Peer::Group(..) => None,
        });
    let entries = estate.acls.values().flat_map(|acl| &acl.entries);
    let routes = estate
        .tables
        .values()
        .flat_map(|table| &table.routes)
        .map(|route| &route.destination)
        .chain(
            estate
                .transit_tables
                .values()
                .flat_map(|table| &table.routes)
                .map(|route| &route.destination),
        )
        .filter_map(|destination| match destination {
            Destination::Block(block) => Some(*block),
            Destination::List(_) => None,
        });
    let lists = estate
        .lists
        .values()
        .filter_map(|list| list.blocks.as_ref())
        .flatten()
        .copied();
    let networks = estate.vpcs.values().flat_map(|vpc| &vpc.blocks);
    let subnets = estate.subnets.values().flat_map(|subnet| &subnet.blocks);
    let sides = estate.peerings.values().flat_map(|peering| {
        peering
            .requester
            .blocks
            .iter()
            .chain(&peering.accepter.blocks)
    });
    let vpns = estate.vpns.values().flat_map(|vpn| &vpn.routes);
    let blocks = rules
        .chain(entries.map(|entry| entry.block))
        .chain(routes)
        .chain(lists)
        .chain(networks.chain(subnets).chain(sides).chain(vpns).copied());
    let blocks: BTreeSet<_> = blocks.collect();
    let mut cuts: Vec<Address> = Vec::with_capacity(2 * blocks.len());
    for block in blocks {
        for (low, high) in of_net(block).ranges() {
            cuts.push(*low);
            cuts.extend(crate::headers::Step::up(*high));
        }
    }
    // What is private, what is IPv4 and what the internet routes is told apart too.
    for v4 in [true, false] {
        for (low, high) in crate::headers::internet_of(v4).ranges() {
            cuts.push(*low);
            cuts.extend(crate::headers::Step::up(*high));
        }
    }
    cuts.extend(&network.index.firewall_cuts);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

fn route_targets(network: &Network) -> BTreeSet<&str> {
    let routes = network
        .estate
        .tables
        .values()
        .flat_map(|table| &table.routes);
    routes
        .filter_map(|route| match &route.target {
            Target::Interface(id) => Some(id.as_str()),
            _ => None,
        })
        .collect()
}

//! Where in the estate things stand that are looked up by another key than their own.

use crate::model::{Database, EndpointKind, Estate, Interface, Place};
use std::collections::{BTreeMap, BTreeSet};

/// Places in a list of the estate, in its order, by a key.
pub(crate) type By<K> = BTreeMap<K, Vec<usize>>;

/// Subnet, public or not, and groups: what an interface of a database tells of it.
type DatabaseKey = (String, bool, Vec<String>);

/// Places in the lists of an estate.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    /// The first interface of an instance.
    pub(crate) instances: BTreeMap<String, usize>,
    /// Balancers by what the description of their interfaces calls them.
    pub(crate) balancers: BTreeMap<String, usize>,
    /// Listeners by their balancer.
    pub(crate) listeners: By<String>,
    /// Transit gateway attachments by their id.
    pub(crate) attachments: By<String>,
    /// Transit gateway attachments by the VPC, connection or gateway on the far end.
    pub(crate) attached: By<String>,
    /// VPN connections by their gateway.
    pub(crate) vpns: By<String>,
    /// Endpoints by their interfaces.
    pub(crate) endpoints: BTreeMap<String, usize>,
    /// Gateway Load Balancer endpoints by their subnets.
    pub(crate) inspecting: By<String>,
    /// The first exclusion of a resource from VPC Block Public Access.
    pub(crate) exclusions: BTreeMap<String, usize>,
    /// The first setting of VPC Block Public Access at a place.
    pub(crate) block_public_access: BTreeMap<Place, usize>,
    /// VPCs that have a network ACL.
    pub(crate) with_acl: BTreeSet<String>,
    databases: By<DatabaseKey>,
}

impl Positions {
    pub(super) fn new(estate: &Estate) -> Self {
        let mut all = Self {
            listeners: by(&estate.listeners, |one| [one.balancer.clone()]),
            attachments: by(estate.attachments.values(), |one| [one.id.clone()]),
            attached: by(estate.attachments.values(), |one| [one.resource.clone()]),
            vpns: by(estate.vpns.values(), |one| [one.gateway.clone()]),
            databases: by(estate.databases.values(), database_keys),
            with_acl: estate.acls.values().map(|acl| acl.vpc.clone()).collect(),
            ..Self::default()
        };
        for (at, interface) in estate.interfaces.values().enumerate() {
            if let Some(instance) = &interface.instance {
                all.instances.entry(instance.clone()).or_insert(at);
            }
        }
        for (at, balancer) in estate.balancers.values().enumerate() {
            let tail = balancer.id.rsplit_once("loadbalancer/");
            for name in std::iter::once(balancer.id.as_str()).chain(tail.map(|(_, tail)| tail)) {
                all.balancers.entry(name.to_owned()).or_insert(at);
            }
        }
        for (at, endpoint) in estate.endpoints.values().enumerate() {
            for interface in &endpoint.interfaces {
                all.endpoints.entry(interface.clone()).or_insert(at);
            }
            if endpoint.kind == EndpointKind::Inspection {
                for subnet in endpoint.subnets.iter().collect::<BTreeSet<_>>() {
                    all.inspecting.entry(subnet.clone()).or_default().push(at);
                }
            }
        }
        for (at, exclusion) in estate.exclusions.iter().enumerate() {
            let resource = exclusion.resource.clone();
            all.exclusions.entry(resource).or_insert(at);
        }
        for (at, setting) in estate.block_public_access.iter().enumerate() {
            let place = setting.place.clone();
            all.block_public_access.entry(place).or_insert(at);
        }
        all
    }

    /// Databases that an interface can be of, as far as its subnet, its groups and its public address tell.
    pub(crate) fn databases<'e>(
        &'e self,
        estate: &'e Estate,
        interface: &Interface,
    ) -> impl Iterator<Item = &'e Database> {
        let public = interface.addresses.iter().any(|a| a.public.is_some());
        let mut groups = interface.groups.clone();
        groups.sort_unstable();
        let key = (interface.subnet.clone(), public, groups);
        let found = self.databases.get(&key).into_iter().flatten();
        found.filter_map(|at| Some(estate.databases.get_index(*at)?.1))
    }
}

fn database_keys(database: &Database) -> Vec<DatabaseKey> {
    let subnets: BTreeSet<&String> = database.subnets.iter().collect();
    let key = |subnet: &String| (subnet.clone(), database.public, database.groups.clone());
    subnets.into_iter().map(key).collect()
}

fn by<'e, T: 'e, K: Ord, Keys: IntoIterator<Item = K>>(
    list: impl IntoIterator<Item = &'e T>,
    keys: impl Fn(&T) -> Keys,
) -> By<K> {
    let mut all = By::new();
    for (at, one) in list.into_iter().enumerate() {
        for key in keys(one) {
            all.entry(key).or_default().push(at);
        }
    }
    all
}

//! Everything that was described, by id.

use super::{
    Attachment, Balancer, BlockPublicAccess, Database, Endpoint, Exclusion, Firewalls, Instance,
    Interface, InternetGateway, Listener, NatGateway, NetworkAcl, Peering, Place, PrefixList,
    RouteTable, SecurityGroup, Subnet, TargetGroup, TransitGateway, TransitTable, Vpc,
    VpnConnection,
};
use indexmap::IndexMap;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The parts of a description. One that was not read makes answers that need it unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// `describe-vpcs`.
    Vpcs,
    /// `describe-subnets`.
    Subnets,
    /// `describe-network-interfaces`.
    Interfaces,
    /// `describe-security-groups`.
    SecurityGroups,
    /// `describe-network-acls`.
    NetworkAcls,
    /// `describe-route-tables`.
    RouteTables,
    /// `describe-internet-gateways`.
    InternetGateways,
    /// `describe-egress-only-internet-gateways`.
    EgressOnlyGateways,
    /// `describe-nat-gateways`.
    NatGateways,
    /// `describe-vpc-peering-connections`.
    Peerings,
    /// `describe-vpc-endpoints`.
    Endpoints,
    /// `describe-transit-gateway-*`.
    TransitGateways,
    /// `describe-vpn-connections`.
    VpnConnections,
    /// `describe-vpc-block-public-access-options`.
    BlockPublicAccess,
    /// `elbv2 describe-listeners` and its kin.
    Balancers,
}

/// An estate: one or more accounts and Regions.
#[derive(Debug, Clone, Default)]
pub struct Estate {
    /// VPCs.
    pub vpcs: IndexMap<String, Vpc>,
    /// Subnets.
    pub subnets: IndexMap<String, Subnet>,
    /// Network interfaces.
    pub interfaces: IndexMap<String, Interface>,
    /// Instances.
    pub instances: IndexMap<String, Instance>,
    /// Database instances.
    pub databases: IndexMap<String, Database>,
    /// Security groups.
    pub groups: IndexMap<String, SecurityGroup>,
    /// Network ACLs.
    pub acls: IndexMap<String, NetworkAcl>,
    /// Prefix lists.
    pub lists: IndexMap<String, PrefixList>,
    /// Route tables.
    pub tables: IndexMap<String, RouteTable>,
    /// Internet gateways; egress-only and virtual private ones too.
    pub internet_gateways: IndexMap<String, InternetGateway>,
    /// NAT gateways.
    pub nats: IndexMap<String, NatGateway>,
    /// VPN connections.
    pub vpns: IndexMap<String, VpnConnection>,
    /// Peering connections.
    pub peerings: IndexMap<String, Peering>,
    /// Endpoints.
    pub endpoints: IndexMap<String, Endpoint>,
    /// Transit gateways.
    pub transits: IndexMap<String, TransitGateway>,
    /// Transit gateway attachments, by `id@gateway`.
    pub attachments: IndexMap<String, Attachment>,
    /// Transit gateway route tables.
    pub transit_tables: IndexMap<String, TransitTable>,
    /// Load balancers.
    pub balancers: IndexMap<String, Balancer>,
    /// Listeners.
    pub listeners: Vec<Listener>,
    /// Target groups.
    pub target_groups: IndexMap<String, TargetGroup>,
    /// AWS Network Firewall.
    pub firewalls: Firewalls,
    /// VPC Block Public Access.
    pub block_public_access: Vec<BlockPublicAccess>,
    /// Its exclusions.
    pub exclusions: Vec<Exclusion>,
    /// What was read, and where; an empty list counts as read. A place without account or Region stands for all.
    pub read: BTreeMap<Part, BTreeSet<Place>>,
    /// Constructs that are there and not modelled: kind and id.
    pub not_modelled: BTreeSet<(String, String)>,
}

impl Estate {
    /// Whether a part was read where a VPC is; anywhere, for a VPC that is not described.
    #[must_use]
    pub fn has_read(&self, part: Part, vpc: &str) -> bool {
        let Some(places) = self.read.get(&part) else {
            return false;
        };
        let Some(at) = self.vpcs.get(vpc).map(|vpc| &vpc.place) else {
            return !places.is_empty();
        };
        if at.is_vague() {
            return places.iter().any(|place| place.fits(at));
        }
        places.contains(at) || at.wider().iter().any(|place| places.contains(place))
    }
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 15] = [
        Self::Vpcs,
        Self::Subnets,
        Self::Interfaces,
        Self::SecurityGroups,
        Self::NetworkAcls,
        Self::RouteTables,
        Self::InternetGateways,
        Self::EgressOnlyGateways,
        Self::NatGateways,
        Self::Peerings,
        Self::Endpoints,
        Self::TransitGateways,
        Self::VpnConnections,
        Self::BlockPublicAccess,
        Self::Balancers,
    ];

    /// Its name in answers: `network_acls`.
    #[must_use]
    pub fn word(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

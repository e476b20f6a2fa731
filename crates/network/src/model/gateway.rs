//! Gateways, peering, endpoints, and VPC Block Public Access.

use super::Place;
use ipnet::IpNet;
use std::net::IpAddr;

/// An internet gateway, or an egress-only one.
#[derive(Debug, Clone, Default)]
pub struct InternetGateway {
    /// `igw-...` or `eigw-...`.
    pub id: String,
    /// VPCs with a working attachment.
    pub vpcs: Vec<String>,
}

/// An address of a NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatAddress {
    /// Its interface.
    pub interface: Option<String>,
    /// In its subnet.
    pub private: Option<IpAddr>,
    /// Elastic.
    pub public: Option<IpAddr>,
}

/// A NAT gateway.
#[derive(Debug, Clone, Default)]
pub struct NatGateway {
    /// `nat-...`.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// Its subnet; none for a regional one.
    pub subnet: Option<String>,
    /// False for `ConnectivityType` private.
    pub public: bool,
    /// True if it is available.
    pub working: bool,
    /// Its addresses.
    pub addresses: Vec<NatAddress>,
}

/// A VPN connection as an edge.
#[derive(Debug, Clone, Default)]
pub struct VpnConnection {
    /// `vpn-...`.
    pub id: String,
    /// The virtual private or transit gateway.
    pub gateway: String,
    /// True: only `routes`; false: BGP tells more that is not in the description.
    pub static_only: bool,
    /// Static routes.
    pub routes: Vec<IpNet>,
    /// True if it is available.
    pub working: bool,
}

/// One VPC of a peering connection.
#[derive(Debug, Clone, Default)]
pub struct PeeringSide {
    /// The VPC.
    pub vpc: String,
    /// Owner and Region.
    pub place: Place,
    /// Its blocks as the connection tells them, for VPCs that were not read.
    pub blocks: Vec<IpNet>,
}

/// A VPC peering connection.
#[derive(Debug, Clone, Default)]
pub struct Peering {
    /// `pcx-...`.
    pub id: String,
    /// Who asked.
    pub requester: PeeringSide,
    /// Who accepted.
    pub accepter: PeeringSide,
    /// True if it is active.
    pub active: bool,
}

/// The kinds of endpoints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EndpointKind {
    /// A route target for S3 or DynamoDB.
    Gateway,
    /// Interfaces with private addresses.
    #[default]
    Interface,
    /// A route target that leads through appliances.
    Inspection,
}

/// A VPC endpoint.
#[derive(Debug, Clone, Default)]
pub struct Endpoint {
    /// `vpce-...`.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// Kind.
    pub kind: EndpointKind,
    /// Such as `com.amazonaws.eu-west-1.s3`.
    pub service: String,
    /// Its interfaces.
    pub interfaces: Vec<String>,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// True if it is available.
    pub working: bool,
    /// The ARN of the network firewall that it leads to, which AWS writes as the tag `Firewall`.
    pub firewall: Option<String>,
}

/// The mode of VPC Block Public Access.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BlockMode {
    /// Nothing is blocked.
    #[default]
    Off,
    /// Neither in nor out.
    Bidirectional,
    /// Only NAT and egress-only gateways' traffic lives.
    Ingress,
}

/// A VPC or subnet that Block Public Access leaves alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// VPC or subnet id.
    pub resource: String,
    /// True: both ways; false: `allow-egress`.
    pub both: bool,
}

/// VPC Block Public Access of one account and Region.
#[derive(Debug, Clone, Default)]
pub struct BlockPublicAccess {
    /// Owner and Region.
    pub place: Place,
    /// Mode.
    pub mode: BlockMode,
}

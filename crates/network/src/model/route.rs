//! Route tables.

use ipnet::IpNet;

/// What a route matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A block.
    Block(IpNet),
    /// A prefix list's id.
    List(String),
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Within the VPC.
    Local,
    /// Internet gateway.
    Internet(String),
    /// Egress-only internet gateway.
    EgressOnly(String),
    /// NAT gateway.
    Nat(String),
    /// Virtual private gateway.
    Vpn(String),
    /// VPC peering connection.
    Peering(String),
    /// Transit gateway.
    Transit(String),
    /// Endpoint: gateway, or Gateway Load Balancer.
    Endpoint(String),
    /// Network interface.
    Interface(String),
    /// A kind that is not modelled; its key and id.
    Other(String, String),
}

/// How a route came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// With the table, or made by hand.
    Static,
    /// From a virtual private gateway.
    Propagated,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// What it matches.
    pub destination: Destination,
    /// Where it leads.
    pub target: Target,
    /// How it came to be.
    pub origin: Origin,
    /// False for `blackhole`.
    pub active: bool,
}

/// A route table.
#[derive(Debug, Clone, Default)]
pub struct RouteTable {
    /// `rtb-...`.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// True for the VPC's main table, which subnets without another have.
    pub main: bool,
    /// Subnets with an explicit association.
    pub subnets: Vec<String>,
    /// Internet or virtual private gateways whose incoming packets it routes.
    pub gateways: Vec<String>,
    /// In any order.
    pub routes: Vec<Route>,
}

//! Why: paths, blockers, and what stayed outside the model.

mod code;
mod rule;

pub use code::Code;
pub use rule::{acl_rule, group_rules};

use serde::Serialize;

/// A setting that stops packets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Blocker {
    /// AWS's own word for it (Reachability Analyzer, "Explanation codes").
    pub code: Code,
    /// Which packets it stops: those that ask or those that answer.
    pub direction: Direction,
    /// The resource to change.
    pub component: String,
    /// What about it, in words.
    pub detail: String,
    /// The number of hops before it.
    pub after: usize,
}

/// Of the packets that ask, or of those that answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the source to the destination.
    Forward,
    /// Back.
    Return,
}

/// Something that could change an answer and was not read or is not modelled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Gap {
    /// The construct: `gateway_load_balancer`, `network_acls`, ...
    pub construct: String,
    /// The resource.
    pub component: String,
    /// What was taken for granted instead.
    pub detail: String,
}

/// What a hop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HopKind {
    /// Network interface.
    Interface,
    /// Subnet.
    Subnet,
    /// VPC.
    Vpc,
    /// Internet gateway.
    InternetGateway,
    /// Egress-only internet gateway.
    EgressOnlyGateway,
    /// NAT gateway.
    NatGateway,
    /// Virtual private gateway.
    VpnGateway,
    /// VPC peering connection.
    Peering,
    /// Transit gateway.
    TransitGateway,
    /// VPC endpoint.
    Endpoint,
    /// Network firewall.
    Firewall,
    /// VPN connection or Direct Connect gateway.
    Edge,
    /// The internet.
    Internet,
}

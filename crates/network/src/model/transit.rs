//! Transit gateways.

use super::{Destination, Place};
use ipnet::IpNet;

/// A transit gateway.
#[derive(Debug, Clone, Default)]
pub struct TransitGateway {
    /// `tgw-...`.
    pub id: String,
    /// Owner and Region.
    pub place: Place,
    /// `SecurityGroupReferencingSupport`, off by default.
    pub references: bool,
}

/// What an attachment connects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AttachmentKind {
    /// A VPC.
    #[default]
    Vpc,
    /// A VPN connection.
    Vpn,
    /// A Direct Connect gateway.
    DirectConnect,
    /// Another transit gateway.
    Peering,
    /// A kind that is not modelled.
    Other(String),
}

/// An attachment. A peering between two gateways appears once under one id on both sides.
#[derive(Debug, Clone, Default)]
pub struct Attachment {
    /// `tgw-attach-...`.
    pub id: String,
    /// Its gateway.
    pub gateway: String,
    /// Kind.
    pub kind: AttachmentKind,
    /// The VPC, connection or gateway on the far end.
    pub resource: String,
    /// For VPCs: its subnets.
    pub subnets: Vec<String>,
    /// The route table of packets that come from it.
    pub table: Option<String>,
    /// True: both ways keep one zone.
    pub appliance: bool,
    /// `SecurityGroupReferencingSupport`, on by default.
    pub references: bool,
    /// True if it is available.
    pub working: bool,
}

/// A route table of a transit gateway.
#[derive(Debug, Clone, Default)]
pub struct TransitTable {
    /// `tgw-rtb-...`.
    pub id: String,
    /// Its gateway.
    pub gateway: String,
    /// Routes that were read.
    pub routes: Vec<TransitRoute>,
    /// Attachments whose routes it takes over.
    pub propagations: Vec<String>,
    /// True if static routes were read (an empty list counts).
    pub known: bool,
}

/// One route of a transit gateway's table.
#[derive(Debug, Clone)]
pub struct TransitRoute {
    /// What it matches.
    pub destination: Destination,
    /// Attachments; none for a blackhole.
    pub attachments: Vec<String>,
    /// True for a static route.
    pub fixed: bool,
    /// False for `blackhole`.
    pub active: bool,
}

impl TransitRoute {
    /// A propagated route.
    #[must_use]
    pub fn propagated(block: IpNet, attachment: &str) -> Self {
        Self {
            destination: Destination::Block(block),
            attachments: vec![attachment.to_owned()],
            fixed: false,
            active: true,
        }
    }
}

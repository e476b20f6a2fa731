//! VPCs and subnets.

use indexmap::IndexMap;
use ipnet::IpNet;

/// Tags by key.
pub type Tags = IndexMap<String, String>;

/// Whose, and where. Empty where the description does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Twelve digits.
    pub account: String,
    /// Such as `eu-west-1`.
    pub region: String,
}

/// A VPC.
#[derive(Debug, Clone, Default)]
pub struct Vpc {
    /// `vpc-...`.
    pub id: String,
    /// Owner and Region.
    pub place: Place,
    /// IPv4 and IPv6 blocks that are associated.
    pub blocks: Vec<IpNet>,
    /// Tags.
    pub tags: Tags,
}

/// A subnet.
#[derive(Debug, Clone, Default)]
pub struct Subnet {
    /// `subnet-...`.
    pub id: String,
    /// Owner and Region.
    pub place: Place,
    /// Its VPC.
    pub vpc: String,
    /// Availability Zone, by name.
    pub zone: String,
    /// IPv4 and IPv6 blocks.
    pub blocks: Vec<IpNet>,
    /// Tags.
    pub tags: Tags,
}

//! Security groups, network ACLs and prefix lists.

use super::{Place, Tags};
use crate::headers::{Kind, PortSet};
use ipnet::IpNet;

/// What a rule says of protocol and ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protocol {
    /// `-1`.
    Any,
    /// One class, with ports, ICMP types and codes, or protocol numbers.
    Some(Kind, PortSet),
}

/// Whom a security group rule speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// A block.
    Block(IpNet),
    /// A prefix list's id.
    List(String),
    /// A group's id, and its owner's account where it is named.
    Group(String, Option<String>),
}

/// One permission of a security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SgRule {
    /// Protocol and ports.
    pub protocol: Protocol,
    /// The other side.
    pub peer: Peer,
}

/// A security group: what no rule allows is refused.
#[derive(Debug, Clone, Default)]
pub struct SecurityGroup {
    /// `sg-...`.
    pub id: String,
    /// Owner and Region.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// Its VPC.
    pub vpc: String,
    /// What may come in.
    pub ingress: Vec<SgRule>,
    /// What may go out.
    pub egress: Vec<SgRule>,
    /// Tags.
    pub tags: Tags,
}

/// One entry of a network ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclEntry {
    /// The lowest is asked first.
    pub number: i64,
    /// True: for packets that leave the subnet.
    pub egress: bool,
    /// Allow or deny.
    pub allow: bool,
    /// Protocol and ports.
    pub protocol: Protocol,
    /// The other side's addresses.
    pub block: IpNet,
}

/// A network ACL.
#[derive(Debug, Clone, Default)]
pub struct NetworkAcl {
    /// `acl-...`.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// True for the VPC's default, which subnets without another have.
    pub default: bool,
    /// Subnets that it is associated with.
    pub subnets: Vec<String>,
    /// In any order.
    pub entries: Vec<AclEntry>,
}

/// A prefix list.
#[derive(Debug, Clone, Default)]
pub struct PrefixList {
    /// `pl-...`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its blocks; `None` if they were not read.
    pub blocks: Option<Vec<IpNet>>,
}

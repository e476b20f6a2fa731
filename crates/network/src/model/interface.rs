//! Network interfaces, and what they belong to.

use super::{Place, Tags};
use std::net::IpAddr;

/// What an interface does with packets; from `InterfaceType`, and from the description that AWS writes for classic and application balancers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Role {
    /// It ends and starts connections.
    #[default]
    Plain,
    /// A NAT gateway's.
    Nat,
    /// A load balancer's; the name as the description has it (`net/name/id`, `app/name/id`, or a classic one's name).
    Balancer(String),
    /// An interface endpoint's: it ends connections and starts none.
    Endpoint,
    /// A Gateway Load Balancer endpoint's, or a Gateway Load Balancer's.
    Inspection,
    /// A transit gateway attachment's.
    Transit,
    /// A Lambda function's: it starts connections and never has a public address.
    Lambda,
    /// Another service's kind that is taken as plain; its name.
    Service(String),
}

/// A private address and the public one that is associated with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateAddress {
    /// The address on the interface; for IPv6 the only one.
    pub address: IpAddr,
    /// Elastic or public IPv4 address.
    pub public: Option<IpAddr>,
}

/// A network interface.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// `eni-...`.
    pub id: String,
    /// Owner and Region.
    pub place: Place,
    /// Its VPC.
    pub vpc: String,
    /// Its subnet.
    pub subnet: String,
    /// Role.
    pub role: Role,
    /// As AWS or people wrote it.
    pub description: String,
    /// Both families.
    pub addresses: Vec<PrivateAddress>,
    /// Security groups; none means that no group filters (balancers and gateways of AWS).
    pub groups: Vec<String>,
    /// True: it only takes packets for, and sends packets from, its own addresses.
    pub check: bool,
    /// The instance that it is attached to.
    pub instance: Option<String>,
    /// Tags.
    pub tags: Tags,
}

/// A database instance of RDS, DocumentDB or Neptune. Its interfaces do not name it.
#[derive(Debug, Clone, Default)]
pub struct Database {
    /// Its identifier.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// The Availability Zones that it is in, the standby's too.
    pub zones: Vec<String>,
    /// The subnets that it may be in.
    pub subnets: Vec<String>,
    /// Security groups, sorted.
    pub groups: Vec<String>,
    /// `PubliclyAccessible`: it has a public address.
    pub public: bool,
}

/// An instance.
#[derive(Debug, Clone, Default)]
pub struct Instance {
    /// `i-...`.
    pub id: String,
    /// `running`, `stopped`, ...
    pub state: String,
    /// Tags.
    pub tags: Tags,
}

//! Load balancers, listeners and target groups.

use super::Place;
use crate::headers::Kind;

/// The kinds of load balancers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BalancerKind {
    /// NLB.
    #[default]
    Network,
    /// ALB.
    Application,
    /// CLB.
    Classic,
    /// GWLB.
    Gateway,
}

/// A load balancer.
#[derive(Debug, Clone, Default)]
pub struct Balancer {
    /// ARN, or a classic one's name.
    pub id: String,
    /// Name.
    pub name: String,
    /// Owner and Region.
    pub place: Place,
    /// Kind.
    pub kind: BalancerKind,
    /// True for `internet-facing`.
    pub public: bool,
    /// Its VPC.
    pub vpc: String,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// `load_balancing.cross_zone.enabled`; `None` if it was not read.
    pub cross_zone: Option<bool>,
    /// For classic ones: instances that are registered.
    pub instances: Vec<String>,
}

/// A listener.
#[derive(Debug, Clone)]
pub struct Listener {
    /// ARN; a classic one has none.
    pub id: String,
    /// Its balancer's id.
    pub balancer: String,
    /// Tcp or Udp; both for `TCP_UDP`.
    pub kinds: Vec<Kind>,
    /// Port; `None`: all ports.
    pub port: Option<u16>,
    /// Target groups of its actions and rules.
    pub groups: Vec<String>,
    /// For classic ones: the port of the instances.
    pub instance_port: Option<u16>,
}

/// What targets of a group are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TargetKind {
    /// Instances, by their primary interface.
    #[default]
    Instance,
    /// Addresses.
    Address,
    /// A function; no packets.
    Lambda,
    /// An application load balancer.
    Balancer,
}

/// A target.
#[derive(Debug, Clone)]
pub struct Member {
    /// Instance id, address, or ARN.
    pub id: String,
    /// Port.
    pub port: Option<u16>,
    /// False if AWS says that it is unhealthy or unused.
    pub healthy: bool,
}

/// A target group.
#[derive(Debug, Clone, Default)]
pub struct TargetGroup {
    /// ARN.
    pub id: String,
    /// Default port.
    pub port: Option<u16>,
    /// Its VPC.
    pub vpc: String,
    /// Kind.
    pub kind: TargetKind,
    /// `TCP`, `UDP`, `TLS`, `HTTP`, ...
    pub protocol: String,
    /// `preserve_client_ip.enabled`; `None` if it was not read: the default of its kind and protocol holds.
    pub preserve: Option<bool>,
    /// Targets; `None` if they were not read.
    pub members: Option<Vec<Member>>,
}

impl TargetGroup {
    /// Whether targets see the client's address. The default: yes for instances and for UDP, no for addresses with TCP or TLS
    /// (Network Load Balancers, "Client IP preservation").
    #[must_use]
    pub fn preserves(&self) -> bool {
        self.preserve
            .unwrap_or(self.kind == TargetKind::Instance || self.protocol.contains("UDP"))
    }
}

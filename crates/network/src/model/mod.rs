//! What the network consists of, as plain structures without references; ids are AWS's own.

mod balancer;
mod estate;
mod filter;
mod firewall;
mod gateway;
mod interface;
mod route;
mod transit;
mod vpc;

pub use balancer::{Balancer, BalancerKind, Listener, Member, TargetGroup, TargetKind};
pub use estate::{Estate, Part};
pub use filter::{AclEntry, NetworkAcl, Peer, PrefixList, Protocol, SecurityGroup, SgRule};
pub use firewall::{
    Firewall, FirewallEndpoint, FirewallPolicy, FirewallRuleGroup, FirewallRules, Firewalls,
    FiveTuple, GroupReference, RuleAddresses, StatefulAction, StatefulDefault, StatefulRule,
    StatelessAction, StatelessRule,
};
pub use gateway::{
    BlockMode, BlockPublicAccess, Endpoint, EndpointKind, Exclusion, InternetGateway, NatAddress,
    NatGateway, Peering, PeeringSide, VpnConnection,
};
pub use interface::{Database, Instance, Interface, PrivateAddress, Role};
pub use route::{Destination, Origin, Route, RouteTable, Target};
pub use transit::{Attachment, AttachmentKind, TransitGateway, TransitRoute, TransitTable};
pub use vpc::{Place, Subnet, Tags, Vpc};

//! Forwarding and filtering of sets of packets, there and back.
//!
//! A [`beam::Beam`] is a set of packets on their way. Each step narrows it, splits it over routes, or turns it away. At the end
//! of every segment (two ends between which addresses stay as they are, but for internet gateways) the answers travel back, with
//! security groups open (they are stateful) and network ACLs asked about the source ports (they are not).

mod balance;
mod beam;
mod deliver;
mod edge;
mod edit;
mod filter;
mod firewall;
mod firewall_rules;
mod index;
mod internet;
mod leave;
mod network;
mod routes;
mod transit;

pub(crate) use beam::{Beam, End, Hop, Link, Origin, Side};
pub use edit::{Edit, Touched};
pub(crate) use firewall::{Inspected, Inspector};
pub(crate) use index::{Filter, Filters, Index, Positions};
pub(crate) use network::Engine;
pub use network::Network;
pub(crate) use routes::{route_at, table_of, unread_lists};

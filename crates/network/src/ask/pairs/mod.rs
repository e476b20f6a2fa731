//! Who can send packets to whom: all ordered pairs of addresses of interfaces, by class.
//!
//! Addresses that every filter and route treats alike are a class; what passes between two addresses depends on their classes only. A set
//! of packets is kept once, however many pairs it stands for. What a path between two addresses consists of is told apart: the way (routes,
//! network ACLs, gateways; there and back) is walked once for two places, security groups are looked up for two classes.

mod answer;
mod classes;
mod sets;
mod way;
mod work;

pub use answer::{End, PairClass, PairSet, PairTraffic, PairsAnswer};

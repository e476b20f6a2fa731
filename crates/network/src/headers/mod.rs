//! Exact sets of packet headers: for each protocol, address intervals, and for each interval a set of ports.
//!
//! IPv4 and IPv6 addresses share one line of 128-bit numbers (IPv4 as `::ffff:a.b.c.d`, RFC 4291 §2.5.5.2, which never is a real packet's
//! IPv6 address), so that one set answers for both families.

mod address;
mod flows;
mod header;
mod range;
mod regions;
mod slices;
mod text;

pub(crate) use address::everywhere;
pub use address::{Address, AddressSet, internet, internet_of, is_private, of_net};
pub use flows::{Cell, Flows, Way};
pub use header::{HeaderSet, Kind};
pub use range::{RangeSet, Step};
pub use regions::{Region, Regions, Rule};
pub use slices::Slice;
pub use text::Traffic;
pub(crate) use text::port_words;

/// Ports; ICMP `type * 256 + code`; or, for other protocols, protocol numbers.
pub type PortSet = RangeSet<u16>;

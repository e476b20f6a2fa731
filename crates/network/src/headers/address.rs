//! Addresses of both families on one line.

use super::{RangeSet, Step};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::LazyLock;

const V4: u128 = 0xffff_0000_0000;

/// An IPv4 or IPv6 address; IPv4 as its mapped IPv6 number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub u128);

impl Step for Address {
    const MIN: Self = Self(0);
    const MAX: Self = Self(u128::MAX);
    fn up(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
    fn down(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

impl From<IpAddr> for Address {
    fn from(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Self(V4 | u128::from(u32::from(ip))),
            IpAddr::V6(ip) => Self(u128::from(ip)),
        }
    }
}

impl Address {
    /// True for IPv4.
    #[must_use]
    pub const fn is_v4(self) -> bool {
        self.0 >> 32 == V4 >> 32
    }

    /// As the standard library has it.
    #[must_use]
    pub fn ip(self) -> IpAddr {
        Ipv6Addr::from(self.0).to_canonical()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ip().fmt(f)
    }
}

/// A set of addresses.
pub type AddressSet = RangeSet<Address>;

/// The addresses of a CIDR block. `::/0` leaves out the numbers that stand for IPv4.
#[must_use]
pub fn of_net(net: IpNet) -> AddressSet {
    let block = AddressSet::range(net.network().into(), net.broadcast().into());
    match net {
        IpNet::V4(_) => block,
        IpNet::V6(_) => block.minus(&all_v4()),
    }
}

/// All addresses.
#[must_use]
pub(crate) fn everywhere() -> &'static AddressSet {
    static ALL: AddressSet = AddressSet::full();
    &ALL
}

/// Addresses that a packet of the public internet can come from: all but the blocks of RFC 1918, 6598, 5735 and 3927 in IPv4;
/// global unicast (RFC 4291 §2.4) in IPv6.
#[must_use]
pub fn internet() -> &'static AddressSet {
    &INTERNET
}

/// Those of one family.
#[must_use]
pub fn internet_of(v4: bool) -> &'static AddressSet {
    if v4 { &INTERNET_V4 } else { &INTERNET_V6 }
}

static INTERNET: LazyLock<AddressSet> = LazyLock::new(|| {
    let closed = union_of(&[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    ]);
    all_v4().minus(&closed).union(&union_of(&["2000::/3"]))
});

static INTERNET_V4: LazyLock<AddressSet> = LazyLock::new(|| INTERNET.intersect(&all_v4()));

static INTERNET_V6: LazyLock<AddressSet> = LazyLock::new(|| INTERNET.minus(&all_v4()));

static PRIVATE: LazyLock<AddressSet> = LazyLock::new(|| {
    union_of(&[
        "10.0.0.0/8",
        "100.64.0.0/10",
        "172.16.0.0/12",
        "192.168.0.0/16",
    ])
});

/// True for RFC 1918 and RFC 6598 addresses, which an internet gateway refuses.
#[must_use]
pub fn is_private(address: Address) -> bool {
    PRIVATE.contains(address)
}

fn all_v4() -> AddressSet {
    AddressSet::range(Address(V4), Address(V4 | 0xffff_ffff))
}

fn union_of(nets: &[&str]) -> AddressSet {
    AddressSet::of(
        nets.iter()
            .filter_map(|net| net.parse::<IpNet>().ok())
            .map(|net| (net.network().into(), net.broadcast().into())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_do_not_mix() {
        let (v4, v6) = (
            of_net("0.0.0.0/0".parse().unwrap()),
            of_net("::/0".parse().unwrap()),
        );
        assert!(v4.is_disjoint(&v6));
        assert!(v4.union(&v6).is_full());
        let ip: IpAddr = "10.1.2.3".parse().unwrap();
        assert_eq!(Address::from(ip).ip(), ip);
        assert!(is_private(ip.into()) && !internet().contains(ip.into()));
        assert!(internet().contains("8.8.8.8".parse::<IpAddr>().unwrap().into()));
        assert!(internet().contains("2600::1".parse::<IpAddr>().unwrap().into()));
    }
}

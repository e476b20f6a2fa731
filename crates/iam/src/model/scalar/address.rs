//! IP addresses of conditions.

use std::net::IpAddr;

use ipnet::IpNet;

/// Reads a request's address. An IPv4-mapped IPv6 address is the IPv4 address that it carries.
#[must_use]
pub fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>()
        .ok()
        .map(|address| address.to_canonical())
}

/// Reads a CIDR range or a single address ("IP address condition operators", IAM User Guide).
#[must_use]
pub fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Whether the address is in the range; a range of one family has no address of the other.
#[must_use]
pub fn within(network: &IpNet, address: &IpAddr) -> bool {
    network.contains(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_stay_apart_and_mapped_addresses_are_v4() {
        let inside = |net: &str, ip: &str| within(&network(net).unwrap(), &address(ip).unwrap());
        assert!(inside("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(!inside("0.0.0.0/0", "2001:db8::1"));
        assert!(!inside("::/0", "10.0.0.1"));
        assert!(inside("10.9.9.9/8", "10.0.0.1"));
        assert!(inside("203.0.113.5", "203.0.113.5"));
        assert_eq!(network("10.0.0.0/33"), None);
    }
}

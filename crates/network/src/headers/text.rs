//! Sets as people write them.

use super::{Address, AddressSet, Flows, Kind, PortSet, internet_of};
use ipnet::{Ipv4Subnets, Ipv6Subnets};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

/// More blocks than this are written as ranges.
const MOST_BLOCKS: usize = 8;

/// Packets that share their ports, for people and for JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, or `protocol` for others by number.
    pub protocol: Kind,
    /// `all`, or `22, 80-90`; for ICMP `8/0`.
    pub ports: String,
    /// Source ports whose answers come back; left out where all do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_ports: Option<String>,
    /// The far addresses: `internet`, `internet-ipv6` (either may have `except BLOCKS`), blocks or ranges.
    pub addresses: Vec<String>,
    /// The ports as numbers; ICMP types and codes as `type * 256 + code`.
    #[serde(skip)]
    pub ranges: Vec<(u16, u16)>,
    /// Whether the far addresses are more than a /8 of IPv4, or a /16 or more of IPv6: no network of one's own is.
    #[serde(skip)]
    pub wide: bool,
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_full() {
            return f.write_str("all");
        }
        let words = self.ranges().iter().map(|(low, high)| {
            if low == high {
                low.to_string()
            } else {
                format!("{low}-{high}")
            }
        });
        f.write_str(&words.collect::<Vec<_>>().join(", "))
    }
}

impl AddressSet {
    /// Whether the set has more than 2^24 IPv4 addresses, or 2^112 or more of IPv6.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        let count = |v4: bool| {
            let family = self.ranges().iter().filter(|range| range.0.is_v4() == v4);
            let sizes = family.map(|(low, high)| (high.0 - low.0).saturating_add(1));
            sizes.fold(0_u128, u128::saturating_add)
        };
        count(true) > 1 << 24 || count(false) >= 1 << 112
    }

    /// Names of the set: whole parts of the internet by name, the rest as blocks, or as ranges where blocks would be many.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut out = Vec::new();
        let mut rest = self.clone();
        // What spans less than the first part of the internet is no part of it: the usual case, without more ado.
        let wide = self
            .ranges()
            .iter()
            .any(|(low, high)| high.0 - low.0 > 0x00ff_ffff);
        for (name, v4) in [("internet", true), ("internet-ipv6", false)] {
            if !wide {
                break;
            }
            let part = internet_of(v4);
            let missing = part.minus(self);
            // A hole of a VPC's size or so is an exception; more than that is another set.
            let most = if v4 { 1 << 16 } else { 1 << 96 };
            let small = missing.ranges().len() <= 4
                && missing
                    .ranges()
                    .iter()
                    .all(|(low, high)| high.0 - low.0 < most);
            if missing.is_empty() {
                out.push(name.to_owned());
            } else if small {
                let holes: Vec<String> = missing.ranges().iter().flat_map(|r| blocks(*r)).collect();
                out.push(format!("{name} except {}", holes.join(", ")));
            } else {
                continue;
            }
            rest = rest.minus(part);
        }
        out.extend(rest.ranges().iter().flat_map(|range| blocks(*range)));
        out
    }
}

impl Flows {
    /// The packets, grouped by protocol and ports.
    #[must_use]
    pub fn traffic(&self) -> Vec<Traffic> {
        let mut out = Vec::new();
        for kind in Kind::ALL {
            let mut groups: BTreeMap<(&PortSet, &PortSet), Vec<(Address, Address)>> =
                BTreeMap::new();
            for cell in self.of(kind) {
                groups
                    .entry((&cell.ports, &cell.replies))
                    .or_default()
                    .push((cell.low, cell.high));
            }
            for ((ports, replies), ranges) in groups {
                let source_ports =
                    (kind.has_source_port() && !replies.is_full()).then(|| replies.to_string());
                let addresses = AddressSet::of(ranges);
                out.push(Traffic {
                    protocol: kind,
                    ports: port_words(kind, ports),
                    source_ports,
                    addresses: addresses.words(),
                    wide: addresses.is_wide(),
                    ranges: ports.ranges().to_vec(),
                });
            }
        }
        out
    }
}

/// The ports of a class in its own words.
pub(crate) fn port_words(kind: Kind, ports: &PortSet) -> String {
    if *ports == kind.all_ports() {
        return "all".to_owned();
    }
    if !matches!(kind, Kind::Icmp | Kind::Icmp6) {
        return ports.to_string();
    }
    let word = |(low, high): &(u16, u16)| {
        let ((t1, c1), (t2, c2)) = ((low / 256, low % 256), (high / 256, high % 256));
        match (t1 == t2, c1 == 0 && c2 == 255) {
            (true, true) => format!("{t1}"),
            (true, false) if c1 == c2 => format!("{t1}/{c1}"),
            (false, true) => format!("{t1}-{t2}"),
            _ => format!("{t1}/{c1}-{t2}/{c2}"),
        }
    };
    ports
        .ranges()
        .iter()
        .map(word)
        .collect::<Vec<_>>()
        .join(", ")
}

fn blocks((low, high): (Address, Address)) -> Vec<String> {
    let nets: Vec<String> = match (low.ip(), high.ip()) {
        (IpAddr::V4(low), IpAddr::V4(high)) => Ipv4Subnets::new(low, high, 0)
            .take(MOST_BLOCKS + 1)
            .map(|net| net.to_string())
            .collect(),
        (IpAddr::V6(low), IpAddr::V6(high)) => Ipv6Subnets::new(low, high, 0)
            .take(MOST_BLOCKS + 1)
            .map(|net| net.to_string())
            .collect(),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => Vec::new(),
    };
    if nets.is_empty() || nets.len() > MOST_BLOCKS {
        vec![format!("{low}-{high}")]
    } else {
        nets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::{internet, of_net};

    #[test]
    fn sets_read_as_people_write_them() {
        let net = |text: &str| of_net(text.parse().unwrap());
        assert_eq!(net("0.0.0.0/0").intersect(internet()).words(), ["internet"]);
        assert_eq!(
            net("10.0.0.0/24").union(&net("10.0.2.0/24")).words(),
            ["10.0.0.0/24", "10.0.2.0/24"]
        );
        let halves = net("0.0.0.0/1").union(&net("128.0.0.0/1"));
        let wide = [halves, net("64.0.0.0/2"), net("2000::/4"), net("::/0")];
        assert!(wide.iter().all(AddressSet::is_wide));
        assert!(
            ![net("203.0.0.0/8"), net("2001:db8::/32")]
                .iter()
                .any(AddressSet::is_wide)
        );
        assert_eq!(PortSet::of([(22, 22), (80, 90)]).to_string(), "22, 80-90");
        assert_eq!(
            port_words(
                Kind::Icmp,
                &PortSet::of([(8 * 256, 8 * 256), (3 * 256, 3 * 256 + 255)])
            ),
            "3, 8/0"
        );
    }
}

//! Sets of headers as a filter sees them: protocol, the other side's address, the port that is asked for.

use super::{Address, AddressSet, PortSet, Regions, Rule};
use serde::Serialize;
use std::fmt;
use std::sync::LazyLock;

/// The classes of protocols that have their own notion of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Protocol 6: ports.
    Tcp,
    /// Protocol 17: ports.
    Udp,
    /// Protocol 1: `type * 256 + code`.
    Icmp,
    /// Protocol 58: `type * 256 + code`.
    Icmp6,
    /// Every other protocol: its number.
    Other,
}

static OTHERS: LazyLock<PortSet> =
    LazyLock::new(|| PortSet::of([(0, 0), (2, 5), (7, 16), (18, 57), (59, 255)]));

impl Kind {
    /// All of them, in the order of every list.
    pub const ALL: [Self; 5] = [Self::Tcp, Self::Udp, Self::Icmp, Self::Icmp6, Self::Other];

    /// The class of an IP protocol number.
    #[must_use]
    pub const fn of(protocol: u8) -> Self {
        match protocol {
            6 => Self::Tcp,
            17 => Self::Udp,
            1 => Self::Icmp,
            58 => Self::Icmp6,
            _ => Self::Other,
        }
    }

    /// All ports of the class.
    #[must_use]
    pub fn all_ports(self) -> PortSet {
        match self {
            Self::Other => OTHERS.clone(),
            Self::Tcp | Self::Udp | Self::Icmp | Self::Icmp6 => PortSet::full(),
        }
    }

    /// True where replies go to a port that the sender chose.
    #[must_use]
    pub const fn has_source_port(self) -> bool {
        matches!(self, Self::Tcp | Self::Udp)
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Tcp => 0,
            Self::Udp => 1,
            Self::Icmp => 2,
            Self::Icmp6 => 3,
            Self::Other => 4,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Icmp6 => "icmpv6",
            Self::Other => "protocol",
        })
    }
}

/// Headers that a filter lets pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderSet([Regions; 5]);

impl HeaderSet {
    /// What rules allow, first match first. A rule's class `None` is every protocol.
    #[must_use]
    pub fn first_match(rules: &[(Option<Kind>, Rule)]) -> Self {
        Self(Kind::ALL.map(|kind| {
            let of_kind: Vec<Rule> = rules
                .iter()
                .filter(|(rule_kind, _)| rule_kind.is_none_or(|k| k == kind))
                .map(|(rule_kind, rule)| match rule_kind {
                    Some(_) => rule.clone(),
                    None => Rule {
                        ports: kind.all_ports(),
                        ..rule.clone()
                    },
                })
                .collect();
            Regions::first_match(&of_kind)
        }))
    }

    /// Everything with these addresses.
    #[must_use]
    pub fn all(addresses: &AddressSet) -> Self {
        Self(Kind::ALL.map(|kind| Regions::uniform(addresses, &kind.all_ports())))
    }

    pub(crate) const fn from_parts(parts: [Regions; 5]) -> Self {
        Self(parts)
    }

    /// The pairs of one class.
    #[must_use]
    pub fn of(&self, kind: Kind) -> &Regions {
        let [tcp, udp, icmp, icmp6, other] = &self.0;
        match kind {
            Kind::Tcp => tcp,
            Kind::Udp => udp,
            Kind::Icmp => icmp,
            Kind::Icmp6 => icmp6,
            Kind::Other => other,
        }
    }

    /// True if nothing passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Regions::is_empty)
    }

    /// True if this header passes.
    #[must_use]
    pub fn contains(&self, kind: Kind, address: Address, port: u16) -> bool {
        self.of(kind)
            .at(address)
            .is_some_and(|ports| ports.contains(port))
    }

    /// Headers in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.each(other, Regions::union)
    }

    /// Headers in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        self.each(other, Regions::intersect)
    }

    /// Headers in this and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.each(other, Regions::minus)
    }

    /// What does not pass.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self::all(&AddressSet::full()).minus(self)
    }

    /// One header that passes: class, address, port.
    #[must_use]
    pub fn sample(&self) -> Option<(Kind, Address, u16)> {
        let first = |kind: Kind| {
            self.of(kind)
                .regions()
                .first()
                .and_then(|r| Some((kind, r.low, r.ports.first()?)))
        };
        Kind::ALL.into_iter().find_map(first)
    }

    fn each(&self, other: &Self, with: impl Fn(&Regions, &Regions) -> Regions) -> Self {
        Self(Kind::ALL.map(|kind| with(self.of(kind), other.of(kind))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_for_every_protocol_matches_each_class() {
        let any = Rule {
            addresses: AddressSet::one(Address(7)),
            ports: PortSet::empty(),
            allow: true,
        };
        let deny = Rule {
            addresses: AddressSet::full(),
            ports: PortSet::one(22),
            allow: false,
        };
        let set = HeaderSet::first_match(&[(Some(Kind::Tcp), deny), (None, any)]);
        assert!(
            !set.contains(Kind::Tcp, Address(7), 22) && set.contains(Kind::Tcp, Address(7), 23)
        );
        assert!(
            set.contains(Kind::Other, Address(7), 50) && !set.contains(Kind::Other, Address(7), 6)
        );
        assert!(!set.contains(Kind::Udp, Address(8), 1));
        assert!(set.intersect(&set.complement()).is_empty());
        assert_eq!(set.complement().complement(), set);
        assert_eq!(set.sample(), Some((Kind::Tcp, Address(7), 0)));
    }
}

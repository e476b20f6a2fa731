//! Maps from address intervals to port sets.

use super::{Address, AddressSet, PortSet, RangeSet, Step};

/// One interval of addresses and the ports that all of them have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// First address.
    pub low: Address,
    /// Last address.
    pub high: Address,
    /// Ports, never empty.
    pub ports: PortSet,
}

/// A rule over addresses and ports: the first that matches decides.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Addresses that it matches.
    pub addresses: AddressSet,
    /// Ports that it matches.
    pub ports: PortSet,
    /// Allow or deny.
    pub allow: bool,
}

/// A set of (address, port) pairs in one form: sorted, disjoint, equal neighbours joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Regions(Vec<Region>);

impl Regions {
    /// What the rules allow, first match first; what no rule matches is not allowed.
    #[must_use]
    pub fn first_match(rules: &[Rule]) -> Self {
        let mut cuts: Vec<Address> = Vec::new();
        for (low, high) in rules.iter().flat_map(|rule| rule.addresses.ranges()) {
            cuts.push(*low);
            cuts.extend(high.up());
        }
        cuts.sort_unstable();
        cuts.dedup();
        let mut out = Self::default();
        let all_allow = rules.iter().all(|rule| rule.allow);
        for (at, low) in cuts.iter().enumerate() {
            let high = cuts
                .get(at + 1)
                .and_then(|next| next.down())
                .unwrap_or(Address::MAX);
            if all_allow {
                let ports = rules
                    .iter()
                    .filter(|rule| rule.addresses.contains(*low))
                    .flat_map(|rule| rule.ports.ranges());
                out.push(*low, high, PortSet::of(ports.copied()));
                continue;
            }
            let (mut allowed, mut decided) = (PortSet::empty(), PortSet::empty());
            for rule in rules.iter().filter(|rule| rule.addresses.contains(*low)) {
                if rule.allow {
                    allowed = allowed.union(&rule.ports.minus(&decided));
                }
                decided = decided.union(&rule.ports);
                if decided.is_full() {
                    break;
                }
            }
            out.push(*low, high, allowed);
        }
        out
    }

    /// The same ports at all of these addresses.
    #[must_use]
    pub fn uniform(addresses: &AddressSet, ports: &PortSet) -> Self {
        let mut out = Self::default();
        for (low, high) in addresses.ranges() {
            out.push(*low, *high, ports.clone());
        }
        out
    }

    /// The intervals, ascending.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.0
    }

    /// True if there is no pair.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ports at one address.
    #[must_use]
    pub fn at(&self, address: Address) -> Option<&PortSet> {
        let place = self.0.partition_point(|region| region.high < address);
        self.0
            .get(place)
            .filter(|region| region.low <= address)
            .map(|region| &region.ports)
    }

    /// All addresses with any port.
    #[must_use]
    pub fn addresses(&self) -> AddressSet {
        RangeSet::of(self.0.iter().map(|region| (region.low, region.high)))
    }

    /// Pairs in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combine(other, PortSet::union)
    }

    /// Pairs in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        self.combine(other, PortSet::intersect)
    }

    /// Pairs in this and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.combine(other, PortSet::minus)
    }

    pub(crate) fn push(&mut self, low: Address, high: Address, ports: PortSet) {
        if ports.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.ports == ports && last.high.up() == Some(low) => last.high = high,
            _ => self.0.push(Region { low, high, ports }),
        }
    }

    fn combine(&self, other: &Self, with: impl Fn(&PortSet, &PortSet) -> PortSet) -> Self {
        let (mut out, none) = (Self::default(), PortSet::empty());
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut next = Some(Address::MIN);
        while let Some(at) = next {
            while left.next_if(|region| region.high < at).is_some() {}
            while right.next_if(|region| region.high < at).is_some() {}
            let (p, p_end) = from(at, left.peek().copied());
            let (q, q_end) = from(at, right.peek().copied());
            let Some(high) = p_end.into_iter().chain(q_end).min() else {
                break;
            };
            if p.is_some() || q.is_some() {
                out.push(at, high, with(p.unwrap_or(&none), q.unwrap_or(&none)));
            }
            next = high.up();
        }
        out
    }
}

/// The ports from an address on, and the last address that has them: where the region ends, or the next one begins.
fn from(at: Address, region: Option<&Region>) -> (Option<&PortSet>, Option<Address>) {
    match region {
        Some(region) if region.low <= at => (Some(&region.ports), Some(region.high)),
        Some(region) => (None, region.low.down()),
        None => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules() -> impl Strategy<Value = Vec<(u128, u128, u16, u16, bool)>> {
        prop::collection::vec(
            (0u128..12, 0u128..12, 0u16..12, 0u16..12, any::<bool>()),
            0..7,
        )
    }

    fn built(rules: &[(u128, u128, u16, u16, bool)]) -> Vec<Rule> {
        let rule = |r: &(u128, u128, u16, u16, bool)| Rule {
            addresses: AddressSet::range(Address(r.0), Address(r.1)),
            ports: PortSet::range(r.2, r.3),
            allow: r.4,
        };
        rules.iter().map(rule).collect()
    }

    fn naive(rules: &[(u128, u128, u16, u16, bool)], address: u128, port: u16) -> bool {
        rules
            .iter()
            .find(|r| (r.0..=r.1).contains(&address) && (r.2..=r.3).contains(&port))
            .is_some_and(|r| r.4)
    }

    proptest! {
        #[test]
        fn first_match_and_algebra_agree_with_a_walk_over_the_rules(a in rules(), b in rules()) {
            let (left, right) = (Regions::first_match(&built(&a)), Regions::first_match(&built(&b)));
            let (union, both, minus) = (left.union(&right), left.intersect(&right), left.minus(&right));
            let has = |set: &Regions, address, port| set.at(Address(address)).is_some_and(|ports| ports.contains(port));
            for address in 0..13 {
                for port in 0..13 {
                    let (p, q) = (naive(&a, address, port), naive(&b, address, port));
                    prop_assert_eq!(has(&left, address, port), p);
                    prop_assert_eq!(has(&union, address, port), p || q);
                    prop_assert_eq!(has(&both, address, port), p && q);
                    prop_assert_eq!(has(&minus, address, port), p && !q);
                }
            }
            prop_assert_eq!(minus.union(&both), left);
        }
    }
}

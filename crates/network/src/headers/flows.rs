//! Packets that travel together: which of them still live, and which of their replies could come back.

use super::slices::apart;
use super::{Address, AddressSet, HeaderSet, Kind, PortSet, Region, Regions, Rule, Step};

/// Which packets a filter looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The packets that ask.
    Forward,
    /// The packets that answer.
    Return,
}

/// An interval of far addresses with the ports that are asked for and the ports that replies may go to.
///
/// The packets are all combinations of the three. For classes without source ports `replies` is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// First far address.
    pub low: Address,
    /// Last far address.
    pub high: Address,
    /// Destination ports, ICMP types and codes, or protocol numbers.
    pub ports: PortSet,
    /// Source ports, to which replies go.
    pub replies: PortSet,
}

/// A set of packets with one free side; no two cells have a packet in common. Only where a firewall took some source ports away may cells
/// have addresses in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flows([Vec<Cell>; 5]);

impl Flows {
    /// Every packet between these far addresses and one near address.
    #[must_use]
    pub fn all(addresses: &AddressSet) -> Self {
        Self(Kind::ALL.map(|kind| cells(addresses, &kind.all_ports(), &PortSet::full())))
    }

    /// Packets of one class with these ports.
    #[must_use]
    pub fn of_kind(kind: Kind, addresses: &AddressSet, ports: &PortSet, sources: &PortSet) -> Self {
        let mut out = Self::default();
        if !ports.is_empty() && !sources.is_empty() {
            out.set(kind, cells(addresses, ports, sources));
        }
        out
    }

    /// The cells of a class.
    #[must_use]
    pub fn of(&self, kind: Kind) -> &[Cell] {
        self.0.get(kind.index()).map_or(&[], Vec::as_slice)
    }

    /// True if no packet is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }

    /// All far addresses of any packet.
    #[must_use]
    pub fn addresses(&self) -> AddressSet {
        AddressSet::of(self.0.iter().flatten().map(|cell| (cell.low, cell.high)))
    }

    /// True if this packet is in the set.
    #[must_use]
    pub fn contains(&self, kind: Kind, far: Address, port: u16, source: u16) -> bool {
        let hit = |cell: &&Cell| cell.low <= far && far <= cell.high && cell.ports.contains(port);
        self.of(kind)
            .iter()
            .filter(hit)
            .any(|cell| !kind.has_source_port() || cell.replies.contains(source))
    }

    /// One packet: class, far address, port, source port (0 where there is none). Common client ports are preferred.
    #[must_use]
    pub fn sample(&self) -> Option<(Kind, Address, u16, u16)> {
        let pick = |kind: Kind| {
            let cell = self.of(kind).first()?;
            let source = if cell.replies.contains(49_152) {
                49_152
            } else {
                cell.replies.first()?
            };
            Some((
                kind,
                cell.low,
                cell.ports.first()?,
                if kind.has_source_port() { source } else { 0 },
            ))
        };
        Kind::ALL.into_iter().find_map(pick)
    }

    /// What is asked for, without the source ports.
    #[must_use]
    pub fn headers(&self) -> HeaderSet {
        HeaderSet::from_parts(Kind::ALL.map(|kind| {
            let cells = self.of(kind);
            if apart(cells) {
                let mut regions = Regions::default();
                for cell in cells {
                    regions.push(cell.low, cell.high, cell.ports.clone());
                }
                return regions;
            }
            let rule = |cell: &Cell| Rule {
                addresses: AddressSet::range(cell.low, cell.high),
                ports: cell.ports.clone(),
                allow: true,
            };
            Regions::first_match(&cells.iter().map(rule).collect::<Vec<_>>())
        }))
    }

    /// Packets with these headers and any source port.
    #[must_use]
    pub fn from_headers(headers: &HeaderSet) -> Self {
        Self(Kind::ALL.map(|kind| {
            let cell = |region: &Region| Cell {
                low: region.low,
                high: region.high,
                ports: region.ports.clone(),
                replies: PortSet::full(),
            };
            headers.of(kind).regions().iter().map(cell).collect()
        }))
    }

    /// The same packets towards (or from) one other far address.
    #[must_use]
    pub fn moved(&self, to: Address) -> Self {
        Self(Kind::ALL.map(|kind| {
            let cells = self.of(kind);
            let first = cells.first();
            let same = cells.iter().take_while(|cell| {
                first.is_some_and(|first| (first.low, first.high) == (cell.low, cell.high))
            });
            let cell = |cell: &Cell| Cell {
                low: to,
                high: to,
                ..cell.clone()
            };
            same.map(cell).collect()
        }))
    }

    /// Keeps packets whose far address is in the set.
    #[must_use]
    pub fn restrict(&self, addresses: &AddressSet) -> Self {
        Self(Kind::ALL.map(|kind| {
            let mut out = Vec::with_capacity(self.of(kind).len());
            for cell in self.of(kind) {
                let ranges = addresses.ranges();
                let from = ranges.partition_point(|range| range.1 < cell.low);
                for (low, high) in ranges.iter().skip(from) {
                    if *low > cell.high {
                        break;
                    }
                    let part = Cell {
                        low: cell.low.max(*low),
                        high: cell.high.min(*high),
                        ..cell.clone()
                    };
                    push(&mut out, part);
                }
            }
            out
        }))
    }

    /// Keeps what a filter lets pass. `at` is the address that the filter looks at if it is not the far one.
    #[must_use]
    pub fn pass(&self, filter: &HeaderSet, at: Option<Address>, way: Way) -> Self {
        let none = PortSet::empty();
        Self(Kind::ALL.map(|kind| {
            let (cells, regions) = (self.of(kind), filter.of(kind));
            let mut out: Vec<Cell> = Vec::with_capacity(cells.len());
            for cell in cells {
                if let Some(at) = at {
                    let allowed = regions.at(at).unwrap_or(&none);
                    keep(&mut out, kind, way, (cell.low, cell.high), cell, allowed);
                    continue;
                }
                let all = regions.regions();
                let from = all.partition_point(|region| region.high < cell.low);
                let mut next = Some(cell.low);
                for region in all.iter().skip(from) {
                    if region.low > cell.high {
                        break;
                    }
                    let (low, high) = (region.low.max(cell.low), region.high.min(cell.high));
                    gap(&mut out, kind, way, next, low.down(), cell);
                    keep(&mut out, kind, way, (low, high), cell, &region.ports);
                    next = high.up();
                }
                gap(&mut out, kind, way, next, Some(cell.high), cell);
            }
            out
        }))
    }

    /// Changes every cell of a class; cells that lose all ports go.
    #[must_use]
    pub fn map(mut self, change: impl Fn(Kind, Cell) -> Option<Cell>) -> Self {
        for kind in Kind::ALL {
            let old = std::mem::take(self.slot(kind));
            let new = old
                .into_iter()
                .filter_map(|cell| change(kind, cell))
                .filter(|cell| !cell.ports.is_empty() && !cell.replies.is_empty());
            let new = new.collect();
            self.set(kind, new);
        }
        self
    }

    /// The packets of both, whose far addresses do not overlap.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        for kind in Kind::ALL {
            let mut all = std::mem::take(self.slot(kind));
            all.extend(other.of(kind).iter().cloned());
            all.sort_by_key(|cell| (cell.low, cell.high));
            self.set(kind, all);
        }
        self
    }

    /// What is in this set and not in `less`, which came from it through filters.
    #[must_use]
    pub fn lost(&self, less: &Self) -> Self {
        if Kind::ALL.iter().any(|kind| !apart(less.of(*kind))) {
            return self.without(less);
        }
        let mut out = Self::default();
        for kind in Kind::ALL {
            let (mine, others) = (self.of(kind), less.of(kind));
            if mine == others {
                continue;
            }
            let mut rest: Vec<Cell> = Vec::new();
            for cell in mine {
                let mut next = Some(cell.low);
                let from = others.partition_point(|other| other.high < cell.low);
                let near = others.iter().skip(from);
                for other in near.take_while(|other| other.low <= cell.high) {
                    let (low, high) = (other.low.max(cell.low), other.high.min(cell.high));
                    if let (Some(from), Some(to)) = (next, low.down())
                        && from <= to
                    {
                        push(
                            &mut rest,
                            Cell {
                                low: from,
                                high: to,
                                ..cell.clone()
                            },
                        );
                    }
                    push(
                        &mut rest,
                        Cell {
                            low,
                            high,
                            ports: cell.ports.minus(&other.ports),
                            replies: cell.replies.clone(),
                        },
                    );
                    if kind.has_source_port() {
                        let replies = cell.replies.minus(&other.replies);
                        push(
                            &mut rest,
                            Cell {
                                low,
                                high,
                                ports: cell.ports.intersect(&other.ports),
                                replies,
                            },
                        );
                    }
                    next = high.up();
                }
                if let Some(from) = next.filter(|from| *from <= cell.high) {
                    push(
                        &mut rest,
                        Cell {
                            low: from,
                            high: cell.high,
                            ..cell.clone()
                        },
                    );
                }
            }
            out.set(kind, rest);
        }
        out
    }

    fn slot(&mut self, kind: Kind) -> &mut Vec<Cell> {
        let [tcp, udp, icmp, icmp6, other] = &mut self.0;
        match kind {
            Kind::Tcp => tcp,
            Kind::Udp => udp,
            Kind::Icmp => icmp,
            Kind::Icmp6 => icmp6,
            Kind::Other => other,
        }
    }

    pub(super) fn set(&mut self, kind: Kind, cells: Vec<Cell>) {
        *self.slot(kind) = cells;
    }
}

fn cells(addresses: &AddressSet, ports: &PortSet, replies: &PortSet) -> Vec<Cell> {
    let cell = |(low, high): &(Address, Address)| Cell {
        low: *low,
        high: *high,
        ports: ports.clone(),
        replies: replies.clone(),
    };
    addresses.ranges().iter().map(cell).collect()
}

/// Addresses that the filter does not know: nothing passes, but messages that expect no answer need none.
fn gap(
    out: &mut Vec<Cell>,
    kind: Kind,
    way: Way,
    from: Option<Address>,
    to: Option<Address>,
    cell: &Cell,
) {
    let silent = way == Way::Return && matches!(kind, Kind::Icmp | Kind::Icmp6);
    if let (true, Some(from), Some(to)) = (silent, from, to)
        && from <= to
    {
        keep(out, kind, way, (from, to), cell, &PortSet::empty());
    }
}

fn keep(
    out: &mut Vec<Cell>,
    kind: Kind,
    way: Way,
    (low, high): (Address, Address),
    cell: &Cell,
    allowed: &PortSet,
) {
    let (ports, replies) = match (way, kind) {
        (Way::Forward, _) | (Way::Return, Kind::Other) => {
            (cell.ports.intersect(allowed), cell.replies.clone())
        }
        (Way::Return, Kind::Tcp | Kind::Udp) => {
            (cell.ports.clone(), cell.replies.intersect(allowed))
        }
        (Way::Return, Kind::Icmp) => {
            let queries = [(8, 0), (13, 14), (15, 16), (17, 18)];
            (
                answered(&cell.ports, allowed, &queries),
                cell.replies.clone(),
            )
        }
        (Way::Return, Kind::Icmp6) => (
            answered(&cell.ports, allowed, &[(128, 129)]),
            cell.replies.clone(),
        ),
    };
    let kept = Cell {
        low,
        high,
        ports,
        replies,
    };
    push(out, kept);
}

pub(super) fn push(out: &mut Vec<Cell>, cell: Cell) {
    if cell.ports.is_empty() || cell.replies.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(last)
            if last.high.up() == Some(cell.low)
                && last.ports == cell.ports
                && last.replies == cell.replies =>
        {
            last.high = cell.high
        }
        _ => out.push(cell),
    }
}

/// ICMP queries (RFC 792, RFC 4443 §4) whose answer, of another type, may pass; all other messages ask for no answer.
fn answered(ports: &PortSet, allowed: &PortSet, queries: &[(u16, u16)]) -> PortSet {
    if allowed.is_full() {
        return ports.clone();
    }
    let refused = queries
        .iter()
        .filter(|(_, reply)| !allowed.contains(reply * 256))
        .map(|(query, _)| (query * 256, query * 256 + 255));
    ports.minus(&PortSet::of(refused))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filter(rules: &[(u128, u128, u16, u16)], kind: Kind) -> HeaderSet {
        let rule = |r: &(u128, u128, u16, u16)| {
            let rule = Rule {
                addresses: AddressSet::range(Address(r.0), Address(r.1)),
                ports: PortSet::range(r.2, r.3),
                allow: true,
            };
            (Some(kind), rule)
        };
        HeaderSet::first_match(&rules.iter().map(rule).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn forward_and_return_filters_keep_the_packets_that_both_let_pass(
            forward in prop::collection::vec((0u128..8, 0u128..8, 0u16..8, 0u16..8), 0..5),
            back in prop::collection::vec((0u128..8, 0u128..8, 0u16..8, 0u16..8), 0..5),
        ) {
            let (f, b) = (filter(&forward, Kind::Tcp), filter(&back, Kind::Tcp));
            let start = Flows::all(&AddressSet::range(Address(1), Address(6)));
            let there = start.pass(&f, None, Way::Forward);
            let both = there.pass(&b, None, Way::Return);
            let lost = there.lost(&both);
            for far in 0..8u128 {
                for port in 0..8 {
                    for source in 0..8 {
                        let inside = (1..=6).contains(&far);
                        let p = inside && f.contains(Kind::Tcp, Address(far), port);
                        let q = p && b.contains(Kind::Tcp, Address(far), source);
                        prop_assert_eq!(there.contains(Kind::Tcp, Address(far), port, source), p);
                        prop_assert_eq!(both.contains(Kind::Tcp, Address(far), port, source), q);
                        prop_assert_eq!(lost.contains(Kind::Tcp, Address(far), port, source), p && !q);
                    }
                }
            }
        }
    }

    #[test]
    fn an_echo_needs_its_reply_and_unreachable_needs_none() {
        let any = Flows::all(&AddressSet::one(Address(3)));
        let closed = any.pass(&HeaderSet::default(), None, Way::Return);
        assert!(!closed.contains(Kind::Icmp, Address(3), 8 * 256, 0));
        assert!(closed.contains(Kind::Icmp, Address(3), 3 * 256 + 4, 0));
        assert!(closed.of(Kind::Tcp).is_empty() && Regions::default().is_empty());
    }
}

//! Cutting packets by address, port and source port at once, as firewalls do.

use super::flows::push;
use super::{Address, AddressSet, Cell, Flows, Kind, PortSet, Step};

/// Packets of one class: all combinations of the three.
#[derive(Debug, Clone)]
pub struct Slice<'a> {
    /// Far addresses.
    pub addresses: &'a AddressSet,
    /// Ports that are asked for.
    pub ports: PortSet,
    /// Source ports.
    pub replies: PortSet,
}

impl Flows {
    /// The packets that are in a slice, and those that are not. A class without a slice is out.
    #[must_use]
    pub fn split<'a>(&self, slice: impl Fn(Kind) -> Option<Slice<'a>>) -> (Self, Self) {
        let (mut inside, mut outside) = (Self::default(), Self::default());
        for kind in Kind::ALL {
            let (mut within, mut without) = (Vec::new(), Vec::new());
            match slice(kind) {
                Some(slice) => {
                    for cell in self.of(kind) {
                        cut(kind, cell, &slice, &mut within, &mut without);
                    }
                }
                None => without.extend(self.of(kind).iter().cloned()),
            }
            inside.set(kind, within);
            outside.set(kind, without);
        }
        (inside, outside)
    }

    /// What is in this set and not in the other, whose cells may have addresses in common.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        for kind in Kind::ALL {
            for cell in other.of(kind) {
                let addresses = AddressSet::range(cell.low, cell.high);
                let slice = |of: Kind| {
                    (of == kind).then(|| Slice {
                        addresses: &addresses,
                        ports: cell.ports.clone(),
                        replies: if kind.has_source_port() {
                            cell.replies.clone()
                        } else {
                            PortSet::full()
                        },
                    })
                };
                rest = rest.split(slice).1;
            }
        }
        rest
    }
}

/// True if no two cells have an address in common.
pub(super) fn apart(cells: &[Cell]) -> bool {
    cells
        .iter()
        .zip(cells.iter().skip(1))
        .all(|(a, b)| a.high < b.low)
}

fn cut(
    kind: Kind,
    cell: &Cell,
    slice: &Slice<'_>,
    within: &mut Vec<Cell>,
    without: &mut Vec<Cell>,
) {
    let ports = cell.ports.intersect(&slice.ports);
    let replies = if kind.has_source_port() {
        cell.replies.intersect(&slice.replies)
    } else {
        cell.replies.clone()
    };
    if ports.is_empty() || replies.is_empty() {
        return without.push(cell.clone());
    }
    let part = |low: Address, high: Address| Cell {
        low,
        high,
        ..cell.clone()
    };
    let all = slice.addresses.ranges();
    let mut next = Some(cell.low);
    for (low, high) in all
        .iter()
        .skip(all.partition_point(|range| range.1 < cell.low))
    {
        if *low > cell.high {
            break;
        }
        let (low, high) = (cell.low.max(*low), cell.high.min(*high));
        if let (Some(from), Some(to)) = (next, low.down())
            && from <= to
        {
            push(without, part(from, to));
        }
        let hit = Cell {
            ports: ports.clone(),
            replies: replies.clone(),
            ..part(low, high)
        };
        push(within, hit);
        let other_ports = Cell {
            ports: cell.ports.minus(&ports),
            ..part(low, high)
        };
        push(without, other_ports);
        let other_sources = Cell {
            ports: ports.clone(),
            replies: cell.replies.minus(&replies),
            ..part(low, high)
        };
        push(without, other_sources);
        next = high.up();
    }
    if let Some(from) = next.filter(|from| *from <= cell.high) {
        push(without, part(from, cell.high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Box = ((u128, u128), (u16, u16), (u16, u16));

    fn boxes() -> impl Strategy<Value = Vec<Box>> {
        let (a, p) = ((0u128..7, 0u128..7), (0u16..6, 0u16..6));
        prop::collection::vec((a, p.clone(), p), 0..5)
    }

    fn inside(all: &[Box], far: u128, port: u16, source: u16) -> bool {
        all.iter().any(|(a, p, s)| {
            (a.0..=a.1).contains(&far)
                && (p.0..=p.1).contains(&port)
                && (s.0..=s.1).contains(&source)
        })
    }

    fn take(mut from: Flows, all: &[Box]) -> (Flows, Flows) {
        let mut taken = Flows::default();
        for (a, p, s) in all {
            let addresses = AddressSet::range(Address(a.0), Address(a.1));
            let (hit, rest) = from.split(|kind| {
                (kind == Kind::Udp).then(|| Slice {
                    addresses: &addresses,
                    ports: PortSet::range(p.0, p.1),
                    replies: PortSet::range(s.0, s.1),
                })
            });
            (taken, from) = (taken.join(hit), rest);
        }
        (taken, from)
    }

    proptest! {
        #[test]
        fn slices_take_the_packets_that_are_in_them(a in boxes(), b in boxes()) {
            let all = Flows::all(&AddressSet::range(Address(0), Address(6)));
            let (taken, rest) = take(all.clone(), &a);
            let (second, _) = take(all.clone(), &b);
            let (less, lost, headers) = (taken.without(&second), all.lost(&taken), taken.headers());
            for far in 0..7 {
                for port in 0..6 {
                    let mut any = false;
                    for source in 0..6 {
                        let (p, q) = (inside(&a, far, port, source), inside(&b, far, port, source));
                        let has = |flows: &Flows| flows.contains(Kind::Udp, Address(far), port, source);
                        any |= p;
                        prop_assert_eq!((has(&taken), has(&rest), has(&less), has(&lost)), (p, !p, p && !q, !p));
                    }
                    prop_assert_eq!(headers.contains(Kind::Udp, Address(far), port), any);
                }
            }
        }
    }
}

//! Which route of a table packets take.

use crate::headers::{Address, AddressSet, of_net};
use crate::model::{Destination, Estate, Origin, Route, RouteTable, Target};
use ipnet::IpNet;

/// The blocks of a route; none where its prefix list was not read.
fn blocks<'n>(estate: &'n Estate, route: &'n Route) -> Option<&'n [IpNet]> {
    match &route.destination {
        Destination::Block(block) => Some(std::slice::from_ref(block)),
        Destination::List(id) => estate.lists.get(id)?.blocks.as_deref(),
    }
}

/// Longer prefixes first; then static routes, prefix lists, propagated routes. Local routes beat propagated ones of any length.
fn rank(route: &Route, block: &IpNet) -> (u8, u8) {
    let length = if block.addr().is_ipv4() {
        block.prefix_len() + 96
    } else {
        block.prefix_len()
    };
    let class = match (&route.destination, &route.target, route.origin) {
        (Destination::List(_), ..) => 1,
        (Destination::Block(_), Target::Local, _) => 3,
        (Destination::Block(_), _, Origin::Static) => 2,
        (Destination::Block(_), _, Origin::Propagated) => 0,
    };
    (length, class)
}

/// The route that packets to one address take, as [`table_of`] has it.
pub(crate) fn route_at(estate: &Estate, table: &RouteTable, address: Address) -> Option<usize> {
    let ip = address.ip();
    let (mut best, mut propagated, mut local) = (None, None, false);
    for (at, route) in table.routes.iter().enumerate() {
        for block in blocks(estate, route).into_iter().flatten() {
            if !block.contains(&ip) {
                continue;
            }
            let rank = rank(route, block);
            local |= rank.1 == 3;
            let slot: &mut Option<((u8, u8), usize)> = if rank.1 == 0 {
                &mut propagated
            } else {
                &mut best
            };
            if slot.is_none_or(|(old, _)| rank > old) {
                *slot = Some((rank, at));
            }
        }
    }
    let propagated = propagated.filter(|_| !local);
    let first = match (best, propagated) {
        (Some(best), Some(other)) if other.0 > best.0 => other,
        (Some(best), _) => best,
        (None, other) => other?,
    };
    Some(first.1)
}

/// Prefix lists that routes of a table name and that were not read.
pub(crate) fn unread_lists<'n>(
    estate: &'n Estate,
    table: &'n RouteTable,
) -> impl Iterator<Item = &'n str> {
    table
        .routes
        .iter()
        .filter_map(|route| match &route.destination {
            Destination::List(id) if blocks(estate, route).is_none() => Some(id.as_str()),
            Destination::List(_) | Destination::Block(_) => None,
        })
}

/// Routes of a table over a set of addresses: the longest prefix wins, then static, prefix list, propagated; local beats propagated
/// (VPC guide, "Route priority"). What no route matches comes last.
pub(crate) fn table_of(
    estate: &Estate,
    table: &RouteTable,
    over: &AddressSet,
) -> (Vec<(usize, AddressSet)>, AddressSet) {
    let mut ranked: Vec<((u8, u8), usize, AddressSet)> = Vec::new();
    for (at, route) in table.routes.iter().enumerate() {
        let blocks = blocks(estate, route).into_iter().flatten();
        ranked.extend(blocks.map(|block| (rank(route, block), at, of_net(*block))));
    }
    let local = AddressSet::of(
        ranked
            .iter()
            .filter(|(rank, _, _)| rank.1 == 3)
            .flat_map(|(_, _, block)| block.ranges().iter().copied()),
    );
    ranked.sort_by_key(|(rank, at, _)| (std::cmp::Reverse(*rank), *at));
    let (mut rest, mut out) = (over.clone(), Vec::new());
    for (rank, at, block) in ranked {
        if rest.is_empty() {
            break;
        }
        let mine = if rank.1 == 0 {
            block.minus(&local)
        } else {
            block
        };
        let part = rest.intersect(&mine);
        if !part.is_empty() {
            rest = rest.minus(&part);
            out.push((at, part));
        }
    }
    (out, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PrefixList;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_address_takes_the_route_that_its_set_takes(
            routes in prop::collection::vec((0u8..4, 8u8..28, 0u8..4), 0..8),
            third in 0u8..4,
        ) {
            let mut estate = Estate::default();
            let route = |(n, (octet, length, class)): (usize, &(u8, u8, u8))| {
                let block: IpNet = format!("10.0.{octet}.0/{length}").parse().unwrap();
                let destination = if *class == 1 {
                    let id = format!("pl-{n}");
                    let list = PrefixList { id: id.clone(), name: String::new(), blocks: Some(vec![block]) };
                    estate.lists.insert(id.clone(), list);
                    Destination::List(id)
                } else {
                    Destination::Block(block.trunc())
                };
                let target = if *class == 3 { Target::Local } else { Target::Vpn(format!("vgw-{n}")) };
                let origin = if *class == 0 { Origin::Propagated } else { Origin::Static };
                Route { destination, target, origin, active: true }
            };
            let routes = routes.iter().enumerate().map(route).collect();
            let table = RouteTable { routes, ..RouteTable::default() };
            let address = Address::from(format!("10.0.{third}.7").parse::<std::net::IpAddr>().unwrap());
            let parts = table_of(&estate, &table, &AddressSet::one(address)).0;
            prop_assert_eq!(parts.first().map(|(at, _)| *at), route_at(&estate, &table, address));
        }
    }
}

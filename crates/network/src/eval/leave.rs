//! Out of interfaces and subnets, by route tables.

use super::network::MOST_HOPS;
use super::{Beam, End, Engine, Origin, route_at, table_of, unread_lists};
use crate::explain::{Code, HopKind};
use crate::headers::{Address, AddressSet, Way};
use crate::model::{
    AttachmentKind, Destination, EndpointKind, Interface, Part, Role, RouteTable, Subnet, Target,
};

impl<'n> Engine<'n> {
    /// Packets leave an interface.
    pub(crate) fn leave(
        &self,
        interface: &'n Interface,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        beam.hop(HopKind::Interface, &interface.id);
        let own = |address: Address| {
            interface
                .addresses
                .iter()
                .any(|a| Address::from(a.address) == address)
        };
        let behind = beam.address(beam.behind());
        if interface.check
            && beam.way == Way::Forward
            && behind.is_some_and(|address| !own(address))
            && !self.stop(
                &mut beam,
                Code::EniSourceDestCheckRestriction,
                &interface.id,
                |_| "the source is not an address of the interface".to_owned(),
            )
        {
            return;
        }
        if interface.role == Role::Endpoint
            && beam.way == Way::Forward
            && !self.stop(&mut beam, Code::VpceIntraVpcTraffic, &interface.id, |_| {
                "an endpoint starts no connections".to_owned()
            })
        {
            return;
        }
        let far = if beam.way == Way::Forward && !self.groups_open {
            self.peek(interface, &beam)
        } else {
            None
        };
        if !self.groups(&mut beam, interface, false, far) {
            return;
        }
        let Some(subnet) = self.net.estate.subnets.get(&interface.subnet) else {
            beam.gap(
                "subnets",
                &interface.subnet,
                "not described; packets are taken to arrive",
            );
            return self.teleport(&interface.vpc, beam, out);
        };
        beam.zone = Some(subnet.zone.as_str());
        self.within_or_out(subnet, beam, out);
    }

    /// Packets that stay in a subnet meet neither network ACL nor route table.
    pub(crate) fn within_or_out(
        &self,
        subnet: &'n Subnet,
        beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let ahead = beam.address(beam.ahead());
        if ahead.is_some_and(|address| {
            subnet
                .blocks
                .iter()
                .any(|block| block.contains(&address.ip()))
        }) {
            return self.at_subnet(subnet, beam, out);
        }
        self.subnet_out(subnet, beam, out);
    }

    /// Packets leave a subnet.
    pub(crate) fn subnet_out(
        &self,
        subnet: &'n Subnet,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let table = self.net.table(&subnet.id);
        beam.zone = Some(subnet.zone.as_str());
        beam.hop_by(
            HopKind::Subnet,
            &subnet.id,
            table.filter(|_| self.explain).map(|table| table.id.clone()),
        );
        if !self.acl(&mut beam, subnet, true) {
            return;
        }
        // Network Load Balancers take the answers of their targets back by the connection, not by the route table.
        if let (Way::Return, Origin::Balancer(interface)) = (beam.way, beam.origin) {
            if let Some(home) = self.net.estate.subnets.get(&interface.subnet)
                && home.id != subnet.id
                && !self.acl(&mut beam, home, false)
            {
                return;
            }
            beam.hop(HopKind::Interface, &interface.id);
            return self.finish(End::Interface(interface), beam, out);
        }
        match table {
            Some(table) => self.forward(table, &subnet.vpc, Some(subnet), beam, out),
            None => {
                beam.gap(
                    "route_tables",
                    &subnet.id,
                    "its route table is not described; packets are taken to arrive",
                );
                self.teleport(&subnet.vpc, beam, out);
            }
        }
    }

    /// Splits packets over the routes of a table.
    pub(crate) fn forward(
        &self,
        table: &'n RouteTable,
        vpc: &'n str,
        subnet: Option<&'n Subnet>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        if beam.hops.len() > MOST_HOPS {
            if self.stop(&mut beam, Code::CannotRoute, &table.id, |_| {
                "packets go in a circle".to_owned()
            }) {
                out.push(beam);
            }
            return;
        }
        let (estate, ahead) = (&self.net.estate, beam.address(beam.ahead()));
        let over = ahead.map_or_else(|| beam.flows.addresses(), AddressSet::one);
        let (parts, rest) = match ahead {
            Some(ahead) => match route_at(estate, table, ahead) {
                Some(at) => (vec![(at, over.clone())], AddressSet::empty()),
                None => (Vec::new(), over.clone()),
            },
            None => table_of(estate, table, &over),
        };
        for list in unread_lists(estate, table) {
            beam.gap(
                "prefix_lists",
                list,
                format!(
                    "its entries were not read; its route in {} is left out",
                    table.id
                ),
            );
        }
        if parts.is_empty() && !rest.is_empty() {
            let missing = |_: &Beam<'n>| format!("no route matches {}", over.words().join(", "));
            if self.stop(&mut beam, Code::NoRouteToDestination, &table.id, missing) {
                self.teleport(vpc, beam, out);
            }
            return;
        }
        for (at, part) in parts {
            let Some(route) = table.routes.get(at) else {
                continue;
            };
            let flows = if ahead.is_none() {
                beam.flows.restrict(&part)
            } else {
                beam.flows.clone()
            };
            if flows.is_empty() {
                continue;
            }
            let mut part_beam = Beam {
                flows,
                ..beam.clone()
            };
            if self.explain
                && let Some(hop) = part_beam.hops.last_mut()
            {
                hop.by = Some(format!(
                    "{} {} -> {}",
                    table.id,
                    destination_words(&route.destination),
                    target_words(&route.target)
                ));
            }
            if !route.active {
                let detail = |_: &Beam<'n>| {
                    format!(
                        "the route to {} is a blackhole",
                        destination_words(&route.destination)
                    )
                };
                if self.stop(&mut part_beam, Code::BadStateRoute, &table.id, detail) {
                    self.teleport(vpc, part_beam, out);
                }
                continue;
            }
            self.by_target(&route.target, vpc, subnet, part_beam, out);
        }
    }

    fn by_target(
        &self,
        target: &'n Target,
        vpc: &'n str,
        subnet: Option<&'n Subnet>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let from = subnet.map(|subnet| subnet.id.as_str());
        match target {
            Target::Local => self.local(vpc, from, beam, out),
            Target::Internet(id) | Target::EgressOnly(id) => self.exit(id, vpc, from, beam, out),
            Target::Nat(id) => self.nat(id, vpc, from, beam, out),
            Target::Peering(id) => self.peering(id, vpc, beam, out),
            Target::Transit(id) => self.transit(id, vpc, subnet, beam, out),
            Target::Vpn(id) => self.vpn_gateway(id, vpc, beam, out),
            Target::Endpoint(id) => self.endpoint(id, vpc, from, beam, out),
            Target::Interface(id) => {
                let Some(interface) = self.net.estate.interfaces.get(id) else {
                    beam.gap("interfaces", id, "a route's target is not described");
                    return self.finish(End::Edge(id), beam, out);
                };
                if beam.address(beam.ahead()).is_some_and(|at| {
                    interface
                        .addresses
                        .iter()
                        .any(|a| Address::from(a.address) == at)
                }) {
                    return self.local(vpc, from, beam, out);
                }
                if interface.check {
                    beam.hop(HopKind::Interface, id);
                    let detail = |_: &Beam<'n>| {
                        "a route leads to an interface that only takes packets for its own addresses".to_owned()
                    };
                    if self.stop(&mut beam, Code::EniSourceDestCheckRestriction, id, detail) {
                        self.teleport(vpc, beam, out);
                    }
                    return;
                }
                beam.gap(
                    "forwarding_interface",
                    id,
                    "what the appliance does with packets is not modelled",
                );
                beam.hop(HopKind::Interface, id);
                self.finish(End::Edge(id), beam, out);
            }
            Target::Other(kind, id) => {
                beam.gap(kind, id, "this kind of route target is not modelled");
                self.finish(End::Edge(id), beam, out);
            }
        }
    }

    /// When explaining: goes on at the place where packets should have come to, to find what else would stop them.
    pub(crate) fn teleport(&self, vpc: &'n str, beam: Beam<'n>, out: &mut Vec<Beam<'n>>) {
        let Some(ahead) = beam.address(beam.ahead()) else {
            if let Some(igw) = self.net.index.igw_of.get(vpc) {
                let from = beam
                    .hops
                    .iter()
                    .rev()
                    .find(|hop| hop.kind == HopKind::Subnet)
                    .map(|hop| hop.id);
                return self.exit(igw, vpc, from, beam, out);
            }
            out.push(Beam {
                end: End::Nowhere,
                ..beam
            });
            return;
        };
        if self.net.index.public.contains_key(&ahead) {
            return self.enter("", beam, out);
        }
        let there = match self.net.holder(vpc, ahead) {
            Some(_) => Some(vpc),
            None => self.net.home(ahead),
        };
        if let Some(there) = there {
            return self.local(there, None, beam, out);
        }
        out.push(Beam {
            end: End::Nowhere,
            ..beam
        });
    }

    /// The interface that packets to one address would come to, for rules that name groups.
    pub(crate) fn peek(&self, interface: &Interface, beam: &Beam<'n>) -> Option<&'n Interface> {
        let ahead = beam.address(beam.ahead())?;
        let estate = &self.net.estate;
        let here = self.net.holder(&interface.vpc, ahead);
        let subnet = estate.subnets.get(&interface.subnet);
        if subnet.is_some_and(|subnet| subnet.blocks.iter().any(|b| b.contains(&ahead.ip()))) {
            return here;
        }
        let Some(table) = self.net.table(&interface.subnet) else {
            return here;
        };
        match &table.routes.get(route_at(estate, table, ahead)?)?.target {
            Target::Local => here,
            Target::Peering(id) => {
                let peering = estate.peerings.get(id)?;
                let there = if peering.requester.vpc == interface.vpc {
                    &peering.accepter
                } else {
                    &peering.requester
                };
                if peering.requester.place.region == peering.accepter.place.region {
                    self.net.holder(&there.vpc, ahead)
                } else {
                    None
                }
            }
            Target::Transit(id) => {
                if !estate
                    .transits
                    .get(id)
                    .is_some_and(|transit| transit.references)
                {
                    return None;
                }
                let attached = |at: usize| {
                    let (_, a) = estate.attachments.get_index(at)?;
                    let fits = a.gateway == *id && a.kind == AttachmentKind::Vpc && a.references;
                    fits.then_some(at)
                };
                let of = |vpc: &str| self.net.index.positions.attached.get(vpc);
                let holders = self.net.index.holders.of(ahead);
                let first = holders.filter_map(|(vpc, interface)| {
                    let at = of(vpc)?.iter().copied().find_map(attached)?;
                    Some((at, interface))
                });
                let (_, interface) = first.min()?;
                Some(estate.interfaces.get_index(interface)?.1)
            }
            _ => None,
        }
    }

    fn endpoint(
        &self,
        id: &'n str,
        vpc: &'n str,
        from: Option<&str>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        beam.hop(HopKind::Vpc, vpc);
        beam.hop(HopKind::Endpoint, id);
        if let Some(inspector) = self.net.index.inspectors.get(id) {
            return self.inspect(id, inspector, from, beam, out);
        }
        let Some(endpoint) = self.net.estate.endpoints.get(id) else {
            self.note_unread(&mut beam, Part::Endpoints, vpc, id);
            beam.gap("endpoints", id, "a route's target is not described");
            return self.finish(End::Service(id, vpc), beam, out);
        };
        if !endpoint.working
            && !self.stop(&mut beam, Code::BadState, id, |_| {
                "the endpoint is not available".to_owned()
            })
        {
            return;
        }
        if endpoint.kind == EndpointKind::Inspection {
            let subnet = endpoint.subnets.first().map(String::as_str);
            return self.appliances(id, subnet, from, beam, out);
        }
        let narrowed = beam.flows.clone().map(|kind, mut cell| {
            use crate::headers::{Kind, PortSet};
            match kind {
                Kind::Tcp => {}
                Kind::Icmp => cell.ports = cell.ports.intersect(&PortSet::one(8 * 256)),
                Kind::Udp | Kind::Icmp6 | Kind::Other => return None,
            }
            Some(cell)
        });
        let detail = |_: &Beam<'n>| "gateway endpoints carry TCP and ICMP echo only".to_owned();
        if self.narrow(
            &mut beam,
            narrowed,
            Code::VpceGatewayProtocolRestriction,
            id,
            detail,
        ) {
            self.finish(End::Service(id, vpc), beam, out);
        }
    }
}

fn destination_words(destination: &Destination) -> String {
    match destination {
        Destination::Block(block) => block.to_string(),
        Destination::List(id) => id.clone(),
    }
}

fn target_words(target: &Target) -> String {
    match target {
        Target::Local => "local".to_owned(),
        Target::Internet(id)
        | Target::EgressOnly(id)
        | Target::Nat(id)
        | Target::Vpn(id)
        | Target::Peering(id)
        | Target::Transit(id)
        | Target::Endpoint(id)
        | Target::Interface(id)
        | Target::Other(_, id) => id.clone(),
    }
}

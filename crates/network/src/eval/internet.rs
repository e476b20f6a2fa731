//! Internet gateways, egress-only gateways, NAT gateways, and the internet.

use super::network::Door;
use super::{Beam, End, Engine, Link, Origin, Side};
use crate::explain::{Code, HopKind};
use crate::headers::{Address, Kind, PortSet, Way, internet, internet_of, is_private};
use crate::model::{NatGateway, Part, RouteTable, Target};

impl<'n> Engine<'n> {
    /// Packets leave a VPC by an internet gateway or an egress-only one.
    pub(crate) fn exit(
        &self,
        id: &'n str,
        vpc: &'n str,
        subnet: Option<&str>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let egress_only = id.starts_with("eigw-");
        beam.hop(HopKind::Vpc, vpc);
        beam.hop(
            if egress_only {
                HopKind::EgressOnlyGateway
            } else {
                HopKind::InternetGateway
            },
            id,
        );
        let part = if egress_only {
            Part::EgressOnlyGateways
        } else {
            Part::InternetGateways
        };
        let attached = self
            .net
            .estate
            .internet_gateways
            .get(id)
            .is_some_and(|gateway| gateway.vpcs.iter().any(|at| at == vpc));
        if !attached && !self.net.estate.has_read(part, vpc) {
            self.note_unread(&mut beam, part, vpc, id);
        } else if !attached
            && !self.stop(&mut beam, Code::BadStateAttachment, id, |_| {
                format!("it is not attached to {vpc}")
            })
        {
            return;
        }
        if egress_only && beam.way == Way::Return {
            let detail = |_: &Beam<'n>| "an egress-only gateway lets no connections in".to_owned();
            if !self.stop(&mut beam, Code::NoRouteToDestination, id, detail) {
                return;
            }
        }
        let door = match beam.origin {
            Origin::Nat(_) => Door::Nat,
            _ if egress_only => Door::EgressOnly,
            _ => Door::Internet,
        };
        let since_nat = beam.hops.iter().rev();
        let mut since_nat = since_nat.take_while(|hop| hop.kind != HopKind::NatGateway);
        let inspected = since_nat.any(|hop| hop.kind == HopKind::Firewall);
        if (self.closed(vpc, subnet, door) || inspected && self.closed_to_firewalls(vpc, door))
            && !self.stop(&mut beam, Code::VpcBlockPublicAccessEnabled, vpc, |_| {
                "VPC Block Public Access".to_owned()
            })
        {
            return;
        }
        if !self.publish(id, vpc, &mut beam) {
            return;
        }
        match beam.address(beam.ahead()) {
            Some(ahead) if is_private(ahead) => {
                let detail =
                    |_: &Beam<'n>| format!("{ahead} is private: the internet does not route it");
                if self.stop(
                    &mut beam,
                    Code::IgwDestinationAddressNotInRfc1918Egress,
                    id,
                    detail,
                ) {
                    out.push(Beam {
                        end: End::Nowhere,
                        ..beam
                    });
                }
                return;
            }
            Some(ahead) if self.net.index.public.contains_key(&ahead) => {
                return self.enter("", beam, out);
            }
            Some(_) => {}
            None => {
                let narrowed = beam.flows.restrict(internet());
                let detail =
                    |_: &Beam<'n>| "the internet does not route these addresses".to_owned();
                if !self.narrow(
                    &mut beam,
                    narrowed,
                    Code::IgwDestinationAddressNotInRfc1918Egress,
                    id,
                    detail,
                ) {
                    return;
                }
            }
        }
        beam.hop(HopKind::Internet, "internet");
        self.finish(End::Internet(id), beam, out);
    }

    /// The gateway puts the public address in place of the private one; IPv6 stays as it is.
    fn publish(&self, id: &'n str, vpc: &str, beam: &mut Beam<'n>) -> bool {
        let side = beam.behind();
        let Some(private) = beam.address(side).filter(|address| address.is_v4()) else {
            return true;
        };
        let public = match beam.origin {
            Origin::Nat(nat) => self
                .net
                .estate
                .nats
                .get(nat)
                .and_then(|nat| nat.addresses.iter().find_map(|address| address.public)),
            _ => {
                let holder = self.net.holder(vpc, private);
                holder
                    .and_then(|eni| {
                        eni.addresses
                            .iter()
                            .find(|a| Address::from(a.address) == private)
                    })
                    .and_then(|a| a.public)
            }
        };
        match public {
            Some(public) => {
                beam.rewrite(side, public.into());
                true
            }
            None => self.stop(beam, Code::IgwPublicIpAssociationForEgress, id, |_| {
                format!("{private} has no public address")
            }),
        }
    }

    /// Packets come from the internet. `by` is the gateway that they once left by, or nothing.
    pub(crate) fn enter(&self, by: &'n str, mut beam: Beam<'n>, out: &mut Vec<Beam<'n>>) {
        beam.hop(HopKind::Internet, "internet");
        let Some(public) = beam.address(beam.ahead()) else {
            return;
        };
        if let (Way::Return, Origin::Nat(nat)) = (beam.way, beam.origin) {
            return self.enter_nat(by, nat, beam, out);
        }
        let Some((interface, private)) = self.net.index.public.get(&public) else {
            if self.explain && is_private(public) && self.enter_private(public, &mut beam, out) {
                return;
            }
            let (code, detail) = if is_private(public) {
                (
                    Code::IgwDestinationAddressNotInRfc1918Egress,
                    format!("{public} is private: the internet does not route it"),
                )
            } else {
                (
                    Code::UnknownDestination,
                    format!("no interface has the public address {public}"),
                )
            };
            if self.stop(&mut beam, code, "internet", |_| detail) {
                out.push(Beam {
                    end: End::Nowhere,
                    ..beam
                });
            }
            return;
        };
        let Some(interface) = self.net.estate.interfaces.get(interface) else {
            return;
        };
        let (vpc, egress_only) = (interface.vpc.as_str(), by.starts_with("eigw-"));
        let igw = if egress_only {
            Some(by)
        } else {
            self.net.index.igw_of.get(vpc).map(String::as_str)
        };
        match igw {
            Some(igw) => beam.hop(
                if egress_only {
                    HopKind::EgressOnlyGateway
                } else {
                    HopKind::InternetGateway
                },
                igw,
            ),
            None if !self.net.estate.has_read(Part::InternetGateways, vpc) => {
                self.note_unread(&mut beam, Part::InternetGateways, vpc, vpc)
            }
            None => {
                if !self.stop(&mut beam, Code::BadStateAttachment, vpc, |_| {
                    "no internet gateway is attached".to_owned()
                }) {
                    return;
                }
            }
        }
        match beam.address(beam.behind()) {
            Some(from) if is_private(from) => {
                let detail =
                    |_: &Beam<'n>| format!("{from} is private: it cannot come from the internet");
                if !self.stop(
                    &mut beam,
                    Code::IgwSourceAddressNotInRfc1918Ingress,
                    igw.unwrap_or(vpc),
                    detail,
                ) {
                    return;
                }
            }
            Some(_) => {}
            None => {
                let narrowed = beam.flows.restrict(internet_of(public.is_v4()));
                let detail = |_: &Beam<'n>| "no such address can come from the internet".to_owned();
                if !self.narrow(
                    &mut beam,
                    narrowed,
                    Code::GatewayRejectsSpoofedTraffic,
                    igw.unwrap_or(vpc),
                    detail,
                ) {
                    return;
                }
            }
        }
        let door = if egress_only {
            Door::EgressOnly
        } else {
            Door::Internet
        };
        if self.closed(vpc, Some(&interface.subnet), door)
            && !self.stop(&mut beam, Code::VpcBlockPublicAccessEnabled, vpc, |_| {
                "VPC Block Public Access".to_owned()
            })
        {
            return;
        }
        let ahead = beam.ahead();
        beam.rewrite(ahead, *private);
        beam.link = Link::Lost;
        beam.sender = None;
        if let Some((table, target)) = igw.and_then(|igw| self.edge_table(igw, *private)) {
            let inspected = matches!(target, Target::Endpoint(id) if self.net.index.inspectors.contains_key(id));
            let closed = inspected && self.closed_to_firewalls(vpc, door);
            let detail = |_: &Beam<'n>| "VPC Block Public Access".to_owned();
            if closed && !self.stop(&mut beam, Code::VpcBlockPublicAccessEnabled, vpc, detail) {
                return;
            }
            return self.forward(table, vpc, None, beam, out);
        }
        self.local(vpc, None, beam, out);
    }

    /// The table of a gateway, if its route for an address leads elsewhere than to the address (VPC guide, "Gateway route tables").
    fn edge_table(&self, gateway: &str, to: Address) -> Option<(&'n RouteTable, &'n Target)> {
        let id = self.net.index.edge_table.get(gateway)?;
        let table = self.net.estate.tables.get(id)?;
        let route = table
            .routes
            .get(super::route_at(&self.net.estate, table, to)?)?;
        (route.target != Target::Local).then_some((table, &route.target))
    }

    /// To explain: a packet for an interface that has no public address, as if it had one.
    fn enter_private(
        &self,
        private: Address,
        beam: &mut Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) -> bool {
        let holders = self.net.index.holders.of(private);
        let first = holders.map(|(_, interface)| interface).min();
        let first = first.and_then(|at| self.net.estate.interfaces.get_index(at));
        let Some((_, interface)) = first else {
            return false;
        };
        let vpc = interface.vpc.as_str();
        let igw = self.net.index.igw_of.get(vpc).map(String::as_str);
        let at = igw.unwrap_or(vpc);
        if igw.is_none() {
            self.stop(beam, Code::BadStateAttachment, vpc, |_| {
                "no internet gateway is attached".to_owned()
            });
        }
        // The internet knows no way to a private address: the packet ends before the gateway.
        self.stop(beam, Code::IgwPrivateIpAssociationForIngress, at, |_| {
            format!("{} has no public address for {private}", interface.id)
        });
        if let Some(igw) = igw {
            beam.hop(HopKind::InternetGateway, igw);
        }
        beam.link = Link::Lost;
        beam.sender = None;
        self.local(vpc, None, beam.clone(), out);
        true
    }

    fn enter_nat(&self, igw: &'n str, nat: &'n str, mut beam: Beam<'n>, out: &mut Vec<Beam<'n>>) {
        let Some(gateway) = self.net.estate.nats.get(nat) else {
            return;
        };
        beam.hop(HopKind::InternetGateway, igw);
        beam.hop(HopKind::Vpc, &gateway.vpc);
        if let Some(private) = gateway.addresses.iter().find_map(|address| address.private) {
            let ahead = beam.ahead();
            beam.rewrite(ahead, private.into());
            if let Some((table, _)) = self.edge_table(igw, private.into()) {
                return self.forward(table, &gateway.vpc, None, beam, out);
            }
        }
        if let Some(subnet) = gateway
            .subnet
            .as_ref()
            .and_then(|id| self.net.estate.subnets.get(id))
        {
            beam.hop(HopKind::Subnet, &subnet.id);
            if !self.acl(&mut beam, subnet, false) {
                return;
            }
        }
        beam.hop(HopKind::NatGateway, nat);
        self.finish(End::Nat(nat), beam, out);
    }

    /// Packets come to a NAT gateway by a route: their source becomes the gateway's.
    pub(crate) fn nat(
        &self,
        id: &'n str,
        vpc: &'n str,
        from: Option<&str>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        beam.hop(HopKind::Vpc, vpc);
        beam.hop(HopKind::NatGateway, id);
        let Some(nat) = self.net.estate.nats.get(id) else {
            self.note_unread(&mut beam, Part::NatGateways, vpc, id);
            beam.gap("nat_gateways", id, "a route's target is not described");
            return self.finish(End::Edge(id), beam, out);
        };
        if beam.way == Way::Return {
            let detail = |_: &Beam<'n>| {
                "answers go to a NAT gateway that knows nothing of the connection".to_owned()
            };
            if self.stop(&mut beam, Code::NgwDestAddressPreservation, id, detail) {
                self.teleport(vpc, beam, out);
            }
            return;
        }
        if !nat.working
            && !self.stop(&mut beam, Code::BadState, id, |_| {
                "the NAT gateway is not available".to_owned()
            })
        {
            return;
        }
        let outside = matches!(beam.link, Link::Peering { .. })
            || matches!(beam.origin, Origin::Edge(_))
            || nat.vpc != vpc;
        if (outside || beam.far == Side::Source)
            && !self.stop(&mut beam, Code::NgwRequiresSourceInVpc, id, |_| {
                "a NAT gateway serves its own VPC only".to_owned()
            })
        {
            return;
        }
        let narrowed = beam
            .flows
            .clone()
            .map(|kind, cell| matches!(kind, Kind::Tcp | Kind::Udp | Kind::Icmp).then_some(cell));
        let detail = |_: &Beam<'n>| "NAT gateways carry TCP, UDP and ICMP only".to_owned();
        if !self.narrow(&mut beam, narrowed, Code::ProtocolRestriction, id, detail) {
            return;
        }
        let subnet = nat
            .subnet
            .as_ref()
            .and_then(|id| self.net.estate.subnets.get(id));
        if let Some(subnet) = subnet
            && from != Some(subnet.id.as_str())
            && !self.acl(&mut beam, subnet, false)
        {
            return;
        }
        self.beyond_nat(nat, subnet, beam, out);
    }

    fn beyond_nat(
        &self,
        nat: &'n NatGateway,
        subnet: Option<&'n crate::model::Subnet>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        beam.delivered = beam.flows.clone();
        self.answer(&mut beam, End::Nat(&nat.id));
        if beam.flows.is_empty() && !self.explain {
            return;
        }
        let (outer, outer_back) = (beam.clone(), std::mem::take(&mut beam.back));
        beam.origin = Origin::Nat(&nat.id);
        beam.inspected.clear();
        beam.link = Link::Local;
        beam.sender = None;
        // Ports that a NAT gateway uses (VPC guide, "Ephemeral ports").
        beam.flows = outer.delivered.clone().map(|_, mut cell| {
            cell.replies = PortSet::range(1024, 65_535);
            Some(cell)
        });
        match nat.addresses.iter().find_map(|address| address.private) {
            Some(private) => beam.rewrite(Side::Source, private.into()),
            None => beam.gap(
                "nat_gateways",
                &nat.id,
                "its private address is not described",
            ),
        }
        let mut walked = Vec::new();
        match (subnet, self.net.index.igw_of.get(&nat.vpc)) {
            (Some(subnet), _) => self.within_or_out(subnet, beam, &mut walked),
            (None, Some(igw)) => {
                beam.gap(
                    "regional_nat_gateway",
                    &nat.id,
                    "its route table is not modelled; taken to lead to the internet gateway",
                );
                self.exit(igw, &nat.vpc, None, beam, &mut walked);
            }
            (None, None) => {}
        }
        for mut inner in walked {
            let answered = outer.flows.pass(&inner.flows.headers(), None, Way::Forward);
            inner.delivered = outer
                .delivered
                .pass(&inner.delivered.headers(), None, Way::Forward);
            inner.flows = answered;
            inner.back.extend(outer_back.iter().cloned());
            out.push(inner);
        }
    }

    /// Answers leave a NAT gateway for the one whose packets it carried.
    pub(crate) fn leave_nat(&self, id: &'n str, mut beam: Beam<'n>, out: &mut Vec<Beam<'n>>) {
        let Some(nat) = self.net.estate.nats.get(id) else {
            return;
        };
        beam.hop(HopKind::NatGateway, id);
        match nat
            .subnet
            .as_ref()
            .and_then(|subnet| self.net.estate.subnets.get(subnet))
        {
            Some(subnet) => self.within_or_out(subnet, beam, out),
            None => self.local(&nat.vpc, None, beam, out),
        }
    }
}

//! Peering connections and virtual private gateways: to one other VPC, or to a site of one's own.

use super::{Beam, End, Engine, Link};
use crate::explain::{Code, HopKind};
use crate::headers::{Address, AddressSet, of_net};
use crate::model::{Attachment, Part, PeeringSide};
use ipnet::IpNet;

impl<'n> Engine<'n> {
    /// Over a peering connection: from one VPC's blocks to the other's, no further.
    pub(crate) fn peering(
        &self,
        id: &'n str,
        vpc: &'n str,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        beam.hop(HopKind::Vpc, vpc);
        beam.hop(HopKind::Peering, id);
        let Some(peering) = self.net.estate.peerings.get(id) else {
            self.note_unread(&mut beam, Part::Peerings, vpc, id);
            beam.gap("peerings", id, "a route's target is not described");
            return self.finish(End::Edge(id), beam, out);
        };
        if !peering.active
            && !self.stop(&mut beam, Code::BadState, id, |_| {
                "the peering connection is not active".to_owned()
            })
        {
            return;
        }
        let (near, far) = if peering.requester.vpc == vpc {
            (&peering.requester, &peering.accepter)
        } else {
            (&peering.accepter, &peering.requester)
        };
        let blocks = |side: &'n PeeringSide| {
            self.net
                .estate
                .vpcs
                .get(&side.vpc)
                .map_or(&side.blocks, |vpc| &vpc.blocks)
        };
        for (side, blocks) in [(beam.behind(), blocks(near)), (beam.ahead(), blocks(far))] {
            let fits = match beam.address(side) {
                Some(address) => holds(blocks, address),
                None => false,
            };
            let detail = |_: &Beam<'n>| {
                "a peering connection carries only packets between its two VPCs".to_owned()
            };
            if !fits
                && !blocks.is_empty()
                && !self.stop(&mut beam, Code::PcxRequiresAddressInVpcCidr, id, detail)
            {
                return;
            }
        }
        let same_region = near.place.region == far.place.region;
        beam.join(Link::Peering {
            references: same_region,
        });
        if !self.net.estate.vpcs.contains_key(&far.vpc) {
            beam.gap(
                "vpcs",
                &far.vpc,
                "the peer VPC is not described; packets are taken to arrive",
            );
            return self.finish(End::Edge(id), beam, out);
        }
        self.local(&far.vpc, None, beam, out);
    }

    /// Into a virtual private gateway: to the static routes of its VPN connections, or to what BGP tells.
    pub(crate) fn vpn_gateway(
        &self,
        id: &'n str,
        vpc: &'n str,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        beam.hop(HopKind::Vpc, vpc);
        beam.hop(HopKind::VpnGateway, id);
        let mut routes = AddressSet::empty();
        let mut open = !self.net.estate.has_read(Part::VpnConnections, vpc);
        let vpns = self.net.index.positions.vpns.get(id).into_iter().flatten();
        let vpns = vpns.filter_map(|at| Some(self.net.estate.vpns.get_index(*at)?.1));
        for vpn in vpns.filter(|vpn| vpn.working) {
            open |= !vpn.static_only;
            routes = routes.union(&blocks_set(&vpn.routes));
        }
        let over = beam
            .address(beam.ahead())
            .map_or_else(|| beam.flows.addresses(), AddressSet::one);
        let inside = over.intersect(&routes);
        if open && inside != over {
            beam.gap(
                "bgp_routes",
                id,
                "routes that BGP or Direct Connect tells are not in the description",
            );
        } else if inside.is_empty() {
            let detail = |_: &Beam<'n>| {
                format!(
                    "no VPN connection has a route to {}",
                    over.words().join(", ")
                )
            };
            if self.stop(&mut beam, Code::NoRouteToDestination, id, detail) {
                out.push(Beam {
                    end: End::Nowhere,
                    ..beam
                });
            }
            return;
        } else if beam.address(beam.ahead()).is_none() {
            beam.flows = beam.flows.restrict(&inside);
        }
        beam.link = Link::Lost;
        self.finish(End::Edge(id), beam, out);
    }

    /// From a site into what a virtual private gateway, VPN connection or peering stands for.
    pub(crate) fn enter_edge(&self, id: &'n str, mut beam: Beam<'n>, out: &mut Vec<Beam<'n>>) {
        beam.link = Link::Lost;
        let estate = &self.net.estate;
        if id.starts_with("vgw-") {
            beam.hop(HopKind::VpnGateway, id);
            let vpcs = estate
                .internet_gateways
                .get(id)
                .map_or(&[] as &[String], |gateway| gateway.vpcs.as_slice());
            let ahead = beam.address(beam.ahead());
            let holds_it = |vpc: &&String| {
                ahead.is_some_and(|ahead| {
                    estate
                        .vpcs
                        .get(*vpc)
                        .is_some_and(|vpc| holds(&vpc.blocks, ahead))
                })
            };
            return match vpcs.iter().find(holds_it) {
                Some(vpc) => self.local(vpc, None, beam, out),
                None => {
                    let detail = |_: &Beam<'n>| {
                        "only private addresses of its VPC are reachable through a virtual private gateway".to_owned()
                    };
                    if self.stop(
                        &mut beam,
                        Code::VgwPrivateIpAssociationForIngress,
                        id,
                        detail,
                    ) {
                        out.push(Beam {
                            end: End::Nowhere,
                            ..beam
                        });
                    }
                }
            };
        }
        let working = |a: &&Attachment| a.working;
        if let Some(attachment) = self.net.attached(id).find(working) {
            beam.hop(HopKind::Edge, id);
            return self.transit_from(attachment, beam, 0, out);
        }
        // What lies beyond is not described: answers are taken to come back.
        beam.gap(
            "edge",
            id,
            "the way back from here is not described; answers are taken to come back",
        );
        let home = beam.address(beam.ahead());
        if let Some(vpc) = home.and_then(|home| self.net.home(home)) {
            self.local(vpc, None, beam, out);
        }
    }
}

pub(super) fn holds(blocks: &[IpNet], address: Address) -> bool {
    blocks.iter().any(|block| block.contains(&address.ip()))
}

fn blocks_set(blocks: &[IpNet]) -> AddressSet {
    blocks
        .iter()
        .fold(AddressSet::empty(), |all, block| all.union(&of_net(*block)))
}

//! Transit gateways: between the VPCs, gateways and sites that are attached to them.

use super::edge::holds;
use super::network::MOST_HOPS;
use super::{Beam, End, Engine, Link};
use crate::explain::{Code, HopKind};
use crate::headers::{AddressSet, of_net};
use crate::model::{
    Attachment, AttachmentKind, Destination, Part, Subnet, TransitRoute, TransitTable,
};
use ipnet::IpNet;

impl<'n> Engine<'n> {
    /// From a VPC into a transit gateway (Transit Gateway guide, "How transit gateways work").
    pub(crate) fn transit(
        &self,
        id: &'n str,
        vpc: &'n str,
        subnet: Option<&'n Subnet>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let estate = &self.net.estate;
        let mine = |a: &&Attachment| a.gateway == id && a.kind == AttachmentKind::Vpc;
        let Some(attachment) = self.net.attached(vpc).find(mine) else {
            beam.hop(HopKind::Vpc, vpc);
            beam.hop(HopKind::TransitGateway, id);
            if estate.has_read(Part::TransitGateways, vpc) {
                if self.stop(&mut beam, Code::BadStateAttachment, id, |_| {
                    format!("{vpc} is not attached")
                }) {
                    self.teleport(vpc, beam, out);
                }
                return;
            }
            self.note_unread(&mut beam, Part::TransitGateways, vpc, id);
            return self.finish(End::Edge(id), beam, out);
        };
        let zone = subnet.map(|subnet| subnet.zone.as_str());
        let attached: Vec<&'n Subnet> = attachment
            .subnets
            .iter()
            .filter_map(|id| estate.subnets.get(id))
            .collect();
        let entry = attached
            .iter()
            .find(|subnet| Some(subnet.zone.as_str()) == zone)
            .copied();
        if entry.is_none() && attached.is_empty() {
            beam.gap(
                "transit_gateways",
                &attachment.id,
                "the subnets of the attachment are not described",
            );
        } else if entry.is_none() {
            let detail = |_: &Beam<'n>| {
                format!(
                    "{} has no subnet in {}",
                    attachment.id,
                    zone.unwrap_or("this zone")
                )
            };
            if !self.stop(&mut beam, Code::TgwRouteAzRestriction, id, detail) {
                return;
            }
        }
        if !attachment.working
            && !self.stop(&mut beam, Code::BadStateAttachment, &attachment.id, |_| {
                "the attachment is not available".to_owned()
            })
        {
            return;
        }
        beam.hop(HopKind::Vpc, vpc);
        if let Some(entry) = entry
            && !self.acl(&mut beam, entry, false)
        {
            return;
        }
        let references = estate
            .transits
            .get(id)
            .is_some_and(|transit| transit.references)
            && attachment.references;
        beam.join(Link::Transit { references });
        self.transit_from(attachment, beam, 0, out);
    }

    /// Packets that came by an attachment, by its route table.
    pub(super) fn transit_from(
        &self,
        attachment: &'n Attachment,
        mut beam: Beam<'n>,
        depth: usize,
        out: &mut Vec<Beam<'n>>,
    ) {
        beam.hop(HopKind::TransitGateway, &attachment.gateway);
        let Some(id) = attachment.table.as_ref() else {
            if self.stop(
                &mut beam,
                Code::TgwAttachMissingTgwRtbAssociation,
                &attachment.id,
                |_| "no route table is associated".to_owned(),
            ) {
                out.push(Beam {
                    end: End::Nowhere,
                    ..beam
                });
            }
            return;
        };
        let Some(table) = self
            .net
            .estate
            .transit_tables
            .get(id)
            .filter(|table| table.known || !table.routes.is_empty())
        else {
            beam.gap(
                "transit_gateways",
                id,
                "the routes of this table were not read",
            );
            return self.teleport("", beam, out);
        };
        let ahead = beam.address(beam.ahead());
        let over = ahead.map_or_else(|| beam.flows.addresses(), AddressSet::one);
        let parts = self.transit_parts(table, &over);
        if parts.is_empty() {
            let detail = |_: &Beam<'n>| format!("no route to {}", over.words().join(", "));
            if self.stop(&mut beam, Code::TgwRtbNoRouteToTgwAttachment, id, detail) {
                self.teleport("", beam, out);
            }
            return;
        }
        for (route, part) in parts {
            let mut part_beam = beam.clone();
            if ahead.is_none() {
                part_beam.flows = part_beam.flows.restrict(&part);
            }
            if !route.active || route.attachments.is_empty() {
                if self.stop(&mut part_beam, Code::TgwRtbBadStateRoute, id, |_| {
                    "the route is a blackhole".to_owned()
                }) {
                    self.teleport("", part_beam, out);
                }
                continue;
            }
            // Several attachments share the load; the first stands for them.
            let next = route.attachments.first().and_then(|next| {
                let all = self.net.attachments(next);
                all.max_by_key(|a| a.gateway == attachment.gateway)
            });
            match next {
                Some(next) => self.transit_to(next, part_beam, depth, out),
                None => {
                    part_beam.gap(
                        "transit_gateways",
                        id,
                        "a route's attachment is not described",
                    );
                    self.teleport("", part_beam, out);
                }
            }
        }
    }

    fn transit_to(
        &self,
        next: &'n Attachment,
        mut beam: Beam<'n>,
        depth: usize,
        out: &mut Vec<Beam<'n>>,
    ) {
        if !next.working
            && !self.stop(&mut beam, Code::BadStateAttachment, &next.id, |_| {
                "the attachment is not available".to_owned()
            })
        {
            return;
        }
        match &next.kind {
            AttachmentKind::Vpc => self.out_of_transit(next, beam, out),
            AttachmentKind::Peering => {
                let mut all = self.net.attachments(&next.id);
                let other = all.find(|a| a.gateway != next.gateway);
                beam.join(Link::Transit { references: false });
                match other {
                    Some(other) if depth < MOST_HOPS && beam.hops.len() < MOST_HOPS => {
                        self.transit_from(other, beam, depth + 1, out)
                    }
                    Some(_) => {
                        if self.stop(&mut beam, Code::CannotRoute, &next.id, |_| {
                            "packets go in a circle".to_owned()
                        }) {
                            out.push(Beam {
                                end: End::Nowhere,
                                ..beam
                            });
                        }
                    }
                    None => {
                        beam.gap(
                            "transit_gateways",
                            &next.id,
                            "the gateway on the other side is not described",
                        );
                        self.teleport("", beam, out);
                    }
                }
            }
            AttachmentKind::Vpn | AttachmentKind::DirectConnect => {
                beam.link = Link::Lost;
                beam.hop(HopKind::Edge, &next.resource);
                self.finish(End::Edge(&next.resource), beam, out);
            }
            AttachmentKind::Other(kind) => {
                beam.gap(kind, &next.id, "this kind of attachment is not modelled");
                self.finish(End::Edge(&next.resource), beam, out);
            }
        }
    }

    /// Out of a transit gateway into a VPC: by the route table of the attachment's subnet, in the zone that the packets came from
    /// where there is one. Its network ACL sees packets that go on to other subnets (Transit Gateway guide, "Network ACLs").
    fn out_of_transit(
        &self,
        attachment: &'n Attachment,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let estate = &self.net.estate;
        let references =
            matches!(beam.link, Link::Transit { references: true }) && attachment.references;
        if matches!(beam.link, Link::Transit { .. }) {
            beam.link = Link::Transit { references };
        }
        let attached: Vec<&'n Subnet> = attachment
            .subnets
            .iter()
            .filter_map(|id| estate.subnets.get(id))
            .collect();
        let entry = attached
            .iter()
            .find(|subnet| Some(subnet.zone.as_str()) == beam.zone)
            .or_else(|| attached.first())
            .copied();
        let Some((vpc, entry)) = estate.vpcs.get(&attachment.resource).zip(entry) else {
            beam.gap(
                "transit_gateways",
                &attachment.id,
                "the VPC or the subnets of the attachment are not described",
            );
            return self.teleport(&attachment.resource, beam, out);
        };
        if attachment.appliance && attached.len() > 1 {
            beam.gap(
                "appliance_mode",
                &attachment.id,
                format!(
                    "one zone is chosen by the flow; {} stands for it",
                    entry.zone
                ),
            );
        }
        let ahead = beam.address(beam.ahead());
        let stays = ahead.is_some_and(|address| holds(&entry.blocks, address));
        if stays {
            beam.hop(HopKind::Vpc, &vpc.id);
            beam.hop(HopKind::Subnet, &entry.id);
            return self.at_subnet(entry, beam, out);
        }
        if !self.acl(&mut beam, entry, true) {
            return;
        }
        match self.net.table(&entry.id) {
            Some(table) => self.forward(table, &vpc.id, Some(entry), beam, out),
            None => self.local(&vpc.id, None, beam, out),
        }
    }

    fn transit_parts(
        &self,
        table: &'n TransitTable,
        over: &AddressSet,
    ) -> Vec<(&'n TransitRoute, AddressSet)> {
        let mut ranked: Vec<((u8, bool), &'n TransitRoute, AddressSet)> = Vec::new();
        for route in &table.routes {
            let blocks: &[IpNet] = match &route.destination {
                Destination::Block(block) => std::slice::from_ref(block),
                Destination::List(id) => self
                    .net
                    .estate
                    .lists
                    .get(id)
                    .and_then(|list| list.blocks.as_deref())
                    .unwrap_or_default(),
            };
            for block in blocks {
                let length = if block.addr().is_ipv4() {
                    block.prefix_len() + 96
                } else {
                    block.prefix_len()
                };
                ranked.push(((length, route.fixed), route, of_net(*block)));
            }
        }
        ranked.sort_by_key(|(rank, _, _)| std::cmp::Reverse(*rank));
        let (mut rest, mut out) = (over.clone(), Vec::new());
        for (_, route, block) in ranked {
            let part = rest.intersect(&block);
            if !part.is_empty() {
                rest = rest.minus(&part);
                out.push((route, part));
            }
        }
        out
    }
}

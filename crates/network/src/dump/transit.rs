//! Transit gateways: attachments, tables, routes, propagations.

use super::Reader;
use super::json::Json;
use super::parts::state;
use crate::model::{
    Attachment, AttachmentKind, Destination, Place, TransitGateway, TransitRoute, TransitTable,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Reader {
    pub(super) fn transit(&mut self, item: &Value, place: &Place) {
        let Some(id) = item.text("TransitGatewayId") else {
            return self.warn("a transit gateway has no `TransitGatewayId`");
        };
        let references = item
            .member("Options")
            .text("SecurityGroupReferencingSupport")
            == Some("enable");
        self.estate.transits.insert(
            id.to_owned(),
            TransitGateway {
                id: id.to_owned(),
                place: super::rules::owned(item, place),
                references,
            },
        );
    }

    fn slot(&mut self, item: &Value) -> Option<&mut Attachment> {
        let (id, gateway) = (
            item.text("TransitGatewayAttachmentId")?,
            item.text("TransitGatewayId").unwrap_or_default(),
        );
        let slot = self
            .estate
            .attachments
            .entry(format!("{id}@{gateway}"))
            .or_insert_with(|| Attachment {
                references: true,
                ..Attachment::default()
            });
        id.clone_into(&mut slot.id);
        gateway.clone_into(&mut slot.gateway);
        Some(slot)
    }

    pub(super) fn attachment(&mut self, item: &Value) {
        let Some(slot) = self.slot(item) else {
            return self.warn("an attachment has no `TransitGatewayAttachmentId`");
        };
        slot.kind = match item.text("ResourceType").unwrap_or("vpc") {
            "vpc" => AttachmentKind::Vpc,
            "vpn" => AttachmentKind::Vpn,
            "direct-connect-gateway" => AttachmentKind::DirectConnect,
            "peering" => AttachmentKind::Peering,
            other => AttachmentKind::Other(other.to_owned()),
        };
        slot.resource = item.string("ResourceId");
        let association = item.member("Association");
        if matches!(state(association, "State"), "associated" | "") {
            slot.table = association
                .text("TransitGatewayRouteTableId")
                .map(str::to_owned);
        }
        slot.working = matches!(state(item, "State"), "available" | "modifying");
    }

    pub(super) fn vpc_attachment(&mut self, item: &Value) {
        let Some(slot) = self.slot(item) else {
            return self.warn("an attachment has no `TransitGatewayAttachmentId`");
        };
        slot.resource = item.string("VpcId");
        slot.subnets = item.texts("SubnetIds");
        let options = item.member("Options");
        slot.appliance = options.text("ApplianceModeSupport") == Some("enable");
        slot.references = options.text("SecurityGroupReferencingSupport") != Some("disable");
        slot.working = matches!(state(item, "State"), "available" | "modifying");
    }

    pub(super) fn transit_table(&mut self, item: &Value) {
        let Some(id) = item.text("TransitGatewayRouteTableId").map(str::to_owned) else {
            return self.warn("a table has no `TransitGatewayRouteTableId`");
        };
        let gateway = item.string("TransitGatewayId");
        let table = self.transit_slot(&id);
        table.gateway = gateway;
    }

    pub(super) fn propagations(&mut self, item: &Value) {
        let Some(id) = item.text("TransitGatewayRouteTableId").map(str::to_owned) else {
            return self.warn("propagations name no `TransitGatewayRouteTableId`");
        };
        let enabled = item
            .list("TransitGatewayRouteTablePropagations")
            .iter()
            .filter(|p| matches!(state(p, "State"), "enabled" | ""));
        let attachments: Vec<String> = enabled
            .map(|p| p.string("TransitGatewayAttachmentId"))
            .collect();
        self.transit_slot(&id).propagations.extend(attachments);
    }

    pub(super) fn transit_routes(&mut self, item: &Value) {
        let Some(id) = item.text("TransitGatewayRouteTableId").map(str::to_owned) else {
            return self.warn("routes name no `TransitGatewayRouteTableId` (hint: wrap each answer of search-transit-gateway-routes with it)");
        };
        let mut routes = Vec::new();
        for route in item.list("Routes") {
            let block = route.block("DestinationCidrBlock").map(Destination::Block);
            let Some(destination) = block.or_else(|| {
                route
                    .text("PrefixListId")
                    .map(|list| Destination::List(list.to_owned()))
            }) else {
                continue;
            };
            routes.push(TransitRoute {
                destination,
                attachments: route
                    .list("TransitGatewayAttachments")
                    .iter()
                    .map(|a| a.string("TransitGatewayAttachmentId"))
                    .collect(),
                fixed: route.text("Type") != Some("propagated"),
                active: route.text("State").is_none_or(|state| state == "active"),
            });
        }
        let table = self.transit_slot(&id);
        table.known = true;
        table.routes.extend(routes);
    }

    fn transit_slot(&mut self, id: &str) -> &mut TransitTable {
        let table = self.estate.transit_tables.entry(id.to_owned()).or_default();
        id.clone_into(&mut table.id);
        table
    }

    /// Propagated routes: the blocks of attached VPCs, the static routes of attached VPN connections.
    pub(super) fn fill_transit_tables(&mut self) {
        let estate = &mut self.estate;
        let mut by_id: BTreeMap<&str, Vec<&Attachment>> = BTreeMap::new();
        for attachment in estate.attachments.values() {
            by_id.entry(&attachment.id).or_default().push(attachment);
        }
        for table in estate.transit_tables.values_mut() {
            let told = table.routes.iter().filter(|route| !route.fixed);
            let mut told: BTreeSet<String> = told
                .flat_map(|route| route.attachments.iter().cloned())
                .collect();
            for id in &table.propagations {
                let of_table =
                    |a: &&&Attachment| table.gateway.is_empty() || a.gateway == table.gateway;
                let mut all = by_id.get(id.as_str()).into_iter().flatten();
                let Some(attachment) = all.find(of_table).filter(|_| told.insert(id.clone()))
                else {
                    continue;
                };
                let blocks = match attachment.kind {
                    AttachmentKind::Vpc => estate
                        .vpcs
                        .get(&attachment.resource)
                        .map(|vpc| vpc.blocks.clone()),
                    AttachmentKind::Vpn => estate
                        .vpns
                        .get(&attachment.resource)
                        .map(|vpn| vpn.routes.clone()),
                    AttachmentKind::DirectConnect
                    | AttachmentKind::Peering
                    | AttachmentKind::Other(_) => None,
                };
                table.routes.extend(
                    blocks
                        .into_iter()
                        .flatten()
                        .map(|block| TransitRoute::propagated(block, id)),
                );
            }
        }
    }
}

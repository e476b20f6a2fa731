//! Gateways, peering, endpoints, VPNs, Block Public Access.

use super::Reader;
use super::json::Json;
use super::parts::state;
use crate::model::{
    BlockMode, BlockPublicAccess, Endpoint, EndpointKind, Exclusion, InternetGateway, NatAddress,
    NatGateway, Peering, PeeringSide, Place, VpnConnection,
};
use serde_json::Value;

impl Reader {
    pub(super) fn internet_gateway(&mut self, item: &Value, key: &str) {
        let Some(id) = item.text(key) else {
            return self.warn(format!("a gateway has no `{key}`"));
        };
        let live = |a: &&Value| matches!(state(a, "State"), "available" | "attached" | "");
        let vpcs = item
            .list("Attachments")
            .iter()
            .filter(live)
            .map(|a| a.string("VpcId"))
            .collect();
        self.estate.internet_gateways.insert(
            id.to_owned(),
            InternetGateway {
                id: id.to_owned(),
                vpcs,
            },
        );
    }

    pub(super) fn vpn_gateway(&mut self, item: &Value) {
        let Some(id) = item.text("VpnGatewayId") else {
            return self.warn("a gateway has no `VpnGatewayId`");
        };
        let vpcs = item
            .list("VpcAttachments")
            .iter()
            .filter(|a| state(a, "State") == "attached")
            .map(|a| a.string("VpcId"))
            .collect();
        self.vgws.push((id.to_owned(), vpcs));
    }

    pub(super) fn nat(&mut self, item: &Value) {
        let Some(id) = item.text("NatGatewayId") else {
            return self.warn("a NAT gateway has no `NatGatewayId`");
        };
        let address = |a: &Value| NatAddress {
            interface: a.text("NetworkInterfaceId").map(str::to_owned),
            private: a.address("PrivateIp"),
            public: a.address("PublicIp"),
        };
        let nat = NatGateway {
            id: id.to_owned(),
            vpc: item.string("VpcId"),
            subnet: item.text("SubnetId").map(str::to_owned),
            public: item.text("ConnectivityType") != Some("private"),
            working: matches!(state(item, "State"), "available" | ""),
            addresses: item
                .list("NatGatewayAddresses")
                .iter()
                .map(address)
                .collect(),
        };
        self.estate.nats.insert(id.to_owned(), nat);
    }

    pub(super) fn peering(&mut self, item: &Value) {
        let Some(id) = item.text("VpcPeeringConnectionId") else {
            return self.warn("a peering has no `VpcPeeringConnectionId`");
        };
        let side = |key: &str| {
            let info = item.member(key);
            let v4 = info
                .list("CidrBlockSet")
                .iter()
                .filter_map(|set| set.block("CidrBlock"));
            let v6 = info
                .list("Ipv6CidrBlockSet")
                .iter()
                .filter_map(|set| set.block("Ipv6CidrBlock"));
            let place = Place {
                account: info.string("OwnerId"),
                region: info.string("Region"),
            };
            PeeringSide {
                vpc: info.string("VpcId"),
                place,
                blocks: info
                    .block("CidrBlock")
                    .into_iter()
                    .chain(v4)
                    .chain(v6)
                    .collect(),
            }
        };
        let (requester, accepter) = (side("RequesterVpcInfo"), side("AccepterVpcInfo"));
        let active = matches!(state(item, "Status"), "active" | "");
        self.estate.peerings.insert(
            id.to_owned(),
            Peering {
                id: id.to_owned(),
                requester,
                accepter,
                active,
            },
        );
    }

    pub(super) fn endpoint(&mut self, item: &Value) {
        let Some(id) = item.text("VpcEndpointId") else {
            return self.warn("an endpoint has no `VpcEndpointId`");
        };
        let kind = match item.text("VpcEndpointType") {
            Some("Gateway") => EndpointKind::Gateway,
            Some("GatewayLoadBalancer") => EndpointKind::Inspection,
            _ => EndpointKind::Interface,
        };
        let endpoint = Endpoint {
            id: id.to_owned(),
            vpc: item.string("VpcId"),
            kind,
            service: item.string("ServiceName"),
            interfaces: item.texts("NetworkInterfaceIds"),
            subnets: item.texts("SubnetIds"),
            working: item
                .text("State")
                .is_none_or(|state| state.eq_ignore_ascii_case("available")),
            firewall: item
                .tags()
                .get("Firewall")
                .filter(|arn| arn.starts_with("arn:"))
                .cloned(),
        };
        self.estate.endpoints.insert(id.to_owned(), endpoint);
    }

    pub(super) fn vpn(&mut self, item: &Value) {
        let Some(id) = item.text("VpnConnectionId") else {
            return self.warn("a VPN has no `VpnConnectionId`");
        };
        let vpn = VpnConnection {
            id: id.to_owned(),
            gateway: item
                .text("VpnGatewayId")
                .or_else(|| item.text("TransitGatewayId"))
                .unwrap_or_default()
                .to_owned(),
            static_only: item
                .member("Options")
                .flag("StaticRoutesOnly")
                .unwrap_or(false),
            routes: item
                .list("Routes")
                .iter()
                .filter_map(|route| route.block("DestinationCidrBlock"))
                .collect(),
            working: matches!(state(item, "State"), "available" | ""),
        };
        self.estate.vpns.insert(id.to_owned(), vpn);
    }

    pub(super) fn block_public_access(&mut self, item: &Value, place: &Place) {
        let mode = match item.text("InternetGatewayBlockMode") {
            Some("block-bidirectional") => BlockMode::Bidirectional,
            Some("block-ingress") => BlockMode::Ingress,
            _ => BlockMode::Off,
        };
        let place = Place {
            account: item
                .text("AwsAccountId")
                .unwrap_or(&place.account)
                .to_owned(),
            region: item.text("AwsRegion").unwrap_or(&place.region).to_owned(),
        };
        self.estate
            .block_public_access
            .push(BlockPublicAccess { place, mode });
    }

    pub(super) fn exclusion(&mut self, item: &Value) {
        if !matches!(
            item.text("State"),
            Some("create-complete" | "update-complete") | None
        ) {
            return;
        }
        let Some(arn) = item.text("ResourceArn") else {
            return self.warn("an exclusion has no `ResourceArn`");
        };
        let resource = arn.rsplit('/').next().unwrap_or(arn).to_owned();
        let both = item.text("InternetGatewayExclusionMode") == Some("allow-bidirectional");
        self.estate.exclusions.push(Exclusion { resource, both });
    }
}

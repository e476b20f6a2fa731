//! The JSON that `aws ... describe-*` prints, as an estate.
//!
//! The top-level key decides what a document is; unknown keys are warnings. What AWS says is gone or not working is left out.

mod balancers;
mod firewall_rules;
mod firewalls;
mod gateways;
mod json;
mod members;
mod parts;
mod rules;
mod transit;

pub use members::members;

use crate::error::Warning;
use crate::model::{Estate, Part, Place};
use json::Json;
use serde_json::Value;
use std::borrow::Borrow;
use std::collections::BTreeMap;

/// One document with its name and the account and Region that its folder tells.
#[derive(Debug, Clone)]
pub struct Document {
    /// For warnings: a path.
    pub name: String,
    /// Where it is from.
    pub place: Place,
    /// The parsed JSON.
    pub json: Value,
}

/// Reads documents into an estate, one after the other: an iterator can make each as it is asked for. Never fails: what
/// cannot be used is a warning.
#[must_use]
pub fn from_dump(
    documents: impl IntoIterator<Item = impl Borrow<Document>>,
) -> (Estate, Vec<Warning>) {
    let mut reader = Reader::default();
    for document in documents {
        reader.document(document.borrow());
    }
    reader.finish()
}

#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) estate: Estate,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) vgws: Vec<(String, Vec<String>)>,
    /// Where a listener stands, by its ARN; the first counts.
    pub(crate) listeners: BTreeMap<String, usize>,
    at: String,
}

/// Keys that are known and say nothing of reachability.
const IGNORED: &[&str] = &[
    "AvailabilityZones",
    "CustomerGateways",
    "ServiceDetails",
    "ServiceNames",
    "NextToken",
    "NextMarker",
    "Marker",
    "ResponseMetadata",
    "UpdateToken",
    "FirewallStatus",
    "FirewallPolicyResponse",
    "RuleGroupResponse",
];

impl Reader {
    fn document(&mut self, document: &Document) {
        let Value::Object(keys) = &document.json else {
            self.at.clone_from(&document.name);
            self.warn("the document is not a JSON object with keys such as `Vpcs`");
            return;
        };
        for (key, value) in keys {
            self.at = format!("{}: {key}", document.name);
            let Value::Array(items) = value else {
                match key.as_str() {
                    "Firewall" => self.firewall(&document.json),
                    "FirewallPolicy" => self.firewall_policy(&document.json),
                    "RuleGroup" => self.firewall_rule_group(&document.json),
                    ignored if IGNORED.contains(&ignored) => {}
                    _ => self.single(key, value, &document.place),
                }
                continue;
            };
            self.read_part(key, &document.place);
            for item in items {
                if item.is_object() {
                    self.item(key, item, &document.place);
                } else if !IGNORED.contains(&key.as_str()) {
                    self.warn("a member is not an object");
                }
            }
            if items.is_empty() && !known(key) {
                self.warn("this key is not known");
            }
        }
    }

    fn single(&mut self, key: &str, value: &Value, place: &Place) {
        if key == "VpcBlockPublicAccessOptions" {
            self.was_read(Part::BlockPublicAccess, place);
            self.block_public_access(value, place);
        } else {
            self.warn("this key is not known");
        }
    }

    fn read_part(&mut self, key: &str, place: &Place) {
        let part = match key {
            "Vpcs" => Part::Vpcs,
            "Subnets" => Part::Subnets,
            "NetworkInterfaces" => Part::Interfaces,
            "SecurityGroups" => Part::SecurityGroups,
            "NetworkAcls" => Part::NetworkAcls,
            "RouteTables" => Part::RouteTables,
            "InternetGateways" => Part::InternetGateways,
            "EgressOnlyInternetGateways" => Part::EgressOnlyGateways,
            "NatGateways" => Part::NatGateways,
            "VpcPeeringConnections" => Part::Peerings,
            "VpcEndpoints" => Part::Endpoints,
            "TransitGatewayAttachments" => Part::TransitGateways,
            "VpnConnections" => Part::VpnConnections,
            "LoadBalancers" => Part::Balancers,
            _ => return,
        };
        self.was_read(part, place);
    }

    fn was_read(&mut self, part: Part, place: &Place) {
        let places = self.estate.read.entry(part).or_default();
        if !places.contains(place) {
            places.insert(place.clone());
        }
    }

    fn item(&mut self, key: &str, item: &Value, place: &Place) {
        match key {
            "Vpcs" => self.vpc(item, place),
            "Subnets" => self.subnet(item, place),
            "NetworkInterfaces" => self.interface(item, place),
            "Reservations" => {
                item.each("Instances", |instance| self.instance(instance, place));
            }
            "Instances" => self.instance(item, place),
            "SecurityGroups" => self.security_group(item, place),
            "NetworkAcls" => self.network_acl(item),
            "RouteTables" => self.route_table(item),
            "PrefixLists" => self.prefix_list(item),
            "PrefixListEntries" => self.prefix_list_entries(item),
            "InternetGateways" => self.internet_gateway(item, "InternetGatewayId"),
            "EgressOnlyInternetGateways" => {
                self.internet_gateway(item, "EgressOnlyInternetGatewayId")
            }
            "NatGateways" => self.nat(item),
            "VpcPeeringConnections" => self.peering(item),
            "VpcEndpoints" => self.endpoint(item),
            "VpnGateways" => self.vpn_gateway(item),
            "VpnConnections" => self.vpn(item),
            "VpcBlockPublicAccessExclusions" => self.exclusion(item),
            "TransitGateways" => self.transit(item, place),
            "TransitGatewayAttachments" => self.attachment(item),
            "TransitGatewayVpcAttachments" => self.vpc_attachment(item),
            "TransitGatewayRouteTables" => self.transit_table(item),
            "TransitGatewayPropagations" => self.propagations(item),
            "TransitGatewayStaticRoutes" | "TransitGatewayRoutes" => self.transit_routes(item),
            "LoadBalancers" => self.balancer(item, place),
            "LoadBalancerDescriptions" => self.classic(item, place),
            "LoadBalancerListeners" => {
                item.each("Listeners", |listener| self.listener(listener));
            }
            "Listeners" => self.listener(item),
            "LoadBalancerRules" | "Rules" => self.listener_rule(item),
            "LoadBalancerAttributes" => self.balancer_attributes(item),
            "TargetGroups" => self.target_group(item),
            "TargetGroupAttributes" => self.target_group_attributes(item),
            "LoadBalancerTargetHealth" => self.target_health(item),
            "Addresses" => self.elastic_address(item),
            "DBInstances" | "DbInstances" => self.database(item),
            "Firewalls" => self.firewall(item),
            "FirewallPolicies" => self.firewall_policy(item),
            "RuleGroups" => self.firewall_rule_group(item),
            _ => self.beyond(key, item),
        }
    }

    /// Kinds that change reachability and are not modelled are listed; the rest is said to be unknown.
    fn beyond(&mut self, key: &str, item: &Value) {
        let id = match key {
            "CarrierGateways" => item.text("CarrierGatewayId"),
            "LocalGateways" => item.text("LocalGatewayId"),
            "TransitGatewayConnects" => item.text("TransitGatewayAttachmentId"),
            "ClientVpnEndpoints" => item.text("ClientVpnEndpointId"),
            "VirtualInterfaces" | "virtualInterfaces" => item
                .text("VirtualInterfaceId")
                .or_else(|| item.text("virtualInterfaceId")),
            "directConnectGateways" | "DirectConnectGateways" => item
                .text("DirectConnectGatewayId")
                .or_else(|| item.text("directConnectGatewayId")),
            _ => {
                if !known(key) {
                    self.warn("this key is not known");
                }
                return;
            }
        };
        self.estate
            .not_modelled
            .insert((key.to_owned(), id.unwrap_or_default().to_owned()));
    }

    pub(crate) fn warn(&mut self, message: impl Into<String>) {
        let warning = Warning {
            at: self.at.clone(),
            message: message.into(),
        };
        if self.warnings.last() != Some(&warning) {
            self.warnings.push(warning);
        }
    }

    fn finish(mut self) -> (Estate, Vec<Warning>) {
        self.fill_transit_tables();
        self.virtual_private_gateways();
        (self.estate, self.warnings)
    }
}

fn known(key: &str) -> bool {
    const KNOWN: &[&str] = &[
        "Vpcs",
        "Subnets",
        "NetworkInterfaces",
        "Reservations",
        "Instances",
        "SecurityGroups",
        "NetworkAcls",
        "RouteTables",
        "PrefixLists",
        "PrefixListEntries",
        "InternetGateways",
        "EgressOnlyInternetGateways",
        "NatGateways",
        "VpcPeeringConnections",
        "VpcEndpoints",
        "VpnGateways",
        "VpnConnections",
        "VpcBlockPublicAccessExclusions",
        "TransitGateways",
        "TransitGatewayAttachments",
        "TransitGatewayVpcAttachments",
        "TransitGatewayRouteTables",
        "TransitGatewayPropagations",
        "TransitGatewayStaticRoutes",
        "TransitGatewayRoutes",
        "LoadBalancers",
        "LoadBalancerDescriptions",
        "LoadBalancerListeners",
        "Listeners",
        "LoadBalancerRules",
        "Rules",
        "LoadBalancerAttributes",
        "TargetGroups",
        "TargetGroupAttributes",
        "LoadBalancerTargetHealth",
        "Addresses",
        "DBInstances",
        "DomainStatusList",
        "DirectConnectGateways",
        "DirectConnectGatewayAssociations",
        "VirtualInterfaces",
        "Firewalls",
        "FirewallPolicies",
        "RuleGroups",
        "ClientVpnEndpoints",
    ];
    KNOWN.contains(&key) || IGNORED.contains(&key)
}

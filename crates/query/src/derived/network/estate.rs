//! From a snapshot's rows to what `aws ... describe-*` prints: the network engine reads AWS's own shapes.

use super::super::Inputs;
use super::super::inputs::Where;
use palisade_network::Document;
use palisade_network::model::Place;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Tables with the key that their rows stand under.
const LISTS: [(&str, &str); 27] = [
    ("aws_vpc", "Vpcs"),
    ("aws_vpc_subnet", "Subnets"),
    ("aws_ec2_network_interface", "NetworkInterfaces"),
    ("aws_ec2_instance", "Instances"),
    ("aws_vpc_security_group", "SecurityGroups"),
    ("aws_vpc_network_acl", "NetworkAcls"),
    ("aws_vpc_route_table", "RouteTables"),
    ("aws_vpc_internet_gateway", "InternetGateways"),
    (
        "aws_vpc_egress_only_internet_gateway",
        "EgressOnlyInternetGateways",
    ),
    ("aws_vpc_nat_gateway", "NatGateways"),
    ("aws_vpc_endpoint", "VpcEndpoints"),
    ("aws_vpc_peering_connection", "VpcPeeringConnections"),
    ("aws_vpc_vpn_connection", "VpnConnections"),
    ("aws_vpc_vpn_gateway", "VpnGateways"),
    (
        "aws_vpc_block_public_access_exclusion",
        "VpcBlockPublicAccessExclusions",
    ),
    ("aws_ec2_transit_gateway", "TransitGateways"),
    (
        "aws_ec2_transit_gateway_vpc_attachment",
        "TransitGatewayAttachments",
    ),
    (
        "aws_ec2_transit_gateway_route_table",
        "TransitGatewayRouteTables",
    ),
    ("aws_ec2_load_balancer", "LoadBalancers"),
    ("aws_ec2_load_balancer_listener", "Listeners"),
    ("aws_ec2_load_balancer_listener_rule", "Rules"),
    ("aws_ec2_target_group", "TargetGroups"),
    ("aws_rds_db_instance", "DBInstances"),
    ("aws_ec2_classic_load_balancer", "LoadBalancerDescriptions"),
    ("aws_networkfirewall_firewall", "Firewalls"),
    ("aws_networkfirewall_firewall_policy", "FirewallPolicies"),
    ("aws_networkfirewall_rule_group", "RuleGroups"),
];

/// Rows that belong to a row of another table: their table, the parent's, the column of its id, the key of the whole,
/// and the member that holds the rows.
const PARTS: [(&str, &str, &str, &str, &str); 2] = [
    (
        "aws_ec2_managed_prefix_list_entry",
        "aws_ec2_managed_prefix_list",
        "prefix_list_id",
        "PrefixListEntries",
        "Entries",
    ),
    (
        "aws_ec2_transit_gateway_route",
        "aws_ec2_transit_gateway_route_table",
        "transit_gateway_route_table_id",
        "TransitGatewayRoutes",
        "Routes",
    ),
];

/// Lists of a row that stand in a document of their own, beside the row's id: table, column, id, key, member.
const BESIDE: [(&str, &str, &str, &str, &str); 3] = [
    (
        "aws_ec2_load_balancer",
        "load_balancer_attributes",
        "load_balancer_arn",
        "LoadBalancerAttributes",
        "Attributes",
    ),
    (
        "aws_ec2_target_group",
        "target_group_attributes",
        "target_group_arn",
        "TargetGroupAttributes",
        "Attributes",
    ),
    (
        "aws_ec2_target_group",
        "target_health_descriptions",
        "target_group_arn",
        "LoadBalancerTargetHealth",
        "TargetHealthDescriptions",
    ),
];

/// Lists of a row whose items stand under a key of their own: table, column, key.
const NESTED: [(&str, &str, &str); 1] = [(
    "aws_ec2_transit_gateway_vpc_attachment",
    "vpc_attachments",
    "TransitGatewayVpcAttachments",
)];

type Items = BTreeMap<(Where, &'static str), Vec<Value>>;

/// The documents of a snapshot, by place and key. A list that was answered and is empty is there, one that was not
/// answered is left out.
pub(super) fn documents(inputs: &Inputs) -> Vec<Document> {
    let mut items = Items::new();
    for (table, key) in LISTS {
        for place in inputs.answered(table) {
            items.entry((place.clone(), key)).or_default();
        }
        for row in inputs.rows(table) {
            let at = place(&row);
            beside(inputs, table, &row, &at, &mut items);
            let row = inputs.restored(table, row);
            items.entry((at, key)).or_default().push(row);
        }
    }
    for part in PARTS {
        parts(inputs, part, &mut items);
    }
    for row in inputs.rows("aws_vpc_block_public_access_options") {
        let at = place(&row);
        let row = inputs.restored("aws_vpc_block_public_access_options", row);
        let key = "VpcBlockPublicAccessOptions";
        if let Some(options) = row.get(key) {
            items.entry((at, key)).or_default().push(options.clone());
        }
    }
    items
        .into_iter()
        .flat_map(|(((account, region), key), rows)| {
            let place = Place { account, region };
            documents_of(place, key, rows)
        })
        .collect()
}

fn documents_of(place: Place, key: &str, rows: Vec<Value>) -> Vec<Document> {
    let document = |json: Value| Document {
        name: format!("{} {}", place.account, place.region),
        place: place.clone(),
        json,
    };
    // A single object, not a list.
    if key == "VpcBlockPublicAccessOptions" {
        return rows
            .into_iter()
            .map(|v| document(json!({ key: v })))
            .collect();
    }
    vec![document(json!({ key: rows }))]
}

fn place(row: &Map<String, Value>) -> Where {
    let text = |name: &str| {
        let value = row.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    (text("account_id"), text("region"))
}

fn beside(inputs: &Inputs, table: &str, row: &Map<String, Value>, at: &Where, items: &mut Items) {
    for (_, column, key) in NESTED.iter().filter(|n| n.0 == table) {
        let only = row.iter().filter(|(name, _)| name == column);
        let only = only.map(|(name, value)| (name.clone(), value.clone()));
        if let Value::Object(whole) = inputs.restored(table, only.collect()) {
            let lists = whole.into_iter().filter_map(|(_, list)| match list {
                Value::Array(list) => Some(list),
                _ => None,
            });
            let own = items.entry((at.clone(), key)).or_default();
            own.extend(lists.flatten());
        }
    }
    for (_, column, id, key, member) in BESIDE.iter().filter(|b| b.0 == table) {
        let only = row
            .iter()
            .filter(|(name, _)| name == id || name == column)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let Value::Object(mut whole) = inputs.restored(table, only) else {
            continue;
        };
        // The id keeps its own spelling; the list is what has no id's name.
        let ends = |name: &str| name.ends_with("Arn") || name.ends_with("Id");
        let Some(list) = whole.keys().find(|name| !ends(name)).cloned() else {
            continue;
        };
        if let Some(list) = whole.remove(&list) {
            whole.insert((*member).to_owned(), list);
            items
                .entry((at.clone(), key))
                .or_default()
                .push(Value::Object(whole));
        }
    }
}

fn parts(
    inputs: &Inputs,
    (table, parent, id, key, member): (
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
    ),
    items: &mut Items,
) {
    let id_of = |row: &Map<String, Value>| row.get(id).and_then(Value::as_str).map(str::to_owned);
    let mut of: BTreeMap<(Where, String), Vec<Value>> = BTreeMap::new();
    for row in inputs.rows(table) {
        if let Some(whole) = id_of(&row) {
            let at = place(&row);
            let row = inputs.restored(table, row);
            of.entry((at, whole)).or_default().push(row);
        }
    }
    let answered: BTreeSet<&Where> = inputs.answered(table).collect();
    for row in inputs.rows(parent) {
        let at = place(&row);
        let (true, Some(whole)) = (answered.contains(&at), id_of(&row)) else {
            continue;
        };
        let rows = of.remove(&(at.clone(), whole)).unwrap_or_default();
        let only = row.into_iter().filter(|(name, _)| name == id).collect();
        let mut document = inputs.restored(parent, only);
        if let Some(members) = document.as_object_mut() {
            members.insert(member.to_owned(), Value::Array(rows));
        }
        items.entry((at, key)).or_default().push(document);
    }
}

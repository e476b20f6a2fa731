//! From a snapshot's rows to what `aws ... describe-*` prints: the network engine reads AWS's own shapes.

use super::super::Inputs;
use super::super::inputs::Where;
use super::super::restored::{Restored, Row};
use palisade_network::Document;
use palisade_network::model::Place;
use serde_json::{Map, Value};
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

/// An object of each row that is no list.
const SINGLE: (&str, &str) = (
    "aws_vpc_block_public_access_options",
    "VpcBlockPublicAccessOptions",
);

/// What of a row stands under a key.
#[derive(Clone, Copy)]
enum Make {
    /// All of it.
    Whole,
    /// Its id, and under a member of another name the items of a column.
    Beside {
        id: &'static str,
        column: &'static str,
        member: &'static str,
    },
    /// The items of a column.
    Nested { column: &'static str },
    /// Its id, and under a member rows of another table.
    With {
        id: &'static str,
        table: &'static str,
        member: &'static str,
    },
    /// One member, in a document of its own.
    Single,
}

/// The rows behind one key at one place, each with the rows of another table that belong to it.
struct Pile {
    table: &'static str,
    make: Make,
    rows: Vec<(Row, Vec<Row>)>,
}

type Piles = BTreeMap<(Where, &'static str), Pile>;
type Tables<'a> = BTreeMap<&'static str, Restored<'a>>;

/// The documents of a snapshot, by place and key, each made when it is asked for: all of them at once would be several
/// times the snapshot. A list that was answered and is empty is there, one that was not answered is left out.
pub(super) fn documents(inputs: &Inputs) -> impl Iterator<Item = Document> {
    let tables: Tables<'_> = tables().map(|name| (name, inputs.restored(name))).collect();
    piles(inputs, &tables)
        .into_iter()
        .flat_map(move |(((account, region), key), pile)| {
            documents_of(&tables, &Place { account, region }, key, &pile)
        })
}

/// The tables that are read.
fn tables() -> impl Iterator<Item = &'static str> {
    let lists = LISTS.iter().map(|(table, _)| *table);
    let parts = PARTS.iter();
    lists
        .chain(parts.flat_map(|(table, parent, ..)| [*table, *parent]))
        .chain([SINGLE.0])
}

fn piles(inputs: &Inputs, tables: &Tables<'_>) -> Piles {
    let mut piles = Piles::new();
    for (table, key) in LISTS {
        for place in inputs.answered(table) {
            pile(&mut piles, place.clone(), key, table, Make::Whole);
        }
        let beside = BESIDE
            .iter()
            .filter(|b| b.0 == table)
            .map(|(_, column, id, key, member)| (*key, Make::Beside { id, column, member }));
        let nested = NESTED.iter().filter(|n| n.0 == table);
        let nested = nested.map(|(_, column, key)| (*key, Make::Nested { column }));
        let makes: Vec<(&str, Make)> = std::iter::once((key, Make::Whole))
            .chain(beside)
            .chain(nested)
            .collect();
        for (place, rows) in by_place(tables, table) {
            for (key, make) in &makes {
                let alone = rows.iter().map(|row| (*row, Vec::new()));
                let pile = pile(&mut piles, place.clone(), key, table, *make);
                pile.rows.extend(alone);
            }
        }
    }
    for part in PARTS {
        parts(inputs, tables, part, &mut piles);
    }
    let (table, key) = SINGLE;
    for (place, rows) in by_place(tables, table) {
        let pile = pile(&mut piles, place, key, table, Make::Single);
        pile.rows
            .extend(rows.into_iter().map(|row| (row, Vec::new())));
    }
    piles
}

fn pile<'p>(
    piles: &'p mut Piles,
    place: Where,
    key: &'static str,
    table: &'static str,
    make: Make,
) -> &'p mut Pile {
    piles.entry((place, key)).or_insert_with(|| Pile {
        table,
        make,
        rows: Vec::new(),
    })
}

/// The rows of a table in runs of one place, as they stand.
fn by_place(tables: &Tables<'_>, table: &str) -> Vec<(Where, Vec<Row>)> {
    let mut runs: Vec<(Where, Vec<Row>)> = Vec::new();
    let Some(table) = tables.get(table) else {
        return runs;
    };
    for row in table.rows() {
        let text = |name: &str| table.text(row, name).unwrap_or_default();
        let (account, region) = (text("account_id"), text("region"));
        match runs.last_mut() {
            Some((place, run)) if place.0 == account && place.1 == region => run.push(row),
            _ => runs.push(((account.to_owned(), region.to_owned()), vec![row])),
        }
    }
    runs
}

fn parts(
    inputs: &Inputs,
    tables: &Tables<'_>,
    (table, parent, id, key, member): (
        &'static str,
        &'static str,
        &'static str,
        &'static str,
        &'static str,
    ),
    piles: &mut Piles,
) {
    let id_of = |table: &str, row: Row| tables.get(table)?.text(row, id);
    let mut of: BTreeMap<Where, BTreeMap<&str, Vec<Row>>> = BTreeMap::new();
    for (place, rows) in by_place(tables, table) {
        let here = of.entry(place).or_default();
        for row in rows {
            if let Some(whole) = id_of(table, row) {
                here.entry(whole).or_default().push(row);
            }
        }
    }
    let answered: BTreeSet<&Where> = inputs.answered(table).collect();
    for (place, rows) in by_place(tables, parent) {
        if !answered.contains(&place) {
            continue;
        }
        let mut here = of.get_mut(&place);
        let with = rows.into_iter().filter_map(|row| {
            let whole = id_of(parent, row)?;
            let own = here.as_mut().and_then(|here| here.remove(whole));
            Some((row, own.unwrap_or_default()))
        });
        let with: Vec<_> = with.collect();
        if !with.is_empty() {
            let make = Make::With { id, table, member };
            pile(piles, place, key, parent, make).rows.extend(with);
        }
    }
}

fn documents_of(tables: &Tables<'_>, place: &Place, key: &str, pile: &Pile) -> Vec<Document> {
    let document = |value: Value| Document {
        name: format!("{} {}", place.account, place.region),
        place: place.clone(),
        json: Value::Object(Map::from_iter([(key.to_owned(), value)])),
    };
    let Some(table) = tables.get(pile.table) else {
        return Vec::new();
    };
    let items = pile.rows.iter();
    let items = items.flat_map(|(row, own)| made(tables, table, pile.make, *row, own));
    match pile.make {
        Make::Single => items
            .filter_map(|mut item| item.as_object_mut()?.remove(key))
            .map(document)
            .collect(),
        Make::Whole | Make::Beside { .. } | Make::Nested { .. } | Make::With { .. } => {
            vec![document(items.collect())]
        }
    }
}

fn made(
    tables: &Tables<'_>,
    table: &Restored<'_>,
    make: Make,
    row: Row,
    own: &[Row],
) -> Vec<Value> {
    match make {
        Make::Whole | Make::Single => vec![Value::Object(table.object(row, |_| true))],
        Make::Nested { column } => {
            let lists = table.object(row, |name| name == column);
            let lists = lists.into_iter().filter_map(|(_, list)| match list {
                Value::Array(list) => Some(list),
                _ => None,
            });
            lists.flatten().collect()
        }
        Make::Beside { id, column, member } => {
            let list = table.object(row, |name| name == column);
            let Some(list) = list.into_iter().map(|(_, list)| list).next() else {
                return Vec::new();
            };
            // The id keeps its own spelling.
            let mut whole = table.object(row, |name| name == id);
            whole.insert(member.to_owned(), list);
            vec![Value::Object(whole)]
        }
        Make::With {
            id,
            table: of,
            member,
        } => {
            let whole = |of: &Restored<'_>| {
                let rows = own.iter().map(|row| of.object(*row, |_| true));
                rows.map(Value::Object).collect()
            };
            let rows = tables.get(of).map_or(Value::Array(Vec::new()), whole);
            let mut item = table.object(row, |name| name == id);
            item.insert(member.to_owned(), rows);
            vec![Value::Object(item)]
        }
    }
}

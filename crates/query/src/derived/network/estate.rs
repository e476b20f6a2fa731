//! From a snapshot's rows to what `aws ... describe-*` prints: the network engine reads AWS's own shapes.

use super::super::Inputs;
use super::super::inputs::Where;
use super::super::restored::{Restored, Row, spelled};
use palisade_core::schema::{CALLS, COMMON};
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
type Tables = BTreeMap<&'static str, Restored>;

/// The documents of a snapshot, by place and key, each made when it is asked for: all of them at once would be several
/// times the snapshot. A list that was answered and is empty is there, one that was not answered is left out.
pub(super) fn documents(inputs: &Inputs) -> impl Iterator<Item = Document> {
    let read = |table: &'static str| {
        let wanted = wanted(table);
        (table, inputs.restored(table, |column| wanted.reads(column)))
    };
    let tables: Tables = tables().map(read).collect();
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

/// What of a table is read.
#[derive(Default)]
struct Wanted {
    /// Any column, since any member may be read.
    any: bool,
    columns: BTreeSet<&'static str>,
    members: BTreeSet<&'static str>,
}

impl Wanted {
    fn reads(&self, column: &str) -> bool {
        let is_common = COMMON.contains(&column);
        is_common
            || self.any && column != CALLS
            || self.columns.contains(column)
            || self.members.contains(spelled(column).as_str())
    }

    fn members(&mut self, key: &str) {
        match palisade_network::members(key) {
            Some(members) => self.members.extend(members),
            None => self.any = true,
        }
    }
}

fn wanted(table: &str) -> Wanted {
    let mut wanted = Wanted::default();
    if table == SINGLE.0 {
        wanted.any = true;
    }
    for (_, key) in LISTS.iter().filter(|l| l.0 == table) {
        wanted.members(key);
    }
    for (_, column, id, ..) in BESIDE.iter().filter(|b| b.0 == table) {
        wanted.columns.extend([*column, *id]);
    }
    for (_, column, _) in NESTED.iter().filter(|n| n.0 == table) {
        wanted.columns.insert(column);
    }
    for (part, parent, id, _, member) in PARTS {
        if part == table {
            wanted.members(member);
        }
        if [part, parent].contains(&table) {
            wanted.columns.insert(id);
        }
    }
    wanted
}

fn piles(inputs: &Inputs, tables: &Tables) -> Piles {
    let mut piles = Piles::new();
    for (table, key) in LISTS {
        for place in inputs.answered(table) {
            pile(&mut piles, place, key, table, Make::Whole);
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
fn by_place(tables: &Tables, table: &str) -> Vec<(Where, Vec<Row>)> {
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
    tables: &Tables,
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
    let answered = inputs.answered(table);
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

fn documents_of(tables: &Tables, place: &Place, key: &str, pile: &Pile) -> Vec<Document> {
    let document = |value: Value| Document {
        name: format!("{} {}", place.account, place.region),
        place: place.clone(),
        json: Value::Object(Map::from_iter([(key.to_owned(), value)])),
    };
    let Some(table) = tables.get(pile.table) else {
        return Vec::new();
    };
    let items: Vec<Value> = match pile.make {
        Make::Whole | Make::Single => whole(table, key, pile.rows.iter().map(|(row, _)| row)),
        Make::Nested { column } => nested(table, column, pile),
        Make::Beside { id, column, member } => beside(table, id, column, member, pile),
        Make::With {
            id,
            table: of,
            member,
        } => tables
            .get(of)
            .map_or(Vec::new(), |of| with(table, of, id, member, pile)),
    };
    if !matches!(pile.make, Make::Single) {
        return vec![document(Value::Array(items))];
    }
    let single = |mut item: Value| item.as_object_mut()?.remove(key);
    items.into_iter().filter_map(single).map(document).collect()
}

/// Rows with what the engine reads of such items.
fn whole<'r>(table: &Restored, key: &str, rows: impl Iterator<Item = &'r Row>) -> Vec<Value> {
    let columns = table.members(palisade_network::members(key));
    rows.map(|row| Value::Object(table.object(*row, &columns)))
        .collect()
}

fn nested(table: &Restored, column: &str, pile: &Pile) -> Vec<Value> {
    let column = table.columns(&[column]);
    let lists = pile.rows.iter();
    let lists = lists.flat_map(|(row, _)| table.object(*row, &column));
    let items = lists.filter_map(|(_, list)| match list {
        Value::Array(items) => Some(items),
        _ => None,
    });
    items.flatten().collect()
}

fn beside(table: &Restored, id: &str, column: &str, member: &str, pile: &Pile) -> Vec<Value> {
    let (id, column) = (table.columns(&[id]), table.columns(&[column]));
    let item = |(row, _): &(Row, Vec<Row>)| {
        let (_, list) = table.object(*row, &column).into_iter().next()?;
        // The id keeps its own spelling.
        let mut item = table.object(*row, &id);
        item.insert(member.to_owned(), list);
        Some(Value::Object(item))
    };
    pile.rows.iter().filter_map(item).collect()
}

fn with(table: &Restored, of: &Restored, id: &str, member: &str, pile: &Pile) -> Vec<Value> {
    let id = table.columns(&[id]);
    let item = |(row, own): &(Row, Vec<Row>)| {
        let mut item = table.object(*row, &id);
        let own = whole(of, member, own.iter());
        item.insert(member.to_owned(), Value::Array(own));
        Value::Object(item)
    };
    pile.rows.iter().map(item).collect()
}

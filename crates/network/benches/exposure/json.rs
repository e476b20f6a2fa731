//! The estate as the JSON that `aws ... describe-*` prints, so that reading it can be measured.

use palisade_network::headers::{Kind, PortSet};
use palisade_network::model::{Destination, Estate, Peer, Protocol, SgRule, Target};
use serde_json::{Value, json};

/// One document with a key for each part.
pub(crate) fn json(estate: &Estate) -> Value {
    let vpcs = estate.vpcs.values().map(
        |vpc| json!({ "VpcId": vpc.id, "CidrBlock": vpc.blocks.first().map(ToString::to_string) }),
    );
    let subnets = estate.subnets.values().map(|s| {
        json!({ "SubnetId": s.id, "VpcId": s.vpc, "CidrBlock": s.blocks.first().map(ToString::to_string), "AvailabilityZone": s.zone })
    });
    let interfaces = estate.interfaces.values().map(|i| {
        let addresses = i.addresses.iter().map(|a| match a.public {
            Some(public) => json!({ "PrivateIpAddress": a.address, "Association": { "PublicIp": public } }),
            None => json!({ "PrivateIpAddress": a.address }),
        });
        json!({
            "NetworkInterfaceId": i.id, "VpcId": i.vpc, "SubnetId": i.subnet, "InterfaceType": "interface",
            "SourceDestCheck": true, "PrivateIpAddresses": addresses.collect::<Vec<_>>(),
            "Groups": i.groups.iter().map(|g| json!({ "GroupId": g })).collect::<Vec<_>>(),
        })
    });
    let groups = estate.groups.values().map(|g| {
        json!({ "GroupId": g.id, "VpcId": g.vpc, "GroupName": g.id, "IpPermissions": rules(&g.ingress), "IpPermissionsEgress": rules(&g.egress) })
    });
    let acls = estate.acls.values().map(|acl| {
        let entries = acl.entries.iter().map(|e| {
            let (mut protocol, mut range) = ("-1", Value::Null);
            if let Protocol::Some(kind, ports) = &e.protocol {
                let (from, to) = ends(ports);
                protocol = number(*kind);
                range = json!({ "From": from, "To": to });
            }
            json!({
                "RuleNumber": e.number, "Egress": e.egress, "RuleAction": if e.allow { "allow" } else { "deny" },
                "CidrBlock": e.block.to_string(), "Protocol": protocol, "PortRange": range,
            })
        });
        json!({
            "NetworkAclId": acl.id, "VpcId": acl.vpc, "Entries": entries.collect::<Vec<_>>(),
            "Associations": acl.subnets.iter().map(|s| json!({ "SubnetId": s })).collect::<Vec<_>>(),
        })
    });
    let tables = estate.tables.values().map(|t| {
        let routes = t.routes.iter().map(|r| {
            let gateway = match &r.target {
                Target::Internet(id) => id.as_str(),
                _ => "local",
            };
            let block = match &r.destination {
                Destination::Block(block) => block.to_string(),
                Destination::List(id) => id.clone(),
            };
            json!({ "DestinationCidrBlock": block, "GatewayId": gateway, "State": "active" })
        });
        json!({
            "RouteTableId": t.id, "VpcId": t.vpc, "Routes": routes.collect::<Vec<_>>(),
            "Associations": t.subnets.iter().map(|s| json!({ "SubnetId": s })).collect::<Vec<_>>(),
        })
    });
    let gateways = estate.internet_gateways.values().map(|g| {
        let at = g
            .vpcs
            .iter()
            .map(|v| json!({ "VpcId": v, "State": "available" }));
        json!({ "InternetGatewayId": g.id, "Attachments": at.collect::<Vec<_>>() })
    });
    json!({
        "Vpcs": vpcs.collect::<Vec<_>>(),
        "Subnets": subnets.collect::<Vec<_>>(),
        "NetworkInterfaces": interfaces.collect::<Vec<_>>(),
        "SecurityGroups": groups.collect::<Vec<_>>(),
        "NetworkAcls": acls.collect::<Vec<_>>(),
        "RouteTables": tables.collect::<Vec<_>>(),
        "InternetGateways": gateways.collect::<Vec<_>>(),
    })
}

fn rules(rules: &[SgRule]) -> Vec<Value> {
    let rule = |rule: &SgRule| {
        let mut out = match &rule.protocol {
            Protocol::Any => json!({ "IpProtocol": "-1" }),
            Protocol::Some(kind, ports) => {
                let (from, to) = ends(ports);
                json!({ "IpProtocol": number(*kind), "FromPort": from, "ToPort": to })
            }
        };
        let (key, peer) = match &rule.peer {
            Peer::Block(block) => ("IpRanges", json!([{ "CidrIp": block.to_string() }])),
            Peer::Group(id, _) => ("UserIdGroupPairs", json!([{ "GroupId": id }])),
            Peer::List(id) => ("PrefixListIds", json!([{ "PrefixListId": id }])),
        };
        if let Some(members) = out.as_object_mut() {
            members.insert(key.to_owned(), peer);
        }
        out
    };
    rules.iter().map(rule).collect()
}

/// The number of a protocol, as text.
const fn number(kind: Kind) -> &'static str {
    match kind {
        Kind::Udp => "17",
        Kind::Tcp | Kind::Icmp | Kind::Icmp6 | Kind::Other => "6",
    }
}

fn ends(ports: &PortSet) -> (u16, u16) {
    let ranges = ports.ranges();
    let low = ranges.first().map_or(0, |range| range.0);
    (low, ranges.last().map_or(0, |range| range.1))
}

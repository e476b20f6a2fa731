//! Security groups, network ACLs, prefix lists.

use super::Reader;
use super::json::Json;
use crate::headers::{Kind, PortSet};
use crate::model::{
    AclEntry, NetworkAcl, Peer, Place, PrefixList, Protocol, SecurityGroup, SgRule,
};
use ipnet::IpNet;
use serde_json::Value;

impl Reader {
    pub(super) fn security_group(&mut self, item: &Value, place: &Place) {
        let Some(id) = item.text("GroupId") else {
            return self.warn("a security group has no `GroupId`");
        };
        let group = SecurityGroup {
            id: id.to_owned(),
            place: owned(item, place),
            name: item.string("GroupName"),
            vpc: item.string("VpcId"),
            ingress: self.permissions(item, "IpPermissions"),
            egress: self.permissions(item, "IpPermissionsEgress"),
            tags: item.tags(),
        };
        if self.estate.groups.insert(id.to_owned(), group).is_some() {
            self.warn(format!("`{id}` is described twice: the later one counts"));
        }
    }

    fn permissions(&mut self, item: &Value, key: &str) -> Vec<SgRule> {
        let mut out = Vec::new();
        for permission in item.list(key) {
            let Some(protocol) = self.protocol(
                permission.text("IpProtocol"),
                permission.number("FromPort"),
                permission.number("ToPort"),
            ) else {
                continue;
            };
            let mut add = |peer: Peer| {
                out.push(SgRule {
                    protocol: protocol.clone(),
                    peer,
                })
            };
            for (list, name) in [("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")] {
                for range in permission.list(list) {
                    match range.block(name) {
                        Some(block) => add(Peer::Block(block)),
                        None => self.warn(format!(
                            "`{}` is not a block",
                            range.text(name).unwrap_or_default()
                        )),
                    }
                }
            }
            permission.each("PrefixListIds", |list| {
                add(Peer::List(list.string("PrefixListId")))
            });
            permission.each("UserIdGroupPairs", |pair| {
                add(Peer::Group(
                    pair.string("GroupId"),
                    pair.text("UserId").map(str::to_owned),
                ))
            });
        }
        out
    }

    /// `from` and `to` are ports, or an ICMP type and code with -1 for all.
    fn protocol(
        &mut self,
        name: Option<&str>,
        from: Option<i64>,
        to: Option<i64>,
    ) -> Option<Protocol> {
        let number: u8 = match name? {
            "-1" | "all" => return Some(Protocol::Any),
            "tcp" => 6,
            "udp" => 17,
            "icmp" => 1,
            "icmpv6" => 58,
            other => match other.parse() {
                Ok(number) => number,
                Err(_) => {
                    self.warn(format!("protocol `{other}` is not known"));
                    return None;
                }
            },
        };
        let kind = Kind::of(number);
        let ports = match kind {
            Kind::Other => PortSet::one(number.into()),
            Kind::Tcp | Kind::Udp => match (from, to) {
                (None | Some(-1), None | Some(-1)) => PortSet::full(),
                (from, to) => {
                    let (low, high) = (from.or(to).and_then(port), to.or(from).and_then(port));
                    let ports = low
                        .zip(high)
                        .map_or(PortSet::empty(), |(low, high)| PortSet::range(low, high));
                    if ports.is_empty() {
                        self.warn(format!(
                            "ports {}-{} are no range: the rule matches nothing",
                            from.unwrap_or(-1),
                            to.unwrap_or(-1)
                        ));
                    }
                    ports
                }
            },
            Kind::Icmp | Kind::Icmp6 => icmp(from.unwrap_or(-1), to.unwrap_or(-1)),
        };
        Some(Protocol::Some(kind, ports))
    }

    pub(super) fn network_acl(&mut self, item: &Value) {
        let Some(id) = item.text("NetworkAclId") else {
            return self.warn("a network ACL has no `NetworkAclId`");
        };
        let mut acl = NetworkAcl {
            id: id.to_owned(),
            vpc: item.string("VpcId"),
            default: item.flag("IsDefault").unwrap_or(false),
            subnets: item
                .list("Associations")
                .iter()
                .map(|a| a.string("SubnetId"))
                .collect(),
            entries: Vec::new(),
        };
        for entry in item.list("Entries") {
            let Some(block) = entry
                .block("CidrBlock")
                .or_else(|| entry.block("Ipv6CidrBlock"))
            else {
                self.warn(format!("an entry of `{id}` has no block"));
                continue;
            };
            let (ports, icmp) = (entry.member("PortRange"), entry.member("IcmpTypeCode"));
            let is_icmp = matches!(entry.text("Protocol"), Some("1" | "58" | "icmp" | "icmpv6"));
            let (from, to) = if is_icmp {
                (icmp.number("Type"), icmp.number("Code"))
            } else {
                (ports.number("From"), ports.number("To"))
            };
            let Some(protocol) = self.protocol(entry.text("Protocol"), from, to) else {
                continue;
            };
            let number = entry.number("RuleNumber").unwrap_or(i64::MAX);
            let allow = entry.text("RuleAction") == Some("allow");
            acl.entries.push(AclEntry {
                number,
                egress: entry.flag("Egress").unwrap_or(false),
                allow,
                protocol,
                block,
            });
        }
        acl.entries.sort_by_key(|entry| entry.number);
        self.estate.acls.insert(id.to_owned(), acl);
    }

    pub(super) fn prefix_list(&mut self, item: &Value) {
        let Some(id) = item.text("PrefixListId") else {
            return self.warn("a prefix list has no `PrefixListId`");
        };
        let list = self.estate.lists.entry(id.to_owned()).or_default();
        list.id = id.to_owned();
        list.name = item.string("PrefixListName");
        if item.get("Cidrs").is_some() {
            list.blocks = Some(
                item.texts("Cidrs")
                    .iter()
                    .filter_map(|text| text.parse::<IpNet>().ok())
                    .collect(),
            );
        } else if let Some(entries) = item.get("Entries").and_then(Value::as_array) {
            list.blocks = Some(
                entries
                    .iter()
                    .filter_map(|entry| entry.block("Cidr"))
                    .collect(),
            );
        }
    }

    pub(super) fn prefix_list_entries(&mut self, item: &Value) {
        let blocks = item
            .list("Entries")
            .iter()
            .filter_map(|entry| entry.block("Cidr"))
            .collect();
        let Some(id) = item.text("PrefixListId") else {
            return self.warn("entries name no `PrefixListId`");
        };
        let list: &mut PrefixList = self.estate.lists.entry(id.to_owned()).or_default();
        list.id = id.to_owned();
        list.blocks = Some(blocks);
    }
}

pub(super) fn owned(item: &Value, place: &Place) -> Place {
    Place {
        account: item.text("OwnerId").unwrap_or(&place.account).to_owned(),
        region: place.region.clone(),
    }
}

fn port(number: i64) -> Option<u16> {
    u16::try_from(number).ok()
}

fn icmp(kind: i64, code: i64) -> PortSet {
    match (
        u8::try_from(kind).ok().map(u16::from),
        u8::try_from(code).ok().map(u16::from),
    ) {
        (None, _) if kind == -1 => PortSet::full(),
        (Some(kind), Some(code)) => PortSet::one(kind * 256 + code),
        (Some(kind), None) if code == -1 => PortSet::range(kind * 256, kind * 256 + 255),
        _ => PortSet::empty(),
    }
}

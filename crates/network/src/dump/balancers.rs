//! Load balancers, listeners, target groups, target health.

use super::Reader;
use super::json::Json;
use super::parts::state;
use crate::headers::Kind;
use crate::model::{Balancer, BalancerKind, Listener, Member, Place, TargetGroup, TargetKind};
use serde_json::Value;

impl Reader {
    pub(super) fn balancer(&mut self, item: &Value, place: &Place) {
        let Some(id) = item.text("LoadBalancerArn") else {
            return self.warn("a load balancer has no `LoadBalancerArn`");
        };
        let kind = match item.text("Type") {
            Some("application") => BalancerKind::Application,
            Some("gateway") => BalancerKind::Gateway,
            _ => BalancerKind::Network,
        };
        let known = self.estate.balancers.get(id).and_then(|old| old.cross_zone);
        let balancer = Balancer {
            id: id.to_owned(),
            name: item.string("LoadBalancerName"),
            place: place.clone(),
            kind,
            public: item.text("Scheme") == Some("internet-facing"),
            vpc: item.string("VpcId"),
            subnets: item
                .list("AvailabilityZones")
                .iter()
                .map(|zone| zone.string("SubnetId"))
                .collect(),
            groups: item.texts("SecurityGroups"),
            // Always on at application load balancers (Application Load Balancers, "Cross-zone load balancing").
            cross_zone: if kind == BalancerKind::Application {
                Some(true)
            } else {
                known
            },
            instances: Vec::new(),
        };
        self.estate.balancers.insert(id.to_owned(), balancer);
    }

    pub(super) fn classic(&mut self, item: &Value, place: &Place) {
        let Some(name) = item.text("LoadBalancerName") else {
            return self.warn("a load balancer has no `LoadBalancerName`");
        };
        let balancer = Balancer {
            id: name.to_owned(),
            name: name.to_owned(),
            place: place.clone(),
            kind: BalancerKind::Classic,
            public: item.text("Scheme") == Some("internet-facing"),
            vpc: item
                .text("VPCId")
                .or_else(|| item.text("VpcId"))
                .unwrap_or_default()
                .to_owned(),
            subnets: item.texts("Subnets"),
            groups: item.texts("SecurityGroups"),
            // An attribute of its own call; a snapshot's row has it beside the rest.
            cross_zone: item.member("CrossZoneLoadBalancing").flag("Enabled"),
            instances: item
                .list("Instances")
                .iter()
                .map(|instance| instance.string("InstanceId"))
                .collect(),
        };
        self.estate.balancers.insert(name.to_owned(), balancer);
        for description in item.list("ListenerDescriptions") {
            let listener = description.member("Listener");
            self.estate.listeners.push(Listener {
                id: String::new(),
                balancer: name.to_owned(),
                kinds: vec![Kind::Tcp],
                port: port(listener, "LoadBalancerPort"),
                groups: Vec::new(),
                instance_port: port(listener, "InstancePort"),
            });
        }
    }

    pub(super) fn listener(&mut self, item: &Value) {
        let kinds = match item.text("Protocol") {
            Some("UDP" | "QUIC") => vec![Kind::Udp],
            Some("TCP_UDP" | "TCP_QUIC") => vec![Kind::Tcp, Kind::Udp],
            Some("GENEVE") => return,
            _ => vec![Kind::Tcp],
        };
        let id = item.string("ListenerArn");
        if !id.is_empty() {
            let at = self.estate.listeners.len();
            self.listeners.entry(id.clone()).or_insert(at);
        }
        self.estate.listeners.push(Listener {
            id,
            balancer: item.string("LoadBalancerArn"),
            kinds,
            port: port(item, "Port"),
            groups: targets(item, "DefaultActions"),
            instance_port: None,
        });
    }

    pub(super) fn listener_rule(&mut self, item: &Value) {
        let (arn, groups) = (
            item.string("RuleArn")
                .replace(":listener-rule/", ":listener/"),
            targets(item, "Actions"),
        );
        // The ARN of a rule is its listener's with more behind it.
        let ends = arn.match_indices('/').filter_map(|(end, _)| arn.get(..end));
        let first = ends.filter_map(|id| self.listeners.get(id)).min();
        let Some(listener) = first.and_then(|at| self.estate.listeners.get_mut(*at)) else {
            return self.warn("a listener rule has no listener that was read before");
        };
        for group in groups {
            if !listener.groups.contains(&group) {
                listener.groups.push(group);
            }
        }
    }

    pub(super) fn balancer_attributes(&mut self, item: &Value) {
        let id = item.string("LoadBalancerArn");
        let slot = self.estate.balancers.entry(id.clone()).or_default();
        slot.id = id;
        if let Some(value) = attribute(item, "load_balancing.cross_zone.enabled") {
            slot.cross_zone = Some(value == "true");
        }
    }

    pub(super) fn target_group(&mut self, item: &Value) {
        let Some(slot) = self.group_slot(item) else {
            return self.warn("a target group has no `TargetGroupArn`");
        };
        slot.port = port(item, "Port");
        slot.vpc = item.string("VpcId");
        slot.protocol = item.string("Protocol");
        slot.kind = match item.text("TargetType") {
            Some("ip") => TargetKind::Address,
            Some("lambda") => TargetKind::Lambda,
            Some("alb") => TargetKind::Balancer,
            _ => TargetKind::Instance,
        };
    }

    pub(super) fn target_group_attributes(&mut self, item: &Value) {
        let value = attribute(item, "preserve_client_ip.enabled").map(|value| value == "true");
        let Some(slot) = self.group_slot(item) else {
            return self.warn("attributes name no `TargetGroupArn`");
        };
        slot.preserve = value.or(slot.preserve);
    }

    pub(super) fn target_health(&mut self, item: &Value) {
        let member = |health: &Value| Member {
            id: health.member("Target").string("Id"),
            port: port(health.member("Target"), "Port"),
            healthy: !matches!(
                state(health, "TargetHealth"),
                "unhealthy" | "unused" | "draining"
            ),
        };
        let members = item
            .list("TargetHealthDescriptions")
            .iter()
            .map(member)
            .collect();
        let Some(slot) = self.group_slot(item) else {
            return self.warn("target health names no `TargetGroupArn`");
        };
        slot.members = Some(members);
    }

    fn group_slot(&mut self, item: &Value) -> Option<&mut TargetGroup> {
        let id = item.text("TargetGroupArn")?;
        let slot = self.estate.target_groups.entry(id.to_owned()).or_default();
        id.clone_into(&mut slot.id);
        Some(slot)
    }
}

fn port(item: &Value, key: &str) -> Option<u16> {
    item.number(key).and_then(|port| u16::try_from(port).ok())
}

fn attribute<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.list("Attributes")
        .iter()
        .find(|attribute| attribute.text("Key") == Some(name))
        .and_then(|attribute| attribute.text("Value"))
}

fn targets(item: &Value, key: &str) -> Vec<String> {
    let mut out = Vec::new();
    for action in item.list(key) {
        out.extend(action.text("TargetGroupArn").map(str::to_owned));
        action
            .member("ForwardConfig")
            .each("TargetGroups", |group| {
                let id = group.string("TargetGroupArn");
                if !out.contains(&id) {
                    out.push(id);
                }
            });
    }
    out
}

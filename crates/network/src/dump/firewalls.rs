//! Network Firewall: what `describe-firewall`, `describe-firewall-policy` and `describe-rule-group` print, and lists of the same.

use super::Reader;
use super::firewall_rules::{addresses, rules};
use super::json::Json;
use crate::model::{
    Firewall, FirewallEndpoint, FirewallPolicy, FirewallRuleGroup, FirewallRules, GroupReference,
    RuleAddresses, StatefulDefault, StatelessAction,
};
use serde_json::Value;

impl Reader {
    /// `Firewall` with `FirewallStatus` beside it; in lists also without the wrap, the status within.
    pub(super) fn firewall(&mut self, whole: &Value) {
        let item = whole.get("Firewall").unwrap_or(whole);
        let Some(policy) = item.text("FirewallPolicyArn") else {
            // The short form of `list-firewalls` says that there is one, and no more.
            let name = item.string("FirewallName");
            self.estate
                .not_modelled
                .insert(("Firewalls".to_owned(), name));
            return;
        };
        let Some(id) = item.text("FirewallArn") else {
            return self.warn("a firewall has no `FirewallArn`");
        };
        let status = match whole.get("FirewallStatus") {
            Some(status) => status,
            None => item.member("FirewallStatus"),
        };
        let zones = status.member("SyncStates").as_object();
        let attachments: Vec<&Value> = zones
            .into_iter()
            .flat_map(|zones| zones.values())
            .map(|zone| zone.member("Attachment"))
            .collect();
        let mut endpoints: Vec<FirewallEndpoint> = attachments
            .iter()
            .filter_map(|attachment| {
                Some(FirewallEndpoint {
                    id: attachment.text("EndpointId")?.to_owned(),
                    subnet: attachment.string("SubnetId"),
                    working: matches!(attachment.text("Status"), Some("READY") | None),
                })
            })
            .collect();
        for subnet in item.list("SubnetMappings") {
            let subnet = subnet.string("SubnetId");
            if endpoints.iter().all(|endpoint| endpoint.subnet != subnet) {
                endpoints.push(FirewallEndpoint {
                    id: String::new(),
                    subnet,
                    working: true,
                });
            }
        }
        let firewall = Firewall {
            id: id.to_owned(),
            vpc: item.string("VpcId"),
            policy: policy.to_owned(),
            endpoints,
        };
        self.estate
            .firewalls
            .firewalls
            .insert(id.to_owned(), firewall);
    }

    /// `FirewallPolicy` with `FirewallPolicyResponse` beside it; in lists also without the wrap, its ARN as `Arn`.
    pub(super) fn firewall_policy(&mut self, whole: &Value) {
        let item = whole.get("FirewallPolicy").unwrap_or(whole);
        let Some(defaults) = item.get("StatelessDefaultActions") else {
            return;
        };
        let Some(id) = arn(whole, "FirewallPolicyResponse", "FirewallPolicyArn") else {
            return self.warn("a firewall policy has no `FirewallPolicyArn`");
        };
        let default = defaults.as_array().map_or(&[] as &[Value], Vec::as_slice);
        let strict = item.member("StatefulEngineOptions").text("RuleOrder") == Some("STRICT_ORDER");
        let actions = item.texts("StatefulDefaultActions");
        let stateful_default = if actions.iter().any(|action| action == "aws:drop_strict") {
            StatefulDefault::Drop
        } else if actions.iter().any(|action| action.starts_with("aws:drop_")) {
            StatefulDefault::DropEstablished
        } else {
            StatefulDefault::Pass
        };
        let home = item
            .member("PolicyVariables")
            .member("RuleVariables")
            .get("HOME_NET")
            .map(|set| addresses(&set.texts("Definition"), &Value::Null));
        let mut not_modelled = Vec::new();
        if item.text("TLSInspectionConfigurationArn").is_some() {
            not_modelled.push("TLS inspection".to_owned());
        }
        let home = match home {
            Some(RuleAddresses::Set(set)) => Some(set),
            Some(RuleAddresses::Home { .. } | RuleAddresses::Unknown(_)) => {
                not_modelled.push("its `HOME_NET`".to_owned());
                None
            }
            None => None,
        };
        let policy = FirewallPolicy {
            id: id.clone(),
            stateless: references(item, "StatelessRuleGroupReferences"),
            stateless_default: stateless_action(default.iter().filter_map(Value::as_str)),
            stateful: references(item, "StatefulRuleGroupReferences"),
            strict,
            stateful_default,
            home,
            not_modelled,
        };
        self.estate.firewalls.policies.insert(id, policy);
    }

    /// `RuleGroup` with `RuleGroupResponse` beside it; in lists also without the wrap.
    pub(super) fn firewall_rule_group(&mut self, whole: &Value) {
        let item = whole.get("RuleGroup").unwrap_or(whole);
        let Some(source) = item.get("RulesSource") else {
            return;
        };
        let Some(id) = arn(whole, "RuleGroupResponse", "RuleGroupArn") else {
            return self.warn("a rule group has no `RuleGroupArn`");
        };
        let rules = if source.get("RulesString").is_some() {
            FirewallRules::Other("suricata_rules".to_owned())
        } else if source.get("RulesSourceList").is_some() {
            FirewallRules::Other("domain_list".to_owned())
        } else {
            rules(item, source)
        };
        self.estate
            .firewalls
            .groups
            .insert(id.clone(), FirewallRuleGroup { id, rules });
    }
}

fn arn(whole: &Value, response: &str, key: &str) -> Option<String> {
    let at = [whole.member(response), whole];
    let found = at
        .iter()
        .find_map(|at| at.text(key).or_else(|| at.text("Arn")));
    found.map(str::to_owned)
}

fn references(item: &Value, key: &str) -> Vec<GroupReference> {
    let reference = |reference: &Value| GroupReference {
        group: reference.string("ResourceArn"),
        priority: reference.number("Priority"),
        alerts_only: reference.member("Override").text("Action") == Some("DROP_TO_ALERT"),
    };
    item.list(key).iter().map(reference).collect()
}

/// Of several actions the standard one; the others are custom and tell metrics only.
pub(super) fn stateless_action<'a>(mut actions: impl Iterator<Item = &'a str>) -> StatelessAction {
    let known = |action: &'a str| match action {
        "aws:pass" => Some(StatelessAction::Pass),
        "aws:drop" => Some(StatelessAction::Drop),
        "aws:forward_to_sfe" => Some(StatelessAction::Forward),
        _ => None,
    };
    actions.find_map(known).unwrap_or_default()
}

//! AWS Network Firewall: firewalls, their policies, rule groups (Network Firewall guide, "How Network Firewall filters network traffic").

use crate::headers::{AddressSet, PortSet};
use std::collections::BTreeMap;

/// An endpoint of a firewall: the target of routes, one in each Availability Zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirewallEndpoint {
    /// `vpce-...`.
    pub id: String,
    /// Its subnet.
    pub subnet: String,
    /// True if it is ready.
    pub working: bool,
}

/// A firewall.
#[derive(Debug, Clone, Default)]
pub struct Firewall {
    /// ARN.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
    /// ARN of its policy.
    pub policy: String,
    /// Its endpoints.
    pub endpoints: Vec<FirewallEndpoint>,
}

/// What the stateless engine does with a packet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatelessAction {
    /// `aws:pass`: past the stateful engine.
    Pass,
    /// `aws:drop`.
    Drop,
    /// `aws:forward_to_sfe`: on to the stateful engine.
    #[default]
    Forward,
}

/// What the stateful engine does with packets that no rule decides on, in strict order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatefulDefault {
    /// No action, or alerts only.
    #[default]
    Pass,
    /// `aws:drop_strict`.
    Drop,
    /// `aws:drop_established` and its kin: a connection opens, what it carries is dropped.
    DropEstablished,
}

/// A rule group of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupReference {
    /// ARN.
    pub group: String,
    /// The lowest is asked first; none in action order.
    pub priority: Option<i64>,
    /// `DROP_TO_ALERT`: rules that drop only tell.
    pub alerts_only: bool,
}

/// A firewall policy.
#[derive(Debug, Clone, Default)]
pub struct FirewallPolicy {
    /// ARN.
    pub id: String,
    /// Stateless rule groups.
    pub stateless: Vec<GroupReference>,
    /// For packets that no stateless rule matches.
    pub stateless_default: StatelessAction,
    /// Stateful rule groups.
    pub stateful: Vec<GroupReference>,
    /// `STRICT_ORDER`: rules by priority; else pass, drop, reject, alert.
    pub strict: bool,
    /// In strict order, for packets that no stateful rule decides on.
    pub stateful_default: StatefulDefault,
    /// `HOME_NET`, where the policy sets it; else it is the VPC.
    pub home: Option<AddressSet>,
    /// What of it is not modelled, such as `TLSInspectionConfigurationArn`.
    pub not_modelled: Vec<String>,
}

/// Addresses of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleAddresses {
    /// These.
    Set(AddressSet),
    /// `$HOME_NET` of the policy, or all but it.
    Home {
        /// True for `!$HOME_NET`.
        not: bool,
    },
    /// A variable or reference that is not described.
    Unknown(String),
}

impl Default for RuleAddresses {
    fn default() -> Self {
        Self::Set(AddressSet::full())
    }
}

/// Protocol, addresses and ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiveTuple {
    /// Protocol numbers; none: all.
    pub protocols: Option<Vec<u8>>,
    /// Source.
    pub source: RuleAddresses,
    /// Source ports, for TCP and UDP.
    pub source_ports: PortSet,
    /// Destination.
    pub destination: RuleAddresses,
    /// Destination ports, for TCP and UDP.
    pub destination_ports: PortSet,
}

impl Default for FiveTuple {
    fn default() -> Self {
        Self {
            protocols: None,
            source: RuleAddresses::default(),
            source_ports: PortSet::full(),
            destination: RuleAddresses::default(),
            destination_ports: PortSet::full(),
        }
    }
}

/// A stateless rule: it matches if any of its tuples does.
#[derive(Debug, Clone, Default)]
pub struct StatelessRule {
    /// The lowest is asked first.
    pub priority: i64,
    /// What it matches.
    pub matches: Vec<FiveTuple>,
    /// What it does.
    pub action: StatelessAction,
    /// What of it is not modelled, such as `TCPFlags`.
    pub not_modelled: Option<String>,
}

/// What a stateful rule does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StatefulAction {
    /// `PASS`: the flow is looked at no more.
    #[default]
    Pass,
    /// `DROP` or `REJECT`.
    Drop,
    /// `ALERT`: the next rules decide.
    Alert,
}

/// A stateful rule.
#[derive(Debug, Clone, Default)]
pub struct StatefulRule {
    /// What it does.
    pub action: StatefulAction,
    /// What it matches.
    pub matches: FiveTuple,
    /// Direction `ANY`: the other way round too.
    pub both_ways: bool,
    /// What of it is not modelled: an option, or a protocol of the application layer.
    pub not_modelled: Option<String>,
}

/// The rules of a group.
#[derive(Debug, Clone)]
pub enum FirewallRules {
    /// By priority.
    Stateless(Vec<StatelessRule>),
    /// In their order.
    Stateful(Vec<StatefulRule>),
    /// Rules that are not modelled: `suricata_rules`, `domain_list`.
    Other(String),
}

/// A rule group.
#[derive(Debug, Clone)]
pub struct FirewallRuleGroup {
    /// ARN.
    pub id: String,
    /// Its rules.
    pub rules: FirewallRules,
}

/// Everything that was described of Network Firewall, by ARN.
#[derive(Debug, Clone, Default)]
pub struct Firewalls {
    /// Firewalls.
    pub firewalls: BTreeMap<String, Firewall>,
    /// Policies.
    pub policies: BTreeMap<String, FirewallPolicy>,
    /// Rule groups.
    pub groups: BTreeMap<String, FirewallRuleGroup>,
}

//! The rules of a network firewall's policy, as slices of packets.
//!
//! What is not modelled (Suricata's own rules, domain lists, options) is asked twice: once as if it let pass all that it could, once as if
//! it dropped all that it could. What passes both times passes for certain; what passes only the first time is unknown.

use crate::explain::Gap;
use crate::headers::{Address, AddressSet, Flows, Kind, PortSet, Slice, of_net};
use crate::model::{
    Estate, Firewall, FirewallPolicy, FirewallRules, FiveTuple, GroupReference, RuleAddresses,
    StatefulAction, StatefulDefault, StatefulRule, StatelessAction, StatelessRule,
};

/// Which packets of a beam a firewall sees: their source and destination, by the sides of the beam.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View {
    /// True: the far addresses are the source.
    pub(crate) far_is_source: bool,
    /// The address of the other side.
    pub(crate) near: Address,
    /// True for answers: their source port is the port that was asked for.
    pub(crate) answers: bool,
}

#[derive(Debug, Clone)]
struct Tuple {
    protocols: Option<Vec<u8>>,
    source: AddressSet,
    source_ports: PortSet,
    destination: AddressSet,
    destination_ports: PortSet,
    /// The stateful engine's ports bind: what has no ports does not match. The stateless engine reads ports for TCP and UDP only
    /// (API, `MatchAttributes`).
    bind: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Pass,
    Drop,
    Forward,
    /// Rules that are not modelled: they may do anything.
    Any,
}

#[derive(Debug, Clone)]
struct Rule {
    tuples: Vec<Tuple>,
    verb: Verb,
    /// False: it may match less than its tuples say.
    sure: bool,
}

/// A policy with its rule groups.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    stateless: Vec<Rule>,
    stateless_default: StatelessAction,
    stateful: Vec<Rule>,
    strict: bool,
    stateful_default: StatefulDefault,
    /// True: nothing that the stateful engine lets pass is certain.
    clouded: bool,
    /// What of it is not modelled.
    pub(crate) gaps: Vec<Gap>,
}

impl Policy {
    /// The policy of a firewall; none if it is not described.
    pub(super) fn of(estate: &Estate, firewall: &Firewall) -> Option<Self> {
        let described = estate.firewalls.policies.get(&firewall.policy)?;
        let mut policy = Self {
            stateless_default: described.stateless_default,
            strict: described.strict,
            stateful_default: described.stateful_default,
            clouded: !described.not_modelled.is_empty(),
            ..Self::default()
        };
        let networks = estate.vpcs.get(&firewall.vpc).map(|vpc| {
            let blocks = vpc.blocks.iter().map(|block| of_net(*block));
            blocks.fold(AddressSet::empty(), |all, block| all.union(&block))
        });
        let home = described.home.clone().or(networks);
        for word in &described.not_modelled {
            policy.gap(&described.id, word);
        }
        let by_priority = |references: &[GroupReference]| {
            let mut all = references.to_vec();
            all.sort_by_key(|reference| reference.priority.unwrap_or(i64::MAX));
            all
        };
        for reference in by_priority(&described.stateless) {
            policy.group(estate, &reference, false, home.as_ref());
        }
        for reference in by_priority(&described.stateful) {
            policy.group(estate, &reference, true, home.as_ref());
        }
        if policy.strict && policy.stateful_default == StatefulDefault::DropEstablished {
            policy.gap(
                &described.id,
                "aws:drop_established: a connection opens, what it carries is dropped",
            );
        }
        policy.whole(described);
        Some(policy)
    }

    /// In action order the default is to pass.
    const fn whole(&mut self, described: &FirewallPolicy) {
        if !described.strict {
            self.stateful_default = StatefulDefault::Pass;
        }
    }

    fn gap(&mut self, component: &str, what: &str) {
        self.gaps.push(Gap {
            construct: "network_firewall_rules".to_owned(),
            component: component.to_owned(),
            detail: format!("{what}: not modelled; what comes to it may pass or be dropped"),
        });
    }

    fn group(
        &mut self,
        estate: &Estate,
        reference: &GroupReference,
        stateful: bool,
        home: Option<&AddressSet>,
    ) {
        let group = estate.firewalls.groups.get(&reference.group);
        match group.map(|group| &group.rules) {
            Some(FirewallRules::Stateless(rules)) if !stateful => {
                let mut rules: Vec<&StatelessRule> = rules.iter().collect();
                rules.sort_by_key(|rule| rule.priority);
                for rule in rules {
                    self.stateless_rule(reference, rule, home);
                }
            }
            Some(FirewallRules::Stateful(rules)) if stateful => {
                for rule in rules {
                    self.stateful_rule(reference, rule, home);
                }
            }
            other => {
                let what = match other {
                    Some(FirewallRules::Other(kind)) => kind.as_str(),
                    _ => "a rule group that is not described",
                };
                self.gap(&reference.group, what);
                let rule = Rule {
                    tuples: vec![Tuple::of(&FiveTuple::default(), home, false).0],
                    verb: Verb::Any,
                    sure: false,
                };
                if stateful {
                    self.stateful.push(rule);
                } else {
                    self.stateless.push(rule);
                }
            }
        }
    }

    fn stateless_rule(
        &mut self,
        reference: &GroupReference,
        rule: &StatelessRule,
        home: Option<&AddressSet>,
    ) {
        let tuples: Vec<(Tuple, bool)> = rule
            .matches
            .iter()
            .map(|tuple| Tuple::of(tuple, home, false))
            .collect();
        let sure = rule.not_modelled.is_none() && tuples.iter().all(|(_, sure)| *sure);
        if !sure {
            let what = rule.not_modelled.as_deref();
            self.gap(
                &reference.group,
                what.unwrap_or("addresses that are not described"),
            );
        }
        self.stateless.push(Rule {
            tuples: tuples.into_iter().map(|(tuple, _)| tuple).collect(),
            verb: match rule.action {
                StatelessAction::Pass => Verb::Pass,
                StatelessAction::Drop => Verb::Drop,
                StatelessAction::Forward => Verb::Forward,
            },
            sure,
        });
    }

    fn stateful_rule(
        &mut self,
        reference: &GroupReference,
        rule: &StatefulRule,
        home: Option<&AddressSet>,
    ) {
        let verb = match rule.action {
            StatefulAction::Pass => Verb::Pass,
            StatefulAction::Drop if !reference.alerts_only => Verb::Drop,
            StatefulAction::Drop | StatefulAction::Alert => return,
        };
        let (tuple, known) = Tuple::of(&rule.matches, home, true);
        let sure = rule.not_modelled.is_none() && known;
        if !sure {
            let what = rule.not_modelled.as_deref();
            self.gap(
                &reference.group,
                what.unwrap_or("addresses that are not described"),
            );
        }
        let mut tuples = vec![tuple.clone()];
        if rule.both_ways {
            tuples.push(tuple.turned());
        }
        self.stateful.push(Rule { tuples, verb, sure });
    }

    /// What the stateless engine lets pass, and what it gives to the stateful one.
    pub(crate) fn stateless(&self, flows: &Flows, view: View, hope: bool) -> (Flows, Flows) {
        let (mut pass, mut forward) = (Flows::default(), Flows::default());
        let mut rest = flows.clone();
        for rule in &self.stateless {
            if rest.is_empty() {
                break;
            }
            let (hit, other) = rule.split(&rest, view);
            match (rule.verb, rule.sure, hope) {
                (Verb::Pass, true, _) | (Verb::Pass | Verb::Forward | Verb::Any, false, true) => {
                    pass = pass.join(hit);
                }
                (Verb::Forward, true, _) => forward = forward.join(hit),
                (Verb::Drop, false, true) => continue,
                (Verb::Drop | Verb::Any, ..) | (Verb::Pass | Verb::Forward, false, false) => {}
            }
            rest = other;
        }
        match self.stateless_default {
            StatelessAction::Pass => pass = pass.join(rest),
            StatelessAction::Forward => forward = forward.join(rest),
            StatelessAction::Drop => {}
        }
        (pass, forward)
    }

    /// What a rule of the stateful engine lets pass, and what none decides on.
    pub(crate) fn stateful(&self, flows: Flows, view: View, hope: bool) -> (Flows, Flows) {
        if self.clouded && !hope {
            return (Flows::default(), Flows::default());
        }
        let (mut pass, mut rest) = (Flows::default(), flows);
        let drops = |rule: &&Rule| rule.verb == Verb::Drop;
        let in_order: Vec<&Rule> = if self.strict {
            self.stateful.iter().collect()
        } else {
            // Pass comes before drop and reject; rules that are not modelled are of all kinds.
            let first = self.stateful.iter().filter(|rule| rule.verb == Verb::Pass);
            let any = self.stateful.iter().filter(|rule| rule.verb == Verb::Any);
            first
                .chain(any)
                .chain(self.stateful.iter().filter(drops))
                .collect()
        };
        for rule in in_order {
            if rest.is_empty() {
                break;
            }
            let (hit, other) = rule.split(&rest, view);
            match (rule.verb, rule.sure || hope == (rule.verb != Verb::Drop)) {
                (Verb::Any, _) if !hope => return (pass, Flows::default()),
                (Verb::Pass | Verb::Any, true) => pass = pass.join(hit),
                (Verb::Drop, true) => {}
                (_, _) => continue,
            }
            rest = other;
        }
        let passes = match self.stateful_default {
            StatefulDefault::Pass => true,
            StatefulDefault::Drop => false,
            StatefulDefault::DropEstablished => hope,
        };
        (pass, if passes { rest } else { Flows::default() })
    }

    /// Where addresses of any rule begin or have ended.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = Address> {
        let tuples = self
            .stateless
            .iter()
            .chain(&self.stateful)
            .flat_map(|rule| &rule.tuples);
        let sets = tuples.flat_map(|tuple| [&tuple.source, &tuple.destination]);
        sets.flat_map(|set| set.ranges())
            .flat_map(|(low, high)| [Some(*low), crate::headers::Step::up(*high)])
            .flatten()
    }
}

impl Rule {
    fn split(&self, flows: &Flows, view: View) -> (Flows, Flows) {
        let (mut hit, mut rest) = (Flows::default(), flows.clone());
        for tuple in &self.tuples {
            let (more, other) = rest.split(|kind| tuple.slice(kind, view));
            (hit, rest) = (hit.join(more), other);
        }
        (hit, rest)
    }
}

impl Tuple {
    /// The tuple, and whether its addresses are known.
    fn of(tuple: &FiveTuple, home: Option<&AddressSet>, bind: bool) -> (Self, bool) {
        let mut sure = true;
        let mut addresses = |of: &RuleAddresses| match (of, home) {
            (RuleAddresses::Set(set), _) => set.clone(),
            (RuleAddresses::Home { not: false }, Some(home)) => home.clone(),
            (RuleAddresses::Home { not: true }, Some(home)) => home.complement(),
            (RuleAddresses::Home { .. }, None) | (RuleAddresses::Unknown(_), _) => {
                sure = false;
                AddressSet::full()
            }
        };
        let out = Self {
            source: addresses(&tuple.source),
            destination: addresses(&tuple.destination),
            protocols: tuple.protocols.clone(),
            source_ports: tuple.source_ports.clone(),
            destination_ports: tuple.destination_ports.clone(),
            bind,
        };
        (out, sure)
    }

    fn turned(self) -> Self {
        Self {
            source: self.destination,
            source_ports: self.destination_ports,
            destination: self.source,
            destination_ports: self.source_ports,
            ..self
        }
    }

    fn slice(&self, kind: Kind, view: View) -> Option<Slice<'_>> {
        let (far, near) = if view.far_is_source {
            (&self.source, &self.destination)
        } else {
            (&self.destination, &self.source)
        };
        if !near.contains(view.near) {
            return None;
        }
        let has = |number: u8| {
            let protocols = self.protocols.as_ref();
            protocols.is_none_or(|all| all.contains(&number))
        };
        let any_ports = self.source_ports.is_full() && self.destination_ports.is_full();
        let (asked, source) = if view.answers {
            (&self.source_ports, &self.destination_ports)
        } else {
            (&self.destination_ports, &self.source_ports)
        };
        let (ports, replies) = match kind {
            Kind::Tcp if has(6) => (asked.clone(), source.clone()),
            Kind::Udp if has(17) => (asked.clone(), source.clone()),
            Kind::Tcp | Kind::Udp => return None,
            _ if self.bind && !any_ports => return None,
            Kind::Icmp if has(1) => (PortSet::full(), PortSet::full()),
            Kind::Icmp6 if has(58) => (PortSet::full(), PortSet::full()),
            Kind::Icmp | Kind::Icmp6 => return None,
            Kind::Other => {
                let all = kind.all_ports();
                let numbers = self.protocols.as_ref().map_or(all, |numbers| {
                    PortSet::of(numbers.iter().map(|n| (u16::from(*n), u16::from(*n))))
                });
                (numbers, PortSet::full())
            }
        };
        Some(Slice {
            addresses: far,
            ports,
            replies,
        })
    }
}

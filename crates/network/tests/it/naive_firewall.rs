//! The naive walk's network firewall: one packet against the rules as they are written.

use super::naive::One;
use palisade_network::headers::{Address, Kind};
use palisade_network::model::{
    Estate, Firewall, FirewallRules, FiveTuple, RuleAddresses, StatefulAction, StatefulDefault,
    StatefulRule, StatelessAction,
};
use std::cell::{Cell, RefCell};

/// What became of a packet that asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stateless,
    Passed,
    Undecided,
}

/// What firewalls saw of a packet and of its answer.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    asked: RefCell<Vec<(String, Fate)>>,
    answered: RefCell<Vec<String>>,
    odd: Cell<bool>,
}

impl Seen {
    /// True if a stateful engine saw only one of the two.
    pub(crate) fn is_odd(&self) -> bool {
        let missed = |(id, fate): &(String, Fate)| {
            *fate != Fate::Stateless && !self.answered.borrow().contains(id)
        };
        self.odd.get() || self.asked.borrow().iter().any(missed)
    }
}

/// The firewall of an endpoint.
pub(crate) fn of_endpoint<'n>(estate: &'n Estate, id: &str) -> Option<&'n Firewall> {
    let mut all = estate.firewalls.firewalls.values();
    all.find(|firewall| firewall.endpoints.iter().any(|at| at.id == id))
}

/// Whether an endpoint of a firewall lets a packet on.
pub(crate) fn passes(estate: &Estate, id: &str, packet: One, asks: bool, seen: &Seen) -> bool {
    let firewall = of_endpoint(estate, id).unwrap();
    let before = seen
        .asked
        .borrow()
        .iter()
        .find(|(at, _)| at == id)
        .map(|(_, fate)| *fate);
    let note = |fate| seen.asked.borrow_mut().push((id.to_owned(), fate));
    match stateless(estate, firewall, packet) {
        StatelessAction::Drop => false,
        StatelessAction::Pass => {
            if asks {
                note(Fate::Stateless);
            } else if matches!(before, Some(Fate::Passed | Fate::Undecided)) {
                seen.odd.set(true);
            }
            true
        }
        StatelessAction::Forward if asks => match stateful(estate, firewall, packet) {
            Some(StatefulAction::Drop) => false,
            Some(_) => {
                note(Fate::Passed);
                true
            }
            None => {
                note(Fate::Undecided);
                true
            }
        },
        StatelessAction::Forward => {
            seen.answered.borrow_mut().push(id.to_owned());
            match before {
                Some(Fate::Passed) => true,
                Some(Fate::Undecided) => {
                    stateful(estate, firewall, packet) != Some(StatefulAction::Drop)
                }
                Some(Fate::Stateless) | None => {
                    seen.odd.set(true);
                    true
                }
            }
        }
    }
}

fn stateless(estate: &Estate, firewall: &Firewall, packet: One) -> StatelessAction {
    let policy = &estate.firewalls.policies[&firewall.policy];
    let mut all = Vec::new();
    for reference in &policy.stateless {
        if let FirewallRules::Stateless(rules) = &estate.firewalls.groups[&reference.group].rules {
            all.extend(
                rules
                    .iter()
                    .map(|rule| ((reference.priority, rule.priority), rule)),
            );
        }
    }
    all.sort_by_key(|(priority, _)| *priority);
    let hit = all
        .into_iter()
        .find(|(_, rule)| rule.matches.iter().any(|tuple| fits(tuple, packet)));
    hit.map_or(policy.stateless_default, |(_, rule)| rule.action)
}

/// What decides: a rule's action, or the default if it drops.
fn stateful(estate: &Estate, firewall: &Firewall, packet: One) -> Option<StatefulAction> {
    let policy = &estate.firewalls.policies[&firewall.policy];
    let mut references: Vec<_> = policy.stateful.iter().collect();
    references.sort_by_key(|reference| reference.priority);
    let mut hits = Vec::new();
    for reference in references {
        let FirewallRules::Stateful(rules) = &estate.firewalls.groups[&reference.group].rules
        else {
            continue;
        };
        for rule in rules.iter().filter(|rule| rule_fits(rule, packet)) {
            match rule.action {
                StatefulAction::Drop if !reference.alerts_only => hits.push(StatefulAction::Drop),
                StatefulAction::Pass => hits.push(StatefulAction::Pass),
                StatefulAction::Drop | StatefulAction::Alert => {}
            }
        }
    }
    if policy.strict {
        let default =
            (policy.stateful_default == StatefulDefault::Drop).then_some(StatefulAction::Drop);
        return hits.first().copied().or(default);
    }
    let pass = hits.contains(&StatefulAction::Pass);
    if pass {
        Some(StatefulAction::Pass)
    } else {
        hits.first().copied()
    }
}

fn rule_fits(rule: &StatefulRule, packet: One) -> bool {
    let turned = One {
        source: packet.destination,
        source_port: packet.port,
        destination: packet.source,
        port: packet.source_port,
        ..packet
    };
    fits(&rule.matches, packet) || rule.both_ways && fits(&rule.matches, turned)
}

fn fits(tuple: &FiveTuple, packet: One) -> bool {
    let number = match packet.kind {
        Kind::Tcp => 6,
        Kind::Udp => 17,
        other => unreachable!("the walk has no {other}"),
    };
    let at = |addresses: &RuleAddresses, ip| match addresses {
        RuleAddresses::Set(set) => set.contains(Address::from(ip)),
        other => unreachable!("the walk does not know {other:?}"),
    };
    tuple
        .protocols
        .as_ref()
        .is_none_or(|all| all.contains(&number))
        && at(&tuple.source, packet.source)
        && at(&tuple.destination, packet.destination)
        && tuple.source_ports.contains(packet.source_port)
        && tuple.destination_ports.contains(packet.port)
}

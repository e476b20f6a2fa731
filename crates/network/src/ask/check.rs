//! Intents: rules that a network must keep, in TOML.
//!
//! ```toml
//! [[rule]]
//! name = "nothing from the internet to databases"
//! from = "internet"
//! to   = "tag:tier=db"
//! deny = ["any"]            # none of this may pass
//! [[rule]]
//! name = "web reaches the database on 5432 only"
//! from = "tag:tier=web"
//! to   = "tag:tier=db"
//! only = ["tcp 5432"]       # nothing else may pass
//! require = ["tcp 5432"]    # this must pass
//! [[rule]]
//! name = "private subnets have no route to an internet gateway"
//! subnets = "tag:tier=private"
//! no_route_to = "internet-gateway"   # or the id of a gateway
//! ```

use super::path::{PathAnswer, PathQuestion, Verdict};
use crate::error::Error;
use crate::eval::Network;
use crate::headers::{Flows, Kind, PortSet};
use crate::model::Target;
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// The rules of an intent file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intents {
    #[serde(default)]
    rule: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: Spanned<String>,
    from: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    #[serde(default)]
    deny: Vec<Spanned<String>>,
    only: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    require: Vec<Spanned<String>>,
    subnets: Option<Spanned<String>>,
    no_route_to: Option<Spanned<String>>,
}

/// One way in which a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// In words.
    pub message: String,
    /// The path with its witness packet, where packets are the matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathAnswer>,
}

/// How a rule stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleAnswer {
    /// Its name.
    pub name: String,
    /// True if the rule is kept.
    pub holds: bool,
    /// True if something that is not modelled could change it.
    pub unknown: bool,
    /// Every violation.
    pub violations: Vec<Violation>,
}

/// The answer, shape `palisade.network.check/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckAnswer {
    /// `palisade.network.check/1`.
    pub format: &'static str,
    /// True if every rule is kept.
    pub holds: bool,
    /// In the order of the file.
    pub rules: Vec<RuleAnswer>,
}

impl Intents {
    /// Reads an intent file.
    ///
    /// # Errors
    /// [`Error::Intent`] with line and column.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let intents: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            failure(file, text, at, error.message())
        })?;
        for rule in &intents.rule {
            let at = rule.name.span().start;
            let routes = rule.subnets.is_some() && rule.no_route_to.is_some();
            let packets = rule.from.is_some()
                && rule.to.is_some()
                && (!rule.deny.is_empty() || rule.only.is_some() || !rule.require.is_empty());
            if routes == packets {
                let message = "a rule has `from`, `to` and one of `deny`, `only`, `require`; or `subnets` and `no_route_to`";
                return Err(failure(file, text, at, message));
            }
            for word in rule
                .deny
                .iter()
                .chain(rule.only.iter().flatten())
                .chain(&rule.require)
            {
                if traffic(word.get_ref()).is_none() {
                    let message = format!(
                        "`{}` is no traffic (hint: `any`, `tcp`, `tcp 443`, `udp 53-60`, `icmp`)",
                        word.get_ref()
                    );
                    return Err(failure(file, text, word.span().start, &message));
                }
            }
        }
        Ok(intents)
    }
}

impl Network {
    /// Checks every rule.
    ///
    /// # Errors
    /// If a rule names a place that is not in the estate: with the position in `text`.
    pub fn check(&self, file: &str, text: &str, intents: &Intents) -> Result<CheckAnswer, Error> {
        let mut rules = Vec::new();
        for rule in &intents.rule {
            let mut answer = RuleAnswer {
                name: rule.name.get_ref().clone(),
                holds: true,
                unknown: false,
                violations: Vec::new(),
            };
            if let (Some(subnets), Some(target)) = (&rule.subnets, &rule.no_route_to) {
                self.check_routes(subnets.get_ref(), target.get_ref(), &mut answer)
                    .map_err(|error| {
                        failure(file, text, subnets.span().start, &error.to_string())
                    })?;
            }
            if let (Some(from), Some(to)) = (&rule.from, &rule.to) {
                let question = PathQuestion {
                    from: from.get_ref().clone(),
                    to: to.get_ref().clone(),
                    ..PathQuestion::default()
                };
                self.check_packets(rule, &question, &mut answer)
                    .map_err(|error| {
                        // The place that is wrong, of the two.
                        let wrong = match &error {
                            Error::UnknownPlace(word) if word == to.get_ref() => to,
                            _ => from,
                        };
                        failure(file, text, wrong.span().start, &error.to_string())
                    })?;
            }
            answer.holds = answer.violations.is_empty();
            rules.push(answer);
        }
        Ok(CheckAnswer {
            format: "palisade.network.check/1",
            holds: rules.iter().all(|rule| rule.holds),
            rules,
        })
    }

    fn check_packets(
        &self,
        rule: &Rule,
        question: &PathQuestion,
        answer: &mut RuleAnswer,
    ) -> Result<(), Error> {
        let beams = self.beams(question, false)?;
        let all: Vec<Word> = Kind::ALL
            .into_iter()
            .map(|kind| (Some(kind), kind.all_ports()))
            .collect();
        let allowed: Option<Vec<Word>> = rule.only.as_ref().map(|only| {
            only.iter()
                .filter_map(|word| traffic(word.get_ref()))
                .collect()
        });
        let denied: Vec<Word> = rule
            .deny
            .iter()
            .filter_map(|word| traffic(word.get_ref()))
            .collect();
        for beam in &beams {
            answer.unknown |= !beam.gaps.is_empty();
            let mut bad = cut(&beam.flows, &denied, true);
            if let Some(allowed) = &allowed {
                bad = bad.join(cut(&cut(&beam.flows, &all, true), allowed, false));
            }
            let Some(sample) = bad.sample() else { continue };
            let packet = super::path::packet(beam, sample);
            let one = PathQuestion {
                from: beam
                    .hops
                    .first()
                    .map_or_else(|| question.from.clone(), |hop| hop.id.to_owned()),
                to: packet.destination.clone(),
                protocol: Some(match packet.protocol {
                    Kind::Other => packet.port.to_string(),
                    kind => kind.to_string(),
                }),
                port: (packet.protocol != Kind::Other).then_some(packet.port),
                source_port: packet.source_port,
                source_address: packet.source.parse().ok(),
            };
            let words: Vec<String> = bad
                .traffic()
                .iter()
                .map(|traffic| format!("{} {}", traffic.protocol, traffic.ports))
                .collect();
            let message = format!(
                "{} from {} reaches {}",
                words.join("; "),
                packet.source,
                packet.destination
            );
            answer.violations.push(Violation {
                message,
                path: self.path(&one).ok(),
            });
        }
        for word in &rule.require {
            let Some((kind, ports)) = traffic(word.get_ref()) else {
                continue;
            };
            let (protocol, port) = (
                kind.map(|kind| kind.to_string()),
                if ports.is_full() { None } else { ports.first() },
            );
            let path = self.path(&PathQuestion {
                protocol,
                port,
                ..question.clone()
            })?;
            answer.unknown |= path.verdict == Verdict::Unknown;
            if path.verdict == Verdict::Blocked {
                answer.violations.push(Violation {
                    message: format!("`{}` does not pass", word.get_ref()),
                    path: Some(path),
                });
            }
        }
        Ok(())
    }

    fn check_routes(
        &self,
        subnets: &str,
        target: &str,
        answer: &mut RuleAnswer,
    ) -> Result<(), Error> {
        let chosen = |id: &str, tags: &crate::model::Tags| {
            id == subnets
                || subnets
                    .strip_prefix("tag:")
                    .and_then(|pair| pair.split_once('='))
                    .is_some_and(|(key, value)| tags.get(key).is_some_and(|v| v == value))
        };
        let mut any = false;
        for subnet in self
            .estate
            .subnets
            .values()
            .filter(|subnet| chosen(&subnet.id, &subnet.tags))
        {
            any = true;
            let Some(table) = self.table(&subnet.id) else {
                answer.unknown = true;
                continue;
            };
            for route in table.routes.iter().filter(|route| route.active) {
                let hit = match &route.target {
                    Target::Internet(id) => target == "internet-gateway" || target == id,
                    Target::Nat(id) => target == "nat-gateway" || target == id,
                    Target::EgressOnly(id)
                    | Target::Vpn(id)
                    | Target::Peering(id)
                    | Target::Transit(id)
                    | Target::Endpoint(id) => target == id,
                    Target::Local | Target::Interface(_) | Target::Other(..) => false,
                };
                if hit {
                    let message = format!("{} has a route to {target}, in {}", subnet.id, table.id);
                    answer.violations.push(Violation {
                        message,
                        path: None,
                    });
                }
            }
        }
        if any {
            Ok(())
        } else {
            Err(Error::UnknownPlace(subnets.to_owned()))
        }
    }
}

type Word = (Option<Kind>, PortSet);

fn cut(flows: &Flows, words: &[Word], keep: bool) -> Flows {
    flows.clone().map(|kind, mut cell| {
        let mine = words
            .iter()
            .filter(|(of, _)| of.is_none_or(|of| of == kind))
            .fold(PortSet::empty(), |all, (_, ports)| all.union(ports));
        cell.ports = if keep {
            cell.ports.intersect(&mine)
        } else {
            cell.ports.minus(&mine)
        };
        Some(cell)
    })
}

fn traffic(word: &str) -> Option<Word> {
    let (protocol, ports) = word.split_once(' ').unwrap_or((word, ""));
    let kind = match protocol {
        "any" => None,
        "tcp" => Some(Kind::Tcp),
        "udp" => Some(Kind::Udp),
        "icmp" => Some(Kind::Icmp),
        "icmpv6" => Some(Kind::Icmp6),
        _ => return None,
    };
    if ports.trim().is_empty() {
        return Some((kind, PortSet::full()));
    }
    let mut set = PortSet::empty();
    for part in ports.split(',') {
        let (low, high) = part
            .trim()
            .split_once('-')
            .unwrap_or((part.trim(), part.trim()));
        set = set.union(&PortSet::range(low.parse().ok()?, high.parse().ok()?));
    }
    (!set.is_empty()).then_some((kind, set))
}

fn failure(file: &str, text: &str, at: usize, message: &str) -> Error {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Error::Intent {
        file: file.to_owned(),
        line,
        column,
        message: message.to_owned(),
    }
}

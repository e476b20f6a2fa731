//! The rules of a rule group: stateless ones as structures, 5-tuple ones of the stateful engine as Suricata's words.

use super::firewalls::stateless_action;
use super::json::Json;
use crate::headers::{AddressSet, PortSet, of_net};
use crate::model::{
    FirewallRules, FiveTuple, RuleAddresses, StatefulAction, StatefulRule, StatelessRule,
};
use ipnet::IpNet;
use serde_json::Value;
use std::net::IpAddr;

/// Options of a stateful rule that do not change what it matches.
const NEUTRAL: &[&str] = &[
    "sid",
    "msg",
    "rev",
    "classtype",
    "gid",
    "reference",
    "metadata",
    "priority",
];

/// The rules of a group that has neither Suricata's own rules nor a domain list.
pub(super) fn rules(group: &Value, source: &Value) -> FirewallRules {
    match source.get("StatelessRulesAndCustomActions") {
        Some(stateless) => FirewallRules::Stateless(
            stateless
                .list("StatelessRules")
                .iter()
                .map(stateless_rule)
                .collect(),
        ),
        None => FirewallRules::Stateful(
            source
                .list("StatefulRules")
                .iter()
                .map(|rule| stateful_rule(rule, group.member("RuleVariables")))
                .collect(),
        ),
    }
}

fn stateless_rule(rule: &Value) -> StatelessRule {
    let definition = rule.member("RuleDefinition");
    let matches = definition.member("MatchAttributes");
    let addresses = |key: &str| {
        let words = matches.list(key).iter();
        let words: Vec<String> = words.map(|word| word.string("AddressDefinition")).collect();
        if words.is_empty() {
            RuleAddresses::default()
        } else {
            addresses(&words, &Value::Null)
        }
    };
    let ports = |key: &str| {
        let ranges = matches.list(key);
        if ranges.is_empty() {
            return PortSet::full();
        }
        let port = |range: &Value, key: &str| u16::try_from(range.number(key)?).ok();
        PortSet::of(
            ranges
                .iter()
                .filter_map(|range| Some((port(range, "FromPort")?, port(range, "ToPort")?))),
        )
    };
    let numbers = matches.list("Protocols");
    let number = |value: &Value| u8::try_from(value.as_u64()?).ok();
    let tuple = FiveTuple {
        protocols: (!numbers.is_empty()).then(|| numbers.iter().filter_map(number).collect()),
        source: addresses("Sources"),
        source_ports: ports("SourcePorts"),
        destination: addresses("Destinations"),
        destination_ports: ports("DestinationPorts"),
    };
    let actions = definition.texts("Actions");
    StatelessRule {
        priority: rule.number("Priority").unwrap_or(i64::MAX),
        matches: vec![tuple],
        action: stateless_action(actions.iter().map(String::as_str)),
        not_modelled: (!matches.list("TCPFlags").is_empty()).then(|| "TCPFlags".to_owned()),
    }
}

fn stateful_rule(rule: &Value, variables: &Value) -> StatefulRule {
    let header = rule.member("Header");
    let (mut not_modelled, mut protocols) = (None, None);
    match header.text("Protocol").unwrap_or("IP") {
        "IP" => {}
        "TCP" => protocols = Some(vec![6]),
        "UDP" => protocols = Some(vec![17]),
        // Suricata's icmp is both versions.
        "ICMP" => protocols = Some(vec![1, 58]),
        application => not_modelled = Some(format!("protocol {application}")),
    }
    let options = rule.list("RuleOptions").iter();
    let mut words = options.filter_map(|option| option.text("Keyword"));
    if let Some(word) = words.find(|word| !NEUTRAL.contains(word)) {
        not_modelled = Some(format!("option `{word}`"));
    }
    let side = |key: &str| {
        let word = header.text(key).unwrap_or("ANY").to_owned();
        addresses(&[word], variables)
    };
    let mut ports = |key: &str| {
        let word = header.text(key).unwrap_or("ANY");
        port_set(word, variables).unwrap_or_else(|| {
            not_modelled = Some(format!("ports `{word}`"));
            PortSet::full()
        })
    };
    let (source_ports, destination_ports) = (ports("SourcePort"), ports("DestinationPort"));
    StatefulRule {
        action: match rule.text("Action") {
            Some("PASS") => StatefulAction::Pass,
            Some("DROP" | "REJECT") => StatefulAction::Drop,
            _ => StatefulAction::Alert,
        },
        matches: FiveTuple {
            protocols,
            source: side("Source"),
            source_ports,
            destination: side("Destination"),
            destination_ports,
        },
        both_ways: header.text("Direction") == Some("ANY"),
        not_modelled,
    }
}

/// `ANY`, an address, a block, `$NAME`, `!...`, `[..., ...]`; variables are those of the rule group.
pub(super) fn addresses(words: &[String], variables: &Value) -> RuleAddresses {
    if let [word] = words {
        let of_group = variables.member("IPSets").get("HOME_NET").is_some();
        match word.trim() {
            "$HOME_NET" if !of_group => return RuleAddresses::Home { not: false },
            "!$HOME_NET" if !of_group => return RuleAddresses::Home { not: true },
            _ => {}
        }
    }
    let block = |word: &str| {
        if let Ok(ip) = word.parse::<IpAddr>() {
            return Some(AddressSet::one(ip.into()));
        }
        word.parse::<IpNet>().ok().map(of_net)
    };
    let named = |name: &str| {
        let set = variables.member("IPSets").get(name)?;
        Some(set.texts("Definition"))
    };
    let joined = format!("[{}]", words.join(","));
    expression(&joined, &block, &named, 0)
        .map_or(RuleAddresses::Unknown(joined), RuleAddresses::Set)
}

fn port_set(word: &str, variables: &Value) -> Option<PortSet> {
    let ports = |word: &str| {
        let port = |text: &str, default: u16| {
            if text.is_empty() {
                Some(default)
            } else {
                text.trim().parse::<u16>().ok()
            }
        };
        match word.split_once(':') {
            Some((low, high)) => Some(PortSet::range(port(low, 0)?, port(high, u16::MAX)?)),
            None => word.parse().ok().map(PortSet::one),
        }
    };
    let named = |name: &str| {
        let set = variables.member("PortSets").get(name)?;
        Some(set.texts("Definition"))
    };
    expression(word, &ports, &named, 0)
}

/// Sets as Suricata writes them: of a list everything that is named, without what stands behind `!` (Suricata guide, "Rules format").
fn expression<T: crate::headers::Step>(
    word: &str,
    one: &impl Fn(&str) -> Option<crate::headers::RangeSet<T>>,
    named: &impl Fn(&str) -> Option<Vec<String>>,
    depth: usize,
) -> Option<crate::headers::RangeSet<T>> {
    use crate::headers::RangeSet;
    // A variable may name another; in a circle it is none.
    if depth > 8 {
        return None;
    }
    let word = word.trim();
    if word.eq_ignore_ascii_case("any") {
        return Some(RangeSet::full());
    }
    if let Some(rest) = word.strip_prefix('!') {
        return Some(expression(rest, one, named, depth + 1)?.complement());
    }
    if let Some(name) = word.strip_prefix('$') {
        let list = format!("[{}]", named(name)?.join(","));
        return expression(&list, one, named, depth + 1);
    }
    let Some(list) = word
        .strip_prefix('[')
        .and_then(|word| word.strip_suffix(']'))
    else {
        return one(word);
    };
    let (mut yes, mut no, mut all_negative) = (RangeSet::empty(), RangeSet::empty(), true);
    for part in parts(list) {
        match part.trim().strip_prefix('!') {
            Some(part) => no = no.union(&expression(part, one, named, depth + 1)?),
            None => {
                all_negative = false;
                yes = yes.union(&expression(&part, one, named, depth + 1)?);
            }
        }
    }
    let yes = if all_negative { RangeSet::full() } else { yes };
    Some(yes.minus(&no))
}

/// The members of a list, whose brackets may hold lists.
fn parts(list: &str) -> Vec<String> {
    let (mut out, mut depth) = (vec![String::new()], 0_usize);
    for letter in list.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match out.last_mut() {
            Some(_) if letter == ',' && depth == 0 => out.push(String::new()),
            Some(last) => last.push(letter),
            None => {}
        }
    }
    out.retain(|part| !part.trim().is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sets_are_read_as_suricata_reads_them() {
        let net = |text: &str| of_net(text.parse().unwrap());
        let variables = json!({ "IPSets": { "WEB": { "Definition": ["10.0.0.0/8", "!10.1.0.0/16"] }, "LOOP": { "Definition": ["$LOOP"] } },
            "PortSets": { "HIGH": { "Definition": ["1024:", "!8080"] } } });
        let read = |word: &str| addresses(&[word.to_owned()], &variables);
        assert_eq!(read("ANY"), RuleAddresses::Set(AddressSet::full()));
        assert_eq!(read("10.0.0.0/8"), RuleAddresses::Set(net("10.0.0.0/8")));
        assert_eq!(
            read("$WEB"),
            RuleAddresses::Set(net("10.0.0.0/8").minus(&net("10.1.0.0/16")))
        );
        assert_eq!(
            read("[$WEB,10.1.2.0/24]"),
            read(
                "[10.0.0.0/8,![10.1.0.0/23,10.1.3.0/24,10.1.4.0/22,10.1.8.0/21,10.1.16.0/20,10.1.32.0/19,10.1.64.0/18,10.1.128.0/17]]"
            )
        );
        assert_eq!(
            read("!10.0.0.0/8"),
            RuleAddresses::Set(net("10.0.0.0/8").complement())
        );
        assert_eq!(read("$HOME_NET"), RuleAddresses::Home { not: false });
        assert!(matches!(read("$EXTERNAL_NET"), RuleAddresses::Unknown(_)));
        assert!(matches!(read("$LOOP"), RuleAddresses::Unknown(_)));
        assert!(matches!(read("@list"), RuleAddresses::Unknown(_)));
        assert_eq!(
            port_set("[80,443:445]", &variables),
            Some(PortSet::of([(80, 80), (443, 445)]))
        );
        assert_eq!(
            port_set("$HIGH", &variables),
            Some(PortSet::of([(1024, 8079), (8081, 65_535)]))
        );
        assert_eq!(port_set("http", &variables), None);
    }
}

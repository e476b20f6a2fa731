//! What could be left out without a change of access.

use super::near::covers;
use super::statement::{Statement, Values};
use super::{Code, Findings};
use crate::authorization::opened;
use crate::model::Position;
use crate::parse::json::{Json, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Actions and resources that others of the same statement take in.
pub(super) fn within(statement: &Statement<'_>, found: &mut Findings<'_>) {
    if let Some(actions) = &statement.actions {
        covered(actions, Code::RedundantAction, str::to_lowercase, found);
    }
    if let Some(resources) = &statement.resources {
        covered(resources, Code::RedundantResource, str::to_owned, found);
    }
}

fn covered(
    values: &Values<'_>,
    code: Code,
    normal: impl Fn(&str) -> String,
    found: &mut Findings<'_>,
) {
    let texts: Vec<String> = values.texts.iter().map(|(_, text)| normal(text)).collect();
    // A variable's text may be any.
    let open: Vec<String> = texts.iter().map(|text| opened(text)).collect();
    let mut gone = vec![false; texts.len()];
    // The widest first, so that each is told once, with what takes in most.
    let mut order: Vec<usize> = (0..texts.len()).collect();
    order.sort_by_key(|at| texts.get(*at).map_or(0, String::len));
    let mut firsts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut twins: BTreeSet<&str> = BTreeSet::new();
    for (at, text) in texts.iter().enumerate() {
        if firsts.contains_key(text.as_str()) {
            twins.insert(text);
        } else {
            firsts.insert(text, at);
        }
    }
    for outer in order {
        let Some(pattern) = texts.get(outer) else {
            continue;
        };
        // A variable's text is one, whatever it is: it takes in nothing but itself.
        let is_glob = pattern.contains(['*', '?']) && !pattern.contains("${");
        let first = firsts.get(pattern.as_str()) == Some(&outer);
        // Without a wildcard it takes in its twins only.
        let has_twin = twins.contains(pattern.as_str());
        if gone.get(outer).copied().unwrap_or(true) || !first || !(is_glob || has_twin) {
            continue;
        }
        let mut hit: Vec<(Position, &str)> = Vec::new();
        for (inner, text) in texts.iter().enumerate() {
            let inside = inner != outer
                && !gone.get(inner).copied().unwrap_or(true)
                && (text == pattern
                    || (is_glob && open.get(inner).is_some_and(|open| covers(pattern, open))));
            if inside && let Some((at, written)) = values.texts.get(inner) {
                hit.push((*at, written));
                if let Some(flag) = gone.get_mut(inner) {
                    *flag = true;
                }
            }
        }
        let Some((at, first)) = hit.first() else {
            continue;
        };
        let by = values.texts.get(outer).map_or("", |(_, text)| text);
        let more = match hit.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = if first == &by && hit.len() == 1 {
            format!("`{first}` stands here twice")
        } else {
            format!("`{first}`{more}: `{by}` takes it in")
        };
        found.suggest(code, *at, message, "remove it, or narrow what takes it in");
    }
}

/// Statements that say the same.
pub(super) fn between(statements: &[(usize, Statement<'_>)], found: &mut Findings<'_>) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (at, statement) in statements {
        let text = plain(statement);
        if let Some(first) = seen.get(&text) {
            found.statement = Some(*at);
            found.suggest(
                Code::RedundantStatement,
                statement.at,
                format!("statement {first} says the same"),
                "remove one of them",
            );
        } else {
            seen.insert(text, *at);
        }
    }
}

/// The statement without its name, with lists in order.
fn plain(statement: &Statement<'_>) -> String {
    let mut text = String::new();
    if let Json::Object(members) = &statement.node.value {
        let mut parts: Vec<String> = members
            .iter()
            .filter(|member| member.name != "Sid")
            .map(|member| {
                let value = sorted(&member.value);
                let is_action = member.name.ends_with("Action");
                let value = if is_action {
                    value.to_lowercase()
                } else {
                    value
                };
                format!("{}:{value}", member.name)
            })
            .collect();
        parts.sort_unstable();
        text = parts.join(";");
    }
    text
}

/// A value's text; lists are sets, and one value is a list of one.
fn sorted(node: &Node) -> String {
    match &node.value {
        Json::List(nodes) => {
            let mut parts: Vec<String> = nodes.iter().map(sorted).collect();
            parts.sort_unstable();
            parts.dedup();
            parts.join(",")
        }
        Json::Object(members) => {
            let mut parts: Vec<String> = members
                .iter()
                .map(|member| format!("{:?}={}", member.name, sorted(&member.value)))
                .collect();
            parts.sort_unstable();
            format!("{{{}}}", parts.join(";"))
        }
        Json::Text(text) | Json::Number(text) => format!("{text:?}"),
        Json::Bool(flag) => format!("\"{flag}\""),
        Json::Null => "null".to_owned(),
    }
}

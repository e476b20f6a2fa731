//! A policy's statements as people write them, and what of them is said twice.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Elements whose values are sets of strings.
pub(super) const SETS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];

/// The statements, each set of strings as a list.
pub(super) fn statements(document: &Value) -> Vec<Map<String, Value>> {
    let found = document.get("Statement");
    let all: Vec<&Value> = match found {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    all.into_iter()
        .filter_map(Value::as_object)
        .map(|statement| {
            let mut statement = statement.clone();
            for element in SETS {
                if let Some(value) = statement.get_mut(element)
                    && value.is_string()
                {
                    *value = Value::Array(vec![value.take()]);
                }
            }
            statement
        })
        .collect()
}

/// The document with these statements.
pub(super) fn whole(mut document: Value, statements: Vec<Map<String, Value>>) -> Value {
    if let Some(found) = document.get_mut("Statement") {
        *found = Value::Array(statements.into_iter().map(short).collect());
    }
    document
}

/// Statements that differ in their actions alone, or in their resources alone, their names aside, are one with both.
pub(super) fn merged(mut statements: Vec<Map<String, Value>>) -> Vec<Map<String, Value>> {
    loop {
        let before = statements.len();
        for element in ["Action", "Resource"] {
            statements = merged_by(element, statements);
        }
        // Wider by one, they may be alike in the other.
        if statements.len() == before {
            return statements;
        }
    }
}

fn merged_by(element: &str, statements: Vec<Map<String, Value>>) -> Vec<Map<String, Value>> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut all: Vec<Map<String, Value>> = Vec::new();
    for statement in statements {
        let first = rest(&statement, element)
            .map(|rest| *places.entry(rest).or_insert(all.len()))
            .and_then(|place| all.get_mut(place));
        let Some(first) = first else {
            all.push(statement);
            continue;
        };
        let (Some(Value::Array(all)), Some(Value::Array(more))) =
            (first.get_mut(element), statement.get(element))
        else {
            continue;
        };
        let known: BTreeSet<String> = all.iter().map(Value::to_string).collect();
        let new = more
            .iter()
            .filter(|value| !known.contains(&value.to_string()));
        all.extend(new.cloned());
    }
    all
}

/// All but a set of the statement and its name, so that statements which mean the same read the same; `None`: it has no
/// such set.
fn rest(statement: &Map<String, Value>, without: &str) -> Option<String> {
    statement.get(without)?.as_array()?;
    let mut rest: Vec<String> = Vec::new();
    for (element, value) in statement {
        let told = match value {
            _ if element == without || element == "Sid" => continue,
            Value::Array(list) if SETS.contains(&element.as_str()) => {
                let sorted: BTreeSet<String> = list.iter().map(Value::to_string).collect();
                format!("{sorted:?}")
            }
            other => other.to_string(),
        };
        rest.push(format!("{element} {told}"));
    }
    rest.sort();
    Some(rest.join("\n"))
}

/// A list of one string is the string.
fn short(mut statement: Map<String, Value>) -> Value {
    for element in SETS {
        if let Some(Value::Array(list)) = statement.get_mut(element)
            && let [one] = list.as_mut_slice()
        {
            let one = one.take();
            statement.insert(element.to_owned(), one);
        }
    }
    Value::Object(statement)
}

//! SARIF 2.1.0 (OASIS), for code review.

use super::span::Places;
use super::{Checked, link};
use palisade_iam::validate::{Issue, Weight};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn log(all: &[Checked]) -> Value {
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    let mut results = Vec::new();
    for checked in all {
        let places = Places::new(&checked.document.text);
        for issue in &checked.issues {
            rules
                .entry(issue.code.name())
                .or_insert_with(|| json!({ "id": issue.code.name(), "helpUri": link(issue) }));
            results.push(result(checked, &places, issue));
        }
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "palisade",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(checked: &Checked, places: &Places<'_>, issue: &Issue) -> Value {
    let text = &checked.document.text;
    let span = places.span(issue.at);
    let length = text
        .get(span.start..span.end)
        .map_or(0, |t| t.chars().count());
    let suggestion = issue
        .suggestion
        .as_ref()
        .map_or_else(String::new, |suggestion| format!(": {suggestion}"));
    json!({
        "ruleId": issue.code.name(),
        "level": match issue.code.weight() {
            Weight::Error => "error",
            Weight::SecurityWarning | Weight::Warning => "warning",
            Weight::Suggestion => "note",
        },
        "message": { "text": format!("{}{suggestion}", issue.message) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": checked.document.name },
            "region": {
                "startLine": issue.at.line,
                "startColumn": issue.at.column,
                "endColumn": usize::try_from(issue.at.column).unwrap_or(1) + length,
            },
        }}],
    })
}

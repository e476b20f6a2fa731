//! What the organization holds over its accounts, as rows.

use super::super::Inputs;
use super::answers::{Row, row};
use super::estate::text;
use palisade_iam::estate::{Estate, Guardrails, Holes, Limits, guardrails};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Rows of `org_guardrails`.
pub(super) fn rows(inputs: &Inputs, estate: &Estate) -> Vec<Row> {
    let declared = inputs.declared().allowed_regions.as_ref();
    let mut trails: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in inputs.rows("aws_cloudtrail_trail", &["account_id", "arn"]) {
        let (Some(account), Some(arn)) = (text(&row, "account_id"), text(&row, "arn")) else {
            continue;
        };
        // A trail of the organization is the management account's, wherever it is seen.
        if arn.split(':').nth(4) == Some(account) {
            let own = trails.entry(account.to_owned()).or_default();
            own.push(arn.to_owned());
        }
    }
    let accounts = inputs.accounts().iter();
    let limits = Limits {
        allowed_regions: declared.map(|all| all.iter().cloned().collect()),
        regions: accounts
            .map(|a| (a.id.clone(), a.regions.clone()))
            .collect(),
        trails,
    };
    let names: BTreeMap<&str, &str> = inputs
        .accounts()
        .iter()
        .map(|a| (a.id.as_str(), a.name.as_str()))
        .collect();
    // Of an account that was not reached nothing is known but its guardrails; it has its own word elsewhere.
    let reached = |found: &Guardrails| {
        let accounts = inputs.accounts().iter();
        accounts
            .filter(|a| a.not_reached.is_none())
            .any(|a| a.id == found.account)
    };
    guardrails(estate, &limits)
        .iter()
        .filter(|found| reached(found))
        .filter_map(|found| one(found, names.get(found.account.as_str()).copied()))
        .collect()
}

fn one(found: &Guardrails, name: Option<&str>) -> Option<Row> {
    let held = [
        ("denies_other_regions", &found.other_regions),
        ("denies_leaving_organization", &found.leaving),
        ("denies_cloudtrail_tampering", &found.trails),
        ("denies_root", &found.root),
        ("rcp_confines_to_organization", &found.outside),
    ];
    let holes: Vec<String> = held
        .iter()
        .filter_map(|(name, holes)| {
            let holes = holes.as_ref().ok()?;
            (!holes.is_empty()).then(|| format!("{name}: {}", holes.join("; ")))
        })
        .collect();
    let unknown = held.iter().find_map(|(_, holes)| holes.as_ref().err());
    let mut made = row(json!({
        "account_id": found.account,
        "arn": format!("arn:aws:iam::{}:root", found.account),
        "name": name.unwrap_or_default(),
        "in_organization": found.in_organization,
        "is_management": found.is_management,
        "holes": holes,
        "unknown": unknown,
    }))?;
    let holds = |holes: &Holes| holes.as_ref().ok().map(Vec::is_empty);
    for (name, holes) in held {
        made.insert(
            name.to_owned(),
            holds(holes).map_or(Value::Null, Value::Bool),
        );
    }
    Some(made)
}

//! `palisade access public` and `palisade access external`.

use super::{answer, estate};
use crate::args::{AnswerArgs, AskSnapshot, External as Args};
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_iam::estate::{Estate, External, ExternalTo, Zone, external as find};
use palisade_iam::model::is_account;
use palisade_iam::simulate::witness;
use serde_json::{Map, Value, json};

/// What anybody can use.
pub(crate) fn public(args: &AskSnapshot, terminal: &Terminal) -> Result<Done, Failure> {
    let estate = estate(args, terminal)?;
    let zone = Zone {
        organization: true,
        ..Zone::default()
    };
    let mut found: Vec<External> = find(&estate, &zone).collect();
    found.retain(|one| match one.to {
        ExternalTo::Somebody { public, .. } => public,
        ExternalTo::Unknown(_) => true,
    });
    tell(&args.form, terminal, &estate, &found, "public")
}

/// What somebody outside the zone of trust can use.
pub(crate) fn external(args: &Args, terminal: &Terminal) -> Result<Done, Failure> {
    if let Some(wrong) = args.trust.iter().find(|id| !is_account(id)) {
        return Err(
            Failure::usage(format!("`{wrong}` is no account")).hint("an account is twelve digits")
        );
    }
    let estate = estate(&args.ask, terminal)?;
    let zone = Zone {
        organization: args.zone == "organization",
        accounts: args.trust.iter().cloned().collect(),
    };
    let found: Vec<External> = find(&estate, &zone).collect();
    tell(&args.ask.form, terminal, &estate, &found, &args.zone)
}

fn tell(
    form: &AnswerArgs,
    terminal: &Terminal,
    estate: &Estate,
    found: &[External],
    zone: &str,
) -> Result<Done, Failure> {
    let findings: Vec<Value> = found.iter().map(finding).collect();
    let mut unknown: Vec<String> = estate.unlisted.iter().map(ToString::to_string).collect();
    unknown.extend(
        estate
            .gaps
            .iter()
            .filter(|gap| gap.what.starts_with("guardrails"))
            .map(ToString::to_string),
    );
    unknown.sort();
    unknown.dedup();
    let answer_json = json!({
        "schema": "palisade.access-external/v1",
        "zone": zone,
        "resources": estate.resources.len(),
        "findings": findings,
        "unknown": unknown,
        "not_asked": estate.unasked,
    });
    answer::write(form, terminal, &answer_json, || {
        let mut lines: Vec<String> = findings.iter().flat_map(lines).collect();
        if findings.is_empty() {
            lines.push(format!(
                "none of {} resources can be used from outside",
                estate.resources.len()
            ));
        }
        lines.extend(unknown.iter().map(|why| format!("unknown  {why}")));
        if !estate.unasked.is_empty() {
            lines.push(format!(
                "not asked for: {}; `palisade collect --table iam_external_access` asks for them too",
                estate.unasked.join(", ")
            ));
        }
        lines
    })?;
    let undecided = found
        .iter()
        .any(|one| matches!(one.to, ExternalTo::Unknown(_)));
    Ok(if unknown.is_empty() && !undecided {
        Done::Clean
    } else {
        Done::Incomplete
    })
}

/// A finding in the shape of Access Analyzer's external access findings (GetFindingV2), with the request that shows it.
fn finding(found: &External) -> Value {
    let mut told = Map::new();
    told.insert("resource".to_owned(), found.resource.as_str().into());
    told.insert("resourceType".to_owned(), found.kind.into());
    told.insert(
        "resourceOwnerAccount".to_owned(),
        found.account.as_str().into(),
    );
    match &found.to {
        ExternalTo::Unknown(why) => {
            told.insert("status".to_owned(), "UNKNOWN".into());
            told.insert("error".to_owned(), why.as_str().into());
        }
        ExternalTo::Somebody {
            principal: (kind, name),
            public,
            actions,
            source,
        } => {
            told.insert("status".to_owned(), "ACTIVE".into());
            let first = actions.values().next().map(|found| witness(found, true));
            let condition = first
                .as_ref()
                .and_then(|request| request.get("context"))
                .cloned()
                .unwrap_or_default();
            let names: Vec<&String> = actions.keys().collect();
            told.insert(
                "externalAccessDetails".to_owned(),
                json!({
                    "action": names,
                    "condition": condition,
                    "isPublic": public,
                    "principal": { *kind: name },
                    "sources": [{ "type": source }],
                }),
            );
            told.insert("witness".to_owned(), first.unwrap_or_default());
        }
    }
    Value::Object(told)
}

fn lines(finding: &Value) -> Vec<String> {
    let text = |name: &str| finding[name].as_str().unwrap_or_default();
    let details = &finding["externalAccessDetails"];
    if details.is_null() {
        return vec![format!("unknown  {}  {}", text("resource"), text("error"))];
    }
    let word = if details["isPublic"] == true {
        "public"
    } else {
        "external"
    };
    let principal = details["principal"]
        .as_object()
        .and_then(|named| named.values().next())
        .and_then(Value::as_str)
        .unwrap_or_default();
    let actions: Vec<&str> = details["action"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    vec![
        format!(
            "{word:8} {}  {principal}  {}",
            text("resource"),
            actions.join(" ")
        ),
        format!("         e.g. {}", answer::request(&finding["witness"])),
    ]
}

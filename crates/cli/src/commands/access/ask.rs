//! `palisade access who-can`, `what-can` and `keys`.
#![expect(
    clippy::indexing_slicing,
    reason = "members of JSON objects that are made here; an absent one is null"
)]

use super::{answer, estate, is_action, is_resource};
use crate::args::{AskSnapshot, WhatCan, WhoCan};
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_iam::estate::{Access, key_access, what_can as ask_what, who_can as ask_who};
use palisade_iam::simulate::{on, witness};
use serde_json::{Value, json};

/// Who can do an action on a resource.
pub(crate) fn who_can(args: &WhoCan, terminal: &Terminal) -> Result<Done, Failure> {
    is_action(&args.action)?;
    is_resource(&args.resource)?;
    if !args.resource.contains(['*', '?']) {
        on(&args.action.to_lowercase(), &args.resource).map_err(Failure::usage)?;
    }
    let estate = estate(&args.ask, terminal)?;
    let found = ask_who(&estate, &args.action, &args.resource);
    let principals: Vec<Value> = found
        .principals
        .iter()
        .map(|can| {
            let mut told = told(&can.access);
            told["principal"] = can.principal.as_str().into();
            told["resource"] = can.resource.as_str().into();
            told
        })
        .collect();
    let answer_json = json!({
        "schema": "palisade.access-who-can/v1",
        "action": args.action,
        "resource": args.resource,
        "principals": principals,
        "unknown": found.unknown,
        "notes": found.notes,
    });
    answer::write(&args.ask.form, terminal, &answer_json, || {
        let mut lines: Vec<String> = principals
            .iter()
            .map(|can| line(can, "principal"))
            .collect();
        if lines.is_empty() && found.unknown.is_empty() {
            lines.push("nobody in the snapshot can".to_owned());
        }
        lines.extend(rest(&found.unknown, &found.notes));
        lines
    })?;
    Ok(done(&found.unknown, &principals))
}

/// What a principal can do.
pub(crate) fn what_can(args: &WhatCan, terminal: &Terminal) -> Result<Done, Failure> {
    is_action(&args.action)?;
    let estate = estate(&args.ask, terminal)?;
    let Some((found, gaps)) = ask_what(&estate, &args.principal, &args.action, args.chain) else {
        let known = estate.subjects.len();
        return Err(Failure::usage(format!(
            "`{}` is none of the {known} users and roles of the snapshot",
            args.principal
        ))
        .hint("`palisade query \"select arn from aws_iam_role\"` names the roles"));
    };
    let grants: Vec<Value> = found
        .iter()
        .map(|can| {
            let mut told = told(&can.access);
            told["principal"] = can.principal.as_str().into();
            told["through"] = json!(can.through);
            told["action"] = can.action.as_str().into();
            told["resources"] = json!(can.resources);
            told["by"] = can.by.as_ref().map_or(
                Value::Null,
                |(policy, statement)| json!({ "policy": policy, "statement": statement }),
            );
            told
        })
        .collect();
    let answer_json = json!({
        "schema": "palisade.access-what-can/v1",
        "principal": args.principal,
        "action": args.action,
        "grants": grants,
        "unknown": gaps.unknown,
    });
    answer::write(&args.ask.form, terminal, &answer_json, || {
        let mut lines = Vec::new();
        for grant in &grants {
            let list = |name: &str| -> Vec<&str> {
                grant[name]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect()
            };
            let through = list("through");
            let as_role = through
                .last()
                .map_or_else(String::new, |role| format!("  as {role}"));
            lines.push(format!(
                "{:8}{}  {}{as_role}",
                grant["access"].as_str().unwrap_or_default(),
                grant["action"].as_str().unwrap_or_default(),
                list("resources").join(" ")
            ));
            lines.extend(shown(grant));
        }
        if lines.is_empty() && gaps.unknown.is_empty() {
            lines.push("nothing".to_owned());
        }
        lines.extend(rest(&gaps.unknown, &[]));
        lines
    })?;
    Ok(done(&gaps.unknown, &grants))
}

/// Who can encrypt, decrypt and both, key by key.
pub(crate) fn keys(args: &AskSnapshot, terminal: &Terminal) -> Result<Done, Failure> {
    let estate = estate(args, terminal)?;
    let found = key_access(&estate);
    let mut unknown: Vec<String> = estate
        .gaps
        .iter()
        .chain(
            estate
                .unlisted
                .iter()
                .filter(|gap| gap.what == "AWS::KMS::Key"),
        )
        .map(ToString::to_string)
        .collect();
    unknown.sort();
    let keys: Vec<Value> = found
        .iter()
        .map(|found| {
            let side = |access: &Option<Access>| access.as_ref().map_or(Value::Null, told);
            let can = |access: &Option<Access>| matches!(access, Some(Access::Can(_)));
            json!({
                "key": found.key,
                "principal": found.principal,
                "encrypt": side(&found.encrypt),
                "decrypt": side(&found.decrypt),
                "both": can(&found.encrypt) && can(&found.decrypt),
            })
        })
        .collect();
    let answer_json = json!({
        "schema": "palisade.access-keys/v1",
        "keys": keys,
        "unknown": unknown,
    });
    answer::write(&args.form, terminal, &answer_json, || {
        let mut lines = Vec::new();
        let mut last = "";
        for row in &keys {
            let key = row["key"].as_str().unwrap_or_default();
            if key != last {
                lines.push(key.to_owned());
                last = key;
            }
            let side = |name: &'static str| match row[name]["access"].as_str() {
                Some("can") => name,
                Some(_) => "unknown",
                None => "-",
            };
            lines.push(format!(
                "  {:8}{:8} {}",
                side("encrypt"),
                side("decrypt"),
                row["principal"].as_str().unwrap_or_default()
            ));
        }
        lines.extend(rest(&unknown, &[]));
        lines
    })?;
    Ok(if unknown.is_empty() {
        Done::Clean
    } else {
        Done::Incomplete
    })
}

/// `{"access": "can", "witness"}` or `{"access": "unknown", "why"}`.
fn told(access: &Access) -> Value {
    match access {
        Access::Can(found) => json!({ "access": "can", "witness": witness(found, true) }),
        Access::Unknown(why) => json!({ "access": "unknown", "why": why }),
    }
}

fn line(can: &Value, name: &str) -> String {
    let text = |name: &str| can[name].as_str().unwrap_or_default();
    let mut line = format!("{:8}{}", text("access"), text(name));
    if let Some(more) = shown(can) {
        line.push_str("  ");
        line.push_str(more.trim_start());
    }
    line
}

fn shown(can: &Value) -> Option<String> {
    match (can.get("witness"), can.get("why")) {
        (Some(found), _) => Some(format!("        e.g. {}", answer::request(found))),
        (_, Some(why)) => Some(format!("        {}", why.as_str().unwrap_or_default())),
        _ => None,
    }
}

fn rest(unknown: &[String], notes: &[String]) -> Vec<String> {
    let unknown = unknown
        .iter()
        .map(|why| format!("unknown  there may be more, or less: {why}"));
    let notes = notes.iter().map(|note| format!("note     {note}"));
    unknown.chain(notes).collect()
}

/// What could not be seen makes the answer incomplete.
fn done(unknown: &[String], answers: &[Value]) -> Done {
    if unknown.is_empty() && answers.iter().all(|answer| answer["access"] != "unknown") {
        Done::Clean
    } else {
        Done::Incomplete
    }
}

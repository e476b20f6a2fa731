//! `palisade access change`, and `palisade access check` over a snapshot.

use super::{answer, estate, is_action, policies};
use crate::args::{ChangePolicy, CheckPolicy};
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_iam::estate::{Access, Change, Target, Zone, new_access, not_granted};
use palisade_iam::simulate::witness;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a policy in another's place newly allows.
pub(crate) fn change(args: &ChangePolicy, terminal: &Terminal) -> Result<Done, Failure> {
    let document = match &args.new {
        Some(path) if path.is_dir() => {
            return Err(
                Failure::usage(format!("`{}` is a folder", path.display())).hint("name one policy")
            );
        }
        Some(path) => {
            let found = policies::read(path)?.into_values().next();
            found.map(|found| Arc::new(found.policy))
        }
        None => None,
    };
    let estate = estate(&args.ask, terminal)?;
    let change = Change {
        target: target(&args.of, args.policy.as_deref()),
        document,
    };
    let zone = Zone {
        organization: true,
        ..Zone::default()
    };
    let found = new_access(&estate, &change, &zone).map_err(Failure::usage)?;
    let access: Vec<Value> = found
        .access
        .iter()
        .map(|new| {
            let mut one = json!({
                "principal": new.principal,
                "outside": new.outside,
                "resources": new.resources,
                "actions": new.actions,
            });
            shown(&mut one, &new.access);
            one
        })
        .collect();
    let gains = found
        .access
        .iter()
        .any(|new| matches!(new.access, Access::Can(_)));
    let (result, done) = if gains {
        ("FAIL", Done::Found)
    } else if access.is_empty() && found.unknown.is_empty() {
        ("PASS", Done::Clean)
    } else {
        ("UNKNOWN", Done::Incomplete)
    };
    let json = json!({
        "schema": "palisade.access-change/v1",
        "result": result,
        "access": access,
        "unknown": found.unknown,
    });
    answer::write(&args.ask.form, terminal, &json, || {
        let mut lines = vec![format!("{result:7} {}", args.of)];
        lines.extend(access.iter().flat_map(|one| told(one, "gains")));
        lines.extend(found.unknown.iter().map(|why| format!("unknown {why}")));
        lines
    })?;
    Ok(done)
}

/// Whether anybody of a snapshot can do what must not be granted.
pub(crate) fn nobody(args: &CheckPolicy, terminal: &Terminal) -> Result<Done, Failure> {
    if args.no_public {
        return Err(Failure::usage("`--no-public` asks a policy: name one")
            .hint("`palisade access public` asks the snapshot"));
    }
    let actions = args.not_granted.clone().unwrap_or_default();
    for action in &actions {
        is_action(action)?;
    }
    if actions.is_empty() && args.resource.is_empty() {
        return Err(Failure::usage("`--not-granted` names no action")
            .hint("name actions, resources (`--resource`), or both"));
    }
    let estate = estate(&args.ask, terminal)?;
    if let Some(principal) = &args.principal
        && !estate.subjects.iter().any(|s| s.arn == *principal)
    {
        return Err(Failure::usage(format!(
            "`{principal}` is none of the {} users and roles of the snapshot",
            estate.subjects.len()
        )));
    }
    let found = not_granted(&estate, args.principal.as_deref(), &actions, &args.resource);
    let principals: Vec<Value> = found
        .principals
        .iter()
        .map(|can| {
            let mut one = json!({ "principal": can.principal });
            shown(&mut one, &can.access);
            one
        })
        .collect();
    let result = found.result();
    let json = json!({
        "schema": "palisade.access-not-granted/v1",
        "result": result,
        "principals": principals,
        "unknown": found.unknown,
    });
    answer::write(&args.ask.form, terminal, &json, || {
        let mut lines = vec![format!("{result:7} {}", actions.join(" "))];
        lines.extend(principals.iter().flat_map(|one| told(one, "can")));
        lines.extend(found.unknown.iter().map(|why| format!("unknown {why}")));
        lines
    })?;
    Ok(match result {
        "PASS" => Done::Clean,
        "FAIL" => Done::Found,
        _ => Done::Incomplete,
    })
}

/// What is changed, told by its name.
fn target(of: &str, policy: Option<&str>) -> Target {
    match policy {
        Some(policy) => Target::Principal {
            arn: of.to_owned(),
            policy: policy.to_owned(),
        },
        None if !of.starts_with("arn:") => Target::Guardrail(of.to_owned()),
        None if of.contains(":iam:") && of.contains(":policy/") => Target::Managed(of.to_owned()),
        None => Target::Resource(of.to_owned()),
    }
}

fn shown(one: &mut Value, access: &Access) {
    let Some(members) = one.as_object_mut() else {
        return;
    };
    match access {
        Access::Can(found) => members.insert("witness".to_owned(), witness(found, true)),
        Access::Unknown(why) => members.insert("why".to_owned(), why.as_str().into()),
    };
}

fn told(one: &Value, verb: &str) -> Vec<String> {
    let principal = one["principal"].as_str().unwrap_or_default();
    match one["why"].as_str() {
        Some(why) => vec![format!("unknown {principal}: {why}")],
        None => vec![
            format!("{verb:7} {principal}"),
            format!("        e.g. {}", answer::request(&one["witness"])),
        ],
    }
}

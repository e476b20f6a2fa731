//! `palisade access compare OLD NEW` and `palisade access check POLICY`.

use super::{answer, is_action, is_resource, policies};
use crate::args::{AnswerArgs, CheckPolicy, Compare};
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_iam::analyse::Grammar;
use palisade_iam::checks::{Checks, Outcome};
use palisade_iam::model::{Policy, Version};
use palisade_iam::simulate::witness;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// What one policy was asked, and the answer.
struct Asked {
    path: String,
    check: &'static str,
    grammar: Grammar,
    outcome: Outcome,
}

/// Whether the new policies allow nothing that the old ones do not.
pub(crate) fn compare(args: &Compare, terminal: &Terminal) -> Result<Done, Failure> {
    if args.old.is_dir() != args.new.is_dir() {
        return Err(Failure::usage(
            "compare two files or two folders, not one of each",
        ));
    }
    // A folder from which every policy went has no files, and that is new access for none.
    let old = if args.old.is_dir() && is_empty(&args.old)? {
        BTreeMap::new()
    } else {
        policies::read(&args.old)?
    };
    let new = policies::read(&args.new)?;
    let nothing = Policy {
        version: Version::V2012,
        id: None,
        statements: Vec::new(),
    };
    let authorization = palisade_query::authorization()?;
    let checks = Checks {
        authorization: &authorization,
    };
    let asked = new
        .iter()
        .map(|(name, found)| {
            let grammar = grammar(args.kind.as_deref(), found.grammar);
            let before = old.get(name).map_or(&nothing, |found| &found.policy);
            Asked {
                path: shown(&found.path),
                check: "no-new-access",
                grammar,
                outcome: checks.no_new_access(before, &found.policy, grammar),
            }
        })
        .collect();
    tell(&args.form, terminal, asked)
}

/// Whether policies allow what they must not.
pub(crate) fn check(args: &CheckPolicy, terminal: &Terminal) -> Result<Done, Failure> {
    let mut asked = Vec::new();
    let actions = args.not_granted.clone().unwrap_or_default();
    for action in &actions {
        is_action(action)?;
    }
    args.resource
        .iter()
        .try_for_each(|text| is_resource(text))?;
    let authorization = palisade_query::authorization()?;
    let checks = Checks {
        authorization: &authorization,
    };
    let path = args.policy.as_deref().unwrap_or(Path::new("."));
    for found in policies::read(path)?.values() {
        let grammar = grammar(args.kind.as_deref(), found.grammar);
        if args.not_granted.is_some() || !args.resource.is_empty() {
            if actions.is_empty() && args.resource.is_empty() {
                return Err(Failure::usage("`--not-granted` names no action")
                    .hint("name actions, resources (`--resource`), or both"));
            }
            asked.push(Asked {
                path: shown(&found.path),
                check: "access-not-granted",
                grammar,
                outcome: checks.not_granted(&found.policy, &actions, &args.resource, grammar),
            });
        }
        if args.no_public {
            if grammar != Grammar::Resource {
                return Err(Failure::usage(format!(
                    "`{}` names no principals: only a resource's policy can be public",
                    found.path.display()
                )));
            }
            asked.push(Asked {
                path: shown(&found.path),
                check: "no-public-access",
                grammar,
                outcome: checks.no_public_access(&found.policy),
            });
        }
    }
    tell(&args.ask.form, terminal, asked)
}

fn is_empty(folder: &Path) -> Result<bool, Failure> {
    Ok(fs_err::read_dir(folder)?.next().is_none())
}

fn grammar(asked: Option<&str>, found: Grammar) -> Grammar {
    match asked {
        Some("identity") => Grammar::Identity,
        Some("resource") => Grammar::Resource,
        _ => found,
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn tell(form: &AnswerArgs, terminal: &Terminal, asked: Vec<Asked>) -> Result<Done, Failure> {
    let policies: Vec<Value> = asked.iter().map(one).collect();
    let has = |result: &str| policies.iter().any(|policy| policy["result"] == result);
    let (result, done) = if has("FAIL") {
        ("FAIL", Done::Found)
    } else if has("UNKNOWN") {
        ("UNKNOWN", Done::Incomplete)
    } else {
        ("PASS", Done::Clean)
    };
    let json = json!({
        "schema": "palisade.access-check/v1",
        "result": result,
        "policies": policies,
    });
    answer::write(form, terminal, &json, || {
        policies.iter().flat_map(lines).collect()
    })?;
    Ok(done)
}

/// The result in Access Analyzer's shape, with the request that shows it.
fn one(asked: &Asked) -> Value {
    let with_principal = asked.grammar == Grammar::Resource;
    let mut answer = Map::new();
    answer.insert("path".to_owned(), asked.path.as_str().into());
    answer.insert("check".to_owned(), asked.check.into());
    let (passed, failed) = match asked.check {
        "no-new-access" => (
            "The new policy allows nothing that the old one does not.",
            "The new policy allows what the old one does not.",
        ),
        "access-not-granted" => (
            "The policy allows none of it.",
            "The policy allows some of it.",
        ),
        _ => (
            "The policy allows nothing to everybody.",
            "The policy allows something to everybody.",
        ),
    };
    let (result, message, reasons) = match &asked.outcome {
        Outcome::Pass => ("PASS", passed.to_owned(), Vec::new()),
        Outcome::Unknown(why) => ("UNKNOWN", format!("Not decided: {why}."), Vec::new()),
        Outcome::Fail(reasons) => {
            let reasons = reasons.iter().map(|reason| {
                let mut told = Map::new();
                let description = match &reason.sid {
                    Some(sid) => format!(
                        "Statement {} (`{sid}`) allows this request.",
                        reason.statement
                    ),
                    None => format!("Statement {} allows this request.", reason.statement),
                };
                told.insert("description".to_owned(), description.into());
                told.insert("statementIndex".to_owned(), reason.statement.into());
                if let Some(sid) = &reason.sid {
                    told.insert("statementId".to_owned(), sid.as_str().into());
                }
                told.insert(
                    "witness".to_owned(),
                    witness(&reason.witness, with_principal),
                );
                Value::Object(told)
            });
            ("FAIL", failed.to_owned(), reasons.collect())
        }
    };
    answer.insert("result".to_owned(), result.into());
    answer.insert("message".to_owned(), message.into());
    answer.insert("reasons".to_owned(), reasons.into());
    Value::Object(answer)
}

fn lines(policy: &Value) -> Vec<String> {
    let text = |name: &str| policy[name].as_str().unwrap_or_default();
    let mut lines = vec![format!(
        "{:7} {}  {}",
        text("result"),
        text("path"),
        text("message")
    )];
    for reason in policy["reasons"].as_array().into_iter().flatten() {
        let sid = reason["statementId"]
            .as_str()
            .map_or_else(String::new, |sid| format!(" ({sid})"));
        lines.push(format!(
            "        statement {}{sid}: {}",
            reason["statementIndex"],
            answer::request(&reason["witness"])
        ));
    }
    lines
}

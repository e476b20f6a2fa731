//! `palisade access escalation`

use super::{answer, estate};
use crate::args::Escalation;
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_iam::escalation::{self, Field, Step, To};
use palisade_iam::estate::field;
use palisade_iam::simulate::witness;
use serde_json::{Value, json};

/// Who can get the permissions of another, and how.
pub(crate) fn run(args: &Escalation, terminal: &Terminal) -> Result<Done, Failure> {
    let estate = estate(&args.ask, terminal)?;
    let field = field(&estate);
    if let Some(wanted) = &args.principal
        && !field.nodes.iter().any(|node| node.arn == *wanted)
    {
        return Err(Failure::usage(format!(
            "`{wanted}` is none of the {} users and roles of the snapshot",
            field.nodes.len()
        ))
        .hint("`palisade query \"select arn from aws_iam_role\"` names the roles"));
    }
    let found = escalation::escalation(&field);
    let ways = found.ways();
    let asked = |at: usize| {
        let arn = field.nodes.get(at).map(|node| node.arn.as_str());
        args.principal
            .as_deref()
            .is_none_or(|wanted| arn == Some(wanted))
    };
    let mut principals = Vec::new();
    for (at, node) in field.nodes.iter().enumerate().filter(|(at, _)| asked(*at)) {
        let way: Vec<Value> = ways
            .get(&at)
            .into_iter()
            .flatten()
            .map(|step| told(&found, step, &field))
            .collect();
        let steps: Vec<Value> = found
            .steps(at)
            .iter()
            .map(|step| told(&found, step, &field))
            .collect();
        if !steps.is_empty() {
            let way = if way.is_empty() {
                Value::Null
            } else {
                json!(way)
            };
            principals.push(json!({ "principal": node.arn, "way": way, "steps": steps }));
        }
    }
    let administrators: Vec<&str> = field
        .nodes
        .iter()
        .enumerate()
        .filter(|(at, node)| asked(*at) && node.administrator == Ok(true))
        .map(|(_, node)| node.arn.as_str())
        .collect();
    let unknown = unknown(&estate, &found, &field, &asked);
    let json = json!({
        "schema": "palisade.access-escalation/v1",
        "administrators": administrators,
        "principals": principals,
        "unknown": unknown,
    });
    answer::write(&args.ask.form, terminal, &json, || {
        let mut lines: Vec<String> = administrators
            .iter()
            .map(|arn| format!("administrator  {arn}"))
            .collect();
        for found in &principals {
            lines.extend(shown(found));
        }
        if lines.is_empty() && unknown.is_empty() {
            lines.push("nobody is administrator, and nobody can get more than it has".to_owned());
        }
        lines.extend(unknown.iter().map(|why| format!("unknown        {why}")));
        lines
    })?;
    Ok(if unknown.is_empty() {
        Done::Clean
    } else {
        Done::Incomplete
    })
}

/// What could not be decided or seen.
fn unknown(
    estate: &palisade_iam::estate::Estate,
    found: &escalation::Escalation<'_>,
    field: &Field,
    asked: &dyn Fn(usize) -> bool,
) -> Vec<String> {
    let roles = estate
        .unlisted
        .iter()
        .filter(|gap| gap.what == "AWS::IAM::Role");
    let mut all: Vec<String> = estate
        .gaps
        .iter()
        .chain(roles)
        .map(|gap| format!("{} of account {}: {}", gap.what, gap.account, gap.call))
        .collect();
    let nodes = (0..field.nodes.len()).filter(|at| asked(*at));
    for open in nodes.flat_map(|at| found.open(at)) {
        let arn = field.nodes.get(open.from).map_or("", |node| &node.arn);
        all.push(format!("{arn}: {}: {}", open.path, open.reason));
    }
    all.sort();
    all.dedup();
    all
}

fn told(found: &escalation::Escalation<'_>, step: &Step, field: &Field) -> Value {
    let name = |at: usize| field.nodes.get(at).map(|node| node.arn.as_str());
    let to = match step.to {
        To::Administrator => Some("administrator"),
        To::Node(at) => name(at),
    };
    json!({
        "path": step.path.id,
        "does": step.path.words,
        "from": name(step.from),
        "to": to,
        "by": step.by(),
        "if": step.path.supposed(),
        "needs": step.path.needs.iter().zip(&found.witnesses(step)).map(|(need, found)| {
            json!({ "action": need.action, "witness": witness(found, true) })
        }).collect::<Vec<_>>(),
    })
}

/// The way to administrator with its witnesses, or where else the principal gets.
fn shown(found: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let principal = text(&found["principal"]);
    let step = |step: &Value| {
        let by = match step["by"].as_str() {
            Some(by) if step["by"] != step["to"] => format!(" ({by})"),
            _ => String::new(),
        };
        let supposed = step["if"]
            .as_str()
            .map_or_else(String::new, |what| format!(", if {what}"));
        format!(
            "  {:22} {}{by}: {}{supposed}",
            text(&step["path"]),
            text(&step["does"]),
            text(&step["to"])
        )
    };
    let list = |name: &str| found[name].as_array().cloned().unwrap_or_default();
    let way = list("way");
    if way.is_empty() {
        let mut lines = vec![format!("gets more       {principal}")];
        lines.extend(list("steps").iter().map(step));
        return lines;
    }
    let mut lines = vec![format!("becomes admin   {principal}")];
    for one in &way {
        lines.push(step(one));
        for need in one["needs"].as_array().into_iter().flatten() {
            lines.push(format!("      e.g. {}", answer::request(&need["witness"])));
        }
    }
    lines
}

//! Ways to more permissions, as rows.

use super::super::Made;
use super::answers::{last, row};
use palisade_iam::escalation::{Escalation, Field, Step, To, escalation};
use palisade_iam::estate::{Estate, field};
use palisade_iam::simulate::witness;
use serde_json::{Value, json};

/// Rows of `iam_escalation`.
pub(super) fn rows(estate: &Estate, made: &mut Made) {
    let field = field(estate);
    let found = escalation(&field);
    let ways = found.ways();
    let one = |at: usize| {
        let node = field.nodes.get(at)?;
        let way: &[Step] = ways.get(&at).map_or(&[], Vec::as_slice);
        let open = open(&found, at, way, node.administrator.as_ref().err());
        let becomes = match (&node.administrator, way.is_empty(), &open) {
            // Who is administrator already has nothing to become.
            (Ok(true), _, _) | (_, true, None) => Some(false),
            (_, false, None) => Some(true),
            (_, _, Some(_)) => None,
        };
        let others = found.becomes(at).into_iter();
        let others = others.filter_map(|to| field.nodes.get(to).map(|node| node.arn.as_str()));
        row(json!({
            "account_id": node.account,
            "arn": node.arn,
            "name": last(&node.arn),
            "is_administrator": node.administrator.as_ref().ok(),
            "becomes_administrator": becomes,
            "way": way.iter().map(|step| told(step, &field)).collect::<Vec<_>>(),
            "becomes": others.collect::<std::collections::BTreeSet<_>>(),
            "witness": requests(&found, way).map(|requests| requests.to_string()),
            "unknown": open,
        }))
    };
    made.extend((0..field.nodes.len()).filter_map(one));
}

/// Why a node's answer is not decided; a way that rests on nothing unseen decides it.
fn open(
    found: &Escalation<'_>,
    at: usize,
    way: &[Step],
    unseen: Option<&String>,
) -> Option<String> {
    if let Some(supposed) = way.iter().find_map(|step| step.path.supposed()) {
        return Some(format!("only if there is {supposed}"));
    }
    if !way.is_empty() {
        return None;
    }
    let open = found.open(at).into_iter().next();
    let open = open.map(|open| format!("{}: {}", open.path, open.reason));
    unseen.cloned().or(open)
}

fn told(step: &Step, field: &Field) -> String {
    let to = match step.to {
        To::Administrator => "everything",
        To::Node(at) => field.nodes.get(at).map_or("", |node| node.arn.as_str()),
    };
    format!("{}: {}, and so {to}", step.path.id, step.path.words)
}

fn requests(found: &Escalation<'_>, way: &[Step]) -> Option<Value> {
    let all: Vec<Value> = way
        .iter()
        .flat_map(|step| found.witnesses(step))
        .map(|found| witness(&found, true))
        .collect();
    (!all.is_empty()).then_some(Value::Array(all))
}

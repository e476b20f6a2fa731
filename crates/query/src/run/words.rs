//! Why something is unknown, in words.

use palisade_core::call::not_sent;
use palisade_core::{CallRef, Outcome};
use std::collections::BTreeSet;

/// What failed: `sqs:GetQueueAttributes was denied (AccessDenied)`, at most three of them.
pub(crate) fn failed<'a>(calls: impl IntoIterator<Item = &'a CallRef>) -> String {
    let kinds: BTreeSet<(&str, Outcome, Option<&str>)> = calls
        .into_iter()
        .filter(|c| !c.outcome.is_measured())
        .map(|c| (c.operation.as_str(), c.outcome, c.code.as_deref()))
        .collect();
    let texts = kinds.iter().map(|(operation, outcome, code)| {
        if let Some(why) = code.and_then(not_sent) {
            return format!("{operation} was not sent: {why}");
        }
        let what = match outcome {
            Outcome::Denied => "was denied",
            Outcome::Throttled => "was throttled",
            Outcome::Unsupported => "is not offered here",
            Outcome::Failed => "failed",
            Outcome::Ok | Outcome::Absent => "was answered",
        };
        code.map_or_else(
            || format!("{operation} {what}"),
            |code| format!("{operation} {what} ({code})"),
        )
    });
    some(texts.collect())
}

/// The first three, and how many more.
pub(crate) fn some(mut texts: Vec<String>) -> String {
    let more = texts.len().saturating_sub(3);
    texts.truncate(3);
    if more > 0 {
        texts.push(format!("and {more} more"));
    }
    texts.join("; ")
}

/// What was not collected.
pub(crate) fn not_collected(operations: &[String]) -> String {
    some(
        operations
            .iter()
            .map(|o| format!("{o} was not collected"))
            .collect(),
    )
}

/// What failed, and what was not collected.
pub(crate) fn lacking(bad: &[CallRef], missing: &[String]) -> String {
    both(failed(bad), &not_collected(missing))
}

/// One and the other, where there are both.
pub(crate) fn both(mut one: String, other: &str) -> String {
    if !one.is_empty() && !other.is_empty() {
        one.push_str("; ");
    }
    one.push_str(other);
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_sent_has_not_failed() {
        let call = |code: &str| CallRef {
            id: code.to_owned(),
            operation: "sqs:ListQueues".to_owned(),
            outcome: Outcome::Failed,
            code: Some(code.to_owned()),
        };
        assert_eq!(
            failed(&[call("BudgetExhausted"), call("Timeout")]),
            "sqs:ListQueues was not sent: the limit of --max-calls was reached; sqs:ListQueues failed (Timeout)"
        );
    }
}

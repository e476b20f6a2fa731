//! `*` as a whole value: every text matches it, so that the condition asks at most whether the key is there.

use super::statement::Condition;
use super::{Code, Findings};
use crate::model::{Operator, SetOperator, Test, TextTest};

/// "Condition operators", "Single-valued vs. multivalued context keys" (IAM User Guide): what is left of the operator
/// for a request with the key, and for one without it.
pub(super) fn check(condition: &Condition<'_>, operator: &Operator, found: &mut Findings<'_>) {
    let is_any = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    if operator.test != Test::Text(TextTest::Like)
        || !condition.texts().any(|(_, text)| is_any(text))
    {
        return;
    }
    let present = !operator.negated;
    let absent = operator.if_exists
        || match operator.set {
            Some(SetOperator::ForAllValues) => true,
            Some(SetOperator::ForAnyValue) => false,
            None => operator.negated,
        };
    let key = condition.key;
    let null = |flag: bool| format!("write \"Null\": {{\"{key}\": \"{flag}\"}}");
    let (code, message, suggestion) = match (present, absent) {
        (true, false) => (
            Code::EquivalentToNullFalse,
            format!("this asks only whether `{key}` exists"),
            null(false),
        ),
        (false, true) => (
            Code::EquivalentToNullTrue,
            format!("this asks only whether `{key}` is missing"),
            null(true),
        ),
        (true, true) => (
            Code::RedundantKeyDueToWildcardInCondition,
            format!("`{key}` with this operator is always matched"),
            "remove the key".to_owned(),
        ),
        (false, false) => (
            Code::RedundantStatementDueToWildcardInCondition,
            format!("`{key}` with this operator never matches: the statement does nothing"),
            "remove the key, or the statement".to_owned(),
        ),
    };
    found.suggest(code, condition.key_at, message, suggestion);
}

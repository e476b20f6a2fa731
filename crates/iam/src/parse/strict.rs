//! What IAM refuses though it could be read.

use super::{Notes, PolicyKind};
use crate::{
    error::DocumentError,
    model::{Condition, Operands, Position, Statement},
};

/// `service:Operation` or `*`, without variables ("IAM JSON policy elements: Action").
pub(crate) fn action(text: &str, at: Position, notes: &mut Notes) -> Result<(), DocumentError> {
    if text == "*" {
        return Ok(());
    }
    let allowed = |text: &str, more: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let fine = text
        .split_once(':')
        .is_some_and(|(service, operation)| allowed(service, "-*?") && allowed(operation, "-_.*?"));
    if fine {
        return Ok(());
    }
    notes.refuse(DocumentError::new(
        at,
        format!(
            "`{text}` is no action; write `service:Operation` (with `*` or `?` if need be) or `*`"
        ),
    ))
}

/// An ARN or `*` ("IAM JSON policy elements: Resource").
pub(crate) fn resource(
    text: &str,
    at: Position,
    kind: PolicyKind,
    variables: bool,
    notes: &mut Notes,
) -> Result<(), DocumentError> {
    if kind == PolicyKind::Trust {
        return notes.refuse(DocumentError::new(
            at,
            "a trust policy has no `Resource`; remove it",
        ));
    }
    if text != "*"
        && !text.starts_with("arn:")
        && !(kind == PolicyKind::Resource && text.starts_with("execute-api:"))
    {
        notes.refuse(DocumentError::new(
            at,
            format!("`{text}` is no resource; write an ARN or `*`"),
        ))?;
    }
    braces(text, at, variables, notes)
}

fn braces(
    text: &str,
    at: Position,
    variables: bool,
    notes: &mut Notes,
) -> Result<(), DocumentError> {
    if variables
        && let Some((_, inside)) = text.split_once("${")
        && !inside.contains('}')
    {
        return notes.refuse(DocumentError::new(
            at,
            "the policy variable has no closing brace",
        ));
    }
    Ok(())
}

/// An operator that exists, a key with a service, and values of the operator's kind.
pub(crate) fn condition(
    condition: &Condition,
    operator_at: Position,
    variables: bool,
    notes: &mut Notes,
) -> Result<(), DocumentError> {
    if condition.operator.is_none() {
        notes.refuse(DocumentError::new(
            operator_at,
            format!(
                "unknown condition operator `{}`; it is never met",
                condition.operator_text
            ),
        ))?;
    }
    if !condition.key_text.contains(':') {
        notes.refuse(DocumentError::new(
            condition.at,
            format!(
                "`{}` is no condition key; write `service:Key`",
                condition.key_text
            ),
        ))?;
    }
    if condition.values.is_empty() {
        notes.refuse(DocumentError::new(
            condition.at,
            "the condition has no value; it is never met",
        ))?;
    }
    let unreadable = match &condition.operands {
        Operands::Numbers(values) => position_of_none(values),
        Operands::Dates(values) => position_of_none(values),
        Operands::Networks(values) => position_of_none(values),
        Operands::Flags(_) => condition.values.iter().position(|value| {
            !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false")
        }),
        Operands::Templates(_) | Operands::Binaries(_) => None,
    };
    if let Some(value) = unreadable.and_then(|at| condition.values.get(at)) {
        notes.refuse(DocumentError::new(
            condition.at,
            format!(
                "`{value}` is no value for `{}`; it never matches",
                condition.operator_text
            ),
        ))?;
    }
    for value in &condition.values {
        braces(value, condition.at, variables, notes)?;
    }
    Ok(())
}

fn position_of_none<T>(values: &[Option<T>]) -> Option<usize> {
    values.iter().position(Option::is_none)
}

/// Sids are unique in a document.
pub(crate) fn unique_sids(
    statements: &[Statement],
    notes: &mut Notes,
) -> Result<(), DocumentError> {
    let mut seen = std::collections::BTreeSet::new();
    for statement in statements {
        if let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty())
            && !seen.insert(sid)
        {
            notes.refuse(DocumentError::new(
                statement.at,
                format!("the `Sid` `{sid}` is taken by an earlier statement"),
            ))?;
        }
    }
    Ok(())
}

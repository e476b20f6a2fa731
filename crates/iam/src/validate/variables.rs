//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`.

use super::statement::Statement;
use super::{Code, Findings};
use crate::model::{Operator, Position};

/// `usable`: the policy's version has variables.
pub(super) fn check(statement: &Statement<'_>, usable: bool, found: &mut Findings<'_>) {
    if let Some(actions) = &statement.actions {
        for (at, text) in &actions.texts {
            if text.contains("${") {
                found.suggest(
                    Code::VariableUnsupportedInElement,
                    *at,
                    format!("`{text}`: an action takes no policy variable"),
                    "write variables in `Resource` and `Condition` only",
                );
            }
        }
    }
    if let Some(resources) = &statement.resources {
        for (at, text) in &resources.texts {
            variables(text, *at, usable, found);
        }
    }
    for condition in &statement.conditions {
        let takes =
            Operator::parse(condition.operator).is_none_or(|operator| operator.takes_variables());
        for (at, text) in condition.texts() {
            if takes {
                variables(text, at, usable, found);
            } else if text.contains("${") && usable {
                found.suggest(
                    Code::InvalidVariableForOperator,
                    at,
                    format!("`{}` takes no policy variable", condition.operator),
                    "use a String or an Arn operator",
                );
            }
        }
    }
}

fn variables(text: &str, at: Position, usable: bool, found: &mut Findings<'_>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${") {
        let Some((inside, more)) = after.split_once('}') else {
            found.suggest(
                Code::MissingBraceInVariable,
                at,
                format!("the policy variable in `{text}` has no end"),
                "write `}` after it",
            );
            return;
        };
        rest = more;
        // `${*}`, `${?}` and `${$}` are the characters themselves.
        if ["*", "?", "$"].contains(&inside) {
            continue;
        }
        if !usable {
            found.suggest(
                Code::VariableUnsupportedInVersion,
                at,
                format!(
                    "`${{{inside}}}` is text in this version of the policy language, no variable"
                ),
                "write \"Version\": \"2012-10-17\"",
            );
            return;
        }
        one(inside, at, found);
    }
}

fn one(inside: &str, at: Position, found: &mut Findings<'_>) {
    let (name, default) = match inside.split_once(',') {
        Some((name, default)) => (name, Some(default.trim_start())),
        None => (inside, None),
    };
    if name.trim().is_empty() {
        found.suggest(
            Code::EmptyVariable,
            at,
            "a policy variable has no name",
            "name a condition key between the braces",
        );
    } else if name.contains(char::is_whitespace) {
        found.suggest(
            Code::UnsupportedSpaceInVariable,
            at,
            format!("the policy variable `{name}` has a space"),
            "remove the space",
        );
    }
    let quoted = |text: &str| text.len() > 1 && text.starts_with('\'') && text.ends_with('\'');
    if let Some(default) = default
        && !quoted(default)
    {
        found.suggest(
            Code::MissingQuoteInVariable,
            at,
            format!("the default value `{default}` is not between single quotes"),
            "write `${key, 'default'}`",
        );
    }
}

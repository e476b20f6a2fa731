//! What is obviously within something else: told from two statements alone, without a search.

use crate::model::{
    Actions, Condition, Part, PrincipalClause, PrincipalEntry, Resources, Statement, Template,
    Variable,
};

/// Whether every request that `inner` matches, `outer` matches; `false` says nothing.
pub(super) fn covers(outer: &Statement, inner: &Statement) -> bool {
    let conditions = outer.conditions.iter().all(|condition| {
        let mut own = inner.conditions.iter();
        own.any(|other| same_condition(condition, other))
    });
    conditions
        && principals(outer.principal.as_ref(), inner.principal.as_ref())
        && actions(&outer.actions, &inner.actions)
        && resources(outer.resources.as_ref(), inner.resources.as_ref())
}

fn same_condition(one: &Condition, other: &Condition) -> bool {
    one.operator == other.operator
        && one.key == other.key
        && one.operands == other.operands
        && one.values == other.values
}

fn actions(outer: &Actions, inner: &Actions) -> bool {
    patterns(
        (outer.negated, &outer.patterns),
        (inner.negated, &inner.patterns),
    )
}

fn resources(outer: Option<&Resources>, inner: Option<&Resources>) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(outer), None) => !outer.negated && outer.patterns.iter().any(Template::is_everything),
        (Some(outer), Some(inner)) => patterns(
            (outer.negated, &outer.patterns),
            (inner.negated, &inner.patterns),
        ),
    }
}

/// Whether the texts that `inner` names, or does not name, are among those of `outer`.
fn patterns(outer: (bool, &[Template]), inner: (bool, &[Template])) -> bool {
    let within = |many: &[Template], few: &[Template]| {
        few.iter()
            .all(|few| many.iter().any(|many| wider(many, few)))
    };
    match (outer, inner) {
        ((false, outer), (false, inner)) => within(outer, inner),
        ((true, outer), (true, inner)) => within(inner, outer),
        ((false, outer), (true, _)) => outer.iter().any(Template::is_everything),
        ((true, outer), (false, _)) => outer.is_empty(),
    }
}

fn principals(outer: Option<&PrincipalClause>, inner: Option<&PrincipalClause>) -> bool {
    let (Some(outer), Some(inner)) = (outer, inner) else {
        return outer.is_none() && inner.is_none();
    };
    if outer.negated {
        return outer == inner;
    }
    outer.entries.contains(&PrincipalEntry::Everyone)
        || !inner.negated && inner.entries.iter().all(|entry| names(outer, entry))
}

fn names(outer: &PrincipalClause, entry: &PrincipalEntry) -> bool {
    let by_account = |account: &str| {
        let account = PrincipalEntry::Account(account.to_owned());
        outer.entries.contains(&account)
    };
    outer.entries.contains(entry)
        || matches!(entry, PrincipalEntry::Arn(arn) if arn.split(':').nth(4).is_some_and(by_account))
}

/// More comparisons than this are not made to see whether a pattern is wider than another.
pub(super) const COMPARED: usize = 1_000_000;

/// A piece of a pattern, letter by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter<'a> {
    Is(char),
    One,
    Many,
    Variable(&'a Variable),
}

/// Whether every text that `inner` matches, `outer` matches, whatever stands for a variable: read letter by letter, with
/// a star for what only a star takes in. `false` says nothing.
pub(crate) fn wider(outer: &Template, inner: &Template) -> bool {
    if outer.is_everything() || outer == inner {
        return true;
    }
    if outer.is_literal() {
        return outer.literal() == inner.literal();
    }
    let (outer, inner) = (letters(outer), letters(inner));
    if outer.len().saturating_mul(inner.len()) > COMPARED {
        return outer == inner;
    }
    // As globs are matched: only the last star is ever reconsidered.
    let (mut at, mut to) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (outer.get(at), inner.get(to)) {
            (None, None) => return true,
            (Some(Letter::Many), _) => {
                star = Some((at + 1, to));
                at += 1;
                continue;
            }
            (Some(wanted), Some(found)) if takes(*wanted, *found) => {
                at += 1;
                to += 1;
                continue;
            }
            _ => {}
        }
        let Some((after, from)) = star else {
            return false;
        };
        if from >= inner.len() {
            return false;
        }
        star = Some((after, from + 1));
        at = after;
        to = from + 1;
    }
}

fn takes(outer: Letter<'_>, inner: Letter<'_>) -> bool {
    match (outer, inner) {
        (Letter::Is(wanted), Letter::Is(found)) => wanted == found,
        (Letter::One, Letter::Is(_) | Letter::One) => true,
        // Without a default, the inner one matches nothing where the key is absent.
        (Letter::Variable(wanted), Letter::Variable(found)) => {
            wanted.key == found.key && (found.default.is_none() || wanted.default == found.default)
        }
        _ => false,
    }
}

/// Letter by letter; of neighbouring wildcards the single characters come first and one star last.
fn letters(template: &Template) -> Vec<Letter<'_>> {
    let mut letters = Vec::new();
    let mut many = false;
    for part in template.parts() {
        match part {
            Part::Many => many = true,
            Part::One => letters.push(Letter::One),
            Part::Literal(text) => {
                if std::mem::take(&mut many) {
                    letters.push(Letter::Many);
                }
                letters.extend(text.chars().map(Letter::Is));
            }
            Part::Variable(variable) => {
                if std::mem::take(&mut many) {
                    letters.push(Letter::Many);
                }
                letters.push(Letter::Variable(variable));
            }
        }
    }
    if many {
        letters.push(Letter::Many);
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(outer: &str, inner: &str) -> bool {
        let read = |text: &str| Template::new(text, true, true);
        wider(&read(outer), &read(inner))
    }

    #[test]
    fn wider_patterns() {
        for (outer, inner) in [
            ("a*", "ab*"),
            ("*", ""),
            ("a?*", "a*?"),
            ("*?*?", "??*"),
            ("b/*", "b/${aws:username}/*"),
            ("b/${aws:username}/*", "b/${aws:username}/x"),
            ("b/${aws:username, 'x'}", "b/${aws:UserName}"),
            ("*a*b", "xa?b"),
        ] {
            assert!(wide(outer, inner), "{outer} {inner}");
        }
        for (outer, inner) in [
            ("a?", "a*"),
            ("a?*", "a*"),
            ("ab*", "a*"),
            ("?", "${aws:username}"),
            ("b/${aws:username}", "b/${aws:username, 'x'}"),
            ("b/${aws:username}", "b/x"),
            ("*b", "*"),
        ] {
            assert!(!wide(outer, inner), "{outer} {inner}");
        }
    }
}

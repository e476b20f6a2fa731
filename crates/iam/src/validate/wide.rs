//! Wildcards and policy variables in values that should name one thing.

use super::statement::Condition;
use super::{Code, Findings};
use crate::model::{Operator, Position, Test, TextTest};

/// "AWS global condition context keys", sensitive condition keys (IAM User Guide): a part of such a value names
/// nothing, so that a pattern has no use.
const SENSITIVE: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];
/// Characters that stand before a wildcard, in the reference's words.
const BEFORE: usize = 6;

/// What a key's values may not have open.
enum Rule {
    /// Anything.
    Sensitive,
    /// What stands left of the colon: the id that AWS made.
    Id,
    /// What fewer than `BEFORE` characters stand before.
    Start,
}

impl Rule {
    /// The reference names `aws:userid` and the sensitive keys. Which keys need characters in front it does not say;
    /// findings of the service are known for the subject of an identity provider's token.
    fn of(lower: &str) -> Option<Self> {
        if SENSITIVE.contains(&lower) {
            return Some(Self::Sensitive);
        }
        if lower == "aws:userid" {
            return Some(Self::Id);
        }
        let (provider, claim) = lower.rsplit_once(':')?;
        (claim == "sub" && provider.contains(['.', '/'])).then_some(Self::Start)
    }
}

/// A character or a variable of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Plain(char),
    Wildcard,
    /// Its name, without a default.
    Variable(&'a str),
}

/// `${*}`, `${?}` and `${$}` are the characters themselves ("IAM policy elements: Variables and tags").
fn pieces(text: &str, wildcards: bool, variables: bool) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if variables
            && let Some((inside, more)) = rest.strip_prefix("${").and_then(|r| r.split_once('}'))
        {
            let name = inside.split(',').next().unwrap_or_default().trim();
            all.push(match name {
                "*" => Piece::Plain('*'),
                "?" => Piece::Plain('?'),
                "$" => Piece::Plain('$'),
                name => Piece::Variable(name),
            });
            rest = more;
            continue;
        }
        all.push(match first {
            '*' | '?' if wildcards => Piece::Wildcard,
            plain => Piece::Plain(plain),
        });
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    all
}

pub(super) fn check(condition: &Condition<'_>, operator: &Operator, found: &mut Findings<'_>) {
    let Some(rule) = Rule::of(&condition.lower) else {
        return;
    };
    let wildcards = matches!(operator.test, Test::Text(TextTest::Like) | Test::Arn);
    for (at, text) in condition.texts() {
        let all = pieces(text, wildcards, operator.takes_variables());
        if let Some(open) = first_open(&rule, &all) {
            tell(&rule, condition.key, text, open, at, found);
        }
    }
}

/// The first piece that the rule does not let be open.
fn first_open<'a>(rule: &Rule, all: &[Piece<'a>]) -> Option<Piece<'a>> {
    let is_open = |piece: &Piece<'_>| !matches!(piece, Piece::Plain(_));
    match rule {
        Rule::Sensitive => all
            .iter()
            .find(|piece| is_open(piece) && !is_id(piece))
            .copied(),
        Rule::Id => {
            let colon = all.iter().position(|piece| *piece == Piece::Plain(':'));
            let left = all.get(..colon.unwrap_or(all.len())).unwrap_or_default();
            if colon.is_some() && left.len() == 1 {
                return None;
            }
            left.iter().find(|piece| is_open(piece)).copied()
        }
        Rule::Start => {
            let mut before = 0;
            let mut last_open = false;
            for piece in all {
                // `**` is one wildcard.
                if is_open(piece) && !last_open && before < BEFORE {
                    return Some(*piece);
                }
                last_open = is_open(piece);
                before = if last_open { 0 } else { before + 1 };
            }
            None
        }
    }
}

/// A variable that AWS fills with one of the sensitive ids itself: `"aws:ResourceAccount": "${aws:PrincipalAccount}"`.
/// It never is a pattern, and more than 500 of AWS's own managed policies are written so.
fn is_id(piece: &Piece<'_>) -> bool {
    matches!(piece, Piece::Variable(name) if SENSITIVE.contains(&name.to_lowercase().as_str()))
}

fn tell(
    rule: &Rule,
    key: &str,
    text: &str,
    open: Piece<'_>,
    at: Position,
    found: &mut Findings<'_>,
) {
    let (code, what) = match open {
        Piece::Variable(_) => (Code::VariableUsageTooPermissive, "policy variable"),
        _ => (Code::WildcardUsageTooPermissive, "wildcard"),
    };
    let (message, suggestion) = match rule {
        Rule::Sensitive => (
            format!("`{key}` takes no {what}: `{text}` may match what is not meant"),
            "write each value in full".to_owned(),
        ),
        Rule::Id => (
            format!("the {what} in `{text}` stands for the id itself"),
            format!("write the {what} behind the colon, or alone before it"),
        ),
        Rule::Start => (
            format!("the {what} in `{text}` has fewer than {BEFORE} characters before it"),
            format!("write {BEFORE} characters or more before it"),
        ),
    };
    found.suggest(code, at, message, suggestion);
}

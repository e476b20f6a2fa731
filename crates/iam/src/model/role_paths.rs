//! Whether a pattern matches the ARN of a role whatever the role's path is.

use super::{
    Context, Template,
    template::{Token, arn_parts, glob},
};

/// Roles under these paths have names that start so: those of IAM Identity Center and of services
/// ("IAM identifiers" and "Using service-linked roles", IAM User Guide); nobody else can create roles there.
const RESERVED: [(&str, &str); 2] = [
    (":role/aws-reserved/", "AWSReservedSSO_"),
    (":role/aws-service-role/", "AWSServiceRoleFor"),
];

/// Patterns with more question marks than this are not followed.
const ONES: usize = 16;
/// A character that no path has; it stands for any.
const ANY: &str = "\u{e000}";

/// A piece of the ARNs of one name under all paths, or of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Is(char),
    One,
    Many,
}

impl Template {
    /// Whether a variable's value is unknown, or could be another: a session's role may have a path.
    pub(crate) fn is_uncertain(&self, context: &Context) -> bool {
        self.is_open(context)
            || self.variables
                && self
                    .variables()
                    .any(|variable| context.is_pathless(&variable.key))
    }

    /// Whether the pattern matches a role's ARN whatever path stands before the name: always, never, or `None` where it
    /// hangs on the path. `by_part`: as ARN operators match.
    pub(crate) fn over_paths(&self, arn: &str, by_part: bool, context: &Context) -> Option<bool> {
        let Some(tokens) = self.tokens(context) else {
            return Some(false);
        };
        let start = arn.find(":role/").map_or(0, |at| at + ":role/".len());
        let name = arn.rsplit('/').next().unwrap_or_default();
        let (Some(base), false) = (arn.get(..start), start == 0) else {
            return None;
        };
        let elsewhere =
            |(path, prefix): &(&str, &str)| self.text().contains(path) && !name.starts_with(prefix);
        if RESERVED.iter().any(elsewhere) {
            return Some(false);
        }
        if !by_part || tokens == [Token::Many] {
            return over(&tokens, base, name);
        }
        let parts = arn_parts(&tokens);
        let before: Vec<&str> = base.splitn(6, ':').collect();
        let ([fixed @ .., last], [wanted @ .., kind]) = (parts.as_slice(), before.as_slice())
        else {
            return Some(false);
        };
        let fits = fixed.len() == wanted.len()
            && fixed
                .iter()
                .zip(wanted)
                .all(|(tokens, text)| glob(tokens, text));
        if fits {
            over(last, kind, name)
        } else {
            Some(false)
        }
    }

    /// As [`Self::over_paths`], for equality without regard to case.
    pub(crate) fn equals_over_paths(&self, arn: &str, context: &Context) -> Option<bool> {
        let Some(tokens) = self.tokens(context) else {
            return Some(false);
        };
        let mut wanted = String::new();
        for token in tokens {
            if let Token::Literal(literal) = token {
                wanted.push_str(&literal.to_lowercase());
            }
        }
        let lower = arn.to_lowercase();
        let name = lower.rsplit('/').next().unwrap_or_default();
        let base = lower.split_once(":role/").map_or("", |(base, _)| base);
        let can =
            wanted.starts_with(&format!("{base}:role/")) && wanted.ends_with(&format!("/{name}"));
        if can { None } else { Some(false) }
    }
}

fn over(tokens: &[Token<'_>], base: &str, name: &str) -> Option<bool> {
    let gap = [Piece::One, Piece::Many, Piece::Is('/')];
    let mut with: Vec<Piece> = base.chars().map(Piece::Is).collect();
    with.extend(gap);
    with.extend(name.chars().map(Piece::Is));
    let without = format!("{base}{name}");
    if !glob(tokens, &without) && !meet(&pieces(tokens), &with) {
        return Some(false);
    }
    let ones = tokens.iter().filter(|token| **token == Token::One).count();
    // More characters than there are question marks: a star takes one of them, and so would take any number.
    let all = ones <= ONES
        && glob(tokens, &without)
        && (1..=ones + 1)
            .all(|length| glob(tokens, &format!("{base}{}/{name}", ANY.repeat(length))));
    all.then_some(true)
}

fn pieces(tokens: &[Token<'_>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for token in tokens {
        match token {
            Token::Literal(text) => pieces.extend(text.chars().map(Piece::Is)),
            Token::One => pieces.push(Piece::One),
            Token::Many => pieces.push(Piece::Many),
        }
    }
    pieces
}

/// Whether some text is matched by both.
fn meet(left: &[Piece], right: &[Piece]) -> bool {
    // `row`: places in `right` that can be reached together with this place in `left`.
    let mut row = vec![false; right.len() + 1];
    if let Some(first) = row.first_mut() {
        *first = true;
    }
    skip(&mut row, right);
    for piece in left {
        let mut next = vec![false; right.len() + 1];
        let mark = |row: &mut Vec<bool>, at: usize| {
            if let Some(place) = row.get_mut(at) {
                *place = true;
            }
        };
        match piece {
            // A star takes nothing, or what `right` has here.
            Piece::Many => {
                let first = row.iter().position(|reached| *reached);
                if let Some(first) = first {
                    (first..=right.len()).for_each(|at| mark(&mut next, at));
                }
            }
            Piece::One | Piece::Is(_) => {
                for (at, other) in right.iter().enumerate() {
                    if !row.get(at).copied().unwrap_or_default() {
                        continue;
                    }
                    match (piece, other) {
                        (_, Piece::Many) => mark(&mut next, at),
                        (Piece::Is(one), Piece::Is(two)) if one != two => {}
                        _ => mark(&mut next, at + 1),
                    }
                }
            }
        }
        skip(&mut next, right);
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// A star in `right` may take nothing.
fn skip(row: &mut [bool], right: &[Piece]) {
    for (at, piece) in right.iter().enumerate() {
        if *piece == Piece::Many
            && row.get(at).copied().unwrap_or_default()
            && let Some(next) = row.get_mut(at + 1)
        {
            *next = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "arn:aws:iam::111122223333:role/app";

    fn like(pattern: &str, by_part: bool) -> Option<bool> {
        Template::new(pattern, true, true).over_paths(APP, by_part, &Context::new())
    }

    #[test]
    fn patterns_over_paths() {
        for by_part in [true, false] {
            for (pattern, expected) in [
                ("*", Some(true)),
                ("arn:aws:iam::*:role/*", Some(true)),
                ("arn:aws:iam::111122223333:role/*app", Some(true)),
                ("arn:aws:iam::111122223333:role/*p*p", Some(true)),
                ("arn:aws:iam::111122223333:*/app", Some(true)),
                (APP, None),
                ("arn:aws:iam::111122223333:role/p/*", None),
                ("arn:aws:iam::111122223333:role/p/app", None),
                ("arn:aws:iam::111122223333:role/*/app", None),
                ("arn:aws:iam::111122223333:role/??*app", None),
                ("arn:aws:iam::111122223333:role/?pp", None),
                ("arn:aws:iam::111122223333:role/x?p", Some(false)),
                ("arn:aws:iam::111122223333:role/admin", Some(false)),
                ("arn:aws:iam::111122223333:role/p/*x", Some(false)),
                ("arn:aws:iam::444455556666:role/*", Some(false)),
                ("arn:aws:iam::111122223333:user/*", Some(false)),
                (
                    "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*",
                    Some(false),
                ),
            ] {
                assert_eq!(like(pattern, by_part), expected, "{pattern} {by_part}");
            }
        }
        assert_eq!(like("arn:aws:iam:*:role/*", true), Some(false));
        assert_eq!(like("arn:aws:iam:*:role/*", false), Some(true));
        assert_eq!(
            Template::new(APP, false, false).equals_over_paths(APP, &Context::new()),
            None
        );
        let other = Template::new("arn:aws:iam::111122223333:role/x", false, false);
        assert_eq!(other.equals_over_paths(APP, &Context::new()), Some(false));
    }
}

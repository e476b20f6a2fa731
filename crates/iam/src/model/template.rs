//! Text of a policy with wildcards and policy variables, and how it matches.

use super::{Context, Lookup, context::ContextValue};

/// A policy variable: `${key}` or `${key, 'default'}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The condition key, lower case.
    pub key: String,
    /// What stands in its place when the request lacks the key.
    pub default: Option<String>,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself.
    Literal(String),
    /// `?`: exactly one character.
    One,
    /// `*`: any characters, none too.
    Many,
    /// A policy variable; its value stands for itself, wildcards in it too.
    Variable(Variable),
}

/// Text with wildcards and variables, ready to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
    pub(super) variables: bool,
}

/// The pieces of a template once its variables are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Literal(&'a str),
    One,
    Many,
}

/// Something that is a token once variables are known.
pub(super) trait AsToken {
    fn token(&self) -> Token<'_>;
}

impl AsToken for Token<'_> {
    fn token(&self) -> Token<'_> {
        *self
    }
}

impl AsToken for Part {
    /// A variable stands for nothing here: templates with variables are matched by their tokens.
    fn token(&self) -> Token<'_> {
        match self {
            Self::Literal(text) => Token::Literal(text),
            Self::One => Token::One,
            Self::Many => Token::Many,
            Self::Variable(_) => Token::Literal(""),
        }
    }
}

impl Template {
    /// Reads `text`. `wildcards`: `*` and `?` are wildcards; `variables`: `${...}` is a policy
    /// variable (version 2012-10-17 only: "IAM policy elements: Variables and tags").
    /// `${*}`, `${?}` and `${$}` are those characters themselves.
    #[must_use]
    pub fn new(text: &str, wildcards: bool, variables: bool) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut found = false;
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if variables && let Some((inside, after)) = variable_at(rest) {
                rest = after;
                match inside {
                    "*" | "?" | "$" => literal.push_str(inside),
                    _ => {
                        flush(&mut parts, &mut literal);
                        parts.push(Part::Variable(variable(inside)));
                        found = true;
                    }
                }
                continue;
            }
            match first {
                '*' if wildcards => {
                    flush(&mut parts, &mut literal);
                    if parts.last() != Some(&Part::Many) {
                        parts.push(Part::Many);
                    }
                }
                '?' if wildcards => {
                    flush(&mut parts, &mut literal);
                    parts.push(Part::One);
                }
                other => literal.push(other),
            }
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
        flush(&mut parts, &mut literal);
        Self {
            text: text.to_owned(),
            parts,
            variables: found,
        }
    }

    /// The text as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The pieces, in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether it matches anything at all.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.parts == [Part::Many]
    }

    /// The template with its variables replaced by what the context tells.
    pub(crate) fn resolved(&self, context: &Context) -> Resolved {
        if !self.variables {
            return Resolved::Closed(self.clone());
        }
        if self.is_open(context) {
            return Resolved::Open;
        }
        let mut parts: Vec<Part> = Vec::new();
        for part in &self.parts {
            match part {
                Part::Variable(variable) => match value(variable, context) {
                    Some(text) => parts.push(Part::Literal(text.to_owned())),
                    None => return Resolved::Never,
                },
                other => parts.push(other.clone()),
            }
        }
        Resolved::Closed(Self {
            text: self.text.clone(),
            parts: joined(parts),
            variables: false,
        })
    }

    /// Whether it has neither wildcards nor variables.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.literal().is_some()
    }

    /// The one text that it matches, if it is one.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the whole of `text` matches; `None` when a variable has no value.
    #[must_use]
    pub fn matches(&self, text: &str, context: &Context) -> Option<bool> {
        if let [Part::Literal(literal)] = self.parts.as_slice() {
            return Some(literal == text);
        }
        if self.is_everything() {
            return Some(true);
        }
        if !self.variables {
            return Some(glob(&self.parts, text));
        }
        Some(glob(&self.tokens(context)?, text))
    }

    /// Whether the whole of `text` equals the template, both in full Unicode lower case;
    /// `None` when a variable has no value.
    #[must_use]
    pub fn equals_ignoring_case(&self, text: &str, context: &Context) -> Option<bool> {
        let mut wanted = String::new();
        for token in self.tokens(context)? {
            if let Token::Literal(literal) = token {
                wanted.push_str(literal);
            }
        }
        Some(wanted.to_lowercase() == text.to_lowercase())
    }

    /// Whether the ARN `text` matches part by part: each of the six colon-delimited parts on its own,
    /// a wildcard stays inside its part ("ARN condition operators", IAM User Guide).
    /// `*` alone matches any ARN. `None` when a variable has no value.
    #[must_use]
    pub fn matches_arn(&self, text: &str, context: &Context) -> Option<bool> {
        let tokens = self.tokens(context)?;
        let wanted: Vec<&str> = text.splitn(6, ':').collect();
        if wanted.len() < 6 || wanted.first() != Some(&"arn") {
            return Some(false);
        }
        if tokens == [Token::Many] {
            return Some(true);
        }
        let parts = arn_parts(&tokens);
        Some(
            parts.len() == wanted.len()
                && parts
                    .iter()
                    .zip(wanted)
                    .all(|(tokens, text)| glob(tokens, text)),
        )
    }

    pub(super) fn tokens<'a>(&'a self, context: &'a Context) -> Option<Vec<Token<'a>>> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Some(Token::Literal(text.as_str())),
                Part::One => Some(Token::One),
                Part::Many => Some(Token::Many),
                Part::Variable(variable) => value(variable, context).map(Token::Literal),
            })
            .collect()
    }

    /// Whether a variable without default and without a value is in the text, so that it matches nothing.
    #[must_use]
    pub fn is_unresolved(&self, context: &Context) -> bool {
        self.variables && self.unresolved(context).next().is_some()
    }

    /// Whether one of the variables without a value is unknown rather than absent.
    pub(crate) fn is_open(&self, context: &Context) -> bool {
        self.variables
            && self
                .variables()
                .any(|variable| context.lookup(&variable.key) == Lookup::Unknown)
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            _ => None,
        })
    }

    pub(super) fn unresolved<'a>(
        &'a self,
        context: &'a Context,
    ) -> impl Iterator<Item = &'a Variable> {
        self.variables()
            .filter(move |variable| value(variable, context).is_none())
    }
}

/// A template under a context.
pub(crate) enum Resolved {
    /// All variables are told.
    Closed(Template),
    /// A variable has no value: it matches nothing.
    Never,
    /// A variable is not told.
    Open,
}

/// Neighbouring literals as one.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut all: Vec<Part> = Vec::new();
    for part in parts {
        match (all.last_mut(), part) {
            (Some(Part::Literal(text)), Part::Literal(more)) => text.push_str(&more),
            (_, part) => all.push(part),
        }
    }
    all.retain(|part| !matches!(part, Part::Literal(text) if text.is_empty()));
    all
}

/// The text in a variable's place: a multivalued key cannot be a variable, an absent one has its default.
fn value<'a>(variable: &'a Variable, context: &'a Context) -> Option<&'a str> {
    match context.lookup(&variable.key) {
        Lookup::Present(ContextValue::One(value)) => Some(value),
        Lookup::Present(ContextValue::Many(_)) => None,
        Lookup::Absent | Lookup::Unknown => variable.default.as_deref(),
    }
}

/// The inside of a variable that starts here, and the text after it. Text without a closing brace is text.
fn variable_at(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix("${")?;
    let mut quoted = false;
    for (at, character) in inside.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            '}' if !quoted => {
                return Some((inside.get(..at)?, inside.get(at + 1..)?));
            }
            _ => {}
        }
    }
    // An odd quote: the first brace closes it.
    let at = inside.find('}')?;
    Some((inside.get(..at)?, inside.get(at + 1..)?))
}

fn variable(inside: &str) -> Variable {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let default = default.trim();
            let default = default
                .strip_prefix('\'')
                .and_then(|text| text.strip_suffix('\''))
                .unwrap_or(default);
            (key, Some(default.to_owned()))
        }
        None => (inside, None),
    };
    Variable {
        key: key.trim().to_lowercase(),
        default,
    }
}

fn flush(parts: &mut Vec<Part>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(Part::Literal(std::mem::take(literal)));
    }
}

/// Splits tokens at the first five colons.
pub(super) fn arn_parts<'a>(tokens: &[Token<'a>]) -> Vec<Vec<Token<'a>>> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match *token {
            Token::Literal(mut text) => {
                while parts.len() < 6
                    && let Some((before, after)) = text.split_once(':')
                {
                    push(&mut parts, Token::Literal(before));
                    parts.push(Vec::new());
                    text = after;
                }
                push(&mut parts, Token::Literal(text));
            }
            other => push(&mut parts, other),
        }
    }
    parts
}

fn push<'a>(parts: &mut [Vec<Token<'a>>], token: Token<'a>) {
    if let Some(last) = parts.last_mut()
        && token != Token::Literal("")
    {
        last.push(token);
    }
}

/// Matches the whole text. Only the last star is ever reconsidered, so the work is at most
/// the product of both lengths, and linear where a literal follows each star.
pub(super) fn glob<T: AsToken>(tokens: &[T], text: &str) -> bool {
    let mut at = 0;
    let mut rest = text;
    let mut star: Option<(usize, &str)> = None;
    loop {
        let step = match tokens.get(at).map(AsToken::token) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Token::Many) => {
                if at + 1 == tokens.len() {
                    return true;
                }
                star = Some((at + 1, rest));
                Some(rest)
            }
            Some(Token::One) => {
                let mut characters = rest.chars();
                characters.next().map(|_| characters.as_str())
            }
            Some(Token::Literal(literal)) => rest.strip_prefix(literal),
        };
        if let Some(after) = step {
            rest = after;
            at += 1;
            continue;
        }
        let Some((next, from)) = star else {
            return false;
        };
        // Let the star take one more character, and jump to where the literal after it can start.
        let mut characters = from.chars();
        if characters.next().is_none() {
            return false;
        }
        let mut from = characters.as_str();
        if let Some(Token::Literal(literal)) = tokens.get(next).map(AsToken::token) {
            let last = next + 1 == tokens.len();
            if last {
                return from.ends_with(literal);
            }
            let Some(found) = from.find(literal) else {
                return false;
            };
            from = from.get(found..).unwrap_or_default();
        }
        star = Some((next, from));
        at = next;
        rest = from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str, text: &str) -> bool {
        Template::new(pattern, true, true)
            .matches(text, &Context::new())
            .unwrap()
    }

    #[test]
    fn stars_and_question_marks() {
        assert!(like("*", ""));
        assert!(like("a*", "a"));
        assert!(like("a*c", "abbc"));
        assert!(!like("a*c", "abbd"));
        assert!(like("a?c", "abc"));
        assert!(like("a?c", "aéc"));
        assert!(!like("a?c", "ac"));
        assert!(like("*ab*ab", "abab"));
        assert!(!like("*ab*ab", "aab"));
        assert!(like("*?b", "ab"));
        assert!(like("**x**", "x"));
        assert!(like("a*b?c*d", "a--b-b1c--d"));
    }

    #[test]
    fn escapes_are_literal() {
        assert!(like("${*}", "*"));
        assert!(!like("${*}", "x"));
        assert!(like("a${?}${$}", "a?$"));
    }

    #[test]
    fn variables_and_defaults() {
        let mut context = Context::new();
        context.set("aws:username", ContextValue::One("a*".into()));
        let t = Template::new("home/${aws:UserName}/*", true, true);
        assert_eq!(t.matches("home/a*/x", &context), Some(true));
        assert_eq!(t.matches("home/ab/x", &context), Some(false));
        assert_eq!(t.matches("home/a*/x", &Context::new()), None);
        let t = Template::new("${aws:PrincipalTag/team, 'comp}any'}/", true, true);
        assert_eq!(t.matches("comp}any/", &context), Some(true));
        let t = Template::new("${aws:username}", true, false);
        assert_eq!(t.matches("${aws:username}", &context), Some(true));
    }

    #[test]
    fn arns_part_by_part() {
        let arn = |pattern: &str, text: &str| {
            Template::new(pattern, true, true)
                .matches_arn(text, &Context::new())
                .unwrap()
        };
        assert!(arn("arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a/b:c"));
        assert!(!arn("arn:aws:*:role/x", "arn:aws:iam::1:role/x"));
        assert!(arn("*", "arn:aws:iam::1:role/x"));
        assert!(!arn("*", "x"));
        assert!(!arn("arn:aws:s3:*", "arn:aws:s3:::x"));
    }

    #[test]
    fn hostile_globs_end() {
        let text = "a".repeat(16_000);
        assert!(!like(&format!("{}b", "*a".repeat(20_000)), &text));
        assert!(!like(&format!("*{}?b", "a".repeat(8_000)), &text));
        assert!(like(&"*".repeat(100_000), &text));
    }
}

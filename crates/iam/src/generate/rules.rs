//! Which parameters name an event's resources: `data/event-resources.txt`, read.

use std::{collections::BTreeMap, sync::LazyLock};

use super::names::Form;

const TEXT: &str = include_str!("../../data/event-resources.txt");

/// A line.
#[derive(Debug)]
pub(super) struct Rule {
    /// Events and, where only one of an event's actions is meant, the action; lower case. None: all events.
    events: Vec<(String, Option<String>)>,
    /// `!`
    pub(super) only: bool,
    /// `+`: true; `-`: false.
    pub(super) needed: Option<bool>,
    pub(super) patterns: Vec<Pattern>,
}

/// The last part of an ARN.
#[derive(Debug)]
pub(super) struct Pattern {
    /// `@`: the ARN names no account.
    pub(super) no_account: bool,
    pub(super) parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) enum Part {
    Text(&'static str),
    Value(Value),
}

/// `{a|b:form=default}`
#[derive(Debug)]
pub(super) struct Value {
    /// Lower case.
    pub(super) paths: Vec<String>,
    pub(super) form: Form,
    pub(super) default: Option<&'static str>,
}

/// By the service's prefix and the type, a space between.
static RULES: LazyLock<BTreeMap<String, Vec<Rule>>> = LazyLock::new(|| {
    let mut all: BTreeMap<_, Vec<Rule>> = BTreeMap::new();
    for line in lines() {
        if let Some((key, rule)) = rule(line) {
            all.entry(key).or_default().push(rule);
        }
    }
    all
});

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// The rules for a type of resource, in their order.
pub(super) fn of<'a>(
    prefix: &str,
    kind: &str,
    event: &'a str,
    action: &'a str,
) -> impl Iterator<Item = &'static Rule> + use<'a> {
    let key = format!("{prefix} {}", kind.replace(' ', "_"));
    let found = RULES.get(&key).map(Vec::as_slice).unwrap_or_default();
    let is_of = move |rule: &&Rule| {
        rule.events.is_empty()
            || rule.events.iter().any(|(name, of)| {
                name.eq_ignore_ascii_case(event)
                    && of.as_ref().is_none_or(|of| of.eq_ignore_ascii_case(action))
            })
    };
    found.iter().filter(is_of)
}

fn rule(line: &'static str) -> Option<(String, Rule)> {
    let mut words = line.split_whitespace();
    let key = format!("{} {}", words.next()?, words.next()?);
    let events = match words.next()? {
        "*" => Vec::new(),
        events => events
            .split(',')
            .map(|event| match event.split_once('>') {
                Some((event, action)) => (event.to_owned(), Some(action.to_owned())),
                None => (event.to_owned(), None),
            })
            .collect(),
    };
    let mut rule = Rule {
        events,
        only: false,
        needed: None,
        patterns: Vec::new(),
    };
    for word in words {
        match word {
            "!" => rule.only = true,
            "+" => rule.needed = Some(true),
            "-" => rule.needed = Some(false),
            _ => rule.patterns.push(pattern(word)?),
        }
    }
    Some((key, rule))
}

fn pattern(text: &'static str) -> Option<Pattern> {
    let own = text.strip_prefix('@');
    let mut parts = Vec::new();
    let mut rest = own.unwrap_or(text);
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        let (inside, after) = after.split_once('}')?;
        parts.push(Part::Value(value(inside)?));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Some(Pattern {
        no_account: own.is_some(),
        parts,
    })
}

fn value(inside: &'static str) -> Option<Value> {
    let (inside, default) = match inside.split_once('=') {
        Some((inside, default)) => (inside, Some(default)),
        None => (inside, None),
    };
    let (paths, form) = match inside.split_once(':') {
        Some((paths, form)) => (paths, Form::read(form)?),
        None => (inside, Form::Plain),
    };
    Some(Value {
        paths: paths.split('|').map(str::to_lowercase).collect(),
        form,
        default,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_read() {
        for line in lines() {
            let read = rule(line);
            let told = read
                .as_ref()
                .is_some_and(|(_, rule)| !rule.patterns.is_empty() || rule.needed == Some(false));
            assert!(told, "{line}");
        }
    }
}

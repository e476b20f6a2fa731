//! Condition keys: which exist, and the type of their values.

use super::Findings;
use super::near::nearest;
use crate::authorization::{ConditionKey, KeyType};
use std::sync::OnceLock;

/// Global keys with their types ("AWS global condition context keys", IAM User Guide).
const GLOBAL: &str = include_str!("../../data/global-keys.txt");

/// A global key.
pub(super) struct Global {
    /// As it is written. With `/` at its end it takes a tag's key.
    pub(super) name: &'static str,
    lower: String,
    kind: KeyType,
}

/// The global keys.
pub(super) fn global() -> &'static [Global] {
    static READ: OnceLock<Vec<Global>> = OnceLock::new();
    READ.get_or_init(|| {
        GLOBAL
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .filter_map(|line| {
                let (name, kind) = line.split_once(' ')?;
                Some(Global {
                    name,
                    lower: name.to_lowercase(),
                    kind: kind_named(kind)?,
                })
            })
            .collect()
    })
}

fn kind_named(name: &str) -> Option<KeyType> {
    Some(match name {
        "String" => KeyType::String,
        "ARN" => KeyType::Arn,
        "Bool" => KeyType::Bool,
        "Date" => KeyType::Date,
        "Numeric" => KeyType::Numeric,
        "IPAddress" => KeyType::Address,
        "Binary" => KeyType::Binary,
        "ArrayOfString" => KeyType::ArrayOfString,
        "ArrayOfARN" => KeyType::ArrayOfArn,
        _ => return None,
    })
}

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known<'a> {
    /// It exists; its values' type, where told.
    Key(Option<KeyType>),
    /// A global key that needs a tag's key after the slash: its name with the slash.
    NoTagKey(&'static str),
    /// No such global key; the closest.
    NoGlobal(Option<&'static str>),
    /// The service has no such key; the closest.
    NoKey(Option<&'a str>),
    /// There is no such service.
    NoService,
    /// Not of the form `service:key`.
    NoForm,
}

/// Looks a key up, lower case.
pub(super) fn known<'a>(lower: &str, found: &Findings<'a>) -> Known<'a> {
    let Some((prefix, name)) = lower.split_once(':') else {
        return Known::NoForm;
    };
    if prefix.is_empty() || name.is_empty() {
        return Known::NoForm;
    }
    if prefix == "aws" {
        return global_key(lower);
    }
    let data = found.data;
    let elsewhere = data.source().keys.get(prefix);
    let services = data.service(prefix).into_iter().chain(
        elsewhere
            .into_iter()
            .flatten()
            .filter_map(|p| data.service(p)),
    );
    let mut near: Vec<&'a str> = Vec::new();
    let mut any = false;
    for service in services {
        any = true;
        for key in &service.keys {
            if is(key, lower) {
                return Known::Key(key.kind);
            }
            near.push(&key.name);
        }
    }
    // Identity providers have domains for prefixes, and claims for keys.
    if prefix.contains(['.', '/']) {
        return Known::Key(None);
    }
    if !any {
        return Known::NoService;
    }
    // Sessions' keys that services set ("AWS global condition context keys", properties of the role session).
    if let Some(key) = global().iter().find(|key| key.lower == lower) {
        return Known::Key(Some(key.kind));
    }
    Known::NoKey(nearest(lower, near.into_iter()))
}

fn global_key(lower: &str) -> Known<'static> {
    for key in global() {
        if let Some(stem) = key.lower.strip_suffix('/') {
            match lower.strip_prefix(stem) {
                Some("" | "/") => return Known::NoTagKey(key.name),
                Some(rest) if rest.starts_with('/') => return Known::Key(Some(key.kind)),
                _ => {}
            }
        } else if key.lower == lower {
            return Known::Key(Some(key.kind));
        }
    }
    Known::NoGlobal(nearest(lower, global().iter().map(|key| key.name)))
}

/// Whether the key has this lower-case name; `${TagKey}` and `<key>` stand for any text.
pub(super) fn is(key: &ConditionKey, lower: &str) -> bool {
    if key.name.eq_ignore_ascii_case(lower) {
        return true;
    }
    let Some(start) = key.name.find(['$', '<']) else {
        return false;
    };
    let (before, after) = key.name.split_at(start);
    let after = after.split_once(['}', '>']).map_or("", |(_, after)| after);
    lower.len() > before.len() + after.len()
        && lower
            .get(..before.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(before))
        && lower
            .get(lower.len() - after.len()..)
            .is_some_and(|end| end.eq_ignore_ascii_case(after))
}

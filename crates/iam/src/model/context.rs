//! The request context: condition keys and their values.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use super::is_multivalued;

/// The value of a condition key in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue {
    /// A single-valued key.
    One(String),
    /// A multivalued key ("Single-valued vs. multivalued context keys", IAM User Guide); one that is known to be
    /// multivalued stays so with a single value or none.
    Many(Vec<String>),
}

/// What a context says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The key is in the request.
    Present(&'a ContextValue),
    /// The key is known not to be in the request.
    Absent,
    /// Nothing is said: decided as absent, and named in the residual condition.
    Unknown,
}

/// Condition keys of a request. Key names are case-insensitive, values are not
/// ("IAM JSON policy elements: Condition", IAM User Guide).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// By key, in order: an estate has a context for each principal, of about ten keys that mostly are AWS's own.
    values: Vec<(Cow<'static, str>, ContextValue)>,
    /// Shared: what is known to be absent is the same in all requests of a question.
    absent: Arc<BTreeSet<String>>,
    complete: bool,
    closed: Arc<Vec<String>>,
    /// Names of the encryption context as written, by their keys in lower case: grants look at their case.
    written: BTreeMap<String, String>,
    /// Whether `aws:PrincipalArn` was derived from a session's ARN, which does not tell the role's path.
    pathless: bool,
}

/// Keys that only calls of AWS services carry ("AWS global condition context keys", IAM User Guide).
const SERVICE_KEYS: [&str; 6] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
];

/// The key of a session's role, and the keys of an encryption context up to the name; lower case.
const PRINCIPAL_ARN: &str = "aws:principalarn";
const ENCRYPTION_CONTEXT: &str = "kms:encryptioncontext:";

impl Context {
    /// An empty context: every key is unknown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A request that somebody sends, and no AWS service for them: it has none of the keys that only those carry.
    #[must_use]
    pub(crate) fn direct() -> Self {
        static ABSENT: LazyLock<Arc<BTreeSet<String>>> =
            LazyLock::new(|| Arc::new(SERVICE_KEYS.map(str::to_owned).into()));
        Self {
            absent: Arc::clone(&ABSENT),
            ..Self::default()
        }
    }

    /// Where the key is, or where it belongs.
    fn find(&self, lower: &str) -> Result<usize, usize> {
        self.values.binary_search_by(|(key, _)| (**key).cmp(lower))
    }

    fn value(&self, lower: &str) -> Option<&ContextValue> {
        let at = self.find(lower).ok()?;
        self.values.get(at).map(|(_, value)| value)
    }

    fn insert(&mut self, lower: Cow<'static, str>, value: ContextValue) {
        match self.find(&lower) {
            Ok(at) => {
                if let Some((_, old)) = self.values.get_mut(at) {
                    *old = value;
                }
            }
            Err(at) => self.values.insert(at, (lower, value)),
        }
    }

    /// Sets a key, in place of an earlier value. A list of one is the value itself where the key is not known to be
    /// multivalued: AWS's own simulator takes every value as a list ("ContextEntry", IAM API Reference).
    pub fn set(&mut self, key: &str, value: ContextValue) {
        let written = key;
        let key = key.to_lowercase();
        let value = match value {
            ContextValue::Many(values) if values.len() == 1 && !is_multivalued(&key) => {
                match <[String; 1]>::try_from(values) {
                    Ok([value]) => ContextValue::One(value),
                    Err(values) => ContextValue::Many(values),
                }
            }
            value => value,
        };
        if let Some(at) = key
            .strip_prefix(ENCRYPTION_CONTEXT)
            .map(|_| ENCRYPTION_CONTEXT.len())
            && let Some(name) = written.get(at..)
        {
            // A key in lower case, as conditions have it, does not say how the name is written.
            let name = name.to_owned();
            if written == key {
                self.written.entry(key.clone()).or_insert(name);
            } else {
                self.written.insert(key.clone(), name);
            }
        }
        if key == PRINCIPAL_ARN {
            self.pathless = false;
        }
        if self.absent.contains(&key) {
            Arc::make_mut(&mut self.absent).remove(&key);
        }
        self.insert(key.into(), value);
    }

    /// Sets a single-valued key unless the context already speaks of it.
    pub(crate) fn derive(&mut self, key: &'static str, value: &str) {
        if self.value(key).is_none() && !self.absent.contains(key) {
            self.insert(key.into(), ContextValue::One(value.to_owned()));
        }
    }

    /// Derives the ARN of a session's role, whose path is not told, unless the context already speaks of it.
    pub(crate) fn derive_pathless(&mut self, arn: &str) {
        if self.value(PRINCIPAL_ARN).is_none() && !self.absent.contains(PRINCIPAL_ARN) {
            self.derive(PRINCIPAL_ARN, arn);
            self.pathless = true;
        }
    }

    /// Whether the key, lower case, is the ARN of a session's role whose path is not told.
    #[must_use]
    pub(crate) fn is_pathless(&self, lower: &str) -> bool {
        self.pathless && lower == PRINCIPAL_ARN
    }

    /// Whether every key not given is absent.
    #[must_use]
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// What is said of a pair's name in the encryption context, with its case.
    #[must_use]
    pub(crate) fn encryption_context(&self, name: &str) -> Lookup<'_> {
        let key = format!("{ENCRYPTION_CONTEXT}{}", name.to_lowercase());
        match self.lookup(&key) {
            Lookup::Present(_) if self.written.get(&key).is_some_and(|told| told != name) => {
                Lookup::Absent
            }
            found => found,
        }
    }

    /// How many pairs of the encryption context are told, and whether there can be more.
    #[must_use]
    pub(crate) fn encryption_pairs(&self) -> (usize, bool) {
        let told = self.with_prefix(ENCRYPTION_CONTEXT).count();
        (told, !self.complete && !self.is_closed(ENCRYPTION_CONTEXT))
    }

    /// Says that the request does not carry the key.
    pub fn set_absent(&mut self, key: &str) {
        let key = key.to_lowercase();
        if self.value(&key).is_none() && !self.absent.contains(&key) {
            Arc::make_mut(&mut self.absent).insert(key);
        }
    }

    /// Says that every key not given is absent, so that no residual condition is left.
    pub fn complete(&mut self) {
        self.complete = true;
    }

    /// Looks up a key that is already lower case.
    #[must_use]
    pub fn lookup(&self, lower: &str) -> Lookup<'_> {
        match self.value(lower) {
            Some(ContextValue::Many(values)) if values.is_empty() => Lookup::Absent,
            Some(value) => Lookup::Present(value),
            None if self.complete || self.absent.contains(lower) || self.is_closed(lower) => {
                Lookup::Absent
            }
            None => Lookup::Unknown,
        }
    }

    /// Makes all keys with the lower-case prefix absent, told or not.
    pub(crate) fn withhold(&mut self, prefix: &str) {
        self.values.retain(|(key, _)| !key.starts_with(prefix));
        self.close(prefix);
    }

    /// Says that no key with the prefix is in the request but those told.
    pub fn close(&mut self, prefix: &str) {
        Arc::make_mut(&mut self.closed).push(prefix.to_lowercase());
    }

    /// Writes what it tells of the keys of which `of` holds, so that two contexts that write the same tell the same.
    pub(crate) fn print(&self, of: &dyn Fn(&str) -> bool, into: &mut Vec<u8>) {
        let mut write = |mark: u8, text: &str| {
            into.push(mark);
            into.extend(text.bytes());
            into.push(0);
        };
        for (key, value) in self.values.iter().filter(|(key, _)| of(key)) {
            write(b'=', key);
            for value in value.values() {
                write(b'&', value);
            }
        }
        for key in self.absent.iter().filter(|key| of(key)) {
            write(b'-', key);
        }
        for prefix in self.closed.iter() {
            write(b'/', prefix);
        }
        into.push(u8::from(self.complete));
    }

    fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let keys = self.values.iter().map(|(key, _)| &**key);
        keys.filter(move |key| key.starts_with(prefix))
    }

    fn is_closed(&self, lower: &str) -> bool {
        self.closed.iter().any(|prefix| lower.starts_with(prefix))
    }

    /// The value of a single-valued key, lower case.
    #[must_use]
    pub fn single(&self, lower: &str) -> Option<&str> {
        match self.value(lower) {
            Some(ContextValue::One(value)) => Some(value),
            _ => None,
        }
    }
}

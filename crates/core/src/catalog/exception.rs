//! Exceptions: accepted risks, each with an owner, a reason and an end.

use super::error::CatalogError;
use globset::{Glob, GlobMatcher};
use jiff::civil::Date;
use serde::Deserialize;
use std::cell::Cell;
use toml::Spanned;

/// One accepted risk.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The control, as written.
    pub control: String,
    /// Pattern over the resource's ARN or name.
    pub resource: String,
    /// Pattern over the account's id; every account when left out.
    pub account: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Date,
    resource_glob: GlobMatcher,
    account_glob: Option<GlobMatcher>,
    used: Cell<u64>,
}

/// The accepted risks of a file.
#[derive(Debug, Default)]
pub struct Exceptions {
    /// In the order of the file.
    pub entries: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    exception: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    control: Spanned<String>,
    resource: Spanned<String>,
    #[serde(default)]
    account: Option<Spanned<String>>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    expires: Option<Spanned<toml::Value>>,
}

impl Exceptions {
    /// Reads `exceptions.toml`.
    ///
    /// # Errors
    /// Every entry that is wrong, with its place: an unknown control, a missing owner, reason or expiry, a wrong pattern.
    pub fn parse(
        path: &str,
        text: &str,
        is_control: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<CatalogError>> {
        let file: File =
            toml::from_str(text).map_err(|e| vec![CatalogError::toml(path, text, &e)])?;
        let mut entries = Vec::new();
        let mut errors = Vec::new();
        for entry in file.exception {
            match Exception::check(entry, &is_control) {
                Ok(exception) => entries.push(exception),
                Err((span, message, hint)) => {
                    errors.push(CatalogError::new(path, text, Some(span), message).with_hint(hint));
                }
            }
        }
        if errors.is_empty() {
            Ok(Self { entries })
        } else {
            Err(errors)
        }
    }

    /// The exception that accepts this resource's fail on `day`, if any; it is marked as used.
    #[must_use]
    pub fn accepting(
        &self,
        control: &str,
        account: &str,
        arn: &str,
        name: &str,
        day: Date,
    ) -> Option<&Exception> {
        let mut accepted = None;
        for e in &self.entries {
            if e.matches(control, account, arn, name) {
                e.used.set(e.used.get() + 1);
                if e.expires >= day {
                    accepted = accepted.or(Some(e));
                }
            }
        }
        accepted
    }

    /// After a run: exceptions that matched no failed resource.
    pub fn unmatched(&self) -> impl Iterator<Item = &Exception> {
        self.entries.iter().filter(|e| e.used.get() == 0)
    }

    /// Exceptions whose last day is before `day`.
    pub fn expired(&self, day: Date) -> impl Iterator<Item = &Exception> {
        self.entries.iter().filter(move |e| e.expires < day)
    }
}

type Wrong = (std::ops::Range<usize>, String, &'static str);

impl Exception {
    /// An exception that was read from elsewhere (a mutelist of another tool).
    ///
    /// # Errors
    /// When a pattern is not one.
    pub fn new(
        control: String,
        resource: String,
        account: Option<String>,
        owner: String,
        reason: String,
        expires: Date,
    ) -> Result<Self, globset::Error> {
        let resource_glob = glob(&resource)?;
        let account_glob = account.as_deref().map(glob).transpose()?;
        Ok(Self {
            control,
            resource,
            account,
            owner,
            reason,
            expires,
            resource_glob,
            account_glob,
            used: Cell::new(0),
        })
    }

    fn check(
        entry: Spanned<Entry>,
        is_control: &impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Wrong> {
        let whole = entry.span();
        let entry = entry.into_inner();
        let missing = |what: &str| {
            (
                whole.clone(),
                format!("this exception has no `{what}`"),
                "an accepted risk names its `owner`, its `reason` and the day it `expires`",
            )
        };
        let owner = entry
            .owner
            .filter(|o| !o.trim().is_empty())
            .ok_or_else(|| missing("owner"))?;
        let reason = entry
            .reason
            .filter(|r| !r.trim().is_empty())
            .ok_or_else(|| missing("reason"))?;
        let expires = entry.expires.ok_or_else(|| missing("expires"))?;
        let span = expires.span();
        let day = match expires.into_inner() {
            toml::Value::String(s) => s,
            other => other.to_string(),
        };
        let expires: Date = day.parse().map_err(|_| {
            (
                span,
                format!("`{day}` is not a day"),
                "write it as `expires = 2027-03-31`",
            )
        })?;
        let control = if entry.control.get_ref() == "*" {
            "*".to_owned()
        } else {
            is_control(entry.control.get_ref()).ok_or_else(|| {
                (
                    entry.control.span(),
                    format!("no control is called `{}`", entry.control.get_ref()),
                    "`palisade list controls` names them all",
                )
            })?
        };
        let pattern = |p: Spanned<String>| {
            let span = p.span();
            let text = p.into_inner();
            glob(&text)
                .map(|g| (text, g))
                .map_err(|e| (span, e.to_string(), "`*` and `?` match, as in a shell"))
        };
        let (resource, resource_glob) = pattern(entry.resource)?;
        let (account, account_glob) = entry
            .account
            .map(pattern)
            .transpose()?
            .map_or((None, None), |(a, g)| (Some(a), Some(g)));
        Ok(Self {
            control,
            resource,
            account,
            owner,
            reason,
            expires,
            resource_glob,
            account_glob,
            used: Cell::new(0),
        })
    }

    fn matches(&self, control: &str, account: &str, arn: &str, name: &str) -> bool {
        (self.control == "*" || self.control == control)
            && self
                .account_glob
                .as_ref()
                .is_none_or(|g| g.is_match(account))
            && (self.resource_glob.is_match(arn)
                || (!name.is_empty() && self.resource_glob.is_match(name)))
    }
}

fn glob(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    Glob::new(pattern).map(|g| g.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Exceptions, Vec<CatalogError>> {
        Exceptions::parse("exceptions.toml", text, |c| {
            (c == "s3-versioning").then(|| c.to_owned())
        })
    }

    #[test]
    fn one_that_matches_accepts_until_its_last_day() {
        let e = parse(
            "[[exception]]\ncontrol = 's3-versioning'\nresource = 'arn:aws:s3:::tmp-*'\nowner = 'ada'\nreason = 'scratch'\nexpires = 2026-06-30\n",
        )
        .unwrap();
        let day = |d: &str| d.parse::<Date>().unwrap();
        let accept = |arn, on| {
            e.accepting("s3-versioning", "1", arn, "", day(on))
                .is_some()
        };
        assert!(!accept("arn:aws:s3:::other", "2026-01-01"));
        assert_eq!(e.unmatched().count(), 1);
        assert!(accept("arn:aws:s3:::tmp-1", "2026-06-30"));
        assert!(!accept("arn:aws:s3:::tmp-1", "2026-07-01"));
        assert_eq!(e.unmatched().count(), 0);
        assert_eq!(e.expired(day("2026-07-01")).count(), 1);
    }

    #[test]
    fn what_is_missing_is_told_with_its_place() {
        let errors = parse(
            "[[exception]]\ncontrol = 's3-versioning'\nresource = '*'\nowner = 'a'\nreason = 'b'\n",
        )
        .unwrap_err();
        assert_eq!(errors.len(), 1);
        assert!(
            errors[0].one_line().contains("no `expires`"),
            "{}",
            errors[0].one_line()
        );
        let errors = parse("[[exception]]\ncontrol = 'typo'\nresource = '*'\nowner = 'a'\nreason = 'b'\nexpires = 'soon'\n")
            .unwrap_err();
        assert!(errors[0].one_line().contains("`soon` is not a day"));
    }
}

//! Exceptions: accepted risks, each with an owner, a reason and an end.

use super::error::CatalogError;
use super::pattern::Pattern;
use crate::finding::Resource;
use crate::verdict::Accepted;
use jiff::civil::Date;
use serde::Deserialize;
use std::sync::atomic::{AtomicU64, Ordering};
use toml::Spanned;

/// One accepted risk.
#[derive(Debug)]
pub struct Exception {
    /// The control, as written.
    pub control: String,
    /// Over the resource's ARN or name.
    pub resource: Pattern,
    /// Over the account's id; every account when left out.
    pub account: Option<Pattern>,
    /// Over the region; every region when left out.
    pub region: Option<Pattern>,
    /// Resources that it does not reach after all.
    pub but: Option<Pattern>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts; only another tool's list may leave it out, and then it is reported.
    pub expires: Option<Date>,
    /// The line of another tool's list that it comes from: one line may stand for many controls.
    pub(super) line: Option<Line>,
    pub(super) used: AtomicU64,
}

/// A line of another tool's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its place among the lines.
    pub(super) at: usize,
    /// What it names: `prowler:iam_*`.
    pub(super) names: String,
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
    region: Option<Spanned<String>>,
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
    pub fn accepting(&self, control: &str, resource: &Resource, day: Date) -> Option<&Exception> {
        let mut accepted = None;
        for e in &self.entries {
            if e.matches(control, resource) {
                e.used.fetch_add(1, Ordering::Relaxed);
                if e.expires.is_none_or(|last| last >= day) {
                    accepted = accepted.or(Some(e));
                }
            }
        }
        accepted
    }

    /// After a run: exceptions that matched no failed resource.
    pub fn unmatched(&self) -> impl Iterator<Item = &Exception> {
        self.entries
            .iter()
            .filter(|e| e.used.load(Ordering::Relaxed) == 0)
    }

    /// Exceptions whose last day is before `day`.
    pub fn expired(&self, day: Date) -> impl Iterator<Item = &Exception> {
        self.entries
            .iter()
            .filter(move |e| e.expires.is_some_and(|last| last < day))
    }
}

type Wrong = (std::ops::Range<usize>, String, &'static str);

impl Exception {
    /// What it says of the fails that it accepts.
    #[must_use]
    pub fn accepted(&self) -> Accepted {
        Accepted {
            owner: self.owner.clone(),
            reason: self.reason.clone(),
            expires: self.expires,
        }
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
            Pattern::glob(&text).map_err(|e| (span, e, "`*` and `?` match, as in a shell"))
        };
        Ok(Self {
            control,
            resource: pattern(entry.resource)?,
            account: entry.account.map(pattern).transpose()?,
            region: entry.region.map(pattern).transpose()?,
            but: None,
            owner,
            reason,
            expires: Some(expires),
            line: None,
            used: AtomicU64::new(0),
        })
    }

    fn matches(&self, control: &str, resource: &Resource) -> bool {
        let named = |p: &Pattern| {
            p.matches(&resource.arn) || (!resource.name.is_empty() && p.matches(&resource.name))
        };
        let optional = |p: &Option<Pattern>, text: &str| p.as_ref().is_none_or(|p| p.matches(text));
        (self.control == "*" || self.control == control)
            && optional(&self.account, &resource.account_id)
            && optional(&self.region, &resource.region)
            && named(&self.resource)
            && !self.but.as_ref().is_some_and(named)
    }
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
            let resource = Resource {
                arn: str::to_owned(arn),
                name: String::new(),
                kind: "aws_s3_bucket".into(),
                account_id: "111122223333".into(),
                region: "eu-west-1".into(),
            };
            e.accepting("s3-versioning", &resource, day(on)).is_some()
        };
        assert!(!accept("arn:aws:s3:::other", "2026-01-01"));
        assert_eq!(e.unmatched().count(), 1);
        assert!(accept("arn:aws:s3:::tmp-1", "2026-06-30"));
        assert!(!accept("arn:aws:s3:::tmp-1", "2026-07-01"));
        assert_eq!(e.unmatched().count(), 0);
        assert_eq!(e.expired(day("2026-07-01")).count(), 1);
        assert_eq!(
            e.waivers(day("2026-07-01"), None)[0].problem,
            "ran out on 2026-06-30"
        );
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

//! What is counted of one control, by account. An estate may have thousands of accounts, each with findings of every
//! control, so an account is known by its place and what findings have in common is shared.

use super::tally::Counts;
use crate::finding::{Finding, Resource};
use crate::verdict::State;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A failed resource, kept to be named in a summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The resource.
    pub resource: Resource,
    /// Why it fails.
    pub reason: String,
}

/// Failed resources kept by control and account, and named of a step.
pub(super) const EXAMPLES: usize = 5;

/// The place of an account in a tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(usize);

/// The accounts of a tally, each with its place.
#[derive(Debug, Clone, Default)]
pub(super) struct Accounts {
    places: BTreeMap<Arc<str>, Place>,
    /// The account of the finding before: most findings are of the same.
    last: Option<(Arc<str>, Place)>,
}

impl Accounts {
    pub(super) fn place(&self, account: &str) -> Option<Place> {
        self.places.get(account).copied()
    }

    /// An account with its place, which it has from now on.
    pub(super) fn named(&mut self, account: &str) -> Place {
        if let Some((last, place)) = &self.last
            && **last == *account
        {
            return *place;
        }
        let (name, place) = match self.places.get_key_value(account) {
            Some((name, place)) => (Arc::clone(name), *place),
            None => {
                let (name, place): (Arc<str>, _) = (account.into(), Place(self.places.len()));
                self.places.insert(Arc::clone(&name), place);
                (name, place)
            }
        };
        self.last = Some((name, place));
        place
    }
}

/// The counts of a control.
#[derive(Debug, Clone, Default)]
pub struct OfControl {
    /// By place.
    counts: Vec<Counts>,
    failed: BTreeMap<Place, Failed>,
    names: Names,
}

/// What fails in an account.
#[derive(Debug, Clone, Default)]
struct Failed {
    exposed: u64,
    /// The first of them.
    kept: Vec<Kept>,
}

/// An [`Example`] that shares what those before it had too.
#[derive(Debug, Clone)]
struct Kept {
    arn: Box<str>,
    name: Box<str>,
    kind: Arc<str>,
    region: Arc<str>,
    reason: Arc<str>,
}

/// The words of the example before.
#[derive(Debug, Clone, Default)]
struct Names {
    kind: Arc<str>,
    region: Arc<str>,
    reason: Arc<str>,
}

impl OfControl {
    /// The counts of an account.
    #[must_use]
    pub fn counts(&self, account: Place) -> Counts {
        self.counts.get(account.0).copied().unwrap_or_default()
    }

    /// The counts of all accounts.
    #[must_use]
    pub fn all(&self) -> Counts {
        let mut sum = Counts::default();
        for counts in &self.counts {
            sum.merge(counts);
        }
        sum
    }

    /// The failing resources of an account that can be reached from outside.
    #[must_use]
    pub fn exposed(&self, account: Place) -> u64 {
        self.failed.get(&account).map_or(0, |failed| failed.exposed)
    }

    /// The first failed resources of the account at a place.
    pub fn examples(&self, place: Place, account: &str) -> impl Iterator<Item = Example> {
        let failed = self.failed.get(&place);
        let kept = failed.into_iter().flat_map(|failed| &failed.kept);
        kept.map(|kept| kept.example(account))
    }

    pub(super) fn add(&mut self, account: Place, state: State) {
        if self.counts.len() <= account.0 {
            self.counts.resize(account.0 + 1, Counts::default());
        }
        if let Some(counts) = self.counts.get_mut(account.0) {
            counts.add(state);
        }
    }

    /// Keeps a failed resource, if fewer than `most` are kept of its account; tells whether it is the account's first.
    pub(super) fn fails(&mut self, account: Place, finding: &Finding, most: usize) -> bool {
        let failed = self.failed.entry(account).or_default();
        let first = failed.kept.is_empty();
        if failed.kept.len() < most {
            failed.kept.reserve_exact(1);
            failed.kept.push(self.names.keep(finding));
        }
        first
    }

    /// Counts a failed resource that can be reached from outside.
    pub(super) fn reached(&mut self, account: Place) {
        self.failed.entry(account).or_default().exposed += 1;
    }
}

impl Names {
    fn keep(&mut self, finding: &Finding) -> Kept {
        let resource = &finding.resource;
        Kept {
            arn: resource.arn.as_str().into(),
            name: resource.name.as_str().into(),
            kind: same(&mut self.kind, &resource.kind),
            region: same(&mut self.region, &resource.region),
            reason: same(&mut self.reason, &finding.reason()),
        }
    }
}

/// The word before, if it is the same.
fn same(before: &mut Arc<str>, word: &str) -> Arc<str> {
    if **before != *word {
        *before = word.into();
    }
    Arc::clone(before)
}

impl Kept {
    fn example(&self, account: &str) -> Example {
        Example {
            resource: Resource {
                arn: self.arn.to_string(),
                name: self.name.to_string(),
                kind: self.kind.to_string(),
                account_id: account.to_owned(),
                region: self.region.to_string(),
            },
            reason: self.reason.to_string(),
        }
    }
}

//! What has changed since an earlier pack.

use super::Manifest;
use palisade_core::assess::StandingState;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `changes.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Requirements whose state is another one, in the framework's order.
    pub states: Vec<Moved>,
    /// Requirements that the earlier pack had and this one has not, or the other way round.
    pub requirements_only_before: Vec<String>,
    /// Requirements that are new.
    pub requirements_only_now: Vec<String>,
    /// Files of findings that say something else, that are new, or that are gone.
    pub evidence: Vec<String>,
    /// Accounts that are in scope now and were not.
    pub accounts_only_now: Vec<String>,
    /// Accounts that were in scope and are no longer.
    pub accounts_only_before: Vec<String>,
}

/// A requirement whose state is another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The requirement.
    pub requirement: String,
    /// Its state in the earlier pack.
    pub before: StandingState,
    /// Its state now.
    pub now: StandingState,
    /// What decides it now.
    pub why: String,
}

impl Changes {
    /// What differs between two packs of one framework.
    #[must_use]
    pub fn between(before: &Manifest, now: &Manifest) -> Self {
        let old: BTreeMap<&str, StandingState> = before
            .requirements
            .iter()
            .map(|r| (r.id.as_str(), r.state))
            .collect();
        let mut changes = Self::default();
        for requirement in &now.requirements {
            match old.get(requirement.id.as_str()) {
                None => changes.requirements_only_now.push(requirement.id.clone()),
                Some(state) if *state != requirement.state => changes.states.push(Moved {
                    requirement: requirement.id.clone(),
                    before: *state,
                    now: requirement.state,
                    why: requirement.why.clone(),
                }),
                Some(_) => {}
            }
        }
        changes.requirements_only_before = only(&before.requirements, &now.requirements, |r| &r.id);
        changes.accounts_only_before = only(&before.accounts, &now.accounts, |a| &a.id);
        changes.accounts_only_now = only(&now.accounts, &before.accounts, |a| &a.id);
        let findings = |manifest: &Manifest| -> BTreeMap<String, String> {
            let files = manifest.files.iter();
            files
                .filter(|(path, _)| path.starts_with("evidence/"))
                .map(|(path, file)| (path.clone(), file.sha256.clone()))
                .collect()
        };
        let (old, new) = (findings(before), findings(now));
        let paths: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        changes.evidence = paths
            .into_iter()
            .filter(|path| old.get(*path) != new.get(*path))
            .cloned()
            .collect();
        changes
    }
}

/// The keys of one list that the other has not.
fn only<T>(list: &[T], other: &[T], key: impl Fn(&T) -> &String) -> Vec<String> {
    list.iter()
        .map(&key)
        .filter(|one| !other.iter().any(|o| key(o) == *one))
        .cloned()
        .collect()
}

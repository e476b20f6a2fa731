//! States in an account that are others than in an earlier pack. Accounts that came or went are told as such.

use super::changes::{MovedIn, RequirementMovedIn};
use super::{AccountState, Manifest};
use palisade_core::assess::StandingState;
use std::collections::{BTreeMap, BTreeSet};

/// By what it is of and by account: the state, and why.
type States<'m> = BTreeMap<(&'m str, &'m str), (StandingState, &'m str)>;

/// The recommendations that have another state.
pub(super) fn recommendations(before: &Manifest, now: &Manifest) -> Vec<MovedIn> {
    let (old, new) = (rows(before), rows(now));
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
    keys.into_iter()
        .filter(|(_, account)| has(before, account) && has(now, account))
        .filter_map(|key| {
            let state = |(state, _): &(StandingState, &str)| *state;
            let (was, is) = (old.get(&key), new.get(&key));
            (was.map(state) != is.map(state)).then(|| MovedIn {
                recommendation: key.0.to_owned(),
                account_id: key.1.to_owned(),
                before: was.map(state),
                now: is.map(state),
                why: is.map_or_else(String::new, |(_, why)| (*why).to_owned()),
            })
        })
        .collect()
}

/// The requirements that controls carry the name of and that have another state.
pub(super) fn requirements(before: &Manifest, now: &Manifest) -> Vec<RequirementMovedIn> {
    let of = |manifest| -> States<'_> {
        let manifest: &Manifest = manifest;
        let requirements = manifest.requirements.iter();
        requirements
            .flat_map(|r| told(&r.id, &r.accounts))
            .collect()
    };
    let old = of(before);
    let new = of(now).into_iter();
    new.filter_map(|(key, (now, why))| {
        let (before, _) = *old.get(&key)?;
        (before != now).then(|| RequirementMovedIn {
            requirement: key.0.to_owned(),
            account_id: key.1.to_owned(),
            before,
            now,
            why: why.to_owned(),
        })
    })
    .collect()
}

fn has(manifest: &Manifest, id: &str) -> bool {
    manifest.accounts.iter().any(|a| a.id == id)
}

fn rows(manifest: &Manifest) -> States<'_> {
    let requirements = manifest.requirements.iter();
    let rows = requirements.flat_map(|r| &r.recommendations);
    rows.flat_map(|row| told(&row.id, &row.accounts)).collect()
}

fn told<'m>(
    id: &'m str,
    accounts: &'m [AccountState],
) -> impl Iterator<Item = ((&'m str, &'m str), (StandingState, &'m str))> {
    let key = move |one: &'m AccountState| (id, one.account_id.as_str());
    accounts
        .iter()
        .map(move |one| (key(one), (one.state, one.why.as_str())))
}

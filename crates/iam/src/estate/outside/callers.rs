//! Those outside whom a policy names.

use super::Outside;
use crate::model::{
    Effect, Facts, Layers, NamedPolicy, Principal, PrincipalEntry, PrincipalKind, Statement,
};
use std::collections::BTreeSet;

/// Somebody outside as a policy names them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name(pub(super) &'static str, pub(super) String);

/// Somebody whom a statement names.
pub(super) struct Named {
    pub(super) name: Name,
    pub(super) caller: Principal,
    /// The canonical user id by which its account is named.
    canonical: Option<String>,
}

impl Named {
    /// The layers with what they need to be known by; `None`: nothing more.
    pub(super) fn layers(&self, layers: &Layers) -> Option<Layers> {
        let canonical = self.canonical.clone()?;
        Some(Layers {
            facts: Facts {
                canonical_user: Some(canonical),
                ..layers.facts.clone()
            },
            ..layers.clone()
        })
    }
}

impl Outside<'_> {
    /// Whether the service answers the caller at all: most take no request without a signature.
    pub(super) fn answers(&self, caller: &Principal) -> bool {
        caller.kind != PrincipalKind::Anonymous
            || self.resource.of_kind().is_some_and(|kind| kind.anonymous)
    }

    /// Those outside whom the statement names. An id of a user or role is shown in a policy where that principal was
    /// deleted: it is nobody's ("AWS JSON policy elements: Principal", IAM User Guide).
    pub(super) fn named(&self, statement: &Statement) -> Vec<Named> {
        let entries = statement
            .principal
            .iter()
            .flat_map(|clause| &clause.entries);
        let mut all = Vec::new();
        for entry in entries {
            let mut canonical = None;
            let caller = match entry {
                PrincipalEntry::Account(account) => somebody(account),
                PrincipalEntry::Arn(arn) => Principal::parse(arn).ok(),
                PrincipalEntry::Federated(name) => Some(Principal::federated(name)),
                PrincipalEntry::CanonicalUser(id) if !self.is_open(id) => {
                    canonical = Some(id.clone());
                    somebody(self.of_canonical(id).unwrap_or(OTHER))
                }
                _ => continue,
            };
            let Some(caller) = caller else { continue };
            let as_account = matches!(entry, PrincipalEntry::Account(_));
            let Some(mut name) = self.name(&caller, as_account || canonical.is_some()) else {
                continue;
            };
            if let (Some(id), Some(OTHER)) = (&canonical, caller.account.as_deref()) {
                name = Name("CanonicalUser", id.clone());
            }
            all.push(Named {
                name,
                caller,
                canonical,
            });
        }
        all
    }

    /// The account of a canonical user id ("Canonical user ID", AWS Account Management Reference Guide).
    fn of_canonical(&self, id: &str) -> Option<&str> {
        let mut accounts = self.estate.accounts.iter();
        let found = accounts.find(|(_, account)| account.canonical_user.as_deref() == Some(id));
        found.map(|(account, _)| account.as_str())
    }

    /// Whether the canonical user id may be that of an account that is trusted.
    fn is_open(&self, id: &str) -> bool {
        let accounts = &self.estate.accounts;
        let unseen = |account: &String| {
            let found = accounts.get(account);
            found.is_none_or(|found| found.canonical_user.is_none())
        };
        let trusted = accounts.keys().filter(|account| self.trusts(account));
        self.of_canonical(id).is_none() && trusted.chain([&self.resource.account]).any(unseen)
    }

    /// What of a policy is not decided, as an account that is trusted may have a canonical user id that it names.
    pub(super) fn unmatched(&self, policy: &NamedPolicy) -> BTreeSet<String> {
        let allows = policy.policy.statements.iter();
        let allows = allows.filter(|statement| statement.effect == Effect::Allow);
        let clauses = allows.filter_map(|statement| statement.principal.as_ref());
        let ids = clauses
            .flat_map(|clause| &clause.entries)
            .filter_map(|entry| match entry {
                PrincipalEntry::CanonicalUser(id) if self.is_open(id) => {
                    Some(format!("whose the canonical user id {id} is was not seen"))
                }
                _ => None,
            });
        ids.collect()
    }

    /// How a finding names somebody outside; `None`: they are inside.
    pub(super) fn name(&self, caller: &Principal, as_account: bool) -> Option<Name> {
        match &caller.kind {
            PrincipalKind::Anonymous => Some(Name("AWS", "*".to_owned())),
            PrincipalKind::Service(_) => None,
            PrincipalKind::Federated(name) => Some(Name("Federated", name.clone())),
            _ => {
                let account = caller.account.as_deref()?;
                if self.trusts(account) {
                    return None;
                }
                let name = if account == OTHER {
                    "*".to_owned()
                } else if as_account {
                    account.to_owned()
                } else {
                    caller.arn.clone()?
                };
                Some(Name("AWS", name))
            }
        }
    }
}

/// A role of the account.
fn somebody(account: &str) -> Option<Principal> {
    Principal::parse(&format!("arn:aws:iam::{account}:role/palisade-other")).ok()
}

/// An account that nobody has.
const OTHER: &str = "000000000000";

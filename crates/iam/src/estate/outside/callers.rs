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
        let named = entries.filter_map(|entry| {
            let caller = match entry {
                PrincipalEntry::Account(account) => somebody(account)?,
                PrincipalEntry::Arn(arn) => Principal::parse(arn).ok()?,
                PrincipalEntry::Federated(name) => Principal::federated(name),
                PrincipalEntry::CanonicalUser(id) => return self.canonical(id),
                _ => return None,
            };
            let as_account = matches!(entry, PrincipalEntry::Account(_));
            Some(Named {
                name: self.name(&caller, as_account)?,
                caller,
                canonical: None,
            })
        });
        named.collect()
    }

    /// Somebody of the account that has the canonical user id; `None`: it is trusted, or may be.
    pub(super) fn canonical(&self, id: &str) -> Option<Named> {
        let account = self.of_canonical(id);
        if account.is_none() && self.is_open(id) {
            return None;
        }
        let caller = somebody(account.unwrap_or(OTHER))?;
        let named = self.name(&caller, true)?;
        Some(Named {
            name: account.map_or_else(|| Name("CanonicalUser", id.to_owned()), |_| named),
            caller,
            canonical: Some(id.to_owned()),
        })
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

    /// What of a policy and an ACL is not decided, as an account that is trusted may have a canonical user id that they name.
    pub(super) fn unmatched(&self, policy: Option<&NamedPolicy>) -> BTreeSet<String> {
        let allows = policy
            .into_iter()
            .flat_map(|named| &named.policy.statements);
        let allows = allows.filter(|statement| statement.effect == Effect::Allow);
        let clauses = allows.filter_map(|statement| statement.principal.as_ref());
        let entries = clauses.flat_map(|clause| &clause.entries);
        let ids = entries.filter_map(|entry| match entry {
            PrincipalEntry::CanonicalUser(id) => Some(id.as_str()),
            _ => None,
        });
        ids.chain(self.by_id())
            .filter(|id| self.is_open(id))
            .map(|id| format!("whose the canonical user id {id} is was not seen"))
            .collect()
    }

    /// The canonical user ids that the ACL names; groups have URIs.
    pub(super) fn by_id(&self) -> impl Iterator<Item = &str> {
        let acl = self.resource.facts.s3.acl.iter();
        acl.map(|grant| grant.grantee.as_str())
            .filter(|grantee| !grantee.contains("://"))
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

//! The principals of an estate that a resource may let in: of 10,000 mostly a few need be asked.

use super::{Estate, Resource, Seen};
use crate::{
    escalation::{role_of, without_path},
    model::{Effect, PrincipalEntry, Reached},
};
use std::collections::{BTreeMap, BTreeSet};

/// Principals of other accounts that are asked of a resource whose policy may let in anybody: that it may is told by
/// `external`, and an organization has thousands.
const MOST_ANYBODY: usize = 100;

/// The principals of an estate, by account.
#[derive(Debug)]
pub(super) struct People<'a> {
    by_account: BTreeMap<&'a str, Vec<usize>>,
    /// By ARN, a role's without its path.
    by_name: BTreeMap<String, Vec<usize>>,
    /// Those whose own policies allow any of what is asked on anything.
    able: BTreeSet<usize>,
}

impl<'a> People<'a> {
    /// `is_able`: whether a subject's own policies allow any of what is asked on anything.
    pub(super) fn of(estate: &'a Estate, mut is_able: impl FnMut(usize) -> bool) -> Self {
        let mut by_account: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, subject) in estate.subjects.iter().enumerate() {
            by_account.entry(&subject.account).or_default().push(at);
            let name = without_path(&subject.arn);
            by_name.entry(name).or_default().push(at);
        }
        let able = (0..estate.subjects.len()).filter(|at| is_able(*at));
        Self {
            able: able.collect(),
            by_account,
            by_name,
        }
    }

    /// Those that the resource may let in, in order, and how many more there may be: of its own account and those that its
    /// policy, ACL or a grant speaks of, who may do it by their own policies, and whom it names. Nobody uses a resource of
    /// another account without both that and a policy of its own ("Cross-account policy evaluation logic", IAM User
    /// Guide), and a policy that names an account leaves it to the policies there ("Default key policy", KMS Developer
    /// Guide).
    pub(super) fn before(&self, resource: &Resource) -> (BTreeSet<usize>, usize) {
        let (accounts, anybody) = reached(resource);
        let by_name = names(resource);
        let of_account = |account: &String| {
            let all = self.by_account.get(account.as_str());
            all.into_iter().flatten().copied()
        };
        let mut places: BTreeSet<usize> = accounts
            .iter()
            .flat_map(of_account)
            .filter(|at| self.able.contains(at))
            .collect();
        match by_name {
            Some(named) => {
                let named = named.iter().filter_map(|name| self.by_name.get(name));
                places.extend(named.flatten());
            }
            // It lets in people whom it does not name, and of its own account without a policy of theirs.
            None => places.extend(of_account(&resource.account)),
        }
        let mut more = 0;
        if anybody {
            let mut far = self.able.iter().filter(|at| !places.contains(at));
            let asked: Vec<usize> = far.by_ref().take(MOST_ANYBODY).copied().collect();
            more = far.count();
            places.extend(asked);
        }
        (places, more)
    }
}

/// The ARNs that the resource's policy and grants name, a session's as its role's; `None`: it may let in others too.
fn names(resource: &Resource) -> Option<BTreeSet<String>> {
    let policy = match &resource.policy {
        Seen::Told(policy) if resource.facts.s3.acl.is_empty() => policy.as_ref(),
        Seen::Told(_) | Seen::Unseen(_) => return None,
    };
    let mut named = BTreeSet::new();
    let statements = policy.into_iter().flat_map(|p| &p.policy.statements);
    for statement in statements.filter(|s| s.effect == Effect::Allow) {
        let clause = statement.principal.as_ref().filter(|c| !c.negated)?;
        for entry in &clause.entries {
            match entry {
                PrincipalEntry::Arn(arn) => {
                    named.insert(role_of(arn));
                }
                PrincipalEntry::Account(_)
                | PrincipalEntry::Service(_)
                | PrincipalEntry::Federated(_) => {}
                PrincipalEntry::Everyone
                | PrincipalEntry::UniqueId(_)
                | PrincipalEntry::CanonicalUser(_) => return None,
            }
        }
    }
    let grants = resource.facts.kms_grants.iter();
    named.extend(grants.map(|grant| role_of(&grant.grantee)));
    Some(named)
}

/// The accounts that a resource speaks of, and whether it may speak of any.
fn reached(resource: &Resource) -> (BTreeSet<String>, bool) {
    // An ACL names accounts by ids that nobody else knows.
    let named = match &resource.policy {
        _ if !resource.facts.s3.acl.is_empty() => Reached::Anywhere,
        Seen::Told(Some(named)) => named.policy.reached(),
        Seen::Told(None) => Reached::Accounts(BTreeSet::new()),
        Seen::Unseen(_) => Reached::Anywhere,
    };
    let (mut accounts, anybody) = match named {
        Reached::Accounts(accounts) => (accounts, false),
        Reached::Anywhere => (BTreeSet::new(), true),
    };
    accounts.insert(resource.account.clone());
    let grantees = resource.facts.kms_grants.iter();
    accounts.extend(grantees.filter_map(|g| g.grantee.split(':').nth(4).map(str::to_owned)));
    (accounts, anybody)
}

//! Which roles speak of a principal in their trust policies: all others need not be asked.

use super::{Field, Node};
use crate::model::PrincipalEntry;
use std::collections::{BTreeMap, BTreeSet};

/// Roles of other accounts that trust anybody, and are asked for one node: one way out is enough, and an organization
/// may have thousands.
const MOST_OPEN: usize = 100;

/// Roles by what their trust policies name.
#[derive(Debug)]
pub(super) struct Trusted {
    /// An account, or the ARN of a user or role (a session's is its role's).
    named: BTreeMap<String, Vec<usize>>,
    /// Roles that may speak of anybody: by `*`, `NotPrincipal` or a unique id, or unseen.
    open: Vec<usize>,
}

impl Trusted {
    pub(super) fn of(field: &Field) -> Self {
        let mut found = Self {
            named: BTreeMap::new(),
            open: Vec::new(),
        };
        for (at, node) in field.nodes.iter().enumerate() {
            if !node.arn.contains(":role/") {
                continue;
            }
            let Some(trust) = &node.trust else {
                found.open.push(at);
                continue;
            };
            for statement in &trust.policy.statements {
                let Some(clause) = &statement.principal else {
                    continue;
                };
                if clause.negated {
                    found.open.push(at);
                }
                for entry in &clause.entries {
                    match entry {
                        PrincipalEntry::Everyone | PrincipalEntry::UniqueId(_) => {
                            found.open.push(at);
                        }
                        PrincipalEntry::Account(id) => found.name(&account(id), at),
                        PrincipalEntry::Arn(arn) => found.name(&role_of(arn), at),
                        PrincipalEntry::Service(_)
                        | PrincipalEntry::Federated(_)
                        | PrincipalEntry::CanonicalUser(_) => {}
                    }
                }
            }
        }
        found
    }

    fn name(&mut self, name: &str, at: usize) {
        self.named.entry(name.to_owned()).or_default().push(at);
    }

    /// Roles whose trust policies may let in anybody of the account, each once and in order; and how many more there are
    /// that trust anybody and are not among them.
    pub(super) fn by_account(&self, account: &str, field: &Field) -> (BTreeSet<usize>, usize) {
        let near = |at: &usize| {
            let role = field.nodes.get(*at);
            role.is_some_and(|role| role.account == account)
        };
        let named = self.named.get(account).into_iter().flatten();
        let mut all: BTreeSet<usize> = named
            .chain(self.open.iter().filter(|at| near(at)))
            .copied()
            .collect();
        let mut far = self.open.iter().filter(|at| !near(at));
        all.extend(far.by_ref().take(MOST_OPEN));
        (all, far.count())
    }

    /// Roles whose trust policies name the node itself.
    pub(super) fn by_name(&self, node: &Node) -> impl Iterator<Item = usize> {
        let named = self.named.get(&without_path(&node.arn));
        named.into_iter().flatten().copied()
    }
}

/// The account's digits, of an id or a root's ARN.
fn account(text: &str) -> String {
    text.split(':').nth(4).unwrap_or(text).to_owned()
}

/// `arn:aws:sts::1:assumed-role/r/s` is a session of `arn:aws:iam::1:role/r`.
pub(crate) fn role_of(arn: &str) -> String {
    let session = arn.split_once(":assumed-role/");
    match session {
        Some((start, rest)) => {
            let role = rest.split('/').next().unwrap_or_default();
            format!("{}:role/{role}", start.replace(":sts:", ":iam:"))
        }
        None => without_path(arn),
    }
}

/// Sessions do not tell the path of their role, so that names are compared without it; more may be asked for it.
pub(crate) fn without_path(arn: &str) -> String {
    match (arn.split_once(":role/"), arn.rsplit_once('/')) {
        (Some((start, _)), Some((_, name))) => format!("{start}:role/{name}"),
        _ => arn.to_owned(),
    }
}

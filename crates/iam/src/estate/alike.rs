//! Resources that no statement tells apart: who outside can use them is asked of one, and shown for each.
//!
//! An account's roles mostly share a few trust policies, its keys one key policy, and what those let in they let in
//! everywhere. A "yes" is still each resource's own: its request is put to the evaluator under that resource's layers.

use std::collections::BTreeMap;

use super::{
    Estate, Resource, Seen,
    outside::{ExternalTo, Outside},
};
use crate::{
    analyse::may_meet,
    eval::{self, Verdict},
    model::{Statement, Template},
    shared::{Contents, shape, text},
};

/// The answers so far, by all that they hang on.
#[derive(Debug, Default)]
pub(super) struct Alike<'e> {
    contents: Contents<'e>,
    answers: BTreeMap<Vec<u8>, (&'e str, Vec<ExternalTo>)>,
}

impl<'e> Alike<'e> {
    /// All that is found of the resource.
    pub(super) fn all(&mut self, outside: &Outside<'e>) -> Vec<ExternalTo> {
        let resource = outside.resource;
        let Some(key) = self.key(outside.estate, resource) else {
            return outside.all();
        };
        if let Some((of, answers)) = self.answers.get(&key)
            && let Some(own) = moved(answers, of, outside)
        {
            return own;
        }
        let answers = outside.all();
        self.answers.insert(key, (&resource.arn, answers.clone()));
        answers
    }

    /// What an answer hangs on; `None`: on what only this resource has.
    fn key(&mut self, estate: &'e Estate, resource: &'e Resource) -> Option<Vec<u8>> {
        let Seen::Told(Some(policy)) = &resource.policy else {
            return None;
        };
        let facts = &resource.facts;
        if !facts.kms_grants.is_empty() || !facts.s3.acl.is_empty() {
            return None;
        }
        let governed: Vec<Template> = (resource.governs().iter())
            .map(|text| Template::new(text, true, false))
            .collect();
        let mut key = Vec::new();
        text(b'k', resource.kind, &mut key);
        text(b'a', &resource.account, &mut key);
        text(b'r', &resource.region, &mut key);
        shape(&resource.arn, &mut key);
        let unseen = resource.unseen.as_deref();
        text(b'u', unseen.unwrap_or_default(), &mut key);
        let canonical = facts.canonical_user.as_deref();
        text(b'c', canonical.unwrap_or_default(), &mut key);
        let switches = [
            unseen.is_some(),
            facts.aws_managed_key,
            facts.s3.restrict_public_buckets,
            facts.s3.ignore_public_acls,
        ];
        key.extend(switches.map(u8::from));
        key.push(facts.s3.abac.map_or(2, u8::from));
        let account = estate.accounts.get(&resource.account);
        let levels = account.map_or(&[][..], |account| &account.rcps);
        let over = levels.iter().flat_map(|level| &level.policies);
        for policy in std::iter::once(policy).chain(over) {
            key.push(b'|');
            for statement in &policy.policy.statements {
                if names(statement, &governed) {
                    return None;
                }
                key.extend(self.contents.id(statement).to_le_bytes());
            }
        }
        Some(key)
    }
}

/// Whether the statement picks among resources like these.
fn names(statement: &Statement, governed: &[Template]) -> bool {
    let mut patterns = (statement.resources.iter()).flat_map(|resources| &resources.patterns);
    patterns.any(|pattern| {
        !pattern.is_everything() && governed.iter().any(|own| may_meet(pattern, own))
    })
}

/// The answers that another resource has, with requests on this one; `None`: one of them is not allowed here.
fn moved(answers: &[ExternalTo], of: &str, outside: &Outside<'_>) -> Option<Vec<ExternalTo>> {
    let mut own = answers.to_vec();
    let mut layers = None;
    for answer in &mut own {
        let ExternalTo::Somebody { actions, .. } = answer else {
            continue;
        };
        let layers = layers.get_or_insert_with(|| outside.layers());
        for found in actions.values_mut() {
            let inside = found.request.resource.strip_prefix(of)?;
            found.request.resource = format!("{}{inside}", outside.resource.arn);
            if eval::verdict(&found.request, layers) != Verdict::Allowed {
                return None;
            }
        }
    }
    Some(own)
}

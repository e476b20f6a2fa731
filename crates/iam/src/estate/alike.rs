//! Resources that no statement tells apart: who outside can use them is asked of one, and shown for each.
//!
//! An account's roles mostly share a few trust policies, its keys one key policy, and its buckets and queues policies that
//! differ in their own ARN alone; what those let in they let in everywhere. A "yes" is still each resource's own: its
//! request is put to the evaluator under that resource's layers.

use std::collections::BTreeMap;

use super::{
    Estate, Resource, Seen,
    outside::{ExternalTo, Outside},
};
use crate::{
    analyse::may_meet,
    eval::{self, Verdict},
    model::{Statement, Template, arn_part},
    shared::{shape, text},
};

/// The answers so far, by all that they hang on.
#[derive(Debug, Default)]
pub(super) struct Alike<'e> {
    answers: BTreeMap<Vec<u8>, (&'e str, Vec<ExternalTo>)>,
}

impl<'e> Alike<'e> {
    /// All that is found of the resource.
    pub(super) fn all(&mut self, outside: &Outside<'e>) -> Vec<ExternalTo> {
        let resource = outside.resource;
        let Some(key) = key(outside.estate, resource) else {
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
}

/// What an answer hangs on; `None`: on what only this resource has.
fn key(estate: &Estate, resource: &Resource) -> Option<Vec<u8>> {
    let Seen::Told(policy) = &resource.policy else {
        return None;
    };
    let facts = &resource.facts;
    if !facts.kms_grants.is_empty() || is_pattern(&resource.arn) {
        return None;
    }
    // Of what has neither there is nothing to ask.
    if policy.is_none() && facts.s3.acl.is_empty() {
        return None;
    }
    let own = Own {
        arn: &resource.arn,
        governed: (resource.governs().iter())
            .map(|text| Template::new(text, true, false))
            .collect(),
    };
    let mut key = Vec::new();
    text(b'k', resource.kind, &mut key);
    text(b'a', &resource.account, &mut key);
    text(b'r', &resource.region, &mut key);
    // Rules that are no policy read the paths of roles and keys.
    match resource.kind {
        "AWS::IAM::Role" | "AWS::KMS::Key" => shape(&resource.arn, &mut key),
        _ => text(
            b'p',
            arn_part(&resource.arn, 1).unwrap_or_default(),
            &mut key,
        ),
    }
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
    for grant in &facts.s3.acl {
        text(b'g', &grant.grantee, &mut key);
        text(b'm', &grant.permission, &mut key);
    }
    key.push(u8::from(policy.is_some()));
    let policies = policy.iter();
    for statement in policies.flat_map(|named| &named.policy.statements) {
        own.print(statement, &mut key)?;
    }
    // Those over the account are the same for all its resources, but for what they say of this one.
    let account = estate.accounts.get(&resource.account);
    let levels = account.map_or(&[][..], |account| &account.rcps);
    let over = levels.iter().flat_map(|level| &level.policies);
    for statement in over.flat_map(|policy| &policy.policy.statements) {
        own.resources(statement, &mut key)?;
    }
    Some(key)
}

fn is_pattern(arn: &str) -> bool {
    arn.contains(['*', '?', '$'])
}

/// The resource as statements speak of it.
struct Own<'a> {
    arn: &'a str,
    governed: Vec<Template>,
}

impl Own<'_> {
    /// What the statement says, with the resource's own ARN as such; `None`: it picks among resources like this one.
    fn print(&self, statement: &Statement, key: &mut Vec<u8>) -> Option<()> {
        key.push(b'|');
        let clause = statement.principal.as_ref();
        let said = (
            statement.effect,
            clause.map(|clause| (clause.negated, &clause.entries)),
            statement.actions.negated,
        );
        text(b's', &format!("{said:?}"), key);
        for action in &statement.actions.patterns {
            text(b'x', action.text(), key);
        }
        for condition in &statement.conditions {
            text(b'o', &condition.operator_text, key);
            text(b'n', &condition.key_text, key);
            for value in &condition.values {
                text(b'v', value, key);
            }
            text(b'=', &format!("{:?}", condition.operands), key);
        }
        self.resources(statement, key)
    }

    fn resources(&self, statement: &Statement, key: &mut Vec<u8>) -> Option<()> {
        let Some(resources) = &statement.resources else {
            key.push(b'0');
            return Some(());
        };
        key.push(if resources.negated { b'-' } else { b'+' });
        for pattern in &resources.patterns {
            match pattern.text().strip_prefix(self.arn) {
                _ if pattern.is_everything() => key.push(b'*'),
                Some(inside) => text(b'i', inside, key),
                None if self.governed.iter().any(|own| may_meet(pattern, own)) => return None,
                // It is about something else.
                None => key.push(b'.'),
            }
        }
        Some(())
    }
}

/// The answers that another resource has, with requests on this one; `None`: one of them is not allowed here.
fn moved(answers: &[ExternalTo], of: &str, outside: &Outside<'_>) -> Option<Vec<ExternalTo>> {
    let mut own = answers.to_vec();
    let (mut written, mut unwritten) = (None, None);
    for answer in &mut own {
        let ExternalTo::Somebody {
            actions, source, ..
        } = answer
        else {
            continue;
        };
        let layers = match *source {
            "POLICY" => written.get_or_insert_with(|| outside.layers()),
            _ => unwritten.get_or_insert_with(|| outside.unwritten()),
        };
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

//! Who outside a zone of trust can use a resource, in the words of IAM Access Analyzer's external access findings.
//!
//! Somebody outside may have any permission in an account of their own; so what counts is what the resource's policy,
//! its ACL and the guardrails over it let through. Services that act by their own right are not outside.

mod callers;
mod unwritten;

use std::collections::{BTreeMap, BTreeSet};

use callers::Name;

use super::{Access, Estate, Resource, Seen, alike::Alike, person::set_owner};
use crate::{
    analyse::{Ask, Found, Reach, anyone, beyond, callers, reach, unsigned},
    model::{
        ContextValue, Effect, Facts, Layers, NamedPolicy, Principal, PrincipalEntry, PrincipalKind,
        Statement, Template,
    },
    shared::same,
};

/// Who is trusted.
#[derive(Debug, Clone, Default)]
pub struct Zone {
    /// All accounts of the organization; otherwise each account trusts itself alone.
    pub organization: bool,
    /// These accounts too.
    pub accounts: BTreeSet<String>,
}

/// A finding.
#[derive(Debug, Clone)]
pub struct External {
    /// The resource's ARN.
    pub resource: String,
    /// Its type: `AWS::S3::Bucket`.
    pub kind: &'static str,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Who, and what they can do, or why it is not decided.
    pub to: ExternalTo,
}

/// Who, and what.
#[derive(Debug, Clone)]
pub enum ExternalTo {
    /// Somebody outside can.
    Somebody {
        /// As the policy names them: `AWS` or `Federated`, and the name.
        principal: (&'static str, String),
        /// Whether it is anybody at all.
        public: bool,
        /// The patterns of actions, each with a request that is allowed.
        actions: BTreeMap<String, Found>,
        /// `POLICY`, `BUCKET_ACL`, `KMS_GRANT`.
        source: &'static str,
    },
    /// Not decided, and why.
    Unknown(String),
}

/// All findings, resource by resource.
pub fn external<'e>(estate: &'e Estate, zone: &'e Zone) -> impl Iterator<Item = External> + 'e {
    let mut alike = Alike::default();
    estate.resources.iter().flat_map(move |resource| {
        let found = |to| External {
            resource: resource.arn.clone(),
            kind: resource.kind,
            account: resource.account.clone(),
            region: resource.region.clone(),
            to,
        };
        let outside = Outside {
            estate,
            zone,
            resource,
            before: None,
        };
        let all = alike.all(&outside).into_iter();
        all.map(move |to| found(spelled(to, estate)))
    })
}

/// Actions and condition keys as their documentation spells them.
fn spelled(found: ExternalTo, estate: &Estate) -> ExternalTo {
    let (
        Some(known),
        ExternalTo::Somebody {
            principal,
            public,
            actions,
            source,
        },
    ) = (estate.authorization.as_deref(), found.clone())
    else {
        return found;
    };
    let one = |(action, mut found): (String, Found)| {
        for (key, _) in &mut found.chosen {
            *key = known.spelled_key(key);
        }
        (known.spelled_action(&action), found)
    };
    ExternalTo::Somebody {
        principal,
        public,
        actions: actions.into_iter().map(one).collect(),
        source,
    }
}

/// What those outside can do by the resource's policy that they could not under the old layers: who, the actions, and
/// a request.
pub(super) fn gained(
    estate: &Estate,
    zone: &Zone,
    resource: &Resource,
    old: Layers,
) -> Vec<(String, Vec<String>, Access)> {
    let Seen::Told(Some(policy)) = &resource.policy else {
        return Vec::new();
    };
    let fresh = fresh(policy, old.resource.as_ref());
    let mut before = old;
    bring_everything(&mut before);
    let outside = Outside {
        estate,
        zone,
        resource,
        before: Some(before),
    };
    let one = |found| match found {
        ExternalTo::Somebody {
            principal, actions, ..
        } => {
            let names = actions.keys().cloned().collect();
            let first = actions.into_values().next()?;
            Some((principal.1, names, Access::Can(Box::new(first))))
        }
        ExternalTo::Unknown(why) => Some(("*".to_owned(), Vec::new(), Access::Unknown(why))),
    };
    let mut found = outside.by_policy(policy);
    let open = outside.unmatched(Some(&fresh));
    let known = outside.unmatched(None);
    found.extend(open.difference(&known).cloned().map(ExternalTo::Unknown));
    found.into_iter().filter_map(one).collect()
}

/// The statements of a policy that it had not before, wherever they stood.
fn fresh(policy: &NamedPolicy, old: Option<&NamedPolicy>) -> NamedPolicy {
    let old = old.map_or(&[][..], |old| &old.policy.statements);
    policy.only(|statement| !old.iter().any(|before| same(before, statement)))
}

/// One resource before those outside.
pub(super) struct Outside<'a> {
    pub(super) estate: &'a Estate,
    zone: &'a Zone,
    pub(super) resource: &'a Resource,
    /// Layers under which it must not have been allowed.
    before: Option<Layers>,
}

impl Outside<'_> {
    /// All that is found.
    pub(super) fn all(&self) -> Vec<ExternalTo> {
        let mut all = Vec::new();
        match &self.resource.policy {
            Seen::Unseen(call) => all.push(ExternalTo::Unknown(call.clone())),
            Seen::Told(Some(policy)) => all.extend(self.by_policy(policy)),
            Seen::Told(None) => {}
        }
        let policy = match &self.resource.policy {
            Seen::Told(policy) => policy.as_ref(),
            Seen::Unseen(_) => None,
        };
        all.extend(self.unmatched(policy).into_iter().map(ExternalTo::Unknown));
        if let Some(call) = &self.resource.unseen {
            all.push(ExternalTo::Unknown(call.clone()));
        }
        all.extend(self.by_acl());
        all.extend(self.by_grants());
        all
    }

    fn trusts(&self, account: &str) -> bool {
        account == self.resource.account
            || self.zone.accounts.contains(account)
            || self.zone.organization
                && self
                    .estate
                    .organization
                    .as_ref()
                    .is_some_and(|organization| {
                        organization.accounts.contains(account)
                            || organization.management_account.as_deref() == Some(account)
                    })
    }

    fn by_policy(&self, policy: &NamedPolicy) -> Vec<ExternalTo> {
        let mut found: BTreeMap<(bool, Name), BTreeMap<String, Found>> = BTreeMap::new();
        let mut unknown = BTreeSet::new();
        let layers = self.layers();
        for statement in &policy.policy.statements {
            if statement.effect != Effect::Allow {
                continue;
            }
            for written in actions(statement) {
                let Some(action) = self.resource.actions(&written) else {
                    continue;
                };
                let mut note = |public: bool, name: Name, answer: Reach| match answer {
                    Reach::Can(witness) => {
                        found
                            .entry((public, name))
                            .or_default()
                            .entry(written.text().to_owned())
                            .or_insert(*witness);
                        true
                    }
                    Reach::Cannot => false,
                    Reach::Unknown(why) => {
                        unknown.insert(why.to_string());
                        false
                    }
                };
                if is_for_everyone(statement) {
                    let public = match anyone(&policy.policy) {
                        Ok(callers) => callers.iter().filter(|c| self.answers(c)).any(|caller| {
                            let answer = self.ask(&layers, caller, &action, true);
                            note(true, Name("AWS", "*".to_owned()), answer)
                        }),
                        Err(_) => false,
                    };
                    if public {
                        continue;
                    }
                    for caller in callers(&policy.policy).unwrap_or_default() {
                        if !self.answers(&caller) {
                            continue;
                        }
                        let Some(name) = self.name(&caller, true) else {
                            continue;
                        };
                        let answer = self.ask(&layers, &caller, &action, false);
                        note(false, name, answer);
                    }
                    continue;
                }
                for named in self.named(statement) {
                    let own = named.layers(&layers);
                    let layers = own.as_ref().unwrap_or(&layers);
                    let answer = self.ask(layers, &named.caller, &action, false);
                    note(false, named.name, answer);
                }
            }
        }
        let mut all: Vec<ExternalTo> = found
            .into_iter()
            .map(
                |((public, Name(kind, name)), actions)| ExternalTo::Somebody {
                    principal: (kind, name),
                    public,
                    actions,
                    source: "POLICY",
                },
            )
            .collect();
        all.extend(unknown.into_iter().map(ExternalTo::Unknown));
        all
    }

    /// What a resource says to those who may do anything in an account of their own.
    pub(super) fn layers(&self) -> Layers {
        let mut layers = self.estate.guarded(Some(self.resource));
        bring_everything(&mut layers);
        layers
    }

    fn ask(&self, layers: &Layers, caller: &Principal, action: &Template, anybody: bool) -> Reach {
        let mut context = self.estate.told(Some(&self.resource.account));
        let resources: Vec<Template> = self
            .resource
            .governs()
            .iter()
            .map(|text| Template::new(text, true, false))
            .collect();
        // Whoever is outside is in no organization that is trusted, and in none that they are known to be in.
        let mut barred = Vec::new();
        if let Some(organization) = &self.estate.organization {
            let own = caller
                .account
                .as_deref()
                .and_then(|account| self.estate.organization_of(Some(account)));
            match own {
                Some(id) => context.set("aws:PrincipalOrgID", ContextValue::One(id.to_owned())),
                None => {
                    let id = &organization.id;
                    barred.push((
                        "aws:principalorgid".to_owned(),
                        Template::new(id, false, false),
                    ));
                    let path = format!("{id}/*");
                    barred.push((
                        "aws:principalorgpaths".to_owned(),
                        Template::new(&path, true, false),
                    ));
                }
            }
        }
        // "kms:CallerAccount" (KMS Developer Guide): in every request on a key, whatever pattern of actions is asked.
        if let (Some(account), "AWS::KMS::Key") = (&caller.account, self.resource.kind) {
            context.set("kms:CallerAccount", ContextValue::One(account.clone()));
        }
        set_owner(&mut context, caller.account.as_deref(), &resources);
        if caller.kind == PrincipalKind::Anonymous {
            unsigned(&mut context);
        }
        let ask = Ask {
            layers,
            principal: caller,
            actions: std::slice::from_ref(action),
            resources: &resources,
            resource_account: Some(&self.resource.account),
            context: &context,
            domains: &BTreeMap::new(),
            barred: &barred,
            anybody,
        };
        // By what id the caller's account is named, it was named before too.
        let before = self.before.as_ref().map(|old| Layers {
            facts: Facts {
                canonical_user: layers.facts.canonical_user.clone(),
                ..old.facts.clone()
            },
            ..old.clone()
        });
        let answer = match &before {
            Some(old) => beyond(&ask, old),
            None => reach(&ask),
        };
        let names = self.estate.authorization.as_deref();
        answer.spelled(&ask, before.as_ref(), names)
    }
}

/// Those outside have what permissions they like in their own account, and what policy they like in a session of theirs.
fn bring_everything(layers: &mut Layers) {
    layers.identity = vec![NamedPolicy::everything("caller", None)];
    layers.session = Some(NamedPolicy::everything("session", None));
}

fn is_for_everyone(statement: &Statement) -> bool {
    statement
        .principal
        .as_ref()
        .is_some_and(|clause| clause.negated || clause.entries.contains(&PrincipalEntry::Everyone))
}

fn actions(statement: &Statement) -> Vec<Template> {
    if statement.actions.negated {
        vec![Template::new("*", true, false)]
    } else {
        statement.actions.patterns.clone()
    }
}

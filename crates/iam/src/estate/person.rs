//! A principal of the estate before a resource: the layers that judge it, and what its requests always tell.

use std::collections::BTreeMap;

use super::{Estate, Resource, Seen, Subject};
use crate::{
    analyse::{Ask, Reach, beyond, kinds, may_meet, reach},
    model::{Context, ContextValue, Facts, Layers, Principal, PrincipalEntry, Template},
};

/// What is asked of somebody.
pub(crate) struct Question<'a> {
    pub(crate) actions: &'a [Template],
    pub(crate) resources: &'a [Template],
    pub(crate) resource_account: Option<&'a str>,
}

impl Estate {
    /// The layers over a subject's request on a resource; a resource policy that was not seen is left out.
    pub(super) fn layers(&self, subject: &Subject, resource: Option<&Resource>) -> Layers {
        let mut layers = self.guarded(resource);
        layers.identity.clone_from(&subject.identity);
        layers.boundaries.clone_from(&subject.boundaries);
        if let Some(account) = self.accounts.get(&subject.account) {
            layers.scps.clone_from(&account.scps);
            layers
                .facts
                .canonical_user
                .clone_from(&account.canonical_user);
        }
        layers
    }

    /// The layers of a resource alone.
    pub(super) fn guarded(&self, resource: Option<&Resource>) -> Layers {
        let mut layers = Layers {
            facts: resource.map_or_else(Facts::default, |found| found.facts.clone()),
            ..Layers::default()
        };
        layers.facts.management_account = self
            .organization
            .as_ref()
            .and_then(|found| found.management_account.clone());
        if let Some(resource) = resource {
            if let Seen::Told(policy) = &resource.policy {
                layers.resource.clone_from(policy);
            }
            if let Some(account) = self.accounts.get(&resource.account) {
                layers.rcps.clone_from(&account.rcps);
            }
        }
        layers
    }

    /// What every direct request on a resource tells, whoever sends it.
    pub(super) fn told(&self, resource_account: Option<&str>) -> Context {
        let mut context = Context::direct();
        if let Some(id) = self.organization_of(resource_account) {
            context.set("aws:ResourceOrgID", ContextValue::One(id.to_owned()));
        }
        context
    }

    pub(super) fn organization_of(&self, account: Option<&str>) -> Option<&str> {
        let organization = self.organization.as_ref()?;
        let account = account?;
        let listed = organization.accounts.contains(account)
            || self
                .accounts
                .get(account)
                .is_some_and(|account| account.in_organization);
        listed.then_some(organization.id.as_str())
    }

    /// Whether the subject can do any of it: every session of a role that the resource's policy names is asked too.
    pub(super) fn can(
        &self,
        subject: &Subject,
        resource: Option<&Resource>,
        question: &Question<'_>,
    ) -> Reach {
        let layers = self.layers(subject, resource);
        self.can_under(subject, &layers, question)
    }

    /// What every request of the subject tells, and what values of free keys look like.
    pub(super) fn requests_of(
        &self,
        subject: &Subject,
        resource_account: Option<&str>,
    ) -> (Context, BTreeMap<String, Template>) {
        let mut context = self.told(resource_account.or(Some(&subject.account)));
        if let Some(id) = self.organization_of(Some(&subject.account)) {
            context.set("aws:PrincipalOrgID", ContextValue::One(id.to_owned()));
        }
        let mut domains = BTreeMap::new();
        let is_user = subject.arn.contains(":user/");
        if let Some(id) = &subject.id {
            if is_user {
                context.set("aws:userid", ContextValue::One(id.clone()));
            } else {
                let like = format!("{id}:?*");
                domains.insert("aws:userid".to_owned(), Template::new(&like, true, false));
            }
        }
        // A user's tags are what they are; a session may bring tags of its own.
        if is_user {
            for (key, value) in &subject.tags {
                let key = format!("aws:PrincipalTag/{key}");
                context.set(&key, ContextValue::One(value.clone()));
            }
            context.close("aws:principaltag/");
        }
        (context, domains)
    }

    pub(super) fn can_under(
        &self,
        subject: &Subject,
        layers: &Layers,
        question: &Question<'_>,
    ) -> Reach {
        self.asked(subject, layers, None, question)
    }

    /// Whether the subject can do any of it that it could not under the old layers.
    pub(super) fn can_beyond(
        &self,
        subject: &Subject,
        layers: &Layers,
        old: &Layers,
        question: &Question<'_>,
    ) -> Reach {
        self.asked(subject, layers, Some(old), question)
    }

    /// What is asked of everything, for an action that is asked on resources of its own types only.
    fn of_type(&self, subject: &Subject, question: &Question<'_>) -> Option<Vec<Template>> {
        let ([action], [resource]) = (question.actions, question.resources) else {
            return None;
        };
        if !resource.is_everything() {
            return None;
        }
        let partition = subject.arn.split(':').nth(1)?;
        kinds(
            self.authorization.as_deref()?,
            action.literal()?,
            &[partition],
        )
    }

    /// Whether the action, which is one, is on resources of other types than the pattern's.
    pub(super) fn is_never_on(&self, action: &Template, resource: &Template) -> bool {
        let kinds = (self.authorization.as_deref())
            .zip(action.literal())
            .and_then(|(authorization, action)| kinds(authorization, action, &["aws", "aws-*"]));
        kinds.is_some_and(|kinds| !kinds.iter().any(|kind| may_meet(kind, resource)))
    }

    fn asked(
        &self,
        subject: &Subject,
        layers: &Layers,
        old: Option<&Layers>,
        question: &Question<'_>,
    ) -> Reach {
        let (mut context, domains) = self.requests_of(subject, question.resource_account);
        set_owner(&mut context, Some(&subject.account), question.resources);
        let typed = self.of_type(subject, question);
        let mut unknown = None;
        for principal in principals(subject, layers) {
            let mut context = context.clone();
            if !subject.arn.contains(":user/") {
                context.set("aws:PrincipalArn", ContextValue::One(subject.arn.clone()));
            }
            let ask = Ask {
                layers,
                principal: &principal,
                actions: question.actions,
                resources: typed.as_deref().unwrap_or(question.resources),
                resource_account: question.resource_account.or(Some(&subject.account)),
                context: &context,
                domains: &domains,
                barred: &[],
                anybody: false,
            };
            let answer = match old {
                Some(old) => beyond(&ask, old),
                None => reach(&ask),
            }
            .spelled(&ask, old, self.authorization.as_deref());
            match answer {
                Reach::Can(found) => return Reach::Can(found),
                Reach::Cannot => {}
                Reach::Unknown(reason) => unknown = Some(reason),
            }
        }
        unknown.map_or(Reach::Cannot, Reach::Unknown)
    }
}

/// Tells the caller's own account as `aws:SourceOwner` where SNS is asked: the policy that a topic is created with lets its
/// owner in by this key ("Example cases for Amazon SNS access control", SNS Developer Guide). Others have no such key.
pub(super) fn set_owner(context: &mut Context, account: Option<&str>, resources: &[Template]) {
    let of_sns = |resource: &Template| resource.text().split(':').nth(2) == Some("sns");
    match account {
        Some(account) if resources.iter().all(of_sns) => {
            context.set("aws:SourceOwner", ContextValue::One(account.to_owned()));
        }
        Some(_) if !resources.iter().any(may_be_sns) => context.set_absent("aws:sourceowner"),
        Some(_) => {}
        None => context.set_absent("aws:sourceowner"),
    }
}

/// Whether the pattern may match a topic.
fn may_be_sns(resource: &Template) -> bool {
    may_meet(resource, &Template::new("arn:aws*:sns:*", true, false))
}

/// The subject itself, and for a role the sessions that the resource's policy names.
fn principals(subject: &Subject, layers: &Layers) -> Vec<Principal> {
    let mut texts = vec![subject.arn.clone()];
    if subject.arn.contains(":role/") {
        let name = subject.arn.rsplit('/').next().unwrap_or_default();
        let session = format!(":{}:assumed-role/{name}/", subject.account);
        let entries = layers
            .resource
            .iter()
            .flat_map(|policy| &policy.policy.statements)
            .filter_map(|statement| statement.principal.as_ref())
            .flat_map(|clause| &clause.entries);
        for entry in entries {
            if let PrincipalEntry::Arn(arn) = entry
                && arn.contains(&session)
                && !texts.contains(arn)
            {
                texts.push(arn.clone());
            }
        }
    }
    texts
        .iter()
        .filter_map(|text| Principal::parse(text).ok())
        .collect()
}

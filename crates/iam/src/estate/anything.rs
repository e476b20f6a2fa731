//! Who can do something on any resource at all: one that has no say itself, or one of the estate that has.

use super::{
    Access, Can, Estate, KINDS, Resource, Subject,
    asking::by_own_policies,
    people::People,
    person::Question,
    questions::{Answer, access},
};
use crate::{model::Template, shared::Answer as Word};
use std::collections::BTreeMap;

/// Adds each principal once, with the first resource that it can do it on.
pub(super) fn who_can(estate: &Estate, action: &Template, answer: &mut Answer) {
    let mut found = Found::default();
    let everything = [Template::new("*", true, false)];
    let question = Question {
        actions: std::slice::from_ref(action),
        resources: &everything,
        resource_account: None,
    };
    for (at, subject) in estate.subjects.iter().enumerate() {
        found.add(at, estate, subject, None, &question, "*");
    }
    let may = |at: usize| {
        let subject = estate.subjects.get(at);
        !found.is_settled(at)
            && subject.is_some_and(|s| by_own_policies(estate, s, question.actions) != Word::No)
    };
    let people = People::of(estate, may);
    for resource in &estate.resources {
        let Some(action) = resource.actions(action) else {
            continue;
        };
        let resources: Vec<Template> = (resource.governs().iter())
            .map(|text| Template::new(text, true, false))
            .collect();
        let question = Question {
            actions: &[action],
            resources: &resources,
            resource_account: Some(&resource.account),
        };
        let (before, more) = people.before(resource);
        for at in before {
            if let Some(subject) = estate.subjects.get(at) {
                found.add(
                    at,
                    estate,
                    subject,
                    Some(resource),
                    &question,
                    &resource.arn,
                );
            }
        }
        if more > 0 {
            answer.unknown.push(format!(
                "{more} more principals of other accounts were not asked of {}: its policy may let in anybody",
                resource.arn
            ));
        }
    }
    let unlisted = estate.unlisted.iter().filter(|gap| {
        let kind = KINDS.iter().find(|kind| kind.name == gap.what);
        kind.is_some_and(|kind| kind.actions(action).is_some())
    });
    answer.unknown.extend(unlisted.map(ToString::to_string));
    answer.principals.extend(found.0.into_values());
}

/// What is known of the principals so far, by place.
#[derive(Debug, Default)]
struct Found(BTreeMap<usize, Can>);

impl Found {
    fn is_settled(&self, at: usize) -> bool {
        let known = self.0.get(&at);
        known.is_some_and(|can| matches!(can.access, Access::Can(_)))
    }

    /// Asks the principal, unless it is known to be able.
    fn add(
        &mut self,
        at: usize,
        estate: &Estate,
        subject: &Subject,
        resource: Option<&Resource>,
        question: &Question<'_>,
        shown: &str,
    ) {
        if self.is_settled(at) {
            return;
        }
        let Some(access) = access(estate, subject, resource, question) else {
            return;
        };
        if matches!(access, Access::Can(_)) || !self.0.contains_key(&at) {
            let can = Can {
                principal: subject.arn.clone(),
                resource: shown.to_owned(),
                access,
            };
            self.0.insert(at, can);
        }
    }
}

//! What nobody, or not this principal, may do.

use super::{
    Access, Answer, Can, Estate,
    person::Question,
    questions::{access, within},
    ungoverned::ungoverned,
};
use crate::{
    eval::{Verdict, verdict},
    model::Template,
};

/// Whether nobody can do any of the actions on any of the resources, over all layers: the check of
/// `CheckAccessNotGranted` for principals as they are rather than for one policy.
#[derive(Debug, Clone, Default)]
pub struct NotGranted {
    /// Those who can, each with a request, and those of whom it is not decided.
    pub principals: Vec<Can>,
    /// What was not seen, so that there may be more.
    pub unknown: Vec<String>,
}

impl NotGranted {
    /// `PASS`, `FAIL` or `UNKNOWN`.
    #[must_use]
    pub fn result(&self) -> &'static str {
        let can = |found: &Can| matches!(found.access, Access::Can(_));
        if self.principals.iter().any(can) {
            "FAIL"
        } else if self.principals.is_empty() && self.unknown.is_empty() {
            "PASS"
        } else {
            "UNKNOWN"
        }
    }
}

/// Whether a principal, or without one nobody of the estate, can do any of the actions on any of the resources. No
/// action or no resource is all of them.
#[must_use]
pub fn not_granted(
    estate: &Estate,
    principal: Option<&str>,
    actions: &[String],
    resources: &[String],
) -> NotGranted {
    let all = ["*".to_owned()];
    let or_all = |texts: &'_ [String]| -> Vec<String> {
        let texts = if texts.is_empty() { &all } else { texts };
        texts.to_vec()
    };
    let actions: Vec<Template> = or_all(actions)
        .iter()
        .map(|action| Template::new(&action.to_lowercase(), true, false))
        .collect();
    let asked = or_all(resources);
    let templates: Vec<Template> = asked
        .iter()
        .map(|text| Template::new(text, true, false))
        .collect();
    let mut answer = Answer::default();
    let subjects = || {
        let all = estate.subjects.iter();
        all.filter(|subject| principal.is_none_or(|arn| subject.arn == arn))
    };
    let shown = asked.join(" ");
    for subject in subjects() {
        let question = Question {
            actions: &actions,
            resources: &templates,
            resource_account: None,
        };
        let access = match access(estate, subject, None, &question) {
            Some(Access::Can(found)) => ungoverned(estate, found, &templates, |request| {
                verdict(request, &estate.layers(subject, None)) == Verdict::Allowed
            }),
            other => other,
        };
        answer.principals.extend(access.map(|access| Can {
            principal: subject.arn.clone(),
            resource: shown.clone(),
            access,
        }));
    }
    for resource in &estate.resources {
        let own: Vec<Template> = actions
            .iter()
            .filter_map(|action| resource.actions(action))
            .collect();
        let on: Vec<Template> = asked
            .iter()
            .flat_map(|text| within(resource, text))
            .map(|text| Template::new(&text, true, false))
            .collect();
        if own.is_empty() || on.is_empty() {
            continue;
        }
        for subject in subjects() {
            let question = Question {
                actions: &own,
                resources: &on,
                resource_account: Some(&resource.account),
            };
            answer.add(estate, subject, Some(resource), &question, &resource.arn);
        }
    }
    answer.close(estate);
    NotGranted {
        principals: answer.principals,
        unknown: answer.unknown,
    }
}

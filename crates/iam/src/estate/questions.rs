//! Who can do this, and what can that one do.

use std::collections::BTreeSet;

use super::{Estate, Resource, Seen, Subject, anything, person::Question};
use crate::{
    analyse::{Found, Reach, may_meet},
    model::{Context, Effect, NamedPolicy, PrincipalEntry, Statement, Template},
};

/// What is known of one principal.
#[derive(Debug, Clone)]
pub enum Access {
    /// It can: this request is allowed.
    Can(Box<Found>),
    /// Not decided, and why.
    Unknown(String),
}

/// A principal in an answer.
#[derive(Debug, Clone)]
pub struct Can {
    /// Its ARN.
    pub principal: String,
    /// The resource that was asked for, or a pattern of it.
    pub resource: String,
    /// What is known.
    pub access: Access,
}

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Those who can, and those of whom it is not decided, by ARN.
    pub principals: Vec<Can>,
    /// What was not seen, so that there may be more: without any, nobody else can.
    pub unknown: Vec<String>,
    /// What the answer takes for granted.
    pub notes: Vec<String>,
}

/// Who in the estate can do the action on the resource; both may have wildcards, and `*` asks for any resource at all.
#[must_use]
pub fn who_can(estate: &Estate, action: &str, resource: &str) -> Answer {
    let asked = action;
    let action = Template::new(&action.to_lowercase(), true, false);
    let mut answer = Answer::default();
    if resource == "*" {
        anything::who_can(estate, &action, &mut answer);
        answer.close(estate);
        return answer;
    }
    if estate.is_never_on(&action, &Template::new(resource, true, false)) {
        answer.notes.push(format!(
            "`{asked}` is never asked of `{resource}`: AWS documents other types of resources for it"
        ));
        return answer;
    }
    let actions = [action];
    let found = governing(estate, resource);
    if found.is_empty() {
        answer.notes.push(format!(
            "`{resource}` is not in the snapshot: only policies of principals were looked at"
        ));
        let resources = [Template::new(resource, true, false)];
        for subject in estate.subjects.iter() {
            let question = Question {
                actions: &actions,
                resources: &resources,
                resource_account: None,
            };
            answer.add(estate, subject, None, &question, resource);
        }
    }
    for (found, asked) in found {
        let resources: Vec<Template> = asked
            .iter()
            .map(|text| Template::new(text, true, false))
            .collect();
        let shown = asked.first().map_or(resource, String::as_str);
        for subject in estate.subjects.iter() {
            let question = Question {
                actions: &actions,
                resources: &resources,
                resource_account: Some(&found.account),
            };
            answer.add(estate, subject, Some(found), &question, shown);
        }
    }
    answer.close(estate);
    answer
}

impl Answer {
    pub(super) fn add(
        &mut self,
        estate: &Estate,
        subject: &Subject,
        resource: Option<&Resource>,
        question: &Question<'_>,
        shown: &str,
    ) {
        if let Some(access) = access(estate, subject, resource, question) {
            self.principals.push(Can {
                principal: subject.arn.clone(),
                resource: shown.to_owned(),
                access,
            });
        }
    }

    pub(super) fn close(&mut self, estate: &Estate) {
        self.principals
            .sort_by(|a, b| (&a.principal, &a.resource).cmp(&(&b.principal, &b.resource)));
        let unknown: BTreeSet<String> = estate.gaps.iter().map(ToString::to_string).collect();
        self.unknown.extend(unknown);
    }
}

/// The call that would have told all of what bears on the subject and the resource, and failed.
pub(super) fn unseen<'a>(
    subject: &'a Subject,
    resource: Option<&'a Resource>,
) -> Option<&'a String> {
    resource
        .and_then(|found| match &found.policy {
            Seen::Unseen(call) => Some(call),
            Seen::Told(_) => found.unseen.as_ref(),
        })
        .or(subject.unseen.as_ref())
}

/// Whether the statement can be about one of the resources.
pub(super) fn may_concern(statement: &Statement, resources: &[Template]) -> bool {
    statement.resources.as_ref().is_none_or(|own| {
        own.negated
            || own
                .patterns
                .iter()
                .any(|own| resources.iter().any(|asked| may_meet(own, asked)))
    })
}

/// What is known of one subject; `None`: it cannot.
pub(crate) fn access(
    estate: &Estate,
    subject: &Subject,
    resource: Option<&Resource>,
    question: &Question<'_>,
) -> Option<Access> {
    if let Some(call) = unseen(subject, resource) {
        // What was not seen could allow it, or deny it: only if it is denied whatever that says, the answer is no.
        let mut layers = estate.layers(subject, resource);
        layers.resource = Some(NamedPolicy::everything(
            "not seen",
            Some(PrincipalEntry::Everyone),
        ));
        if subject.unseen.is_some() {
            layers.identity = vec![NamedPolicy::everything("not seen", None)];
        }
        return match estate.can_under(subject, &layers, question) {
            Reach::Cannot => None,
            Reach::Can(_) | Reach::Unknown(_) => Some(Access::Unknown(call.clone())),
        };
    }
    match estate.can(subject, resource, question) {
        Reach::Can(found) => Some(Access::Can(found)),
        Reach::Cannot => None,
        Reach::Unknown(unknown) => Some(Access::Unknown(unknown.to_string())),
    }
}

/// The resources whose policies govern what is asked for, with the patterns that are asked of each.
fn governing<'a>(estate: &'a Estate, asked: &str) -> Vec<(&'a Resource, Vec<String>)> {
    estate
        .resources
        .iter()
        .map(|resource| (resource, within(resource, asked)))
        .filter(|(_, patterns)| !patterns.is_empty())
        .collect()
}

/// What is asked of the resource: patterns of ARNs that its policy governs.
pub(super) fn within(resource: &Resource, asked: &str) -> Vec<String> {
    let none = Context::new();
    let pattern = Template::new(asked, true, false);
    let mut patterns = Vec::new();
    if pattern.matches(&resource.arn, &none) == Some(true) {
        patterns.push(resource.arn.clone());
    }
    for inside in resource.governs() {
        if inside == resource.arn {
            continue;
        }
        if pattern.matches(&inside, &none) == Some(true) {
            patterns.push(inside);
        } else if resource.kind != "AWS::S3::Bucket"
            && Template::new(&inside, true, false).matches(asked, &none) == Some(true)
        {
            patterns.push(asked.to_owned());
        }
    }
    // Objects: the bucket's name is before the first slash.
    if resource.kind == "AWS::S3::Bucket"
        && let Some((bucket, key)) = asked.split_once('/')
        && Template::new(bucket, true, false).matches(&resource.arn, &none) == Some(true)
        && !patterns.contains(&format!("{}/{key}", resource.arn))
    {
        patterns.push(format!("{}/{key}", resource.arn));
    }
    patterns
}

/// Something that a principal can do.
#[derive(Debug, Clone)]
pub struct WhatCan {
    /// The principal as which: the one asked for, or a role that it can come to be.
    pub principal: String,
    /// The roles assumed on the way, first to last.
    pub through: Vec<String>,
    /// The actions that a statement allows: a pattern.
    pub action: String,
    /// The resources: a resource of the snapshot, or the patterns of the statement.
    pub resources: Vec<String>,
    /// The policy and the index of its statement, where one of the principal's own allows it.
    pub by: Option<(String, usize)>,
    /// What is known.
    pub access: Access,
}

/// What the principal can do, as far as the actions match the pattern; `chain`: also as the roles that it can assume.
/// `None`: there is no such principal.
#[must_use]
pub fn what_can(
    estate: &Estate,
    principal: &str,
    action: &str,
    chain: bool,
) -> Option<(Vec<WhatCan>, Answer)> {
    let asked = Template::new(&action.to_lowercase(), true, false);
    let start = estate
        .subjects
        .iter()
        .find(|subject| subject.arn == principal)?;
    let mut all = Vec::new();
    let mut seen = BTreeSet::from([start.arn.as_str()]);
    let mut queue = vec![(start, Vec::new())];
    let mut next = 0;
    while let Some((subject, through)) = queue.get(next).cloned() {
        next += 1;
        all.extend(one(estate, subject, &asked).into_iter().map(|can| WhatCan {
            through: through.clone(),
            ..can
        }));
        if !chain {
            break;
        }
        let actions = [Template::new("sts:assumerole", true, false)];
        for role in &estate.resources {
            if role.kind != "AWS::IAM::Role" || seen.contains(role.arn.as_str()) {
                continue;
            }
            let resources = [Template::new(&role.arn, false, false)];
            let question = Question {
                actions: &actions,
                resources: &resources,
                resource_account: Some(&role.account),
            };
            let to = estate
                .subjects
                .iter()
                .find(|subject| subject.arn == role.arn);
            if let (Some(Access::Can(_)), Some(to)) =
                (access(estate, subject, Some(role), &question), to)
            {
                seen.insert(&role.arn);
                let mut through: Vec<String> = through.clone();
                through.push(role.arn.clone());
                queue.push((to, through));
            }
        }
    }
    let mut gaps = Answer::default();
    gaps.close(estate);
    Some((all, gaps))
}

fn one(estate: &Estate, subject: &Subject, asked: &Template) -> Vec<WhatCan> {
    let mut all = Vec::new();
    if let Some(unseen) = &subject.unseen {
        all.push(WhatCan {
            principal: subject.arn.clone(),
            through: Vec::new(),
            action: asked.text().to_owned(),
            resources: vec!["*".to_owned()],
            by: None,
            access: Access::Unknown(unseen.clone()),
        });
        return all;
    }
    // What its own policies allow, on resources that have no say themselves.
    for policy in &subject.identity {
        for (at, statement) in policy.policy.statements.iter().enumerate() {
            if statement.effect != Effect::Allow {
                continue;
            }
            let resources: Vec<Template> = match &statement.resources {
                Some(resources) if !resources.negated => resources.patterns.clone(),
                _ => vec![Template::new("*", true, false)],
            };
            for pattern in narrowed(&statement.actions, asked) {
                // A role's trust policy decides who comes to be it: that is asked role by role.
                if pattern.text().starts_with("sts:assume") {
                    continue;
                }
                let question = Question {
                    actions: std::slice::from_ref(&pattern),
                    resources: &resources,
                    resource_account: None,
                };
                if let Some(access) = access(estate, subject, None, &question) {
                    all.push(WhatCan {
                        principal: subject.arn.clone(),
                        through: Vec::new(),
                        action: pattern.text().to_owned(),
                        resources: resources.iter().map(|r| r.text().to_owned()).collect(),
                        by: Some((policy.name.clone(), at)),
                        access,
                    });
                }
            }
        }
    }
    // What it can do on resources of the snapshot that have a say.
    for resource in &estate.resources {
        let mut patterns: Vec<Template> = Vec::new();
        let own = subject.identity.iter().map(|policy| &policy.policy);
        let theirs = match &resource.policy {
            Seen::Told(policy) => policy.iter().map(|policy| &policy.policy).collect(),
            Seen::Unseen(_) => Vec::new(),
        };
        for statement in own.chain(theirs).flat_map(|policy| &policy.statements) {
            if statement.effect == Effect::Allow {
                for pattern in narrowed(&statement.actions, asked) {
                    if !patterns.contains(&pattern) && resource.actions(&pattern).is_some() {
                        patterns.push(pattern);
                    }
                }
            }
        }
        let resources: Vec<Template> = resource
            .governs()
            .iter()
            .map(|text| Template::new(text, true, false))
            .collect();
        for pattern in patterns {
            let question = Question {
                actions: std::slice::from_ref(&pattern),
                resources: &resources,
                resource_account: Some(&resource.account),
            };
            if let Some(access) = access(estate, subject, Some(resource), &question) {
                all.push(WhatCan {
                    principal: subject.arn.clone(),
                    through: Vec::new(),
                    action: pattern.text().to_owned(),
                    resources: vec![resource.arn.clone()],
                    by: None,
                    access,
                });
            }
        }
    }
    all
}

/// The statement's actions as far as they are asked for.
fn narrowed(actions: &crate::model::Actions, asked: &Template) -> Vec<Template> {
    if actions.negated {
        return vec![asked.clone()];
    }
    actions
        .patterns
        .iter()
        .filter_map(|pattern| {
            let none = Context::new();
            if asked.is_everything() || asked.matches(pattern.text(), &none) == Some(true) {
                Some(pattern.clone())
            } else if pattern.matches(asked.text(), &none) == Some(true) {
                Some(asked.clone())
            } else {
                None
            }
        })
        .collect()
}

//! What a change of one policy newly allows, over all layers, with a request that shows it.

use std::sync::Arc;

use super::{
    Access, Estate, Resource, Seen, Subject, Zone, outside,
    person::Question,
    questions::{may_concern, unseen},
    ungoverned::ungoverned,
};
use crate::{
    analyse::Reach,
    eval::{Verdict, verdict},
    model::{Effect, Layers, NamedPolicy, Part, Policy, Statement, Template},
};

/// Where the policy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An inline policy of the user, role or group with this ARN, by its name; a new name is a new policy.
    Principal {
        /// The ARN.
        arn: String,
        /// The policy's name.
        policy: String,
    },
    /// A managed policy by its ARN, wherever it is attached, boundaries too.
    Managed(String),
    /// The policy of the resource with this ARN; a role's trust policy.
    Resource(String),
    /// A service or resource control policy by its name.
    Guardrail(String),
}

/// A policy in another's place.
#[derive(Debug, Clone)]
pub struct Change {
    /// Where.
    pub target: Target,
    /// The new document; `None`: the policy goes.
    pub document: Option<Arc<Policy>>,
}

/// Somebody to whom the change gives something.
#[derive(Debug, Clone)]
pub struct NewAccess {
    /// A principal of the estate, or somebody outside as the policy names them.
    pub principal: String,
    /// Whether it is somebody outside the estate.
    pub outside: bool,
    /// The resource, or the patterns of the statement where it has no say itself.
    pub resources: Vec<String>,
    /// The actions of the statement.
    pub actions: Vec<String>,
    /// The request, or why it is not decided.
    pub access: Access,
}

/// The answer: empty lists mean that the change allows nothing new.
#[derive(Debug, Clone, Default)]
pub struct Gained {
    /// What is new, or may be.
    pub access: Vec<NewAccess>,
    /// What was not seen, so that there may be more.
    pub unknown: Vec<String>,
}

/// The estate after the change.
///
/// # Errors
/// There is no such policy, or what it is attached to was not seen.
pub fn changed(estate: &Estate, change: &Change) -> Result<Estate, String> {
    let mut new = estate.clone();
    let put = |policies: &mut Vec<NamedPolicy>, name: &str, add: bool| -> bool {
        let before = policies.len();
        let at = policies.iter().position(|policy| policy.name == name);
        match (at, &change.document) {
            (Some(at), Some(document)) => {
                if let Some(found) = policies.get_mut(at) {
                    found.policy = Arc::clone(document);
                }
            }
            (Some(at), None) => {
                policies.remove(at);
            }
            (None, Some(document)) if add => policies.push(NamedPolicy {
                name: name.to_owned(),
                policy: Arc::clone(document),
            }),
            (None, _) => return false,
        }
        at.is_some() || policies.len() != before
    };
    let mut any = false;
    let subjects = Arc::make_mut(&mut new.subjects);
    let groups = Arc::make_mut(&mut new.groups);
    match &change.target {
        Target::Principal { arn, policy } => {
            for group in groups.iter_mut().filter(|group| group.arn == *arn) {
                any |= put(&mut group.identity, policy, true);
            }
            for subject in subjects.iter_mut() {
                if subject.arn == *arn || subject.groups.contains(arn) {
                    any |= put(&mut subject.identity, policy, true);
                }
            }
        }
        Target::Managed(arn) => {
            for group in groups.iter_mut() {
                any |= put(&mut group.identity, arn, false);
            }
            for subject in subjects.iter_mut() {
                any |= put(&mut subject.identity, arn, false);
                any |= put(&mut subject.boundaries, arn, false);
            }
        }
        Target::Resource(arn) => {
            for resource in new.resources.iter_mut().filter(|found| found.arn == *arn) {
                let document = change.document.as_ref().map(|document| NamedPolicy {
                    name: "policy".to_owned(),
                    policy: Arc::clone(document),
                });
                if let Seen::Unseen(call) = &resource.policy {
                    return Err(format!("the policy of `{arn}` today was not seen: {call}"));
                }
                resource.policy = Seen::Told(document);
                any = true;
            }
        }
        Target::Guardrail(name) => {
            for account in new.accounts.values_mut() {
                for level in account.scps.iter_mut().chain(&mut account.rcps) {
                    any |= put(&mut level.policies, name, false);
                }
            }
        }
    }
    if any {
        Ok(new)
    } else {
        Err(match &change.target {
            Target::Principal { arn, policy } => {
                format!("the snapshot has no policy `{policy}` of `{arn}`")
            }
            Target::Managed(name) | Target::Guardrail(name) => {
                format!("the snapshot has no policy `{name}` that is attached to anything")
            }
            Target::Resource(arn) => format!("the snapshot has no resource `{arn}` with a policy"),
        })
    }
}

/// What the change newly allows to principals of the estate, and for a resource's policy to those outside of `zone`.
///
/// # Errors
/// As [`changed`].
pub fn new_access(estate: &Estate, change: &Change, zone: &Zone) -> Result<Gained, String> {
    let new = changed(estate, change)?;
    let mut gained = Gained {
        access: Vec::new(),
        unknown: estate.gaps.iter().map(ToString::to_string).collect(),
    };
    gained.unknown.sort();
    gained.unknown.dedup();
    let by_arn = |estate: &'_ Estate, arn: &str| -> Option<Subject> {
        let mut subjects = estate.subjects.iter();
        subjects.find(|subject| subject.arn == arn).cloned()
    };
    for after in new.subjects.iter() {
        let Some(before) = by_arn(estate, &after.arn) else {
            continue;
        };
        let both = Both {
            old: estate,
            new: &new,
            before: &before,
            after,
        };
        // On resources that have no say themselves, then on each that has one.
        both.on(None, &mut gained);
        for (old, new) in estate.resources.iter().zip(&new.resources) {
            both.on(Some((old, new)), &mut gained);
        }
    }
    for (old, new_resource) in estate.resources.iter().zip(&new.resources) {
        let layers = estate.guarded(Some(old));
        if is_same(&layers, &new.guarded(Some(new_resource))) {
            continue;
        }
        for (principal, actions, access) in outside::gained(&new, zone, new_resource, layers) {
            gained.access.push(NewAccess {
                principal,
                outside: true,
                resources: vec![new_resource.arn.clone()],
                actions,
                access,
            });
        }
    }
    Ok(gained)
}

struct Both<'a> {
    old: &'a Estate,
    new: &'a Estate,
    before: &'a Subject,
    after: &'a Subject,
}

impl Both<'_> {
    fn on(&self, resource: Option<(&Resource, &Resource)>, gained: &mut Gained) {
        let old = self.old.layers(self.before, resource.map(|(old, _)| old));
        let new = self.new.layers(self.after, resource.map(|(_, new)| new));
        if is_same(&old, &new) {
            return;
        }
        let on = resource.map(|(_, new)| new);
        for statement in telling(&old, &new) {
            let Some(question) = asked(statement, on) else {
                continue;
            };
            let (actions, resources) = &question;
            let question = Question {
                actions,
                resources,
                resource_account: on.map(|found| found.account.as_str()),
            };
            let access = match unseen(self.after, on) {
                Some(call) => Some(Access::Unknown(call.clone())),
                None => match self.new.can_beyond(self.after, &new, &old, &question) {
                    Reach::Can(found) if on.is_some() => Some(Access::Can(found)),
                    Reach::Can(found) => ungoverned(self.new, found, resources, |request| {
                        verdict(request, &new) == Verdict::Allowed
                            && verdict(request, &old) != Verdict::Allowed
                    }),
                    Reach::Cannot => None,
                    Reach::Unknown(unknown) => Some(Access::Unknown(unknown.to_string())),
                },
            };
            let texts = |all: &[Template]| all.iter().map(|one| one.text().to_owned()).collect();
            if let Some(access) = access {
                gained.access.push(NewAccess {
                    principal: self.after.arn.clone(),
                    outside: false,
                    resources: on.map_or_else(|| texts(resources), |on| vec![on.arn.clone()]),
                    actions: texts(actions),
                    access,
                });
            }
        }
    }
}

/// Whether nothing of them differs.
fn is_same(one: &Layers, other: &Layers) -> bool {
    let all = |layers: &Layers| -> Vec<*const Policy> {
        let policies = layers.policies();
        policies.map(|policy| Arc::as_ptr(&policy.policy)).collect()
    };
    all(one) == all(other)
}

/// New access comes from an Allow statement that is new in its layer or a Deny statement that is gone from it.
fn telling<'a>(old: &'a Layers, new: &'a Layers) -> Vec<&'a Statement> {
    let mut all: Vec<&'a Statement> = Vec::new();
    let of = |statements: &[&'a Statement], effect: Effect| -> Vec<&'a Statement> {
        let statements = statements.iter().copied();
        statements.filter(|found| found.effect == effect).collect()
    };
    for (old, new) in by_layer(old).iter().zip(&by_layer(new)) {
        for (from, than, effect) in [(new, old, Effect::Allow), (old, new, Effect::Deny)] {
            let known = of(than, effect);
            for statement in of(from, effect) {
                let is_known = known.iter().any(|other| alike(other, statement));
                if !is_known && !all.iter().any(|other| alike(other, statement)) {
                    all.push(statement);
                }
            }
        }
    }
    all
}

/// The statements of each layer.
fn by_layer(layers: &Layers) -> [Vec<&Statement>; 5] {
    fn all<'a>(policies: impl Iterator<Item = &'a NamedPolicy>) -> Vec<&'a Statement> {
        policies
            .flat_map(|policy| &policy.policy.statements)
            .collect()
    }
    [
        all(layers.identity.iter()),
        all(layers.resource.iter()),
        all(layers.boundaries.iter()),
        all(layers.scps.iter().flat_map(|level| &level.policies)),
        all(layers.rcps.iter().flat_map(|level| &level.policies)),
    ]
}

/// Whether they say the same, wherever they stand.
fn alike(one: &Statement, other: &Statement) -> bool {
    one.effect == other.effect
        && one.principal == other.principal
        && one.actions == other.actions
        && one.resources == other.resources
        && one.conditions == other.conditions
}

/// What is asked of a statement: its actions and resources, as far as they are about the resource.
fn asked(statement: &Statement, on: Option<&Resource>) -> Option<(Vec<Template>, Vec<Template>)> {
    let everything = || vec![Template::new("*", true, false)];
    let actions = if statement.actions.negated {
        everything()
    } else {
        statement.actions.patterns.clone()
    };
    let Some(on) = on else {
        let resources = match &statement.resources {
            // What a variable stands for is the caller's: any resource is asked for then.
            Some(resources) if !resources.negated && !resources.patterns.iter().any(varies) => {
                resources.patterns.clone()
            }
            _ => everything(),
        };
        return Some((actions, resources));
    };
    let actions: Vec<Template> = actions
        .iter()
        .filter_map(|action| on.actions(action))
        .collect();
    let governs: Vec<Template> = on
        .governs()
        .iter()
        .map(|text| Template::new(text, true, false))
        .collect();
    let concerns = may_concern(statement, &governs);
    (concerns && !actions.is_empty()).then_some((actions, governs))
}

fn varies(pattern: &Template) -> bool {
    let mut parts = pattern.parts().iter();
    parts.any(|part| matches!(part, Part::Variable(_)))
}

//! Does a new policy allow anything that the old one does not?

use std::collections::BTreeMap;

use super::{
    Unknown,
    points::PRINCIPAL_KEYS,
    points::{self, Assignment, told},
    space::{Matches, Wanted, combine},
};
use crate::{
    eval,
    model::{
        Context, ContextValue, Effect, Facts, Policy, Principal, Request, RequestInput, Statement,
    },
};

/// What the policies are attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Users, groups, roles: statements have no principal.
    Identity,
    /// A resource: statements name principals.
    Resource,
}

/// A request that the new policy allows and the old one does not, confirmed by the evaluator.
#[derive(Debug, Clone)]
pub struct Witness {
    /// The request.
    pub request: Request,
    /// The keys told in it; `None`: absent.
    pub context: Vec<(String, Option<ContextValue>)>,
    /// Indexes of the new policy's statements that allow it.
    pub statements: Vec<usize>,
}

/// The answer.
#[derive(Debug, Clone)]
pub enum Comparison {
    /// Every request that the new policy allows, the old one allows.
    NoNewAccess,
    /// A request that shows otherwise.
    NewAccess(Box<Witness>),
    /// Not decided, and why.
    Unknown(Unknown),
}

/// Compares two policies, each by itself: a request is allowed where a statement allows it and none denies it.
/// Condition keys are taken to be independent of action and resource, and every action to exist.
#[must_use]
pub fn compare(old: &Policy, new: &Policy, grammar: Grammar) -> Comparison {
    match find(old, new, grammar) {
        Ok(Some(witness)) => Comparison::NewAccess(Box::new(witness)),
        Ok(None) => Comparison::NoNewAccess,
        Err(unknown) => Comparison::Unknown(unknown),
    }
}

fn find(old: &Policy, new: &Policy, grammar: Grammar) -> Result<Option<Witness>, Unknown> {
    let question = Question { old, new, grammar };
    // First every key by itself, which covers more requests than there are: nothing found there is nothing at all.
    match question.search(&Space::of(&[new, old], grammar, false)?)? {
        Search::Nothing => return Ok(None),
        Search::Found(witness) => return Ok(Some(*witness)),
        // What is found gives the principal keys that it cannot have: tie them to it.
        Search::Contradicted => {}
    }
    match question.search(&Space::of(&[new, old], grammar, true)?)? {
        Search::Found(witness) => Ok(Some(*witness)),
        Search::Nothing | Search::Contradicted => Err(Unknown::Principal),
    }
}

struct Question<'a> {
    old: &'a Policy,
    new: &'a Policy,
    grammar: Grammar,
}

enum Search {
    Nothing,
    Found(Box<Witness>),
    /// Only requests that the evaluator does not confirm.
    Contradicted,
}

impl Question<'_> {
    fn search(&self, space: &Space) -> Result<Search, Unknown> {
        let news = self.new.statements.len();
        let statements: Vec<&Statement> = self
            .new
            .statements
            .iter()
            .chain(&self.old.statements)
            .collect();
        let pick = |is_new: bool, effect: Effect| {
            let wanted = |(at, statement): (usize, &&Statement)| {
                (at < news) == is_new && statement.effect == effect
            };
            Matches::new(statements.iter().enumerate().map(wanted))
        };
        let (granting, denying) = (pick(true, Effect::Allow), pick(true, Effect::Deny));
        let (old_granting, old_denying) = (pick(false, Effect::Allow), pick(false, Effect::Deny));
        let all = Matches::new(statements.iter().map(|_| true));
        let good = Matches::new(
            statements
                .iter()
                .enumerate()
                .map(|(at, statement)| (at < news) == (statement.effect == Effect::Allow)),
        );
        let wanted = Wanted {
            good,
            needed: Some(granting.clone()),
        };
        let mut contradicted = false;
        for (matches, chosen) in combine(all, &wanted, &space.dimensions(&statements))? {
            let allowed = |granting: &Matches, denying: &Matches| {
                matches.meets(granting) && !matches.meets(denying)
            };
            if !allowed(&granting, &denying) || allowed(&old_granting, &old_denying) {
                continue;
            }
            let Some((request, context)) = space.request(&chosen) else {
                continue;
            };
            if contradicts(&request, &context, self.grammar) || !self.confirms(&request) {
                contradicted = true;
                continue;
            }
            let by_new = matches.both(&granting);
            return Ok(Search::Found(Box::new(Witness {
                request,
                context,
                statements: (0..news).filter(|at| by_new.has(*at)).collect(),
            })));
        }
        Ok(if contradicted {
            Search::Contradicted
        } else {
            Search::Nothing
        })
    }

    fn confirms(&self, request: &Request) -> bool {
        allows(self.new, request, self.grammar) && !allows(self.old, request, self.grammar)
    }
}

/// The evaluator's word on one policy by itself.
pub(crate) fn allows(policy: &Policy, request: &Request, grammar: Grammar) -> bool {
    let says = |effect: Effect| {
        policy.statements.iter().any(|statement| {
            statement.effect == effect
                && names(statement, &request.principal, request, grammar)
                && eval::matches::<bool>(statement, request)
        })
    };
    says(Effect::Allow) && !says(Effect::Deny)
}

fn names(
    statement: &Statement,
    principal: &Principal,
    request: &Request,
    grammar: Grammar,
) -> bool {
    if grammar == Grammar::Identity {
        return true;
    }
    let request = Request {
        principal: principal.clone(),
        ..request.clone()
    };
    eval::form(statement, &request, &Facts::default(), false).is_some()
}

/// Whether keys that the principal fixes are told otherwise.
fn contradicts(request: &Request, context: &Assignment, grammar: Grammar) -> bool {
    if grammar == Grammar::Identity {
        return false;
    }
    let fixed = fixed(&request.principal);
    context.iter().any(|(key, value)| {
        PRINCIPAL_KEYS.contains(&key.as_str())
            && fixed
                .iter()
                .any(|(known, own)| known == key && own != value)
    })
}

/// What the principal makes of its keys.
fn fixed(principal: &Principal) -> Assignment {
    let plain = plain(principal, "a:a", "*", Context::new());
    let value = |key: &&str| {
        plain
            .context
            .single(key)
            .map(|value| ContextValue::One(value.to_owned()))
    };
    PRINCIPAL_KEYS
        .iter()
        .map(|key| ((*key).to_owned(), value(key)))
        .collect()
}

fn plain(principal: &Principal, action: &str, resource: &str, context: Context) -> Request {
    Request::new(RequestInput {
        principal: principal.clone(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: None,
        context,
    })
}

/// The points of every dimension.
struct Space {
    grammar: Grammar,
    /// Whether the principal's own keys are what the principal makes them.
    tied: bool,
    principals: Vec<Principal>,
    actions: Vec<String>,
    resources: Vec<String>,
    contexts: Vec<Vec<Assignment>>,
}

impl Space {
    fn of(policies: &[&Policy], grammar: Grammar, tied: bool) -> Result<Self, Unknown> {
        let mut contexts = points::contexts(policies, &BTreeMap::new())?;
        let mut principals = match grammar {
            Grammar::Identity => Principal::parse("arn:aws:iam::000000000000:user/palisade-other")
                .into_iter()
                .collect(),
            Grammar::Resource => points::principals(policies),
        };
        if tied {
            principals.extend(points::more_principals(&principals, &contexts));
            contexts.retain(|points| {
                !points
                    .iter()
                    .flatten()
                    .any(|(key, _)| PRINCIPAL_KEYS.contains(&key.as_str()))
            });
        }
        Ok(Self {
            grammar,
            tied,
            principals,
            actions: points::actions(policies)?,
            resources: points::resources(policies)?,
            contexts,
        })
    }

    /// For each dimension and point, the statements that match there.
    fn dimensions(&self, statements: &[&Statement]) -> Vec<Vec<Matches>> {
        let Some(someone) = self.principals.first() else {
            return Vec::new();
        };
        let base = plain(someone, "a:a", "*", Context::new());
        let matching = |test: &dyn Fn(&Statement) -> bool| {
            Matches::new(statements.iter().map(|statement| test(statement)))
        };
        let by_principal = |principal: &Principal| {
            let own = told(&fixed(principal));
            matching(&|statement| {
                names(statement, principal, &base, self.grammar)
                    && (!self.tied || own_conditions(statement, &own))
            })
        };
        let mut dimensions: Vec<Vec<Matches>> =
            vec![self.principals.iter().map(by_principal).collect()];
        let mut request = base.clone();
        dimensions.push(
            self.actions
                .iter()
                .map(|action| {
                    request.action.clone_from(action);
                    matching(&|statement| eval::action(&statement.actions, &request))
                })
                .collect(),
        );
        dimensions.push(
            self.resources
                .iter()
                .map(|resource| {
                    request.resource.clone_from(resource);
                    matching(&|statement| eval::resource(statement.resources.as_ref(), &request))
                })
                .collect(),
        );
        for points in &self.contexts {
            let key = points
                .first()
                .and_then(|point| point.first())
                .map(|(key, _)| key.as_str());
            dimensions.push(
                points
                    .iter()
                    .map(|point| {
                        let context = told(point);
                        matching(&|statement| {
                            let on_key = statement
                                .conditions
                                .iter()
                                .filter(|condition| Some(condition.key.as_str()) == key);
                            on_key
                                .into_iter()
                                .all(|condition| eval::met::<bool>(condition, &context))
                        })
                    })
                    .collect(),
            );
        }
        dimensions
    }

    /// The request at one point of every dimension.
    fn request(&self, chosen: &[usize]) -> Option<(Request, Assignment)> {
        let mut chosen = chosen.iter().copied();
        let principal = self.principals.get(chosen.next()?)?;
        let action = self.actions.get(chosen.next()?)?;
        let resource = self.resources.get(chosen.next()?)?;
        let mut assignment = if self.tied {
            fixed(principal)
        } else {
            Assignment::new()
        };
        for points in &self.contexts {
            assignment.extend(points.get(chosen.next()?)?.iter().cloned());
        }
        let request = plain(principal, action, resource, told(&assignment));
        Some((request, assignment))
    }
}

/// Whether the conditions on the principal's own keys are met.
fn own_conditions(statement: &Statement, own: &Context) -> bool {
    let on_own = statement
        .conditions
        .iter()
        .filter(|condition| PRINCIPAL_KEYS.contains(&condition.key.as_str()));
    on_own
        .into_iter()
        .all(|condition| eval::met::<bool>(condition, own))
}

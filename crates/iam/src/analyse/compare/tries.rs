//! Plain requests at the edges of what the policies say: where there are too many statements to look at all
//! combinations, one of them often shows new access.

use super::{Grammar, Witness, cells::plain, question::Question};
use crate::{
    analyse::{kinds, points},
    model::{Context, Effect, Part, Policy, Principal, Statement, Template, Version},
};

/// Requests that are tried at most.
const TRIED: usize = 512;
/// Of one statement's patterns, those that are tried.
const PATTERNS: usize = 4;
/// Work of trying a request.
const WORK: usize = 100;

impl<'a> Question<'a> {
    /// A request of one of the new statements that nothing denies and the old policy does not allow, if a plain one is.
    pub(super) fn tried(&self, news: &[(usize, &'a Statement)], old: &Policy) -> Option<Witness> {
        let mut left = TRIED;
        for (_, statement) in news {
            let own = (actions(statement, false), resources(statement, false));
            let principals = self.principals(statement);
            // What an old statement denies, or leaves out, is what it does not allow.
            let around = old.statements.iter().map(|found| {
                let left_out = found.effect == Effect::Allow;
                (actions(found, left_out), resources(found, left_out))
            });
            for (actions, resources) in std::iter::once(own.clone()).chain(around) {
                let actions = or_own(&actions, &own.0).iter();
                let pairs = actions.flat_map(|action| {
                    let on = or_own(&resources, &own.1).iter().cloned();
                    on.chain(self.of_kind(action))
                        .map(move |resource| (action, resource))
                });
                for (action, resource) in pairs {
                    left = left.checked_sub(1)?;
                    if let Some(found) = self.shown(news, &principals, action, &resource)? {
                        return Some(found);
                    }
                }
            }
        }
        None
    }

    /// The witness, if one of the principals can; `None` where no work is left.
    fn shown(
        &self,
        news: &[(usize, &'a Statement)],
        principals: &[Principal],
        action: &str,
        resource: &str,
    ) -> Option<Option<Witness>> {
        for principal in principals {
            self.steps.take(WORK).ok()?;
            let request = plain(principal, action, resource, Context::new());
            if self.confirms(news, &request) {
                let witness = Witness {
                    request,
                    context: Vec::new(),
                    statements: Vec::new(),
                };
                return Some(Some(self.placed(news, witness)));
            }
        }
        Some(None)
    }

    fn principals(&self, statement: &Statement) -> Vec<Principal> {
        match self.grammar {
            Grammar::Identity => Principal::parse("arn:aws:iam::000000000000:user/palisade-other")
                .into_iter()
                .collect(),
            Grammar::Resource => {
                let alone = Policy {
                    version: Version::V2012,
                    id: None,
                    statements: vec![statement.clone()],
                };
                let mut named = points::principals(&[&alone]);
                named.truncate(PATTERNS);
                named
            }
        }
    }

    /// A resource of each type that the action is asked on.
    fn of_kind(&self, action: &str) -> Vec<String> {
        let known = self
            .authorization
            .and_then(|authorization| kinds(authorization, action, &["aws"]));
        let kinds = known.unwrap_or_default();
        kinds.iter().take(PATTERNS).filter_map(instance).collect()
    }
}

fn or_own<'t>(texts: &'t [String], own: &'t [String]) -> &'t [String] {
    if texts.is_empty() { own } else { texts }
}

/// Actions that the statement names, or leaves out.
fn actions(statement: &Statement, left_out: bool) -> Vec<String> {
    let actions = &statement.actions;
    match (actions.negated, left_out) {
        (true, true) | (false, false) => {
            let found = actions.patterns.iter().take(PATTERNS);
            found
                .filter_map(|pattern| {
                    if pattern.is_everything() {
                        Some("palisade:other".to_owned())
                    } else {
                        instance(pattern)
                    }
                })
                .collect()
        }
        (true, false) => vec!["palisade:other".to_owned()],
        (false, true) => Vec::new(),
    }
}

fn resources(statement: &Statement, left_out: bool) -> Vec<String> {
    match &statement.resources {
        Some(resources) if resources.negated == left_out => {
            let found = resources.patterns.iter().take(PATTERNS);
            found
                .filter_map(|pattern| {
                    if pattern.is_everything() {
                        Some("*".to_owned())
                    } else {
                        instance(pattern)
                    }
                })
                .collect()
        }
        _ if left_out => Vec::new(),
        _ => vec!["*".to_owned()],
    }
}

/// A text that the pattern matches; none where it has a variable.
fn instance(pattern: &Template) -> Option<String> {
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::Literal(own) => text.push_str(own),
            Part::One | Part::Many => text.push('x'),
            Part::Variable(_) => return None,
        }
    }
    Some(text)
}

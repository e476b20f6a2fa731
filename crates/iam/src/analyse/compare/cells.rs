//! The points of every dimension, and which statements match at each.

use std::collections::BTreeMap;

use super::{Grammar, names};
use crate::{
    analyse::{
        Unknown,
        matched::{keys, met_on, work},
        points::{self, Assignment, PRINCIPAL_KEYS, told},
        space::Matches,
        steps::Steps,
        typed::Typed,
    },
    eval,
    model::{Context, ContextValue, Policy, Principal, Request, RequestInput, Statement},
};

/// What the principal makes of its keys.
pub(super) fn fixed(principal: &Principal) -> Assignment {
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

pub(super) fn plain(
    principal: &Principal,
    action: &str,
    resource: &str,
    context: Context,
) -> Request {
    Request::new(RequestInput {
        principal: principal.clone(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: None,
        context,
    })
}

/// The points of every dimension.
pub(super) struct Space {
    grammar: Grammar,
    /// Whether the principal's own keys are what the principal makes them.
    tied: bool,
    principals: Vec<Principal>,
    actions: Vec<String>,
    resources: Vec<String>,
    contexts: Vec<Vec<Assignment>>,
    /// Which resources actions can be asked on, where that counts.
    typed: Option<Typed>,
}

impl Space {
    pub(super) fn of(
        policies: &[&Policy],
        grammar: Grammar,
        tied: bool,
        typed: Option<Typed>,
        steps: &Steps,
    ) -> Result<Self, Unknown> {
        let mut contexts = points::contexts(policies, &BTreeMap::new(), steps)?;
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
            actions: points::actions(policies, steps)?,
            resources: points::resources(
                policies,
                &typed.as_ref().map(Typed::patterns).unwrap_or_default(),
                steps,
            )?,
            contexts,
            typed,
        })
    }

    /// How many classes of actions there are besides the statements.
    pub(super) fn classes(&self) -> usize {
        self.typed.as_ref().map_or(0, Typed::count)
    }

    /// For each dimension and point, the statements that match there, and the classes of actions that it is of.
    pub(super) fn dimensions(
        &self,
        statements: &[&Statement],
        steps: &Steps,
    ) -> Result<Vec<Vec<Matches>>, Unknown> {
        let Some(someone) = self.principals.first() else {
            return Ok(Vec::new());
        };
        let entries = statements.iter().flat_map(|found| &found.principal);
        let entries: usize = entries.map(|clause| 1 + clause.entries.len()).sum();
        let by_principal = self.principals.len().saturating_mul(entries);
        steps.take(by_principal.saturating_add(work(
            statements,
            &self.actions,
            &self.resources,
            &self.contexts,
        )))?;
        let base = plain(someone, "a:a", "*", Context::new());
        let matching = |test: &dyn Fn(&Statement) -> bool, class: &dyn Fn(usize) -> bool| {
            let statements = statements.iter().map(|statement| test(statement));
            Matches::new(statements.chain((0..self.classes()).map(class)))
        };
        let any = |_: usize| true;
        let by_principal = |principal: &Principal| {
            let own = told(&fixed(principal));
            let request = Request {
                principal: principal.clone(),
                ..base.clone()
            };
            matching(
                &|statement| {
                    names(statement, &request, self.grammar)
                        && (!self.tied || met_on(&PRINCIPAL_KEYS, statement, &own))
                },
                &any,
            )
        };
        let mut dimensions: Vec<Vec<Matches>> =
            vec![self.principals.iter().map(by_principal).collect()];
        let mut request = base.clone();
        dimensions.push(
            self.actions
                .iter()
                .map(|action| {
                    request.action.clone_from(action);
                    let own = self.typed.as_ref().map(|typed| typed.class(action));
                    matching(
                        &|statement| eval::action(&statement.actions, &request),
                        &|class| own == Some(class),
                    )
                })
                .collect(),
        );
        dimensions.push(
            self.resources
                .iter()
                .map(|resource| {
                    request.resource.clone_from(resource);
                    matching(
                        &|statement| eval::resource(statement.resources.as_ref(), &request),
                        &|class| {
                            let typed = self.typed.as_ref();
                            typed.is_none_or(|typed| typed.takes(class, resource))
                        },
                    )
                })
                .collect(),
        );
        for points in &self.contexts {
            let keys = keys(points);
            let at = |point: &Assignment| {
                let context = told(point);
                matching(&|statement| met_on(&keys, statement, &context), &any)
            };
            dimensions.push(points.iter().map(at).collect());
        }
        Ok(dimensions)
    }

    /// The request at one point of every dimension.
    pub(super) fn request(&self, chosen: &[usize]) -> Option<(Request, Assignment)> {
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

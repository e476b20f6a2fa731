//! Who is administrator in effect: by the union of all policies of a principal, within its boundary.

use super::{Estate, Subject};
use crate::{
    analyse::{Comparison, Grammar, compare},
    eval,
    model::{
        Actions, Context, Effect, NamedPolicy, Policy, Position, Principal, Request, RequestInput,
        Resources, Statement, Template, Version,
    },
};

/// What a principal is in effect.
#[derive(Debug, Clone)]
pub struct Administrator<'a> {
    /// The principal.
    pub subject: &'a Subject,
    /// Whether it can do everything with everything.
    pub everything: Result<bool, String>,
    /// Whether it can do everything in IAM, and so give itself everything.
    pub iam: Result<bool, String>,
}

/// Every principal of the estate. Guardrails of the organization are left aside: they bind administrators too.
#[must_use]
pub fn administrators(estate: &Estate) -> Vec<Administrator<'_>> {
    estate
        .subjects
        .iter()
        .map(|subject| Administrator {
            subject,
            everything: covers(subject, "*"),
            iam: covers(subject, "iam:*"),
        })
        .collect()
}

/// Whether identity policies together allow every request for the actions, and the boundary too.
fn covers(subject: &Subject, actions: &str) -> Result<bool, String> {
    if let Some(unseen) = &subject.unseen {
        return Err(unseen.clone());
    }
    let boundaries = subject.boundaries.iter().map(std::slice::from_ref);
    let layers: Vec<&[NamedPolicy]> = std::iter::once(subject.identity.as_slice())
        .chain(boundaries)
        .collect();
    all_cover(&layers, actions, &subject.arn, &subject.account)
}

/// Whether each of the layers by itself allows every request for the actions, `*` or `iam:*`.
pub(super) fn all_cover(
    layers: &[&[NamedPolicy]],
    actions: &str,
    arn: &str,
    account: &str,
) -> Result<bool, String> {
    let all = Policy {
        version: Version::V2012,
        id: None,
        statements: vec![Statement {
            sid: None,
            effect: Effect::Allow,
            principal: None,
            actions: Actions {
                negated: false,
                patterns: vec![Template::new(actions, true, false)],
            },
            resources: Some(Resources {
                negated: false,
                patterns: vec![Template::new("*", true, false)],
            }),
            conditions: Vec::new(),
            at: Position::default(),
        }],
    };
    // An administrator is allowed what no policy names, too; for everybody else that settles it.
    let probe = Request::new(RequestInput {
        principal: Principal::parse(arn)?,
        action: actions.replace(
            '*',
            if actions == "*" {
                "palisade:probe"
            } else {
                "probe"
            },
        ),
        resource: "arn:aws:palisade:::probe".to_owned(),
        resource_account: Some(account.to_owned()),
        context: Context::new(),
    });
    let says = |layer: &[NamedPolicy], effect: Effect| {
        layer
            .iter()
            .flat_map(|policy| &policy.policy.statements)
            .any(|found| found.effect == effect && eval::matches::<bool>(found, &probe))
    };
    let allows = |layer: &[NamedPolicy]| says(layer, Effect::Allow) && !says(layer, Effect::Deny);
    if !layers.iter().all(|layer| allows(layer)) {
        return Ok(false);
    }
    for layer in layers {
        if !covered(layer, &all)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn covered(layer: &[NamedPolicy], all: &Policy) -> Result<bool, String> {
    let union = Policy {
        version: Version::V2012,
        id: None,
        statements: layer
            .iter()
            .flat_map(|policy| policy.policy.statements.iter().cloned())
            .collect(),
    };
    // Mostly one look is enough.
    if !union
        .statements
        .iter()
        .any(|statement| statement.effect == Effect::Allow)
    {
        return Ok(false);
    }
    match compare(&union, all, Grammar::Identity) {
        Comparison::NoNewAccess => Ok(true),
        Comparison::NewAccess(_) => Ok(false),
        Comparison::Unknown(unknown) => Err(unknown.to_string()),
    }
}

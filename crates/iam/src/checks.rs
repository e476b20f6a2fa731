//! The custom policy checks of IAM Access Analyzer, each with a request that shows what was found
//! (IAM Access Analyzer API Reference: CheckNoNewAccess, CheckAccessNotGranted, CheckNoPublicAccess).

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    analyse::{
        Ask, Comparison, Found, Grammar, Reach, Unknown, allows, anyone, compare, reach, spelled,
    },
    authorization::Authorization,
    model::{
        Actions, Context, Effect, Layers, NamedPolicy, Policy, PrincipalClause, PrincipalEntry,
        Request, Resources, Statement, Template, Version,
    },
};

/// A statement of the checked policy, and a request that it lets through.
#[derive(Debug, Clone)]
pub struct Reason {
    /// The statement's index, from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// The request, confirmed by the evaluator.
    pub witness: Found,
}

/// What a check says.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// No request at all.
    Pass,
    /// These statements, in the order of the policy.
    Fail(Vec<Reason>),
    /// Not decided, and why.
    Unknown(Unknown),
}

/// Whether the new policy allows nothing that the old one does not.
#[must_use]
pub fn no_new_access(old: &Policy, new: &Policy, grammar: Grammar) -> Outcome {
    // All statements at once first: mostly there is nothing to tell apart.
    match compare(old, new, grammar) {
        Comparison::NoNewAccess => return Outcome::Pass,
        Comparison::Unknown(unknown) => return Outcome::Unknown(unknown),
        Comparison::NewAccess(_) => {}
    }
    by_statement(new, |alone| match compare(old, alone, grammar) {
        Comparison::NoNewAccess => Ok(None),
        Comparison::NewAccess(witness) => Ok(Some(Found {
            request: witness.request,
            chosen: witness.context,
        })),
        Comparison::Unknown(unknown) => Err(unknown),
    })
}

/// Whether the policy allows none of the actions on any of the resources; an empty list is all of them.
#[must_use]
pub fn not_granted(
    policy: &Policy,
    actions: &[String],
    resources: &[String],
    grammar: Grammar,
) -> Outcome {
    no_new_access(&all_but(actions, resources, grammar), policy, grammar)
}

/// A policy that allows everything but the actions on the resources.
fn all_but(actions: &[String], resources: &[String], grammar: Grammar) -> Policy {
    let templates = |texts: &[String], lower: bool| -> Vec<Template> {
        texts
            .iter()
            .map(|text| {
                let text = if lower {
                    text.to_lowercase()
                } else {
                    text.clone()
                };
                Template::new(&text, true, false)
            })
            .collect()
    };
    let everything = || vec![Template::new("*", true, false)];
    let statement = |actions: Actions, resources: Resources| Statement {
        sid: None,
        effect: Effect::Allow,
        principal: (grammar == Grammar::Resource).then(|| PrincipalClause {
            negated: false,
            entries: vec![PrincipalEntry::Everyone],
        }),
        actions,
        resources: Some(resources),
        conditions: Vec::new(),
        at: crate::model::Position::default(),
    };
    let mut statements = Vec::new();
    if !actions.is_empty() {
        statements.push(statement(
            Actions {
                negated: true,
                patterns: templates(actions, true),
            },
            Resources {
                negated: false,
                patterns: everything(),
            },
        ));
    }
    if !resources.is_empty() {
        statements.push(statement(
            Actions {
                negated: false,
                patterns: everything(),
            },
            Resources {
                negated: true,
                patterns: templates(resources, false),
            },
        ));
    }
    Policy {
        version: Version::V2012,
        id: None,
        statements,
    }
}

/// Whether the resource's policy allows nothing to anybody: a caller of any account, or an unsigned request, that comes
/// from nowhere that the policy names ("The meaning of public", S3 User Guide).
#[must_use]
pub fn no_public_access(policy: &Policy) -> Outcome {
    by_statement(policy, public)
}

fn public(policy: &Policy) -> Result<Option<Found>, Unknown> {
    let layers = Layers {
        // Whoever comes from elsewhere has what permissions they like there.
        identity: vec![NamedPolicy {
            name: "caller".to_owned(),
            policy: Arc::new(all_but(&[], &["-".to_owned()], Grammar::Identity)),
        }],
        resource: Some(NamedPolicy {
            name: "policy".to_owned(),
            policy: Arc::new(policy.clone()),
        }),
        ..Layers::default()
    };
    let everything = [Template::new("*", true, false)];
    let mut unknown = None;
    for principal in anyone(policy)? {
        let answer = reach(&Ask {
            layers: &layers,
            principal: &principal,
            actions: &everything,
            resources: &everything,
            resource_account: Some(OWNER),
            context: &Context::new(),
            domains: &BTreeMap::new(),
            barred: &[],
            anybody: true,
        });
        match answer {
            Reach::Can(found) => return Ok(Some(*found)),
            Reach::Cannot => {}
            Reach::Unknown(reason) => unknown = Some(reason),
        }
    }
    unknown.map_or(Ok(None), Err)
}

/// An account that no caller is of.
const OWNER: &str = "999999999999";

/// The checks with real actions in the requests that show what was found.
#[derive(Debug, Clone, Copy)]
pub struct Checks<'a> {
    /// The actions that there are.
    pub authorization: &'a Authorization,
}

impl Checks<'_> {
    /// As [`no_new_access`].
    #[must_use]
    pub fn no_new_access(&self, old: &Policy, new: &Policy, grammar: Grammar) -> Outcome {
        self.spelled(no_new_access(old, new, grammar), Some(old), new, grammar)
    }

    /// As [`not_granted`].
    #[must_use]
    pub fn not_granted(
        &self,
        policy: &Policy,
        actions: &[String],
        resources: &[String],
        grammar: Grammar,
    ) -> Outcome {
        let old = all_but(actions, resources, grammar);
        self.no_new_access(&old, policy, grammar)
    }

    /// As [`no_public_access`].
    #[must_use]
    pub fn no_public_access(&self, policy: &Policy) -> Outcome {
        self.spelled(no_public_access(policy), None, policy, Grammar::Resource)
    }

    fn spelled(
        &self,
        outcome: Outcome,
        old: Option<&Policy>,
        new: &Policy,
        grammar: Grammar,
    ) -> Outcome {
        let Outcome::Fail(reasons) = outcome else {
            return outcome;
        };
        let one = |reason: Reason| {
            let alone = alone(new, reason.statement);
            let holds = |request: &Request| {
                allows(&alone, request, grammar)
                    && old.is_none_or(|old| !allows(old, request, grammar))
            };
            let witness = spelled(reason.witness, self.authorization, &holds);
            Reason { witness, ..reason }
        };
        Outcome::Fail(reasons.into_iter().map(one).collect())
    }
}

/// A statement with all Deny statements of its policy.
fn alone(policy: &Policy, at: usize) -> Policy {
    let kept = policy.statements.iter().enumerate();
    Policy {
        statements: kept
            .filter(|(other, found)| *other == at || found.effect == Effect::Deny)
            .map(|(_, found)| found.clone())
            .collect(),
        ..policy.clone()
    }
}

/// Asks for each Allow statement, together with all Deny statements, whether it lets a request through.
fn by_statement(
    policy: &Policy,
    ask: impl Fn(&Policy) -> Result<Option<Found>, Unknown>,
) -> Outcome {
    let mut reasons = Vec::new();
    for (at, statement) in policy.statements.iter().enumerate() {
        if statement.effect != Effect::Allow {
            continue;
        }
        match ask(&alone(policy, at)) {
            Ok(None) => {}
            Ok(Some(witness)) => reasons.push(Reason {
                statement: at,
                sid: statement.sid.clone(),
                witness,
            }),
            Err(unknown) => return Outcome::Unknown(unknown),
        }
    }
    if reasons.is_empty() {
        Outcome::Pass
    } else {
        Outcome::Fail(reasons)
    }
}

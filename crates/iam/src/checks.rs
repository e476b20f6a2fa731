//! The custom policy checks of IAM Access Analyzer, each with a request that shows what was found
//! (IAM Access Analyzer API Reference: CheckNoNewAccess, CheckAccessNotGranted, CheckNoPublicAccess).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    analyse::{
        Ask, Found, Grammar, Question, Reach, Steps, Unknown, allows, anyone, may_meet,
        names_action, reach_within, speaks_of, spelled, unsigned,
    },
    authorization::Authorization,
    model::{
        Actions, Context, Effect, Layers, NamedPolicy, Policy, Principal, PrincipalClause,
        PrincipalEntry, PrincipalKind, Request, Resources, Statement, Template, Version,
        is_account,
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
    compared(old, new, grammar, None)
}

fn compared(
    old: &Policy,
    new: &Policy,
    grammar: Grammar,
    authorization: Option<&Authorization>,
) -> Outcome {
    let steps = Steps::new();
    let question = match Question::new(old, new, grammar, authorization, &steps) {
        Ok(question) => question,
        Err(unknown) => return Outcome::Unknown(unknown),
    };
    // All statements at once first: mostly there is nothing to tell apart.
    if let Some(Ok(None)) = question.together() {
        return Outcome::Pass;
    }
    let each = question.statements().map(|at| {
        let found = question.by(at).map(|witness| {
            let witness = witness?;
            let found = Found {
                request: witness.request,
                chosen: witness.context,
            };
            Some(question.spelled(at, found))
        });
        (at, found)
    });
    outcome(new, each)
}

/// Whether the policy allows none of the actions on any of the resources; an empty list is all of them.
#[must_use]
pub fn not_granted(
    policy: &Policy,
    actions: &[String],
    resources: &[String],
    grammar: Grammar,
) -> Outcome {
    granted(policy, actions, resources, grammar, None)
}

fn granted(
    policy: &Policy,
    actions: &[String],
    resources: &[String],
    grammar: Grammar,
    authorization: Option<&Authorization>,
) -> Outcome {
    let old = all_but(actions, resources, grammar);
    // Statements that are about something else say nothing of it.
    let (asked_actions, asked_resources) = (templates(actions, true), templates(resources, false));
    let is_about = |statement: &Statement| {
        let own = statement.resources.as_ref();
        (asked_actions.is_empty() || speaks_of(statement, &asked_actions))
            && (asked_resources.is_empty()
                || own.is_none_or(|own| {
                    own.negated
                        || own.patterns.iter().any(|own| {
                            let mut asked = asked_resources.iter();
                            asked.any(|asked| may_meet(asked, own))
                        })
                }))
    };
    let all = policy.statements.iter().enumerate();
    let (places, statements): (Vec<usize>, Vec<Statement>) = all
        .filter(|(_, statement)| is_about(statement))
        .map(|(at, statement)| (at, statement.clone()))
        .unzip();
    let about = Policy {
        statements,
        version: policy.version,
        id: None,
    };
    let answer = compared(&old, &about, grammar, authorization);
    let Outcome::Fail(reasons) = answer else {
        return answer;
    };
    let placed = reasons.into_iter().map(|reason| Reason {
        statement: places.get(reason.statement).copied().unwrap_or_default(),
        ..reason
    });
    Outcome::Fail(placed.collect())
}

fn templates(texts: &[String], lower: bool) -> Vec<Template> {
    let read = |text: &String| {
        if lower {
            Template::new(&text.to_lowercase(), true, false)
        } else {
            Template::new(text, true, false)
        }
    };
    texts.iter().map(read).collect()
}

/// A policy that allows everything but the actions on the resources.
fn all_but(actions: &[String], resources: &[String], grammar: Grammar) -> Policy {
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
    let steps = Steps::new();
    let allows = policy.statements.iter().enumerate();
    let allows = allows.filter(|(_, found)| found.effect == Effect::Allow);
    let each = allows.map(|(at, _)| (at, public(policy, at, &steps)));
    outcome(policy, each)
}

/// Work for each statement of a policy of which one is taken out.
const TAKEN: usize = 4;

fn public(policy: &Policy, at: usize, steps: &Steps) -> Result<Option<Found>, Unknown> {
    steps.take(policy.statements.len().saturating_mul(TAKEN))?;
    let policy = &alone(policy, at);
    let callers = anyone(policy)?;
    if names_none_of(policy, &callers) {
        return Ok(None);
    }
    let layers = Layers {
        // Whoever comes from elsewhere has what permissions they like there.
        identity: vec![NamedPolicy::everything("caller", None)],
        session: Some(NamedPolicy::everything("session", None)),
        resource: Some(NamedPolicy {
            name: "policy".to_owned(),
            policy: Arc::new(policy.clone()),
        }),
        ..Layers::default()
    };
    let mut unknown = None;
    for owner in owners(policy) {
        for principal in &callers {
            if principal.account.as_deref() == Some(&owner) {
                continue;
            }
            match public_to(&layers, principal, &owner, steps) {
                Reach::Can(found) => return Ok(Some(*found)),
                Reach::Cannot => {}
                Reach::Unknown(reason) => unknown = Some(reason),
            }
        }
    }
    unknown.map_or(Ok(None), Err)
}

/// Whether all that are let in are services, identity providers and accounts that the callers are not of, or principals
/// of such accounts: most policies name nobody else, and then there is nothing to search for.
fn names_none_of(policy: &Policy, callers: &[Principal]) -> bool {
    let is_elsewhere = |account: &str| {
        let mut callers = callers.iter();
        callers.all(|caller| caller.account.as_deref() != Some(account))
    };
    let is_other = |entry: &PrincipalEntry| match entry {
        PrincipalEntry::Service(_) | PrincipalEntry::Federated(_) => true,
        PrincipalEntry::Account(account) => is_elsewhere(account),
        PrincipalEntry::Arn(arn) => arn.split(':').nth(4).is_some_and(is_elsewhere),
        _ => false,
    };
    let allows = policy.statements.iter();
    let mut allows = allows.filter(|statement| statement.effect == Effect::Allow);
    allows.all(|statement| {
        let clause = statement.principal.as_ref();
        clause.is_some_and(|clause| !clause.negated && clause.entries.iter().all(is_other))
    })
}

fn public_to(layers: &Layers, principal: &Principal, owner: &str, steps: &Steps) -> Reach {
    let everything = [Template::new("*", true, false)];
    let mut context = Context::new();
    if principal.kind == PrincipalKind::Anonymous {
        unsigned(&mut context);
    }
    let ask = Ask {
        layers,
        principal,
        actions: &everything,
        resources: &everything,
        resource_account: Some(owner),
        context: &context,
        domains: &BTreeMap::new(),
        barred: &[],
        anybody: true,
    };
    reach_within(&ask, steps)
}

/// An account that no caller is of.
const OWNER: &str = "999999999999";

/// Whose the resource may be: the policy does not tell, but where it names owners, it is there for those.
fn owners(policy: &Policy) -> BTreeSet<String> {
    let conditions = policy.statements.iter().flat_map(|found| &found.conditions);
    let of_owner = conditions.filter(|found| {
        ["aws:resourceaccount", "s3:resourceaccount"].contains(&found.key.as_str())
    });
    let named = of_owner.flat_map(|found| &found.values);
    let named = named.filter(|value| is_account(value)).cloned();
    std::iter::once(OWNER.to_owned()).chain(named).collect()
}

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
        compared(old, new, grammar, Some(self.authorization))
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
        granted(
            policy,
            actions,
            resources,
            grammar,
            Some(self.authorization),
        )
    }

    /// As [`no_public_access`].
    #[must_use]
    pub fn no_public_access(&self, policy: &Policy) -> Outcome {
        let outcome = no_public_access(policy);
        let Outcome::Fail(reasons) = outcome else {
            return outcome;
        };
        let steps = Steps::few();
        let one = |reason: Reason| {
            let work = policy.statements.len().saturating_mul(TAKEN);
            if steps.take(work).is_err() {
                return reason;
            }
            let alone = alone(policy, reason.statement);
            let holds = |request: &Request| {
                steps.take(work).is_ok() && allows(&alone, request, Grammar::Resource)
            };
            let is_asked = |action: &str| {
                let own = policy.statements.get(reason.statement);
                own.is_some_and(|own| names_action(own, action))
            };
            let witness = spelled(reason.witness, self.authorization, &is_asked, &holds);
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
        version: policy.version,
        id: policy.id.clone(),
    }
}

/// The outcome of what was found of each Allow statement by its place: what one lets through is told, whatever is not
/// decided of others.
fn outcome(
    policy: &Policy,
    each: impl Iterator<Item = (usize, Result<Option<Found>, Unknown>)>,
) -> Outcome {
    let mut reasons = Vec::new();
    let mut undecided = None;
    for (at, found) in each {
        match found {
            Ok(None) => {}
            Ok(Some(witness)) => reasons.push(Reason {
                statement: at,
                sid: policy
                    .statements
                    .get(at)
                    .and_then(|found| found.sid.clone()),
                witness,
            }),
            Err(unknown) => undecided = undecided.or(Some(unknown)),
        }
    }
    match undecided {
        _ if !reasons.is_empty() => Outcome::Fail(reasons),
        Some(unknown) => Outcome::Unknown(unknown),
        None => Outcome::Pass,
    }
}

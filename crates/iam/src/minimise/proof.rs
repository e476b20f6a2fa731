//! Whether a policy in other words gives the same access, beside whatever other policies.
//!
//! That the policy by itself allows the same is not enough. What it denies, it denies whatever others allow; and that a
//! resource's policy names an account leaves it to the policies there, while a principal that it names itself needs no
//! more than that ("Policy evaluation logic", IAM User Guide). So each of these is compared, both ways.

use super::words::SETS;
use crate::analyse::{Grammar, Question, Steps, Unknown, wider};
use crate::model::{Effect, Policy, PrincipalEntry, Statement, Template};
use serde_json::{Map, Value};

/// The policy that is minimised.
pub(super) struct Proof<'a> {
    original: &'a Policy,
    grammar: Grammar,
    steps: Steps,
    spent: bool,
}

/// Work for each statement of a policy that is compared.
const TAKEN: usize = 100;

impl<'a> Proof<'a> {
    pub(super) fn of(original: &'a Policy, grammar: Grammar) -> Self {
        Self {
            original,
            grammar,
            steps: Steps::new(),
            spent: false,
        }
    }

    /// Whether anything can be proved of the policy.
    pub(super) fn start(&mut self) -> Result<(), Unknown> {
        self.no_more(self.original, self.original)?;
        self.steps = Steps::few();
        Ok(())
    }

    /// Whether there is no work left, so that nothing more is proved.
    pub(super) fn is_spent(&self) -> bool {
        self.spent
    }

    /// Whether the policy gives the same access as the one at the start.
    pub(super) fn same(&mut self, tried: &Policy) -> bool {
        let views: [fn(&Policy) -> Option<Policy>; 4] = [
            |policy| Some(policy.clone()),
            denied,
            without_accounts,
            without_roles,
        ];
        views.iter().all(|view| {
            let none = || Policy {
                statements: Vec::new(),
                ..self.original.clone()
            };
            let (old, new) = match (view(self.original), view(tried)) {
                (None, None) => return true,
                (old, new) => (old.unwrap_or_else(none), new.unwrap_or_else(none)),
            };
            self.no_more(&old, &new) == Ok(true) && self.no_more(&new, &old) == Ok(true)
        })
    }

    fn no_more(&mut self, old: &Policy, new: &Policy) -> Result<bool, Unknown> {
        let statements = old.statements.len() + new.statements.len();
        let found = self
            .steps
            .take(statements.saturating_mul(TAKEN))
            .and_then(|()| Question::new(old, new, self.grammar, None, &self.steps))
            .and_then(|question| question.any());
        if matches!(found, Err(Unknown::TooLarge(_))) {
            self.spent = true;
        }
        found.map(|found| found.is_none())
    }

    /// Leaves out strings that another of their set takes in.
    pub(super) fn leave_out_words(&mut self, statements: &mut [Map<String, Value>]) {
        for statement in statements {
            for element in SETS {
                if let Some(Value::Array(list)) = statement.get_mut(element) {
                    let lower = element.ends_with("Action");
                    self.leave_out_words_of(list, lower);
                }
            }
        }
    }

    fn leave_out_words_of(&mut self, list: &mut Vec<Value>, lower: bool) {
        let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
        if texts.len() != list.len() || texts.len() < 2 {
            return;
        }
        let read = |text: &&str| {
            if lower {
                Template::new(&text.to_lowercase(), true, true)
            } else {
                Template::new(text, true, true)
            }
        };
        let templates: Vec<Template> = texts.iter().map(read).collect();
        let wide: Vec<usize> = (0..templates.len())
            .filter(|at| templates.get(*at).is_some_and(|found| !found.is_literal()))
            .collect();
        let work = templates.len().saturating_mul(1 + wide.len());
        if self.steps.take(work).is_err() {
            self.spent = true;
            return;
        }
        let mut seen = std::collections::BTreeSet::new();
        let kept: Vec<bool> = (templates.iter().enumerate())
            .map(|(at, own)| {
                // Of two that take in each other the first stays.
                let by_other = wide.iter().any(|other| {
                    templates.get(*other).is_some_and(|outer| {
                        *other != at && wider(outer, own) && (*other < at || !wider(own, outer))
                    })
                });
                !by_other && seen.insert(own.text().to_owned())
            })
            .collect();
        let mut kept = kept.into_iter();
        list.retain(|_| kept.next().unwrap_or(true));
    }
}

/// What the policy denies, as if it allowed it; `None`: nothing.
fn denied(policy: &Policy) -> Option<Policy> {
    let denies = policy.statements.iter();
    let denies: Vec<Statement> = denies
        .filter(|statement| statement.effect == Effect::Deny)
        .cloned()
        .map(|statement| Statement {
            effect: Effect::Allow,
            ..statement
        })
        .collect();
    (!denies.is_empty()).then(|| Policy {
        statements: denies,
        ..policy.clone()
    })
}

/// The policy without what it leaves to an account's own policies; `None`: it leaves nothing to them.
fn without_accounts(policy: &Policy) -> Option<Policy> {
    without(policy, |entry| {
        matches!(
            entry,
            PrincipalEntry::Account(_) | PrincipalEntry::CanonicalUser(_)
        )
    })
}

/// The policy without grants to roles too, which a boundary of the role still limits; `None`: it names none.
fn without_roles(policy: &Policy) -> Option<Policy> {
    without(
        policy,
        |entry| matches!(entry, PrincipalEntry::Arn(arn) if arn.contains(":role/")),
    )
    .map(|policy| without_accounts(&policy).unwrap_or(policy))
}

fn without(policy: &Policy, gone: fn(&PrincipalEntry) -> bool) -> Option<Policy> {
    let mut found = false;
    let mut statements = Vec::new();
    for statement in &policy.statements {
        let mut statement = statement.clone();
        if statement.effect == Effect::Allow
            && let Some(clause) = &mut statement.principal
            && !clause.negated
        {
            let before = clause.entries.len();
            clause.entries.retain(|entry| !gone(entry));
            found |= clause.entries.len() < before;
            if clause.entries.is_empty() {
                continue;
            }
        }
        statements.push(statement);
    }
    found.then(|| Policy {
        statements,
        ..policy.clone()
    })
}

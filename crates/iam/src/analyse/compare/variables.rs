//! Policy variables in resources and conditions ("IAM policy elements: Variables and tags", IAM User Guide).
//!
//! A variable ties a pattern to a condition key, so the cells of neither are told without the other. Three readings are
//! exact in one direction. A variable as a letter of its own that only stars take in: what holds then holds for every
//! value. A variable widened to a star where that allows more, and left out where it allows less: no new access then is
//! none at all. And some values of the keys: new access then is new access.

use std::collections::BTreeSet;

use super::{
    Witness,
    cells::plain,
    question::Question,
    search::{Pair, contradicts},
};
use crate::{
    analyse::points::{Assignment, told},
    eval,
    model::{
        Condition, Context, ContextValue, Effect, Lookup, Operands, Part, Policy, Resolved,
        Resources, Statement, Template, Variable,
    },
};

/// Combinations of values that are tried at most.
const VALUES: usize = 64;
/// Of the values that conditions compare a key with, those that are tried.
const NAMED: usize = 3;

impl<'a> Question<'a> {
    /// The answer, where there are variables and a reading of them decides it.
    pub(super) fn with_variables(
        &self,
        news: &[(usize, &'a Statement)],
        pair: Pair<'_>,
    ) -> Option<Option<Witness>> {
        let all = variables(&[pair.new, pair.old]);
        if all.is_empty() {
            return None;
        }
        let passes = |readings: Option<(Policy, Policy)>| {
            readings.is_some_and(|(old, new)| {
                // A letter is no value that a resource's type could be told by.
                let pair = Pair {
                    old: &old,
                    new: &new,
                    authorization: None,
                    ..pair
                };
                matches!(pair.find(), Ok(None))
            })
        };
        if passes(as_letters(pair, &all)) || passes(Some(leaning(pair))) {
            return Some(None);
        }
        for values in assignments(pair, &all) {
            let context = told(&values);
            let (old, new) = (closed(pair.old, &context), closed(pair.new, &context));
            let closed = Pair {
                old: &old,
                new: &new,
                ..pair
            };
            let Ok(Some(witness)) = closed.find() else {
                continue;
            };
            let mut assignment = witness.context;
            assignment.extend(values);
            let plain = plain(
                &witness.request.principal,
                &witness.request.action,
                &witness.request.resource,
                told(&assignment),
            );
            if self.confirms(news, &plain) && !contradicts(&plain, &assignment, self.grammar) {
                let witness = Witness {
                    request: plain,
                    context: assignment,
                    statements: Vec::new(),
                };
                return Some(Some(self.placed(news, witness)));
            }
        }
        None
    }
}

fn templates(policy: &Policy) -> impl Iterator<Item = &Template> {
    policy.statements.iter().flat_map(|statement| {
        let resources = statement.resources.iter().flat_map(|found| &found.patterns);
        let values =
            statement
                .conditions
                .iter()
                .filter_map(|condition| match &condition.operands {
                    Operands::Templates(templates) => Some(templates),
                    _ => None,
                });
        resources.chain(values.flatten())
    })
}

fn in_template(template: &Template) -> impl Iterator<Item = &Variable> {
    template.parts().iter().filter_map(|part| match part {
        Part::Variable(variable) => Some(variable),
        _ => None,
    })
}

fn is_open(template: &Template) -> bool {
    in_template(template).next().is_some()
}

/// Each variable once, by its key and default.
fn variables(policies: &[&Policy]) -> Vec<Variable> {
    let mut seen = BTreeSet::new();
    let templates = policies.iter().flat_map(|policy| templates(policy));
    templates
        .flat_map(in_template)
        .filter(|variable| seen.insert((&variable.key, &variable.default)))
        .cloned()
        .collect()
}

/// The first of the letters that no policy has: of private use.
const LETTER: u32 = 0xE000;

/// Variables as letters. What a star takes in may be the variable's value; a question mark takes in one character, which
/// the value need not be, and an old policy's Deny or `NotResource` may be about some values only: then there is no such
/// reading.
fn as_letters(pair: Pair<'_>, all: &[Variable]) -> Option<(Policy, Policy)> {
    let letter = |variable: &Variable| {
        let at = all.iter().position(|known| known == variable)?;
        char::from_u32(LETTER + u32::try_from(at).ok()?)
    };
    let both = || pair.old.statements.iter().chain(&pair.new.statements);
    let is_plain = |template: &Template| {
        let parts = template.parts();
        let before = parts
            .iter()
            .take_while(|part| !matches!(part, Part::Variable(_)));
        let colons: usize = before
            .map(|part| match part {
                Part::Literal(text) => text.matches(':').count(),
                _ => 0,
            })
            .sum();
        // A value in the ARN's last part makes no other parts of it.
        let at_end = colons >= 5 || !is_open(template);
        let is_private = |character| ('\u{e000}'..='\u{f8ff}').contains(&character);
        at_end && !parts.contains(&Part::One) && !template.text().contains(is_private)
    };
    let fits = both().all(|statement| {
        let resources = statement.resources.as_ref();
        resources.is_none_or(|found| !found.negated && found.patterns.iter().all(is_plain))
    });
    let denies = pair.old.statements.iter();
    if !fits || denies.into_iter().any(|found| found.effect == Effect::Deny) {
        return None;
    }
    let read = |policy: &Policy| -> Option<Policy> {
        let mut policy = policy.clone();
        for statement in &mut policy.statements {
            for pattern in statement.resources.iter_mut().flat_map(|r| &mut r.patterns) {
                *pattern = replaced(pattern, |variable| letter(variable).map(String::from))?;
            }
        }
        Some(policy)
    };
    Some((read(pair.old)?, read(pair.new)?))
}

/// The template with another text in place of its variables, a pattern.
fn replaced(template: &Template, text: impl Fn(&Variable) -> Option<String>) -> Option<Template> {
    if !is_open(template) {
        return Some(template.clone());
    }
    let mut all = String::new();
    for part in template.parts() {
        match part {
            Part::Literal(literal) => {
                for character in literal.chars() {
                    if matches!(character, '*' | '?' | '$') {
                        all.extend(['$', '{', character, '}']);
                    } else {
                        all.push(character);
                    }
                }
            }
            Part::One => all.push('?'),
            Part::Many => all.push('*'),
            Part::Variable(variable) => all.push_str(&text(variable)?),
        }
    }
    Some(Template::new(&all, true, true))
}

/// The old and the new policy, the old one allowing no more than it does and the new one no less.
fn leaning(pair: Pair<'_>) -> (Policy, Policy) {
    let lean = |policy: &Policy, is_new: bool| {
        let statements = policy.statements.iter();
        Policy {
            statements: statements
                .filter_map(|found| leant(found, is_new == (found.effect == Effect::Allow)))
                .collect(),
            ..policy.clone()
        }
    };
    (lean(pair.old, false), lean(pair.new, true))
}

/// The statement without variables, matching no less than it does, or no more.
fn leant(statement: &Statement, more: bool) -> Option<Statement> {
    let mut leant = statement.clone();
    if let Some(resources) = &mut leant.resources {
        let as_star = more != resources.negated;
        let patterns = resources.patterns.iter().filter_map(|pattern| {
            if !is_open(pattern) {
                Some(pattern.clone())
            } else if as_star {
                replaced(pattern, |_| Some("*".to_owned()))
            } else {
                None
            }
        });
        let patterns: Vec<Template> = patterns.collect();
        if patterns.is_empty() && !resources.negated {
            return None;
        }
        resources.patterns = patterns;
    }
    let mut conditions = Vec::new();
    for condition in leant.conditions {
        let Operands::Templates(templates) = &condition.operands else {
            conditions.push(condition);
            continue;
        };
        if !templates.iter().any(is_open) {
            conditions.push(condition);
        } else if !more {
            conditions.push(without_variables(condition)?);
        }
    }
    leant.conditions = conditions;
    Some(leant)
}

/// The condition on those of its values that have no variable; `None` where it would not be met less often.
fn without_variables(mut condition: Condition) -> Option<Condition> {
    if condition
        .operator
        .as_ref()
        .is_none_or(|found| found.negated)
    {
        return None;
    }
    if let Operands::Templates(templates) = &mut condition.operands {
        templates.retain(|template| !is_open(template));
        if templates.is_empty() {
            return None;
        }
    }
    Some(condition)
}

/// Values of the variables' keys: absent, some text, and those that conditions compare them with.
fn assignments(pair: Pair<'_>, all: &[Variable]) -> Vec<Assignment> {
    let keys: BTreeSet<&str> = all.iter().map(|variable| variable.key.as_str()).collect();
    let mut assignments: Vec<Assignment> = vec![Vec::new()];
    for key in keys {
        let mut values = vec![Some("palisade-other".to_owned()), None];
        let statements = || pair.new.statements.iter().chain(&pair.old.statements);
        let conditions = statements().flat_map(|found| &found.conditions);
        let named = conditions
            .filter(|condition| condition.key == *key)
            .flat_map(|condition| &condition.values)
            .filter(|value| !value.contains(['*', '?', '$']));
        values.extend(named.take(NAMED).cloned().map(Some));
        let mut longer = Vec::new();
        for value in values {
            let value = value.map(ContextValue::One);
            for assignment in &assignments {
                let mut assignment = assignment.clone();
                assignment.push((key.to_owned(), value.clone()));
                longer.push(assignment);
            }
        }
        longer.truncate(VALUES);
        assignments = longer;
    }
    assignments
}

/// The policy where the context tells all of its variables.
fn closed(policy: &Policy, context: &Context) -> Policy {
    let statements = policy.statements.iter();
    Policy {
        statements: statements
            .filter_map(|statement| at_values(statement, context))
            .collect(),
        ..policy.clone()
    }
}

fn at_values(statement: &Statement, context: &Context) -> Option<Statement> {
    let resolved = |templates: &[Template]| -> Vec<Template> {
        let all = templates.iter().map(|template| template.resolved(context));
        all.filter_map(|found| match found {
            Resolved::Closed(template) => Some(template),
            Resolved::Never | Resolved::Open => None,
        })
        .collect()
    };
    let mut closed = statement.clone();
    closed.resources = statement.resources.as_ref().map(|resources| Resources {
        negated: resources.negated,
        patterns: resolved(&resources.patterns),
    });
    closed.conditions.clear();
    for condition in &statement.conditions {
        let mut condition = condition.clone();
        if let Operands::Templates(templates) = &mut condition.operands {
            *templates = resolved(templates);
        }
        if context.lookup(&condition.key) == Lookup::Unknown {
            closed.conditions.push(condition);
        } else if !eval::met::<bool>(&condition, context) {
            return None;
        }
    }
    Some(closed)
}

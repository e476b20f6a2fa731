//! Layers narrowed to a question: only statements that can match one of its requests, with the variables that it tells
//! replaced and the conditions that it settles gone.

use std::{collections::BTreeSet, sync::Arc};

use super::{Unknown, reach::Ask};
use crate::{
    eval,
    model::{
        Condition, Effect, Layers, Level, Lookup, NamedPolicy, Operands, Part, Policy, Request,
        Resolved, Resources, Statement, Template, Test, TextTest,
    },
};

/// What becomes of a statement that cannot be divided into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaning {
    /// It allows nothing and denies all that it might.
    Under,
    /// It allows all that it might and denies nothing.
    Over,
}

impl Leaning {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Under => Self::Over,
            Self::Over => Self::Under,
        }
    }
}

/// How to narrow.
#[derive(Debug)]
pub(super) struct Narrowing<'a> {
    pub(super) ask: &'a Ask<'a>,
    /// A request at the first of everything.
    pub(super) base: &'a Request,
    /// Where statements with a variable that nothing tells lean; `None`: they stop the search.
    pub(super) leaning: Option<Leaning>,
    /// Condition keys that cannot be divided into cells, lower case.
    pub(super) vague: &'a BTreeSet<String>,
}

/// What is left of a condition.
enum Left {
    /// It is met by every request.
    Met,
    /// It is met by none.
    Unmet,
    /// It hangs on a free key.
    Free(Condition),
    /// It cannot be divided into cells; the text that stands in the way.
    Vague(String),
}

impl Narrowing<'_> {
    /// All layers.
    pub(super) fn layers(&self) -> Result<Layers, Unknown> {
        let layers = self.ask.layers;
        let names = Names::Nobody;
        let one = |policy: &Option<NamedPolicy>, names: Names| -> Result<_, Unknown> {
            policy
                .as_ref()
                .map(|policy| self.policy(policy, names))
                .transpose()
        };
        let levels = |levels: &[Level], names: Names| -> Result<Vec<Level>, Unknown> {
            levels
                .iter()
                .map(|level| {
                    Ok(Level {
                        name: String::new(),
                        policies: self.policies(&level.policies, names)?,
                    })
                })
                .collect()
        };
        let mut resource = one(&layers.resource, Names::Principals)?;
        if let (Some(whole), Some(narrow)) = (&layers.resource, &mut resource)
            && eval::blocked_as_public(self.base, whole, &layers.facts)
        {
            let statements = narrow.policy.statements.iter();
            let denying = statements.filter(|statement| statement.effect == Effect::Deny);
            narrow.policy = Arc::new(policy(denying.cloned().collect()));
        }
        Ok(Layers {
            identity: self.policies(&layers.identity, names)?,
            resource,
            boundaries: self.policies(&layers.boundaries, names)?,
            session: one(&layers.session, names)?,
            scps: if eval::bound_by_scps(self.base, layers) {
                levels(&layers.scps, names)?
            } else {
                Vec::new()
            },
            rcps: levels(&layers.rcps, Names::PrincipalsOrAll)?,
            endpoint: self.policies(&layers.endpoint, Names::Principals)?,
            facts: layers.facts.clone(),
        })
    }

    fn policies(
        &self,
        policies: &[NamedPolicy],
        names: Names,
    ) -> Result<Vec<NamedPolicy>, Unknown> {
        policies
            .iter()
            .map(|policy| self.policy(policy, names))
            .collect()
    }

    fn policy(&self, found: &NamedPolicy, names: Names) -> Result<NamedPolicy, Unknown> {
        let mut statements = Vec::new();
        for statement in &found.policy.statements {
            if self.names(statement, names) && self.meets(statement) {
                statements.extend(self.statement(statement)?);
            }
        }
        Ok(NamedPolicy {
            name: String::new(),
            policy: Arc::new(policy(statements)),
        })
    }

    fn names(&self, statement: &Statement, names: Names) -> bool {
        let layers = self.ask.layers;
        names == Names::Nobody
            || names == Names::PrincipalsOrAll && statement.principal.is_none()
            || eval::form(
                statement,
                self.base,
                &layers.facts,
                !layers.boundaries.is_empty(),
            )
            .is_some()
    }

    /// Whether the statement's actions and resources can be among those asked for, as far as a short look tells.
    fn meets(&self, statement: &Statement) -> bool {
        let ask = self.ask;
        let acts = speaks_of(statement, ask.actions);
        let on = statement.resources.as_ref().is_none_or(|resources| {
            resources.negated
                || resources
                    .patterns
                    .iter()
                    .any(|pattern| ask.resources.iter().any(|asked| may_meet(asked, pattern)))
        });
        acts && on
    }

    /// The statement, unless it matches no request that is asked for.
    fn statement(&self, statement: &Statement) -> Result<Option<Statement>, Unknown> {
        let mut narrow = statement.clone();
        narrow.conditions.clear();
        // A pattern that no action asked for can match says nothing here, negated or not.
        narrow.actions.patterns.retain(|pattern| {
            let asked = self.ask.actions.iter();
            asked.into_iter().any(|asked| may_meet(asked, pattern))
        });
        let mut vague = None;
        if let Some(resources) = &statement.resources {
            let mut patterns = Vec::new();
            for pattern in &resources.patterns {
                match pattern.resolved(&self.base.context) {
                    Resolved::Closed(pattern) => {
                        let asked = self.ask.resources.iter();
                        if asked.into_iter().any(|asked| may_meet(asked, &pattern)) {
                            patterns.push(pattern);
                        }
                    }
                    Resolved::Never => {}
                    Resolved::Open => vague = Some(pattern.text().to_owned()),
                }
            }
            narrow.resources = Some(Resources {
                negated: resources.negated,
                patterns,
            });
            if vague.is_some() {
                // Matching more: everything.
                narrow.resources = None;
            }
        }
        for condition in &statement.conditions {
            match self.condition(condition) {
                Left::Met => {}
                Left::Unmet => return Ok(None),
                Left::Free(condition) => narrow.conditions.push(condition),
                Left::Vague(text) => vague = Some(text),
            }
        }
        let Some(text) = vague else {
            return Ok(Some(narrow));
        };
        match (self.leaning, statement.effect) {
            (None, _) => Err(Unknown::Variable(text)),
            (Some(Leaning::Under), Effect::Allow) | (Some(Leaning::Over), Effect::Deny) => Ok(None),
            (Some(Leaning::Under), Effect::Deny) | (Some(Leaning::Over), Effect::Allow) => {
                Ok(Some(narrow))
            }
        }
    }

    fn condition(&self, condition: &Condition) -> Left {
        let context = &self.base.context;
        let mut closed = condition.clone();
        let mut open: Vec<&Template> = Vec::new();
        if let Operands::Templates(templates) = &condition.operands {
            let mut resolved = Vec::new();
            for template in templates {
                match template.resolved(context) {
                    Resolved::Closed(template) => resolved.push(template),
                    Resolved::Never => {}
                    Resolved::Open => open.push(template),
                }
            }
            closed.operands = Operands::Templates(resolved);
        }
        let known = context.lookup(&condition.key) != Lookup::Unknown;
        let whole = match (open.as_slice(), known) {
            ([], true) if eval::met::<bool>(&closed, context) => return Left::Met,
            ([], true) => return Left::Unmet,
            ([], false) => closed,
            ([one], true) => match self.turned(condition, one) {
                Some(turned) => turned,
                None => return Left::Vague(condition.key_text.clone()),
            },
            // Two free keys compared for equality are divided together, unless something stands in the way.
            (_, false) => condition.clone(),
            _ => return Left::Vague(condition.key_text.clone()),
        };
        if self.vague.contains(&whole.key) {
            return Left::Vague(whole.key_text);
        }
        Left::Free(whole)
    }

    /// `key = ${variable}`, where the key is told: the variable has to be what the key is.
    fn turned(&self, condition: &Condition, template: &Template) -> Option<Condition> {
        let operator = condition.operator.as_ref()?;
        let [Part::Variable(variable)] = template.parts() else {
            return None;
        };
        let value = self.base.context.single(&condition.key)?;
        let plain = operator.set.is_none()
            && variable.default.is_none()
            && matches!(operator.test, Test::Text(TextTest::Equals | TextTest::Like))
            && condition.values.len() == 1;
        plain.then(|| {
            let text = if operator.negated {
                "StringNotEquals"
            } else {
                "StringEquals"
            };
            Condition::new(
                text,
                &variable.key,
                vec![value.to_owned()],
                false,
                condition.at,
            )
        })
    }
}

/// Whether the statement's actions can be among those asked for, as far as a short look tells.
pub(crate) fn speaks_of(statement: &Statement, actions: &[Template]) -> bool {
    let none = crate::model::Context::new();
    let own = &statement.actions;
    actions.iter().any(|asked| match asked.literal() {
        Some(action) => {
            let mut patterns = own.patterns.iter();
            patterns.any(|pattern| pattern.matches(action, &none) == Some(true)) != own.negated
        }
        None => own.negated || own.patterns.iter().any(|pattern| may_meet(asked, pattern)),
    })
}

/// Whether a layer's statements name principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Nobody,
    Principals,
    PrincipalsOrAll,
}

fn policy(statements: Vec<Statement>) -> Policy {
    Policy {
        version: crate::model::Version::V2012,
        id: None,
        statements,
    }
}

/// Whether some text may match both: `false` only where the literal beginnings differ, or one is a literal that the
/// other does not match.
pub(crate) fn may_meet(one: &Template, other: &Template) -> bool {
    let none = crate::model::Context::new();
    let begins = |template: &Template| match template.parts().first() {
        Some(Part::Literal(text)) => text.clone(),
        _ => String::new(),
    };
    let has_variables = |template: &Template| {
        template
            .parts()
            .iter()
            .any(|part| matches!(part, Part::Variable(_)))
    };
    match (one.literal(), other.literal()) {
        (Some(text), _) if !has_variables(other) => other.matches(text, &none) == Some(true),
        (_, Some(text)) if !has_variables(one) => one.matches(text, &none) == Some(true),
        _ => {
            let (one, other) = (begins(one), begins(other));
            one.starts_with(&other) || other.starts_with(&one)
        }
    }
}

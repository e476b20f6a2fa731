//! What statements read of the principal itself, in order that principals who look alike to it can be told.

use crate::{
    eval,
    model::{
        Condition, ContextValue, Facts, Lookup, Operands, Part, PrincipalEntry, Request, Statement,
        Template,
    },
};
use std::collections::BTreeMap;

/// Keys that tell principals of one account and kind apart; lower case ("AWS global condition context keys", properties
/// of the principal).
const PERSONAL: [&str; 3] = ["aws:principalarn", "aws:userid", "aws:username"];
/// A principal's tags.
const TAGS: &str = "aws:principaltag/";

/// Whether the key, lower case, differs between principals of one account and kind.
pub(super) fn is_personal(key: &str) -> bool {
    PERSONAL.contains(&key) || key.starts_with(TAGS)
}

/// What statements read of the principal.
#[derive(Debug, Default)]
pub(super) struct Reads<'a> {
    /// Conditions on personal keys: met or not, whatever is asked.
    pub(super) settled: Vec<&'a Condition>,
    /// Conditions with personal variables.
    pub(super) tied: Vec<&'a Condition>,
    /// Statements that name principals.
    pub(super) naming: Vec<&'a Statement>,
    /// Patterns of resources, but `*`.
    pub(super) patterns: Vec<&'a Template>,
}

impl<'a> Reads<'a> {
    pub(super) fn of(statement: Option<&'a Statement>) -> Self {
        let mut reads = Self::default();
        if let Some(statement) = statement {
            reads.add(statement);
        }
        reads
    }

    pub(super) fn add(&mut self, statement: &'a Statement) {
        for condition in &statement.conditions {
            if operands(condition).iter().any(is_tied) {
                self.tied.push(condition);
            } else if is_personal(&condition.key) {
                self.settled.push(condition);
            }
        }
        if statement.principal.as_ref().is_some_and(|clause| {
            let mut entries = clause.entries.iter();
            clause.negated
                || entries.any(|entry| {
                    matches!(entry, PrincipalEntry::Arn(_) | PrincipalEntry::UniqueId(_))
                })
        }) {
            self.naming.push(statement);
        }
        for pattern in statement.resources.iter().flat_map(|all| &all.patterns) {
            if !pattern.is_everything() && !self.patterns.contains(&pattern) {
                self.patterns.push(pattern);
            }
        }
    }

    /// Whether it reads nothing of the principal, where it has these resources.
    pub(super) fn is_impersonal(&self) -> bool {
        self.settled.is_empty()
            && self.tied.is_empty()
            && self.naming.is_empty()
            && !self.patterns.iter().any(|pattern| is_tied(pattern))
    }
}

fn operands(condition: &Condition) -> &[Template] {
    match &condition.operands {
        Operands::Templates(templates) => templates,
        _ => &[],
    }
}

/// Whether the template has a personal variable.
pub(super) fn is_tied(template: &Template) -> bool {
    variables(template).next().is_some()
}

fn variables(template: &Template) -> impl Iterator<Item = &str> {
    template.parts().iter().filter_map(|part| match part {
        Part::Variable(variable) if is_personal(&variable.key) => Some(variable.key.as_str()),
        _ => None,
    })
}

/// One principal, as policies read it.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    /// A request that tells all of it.
    pub(super) base: &'a Request,
    /// What free keys look like.
    pub(super) domains: &'a BTreeMap<String, Template>,
}

impl Reader<'_> {
    /// What the statements make of it, but for their resources.
    pub(super) fn read(&self, reads: &Reads<'_>, facts: &Facts, bounded: bool, into: &mut Vec<u8>) {
        self.settle(&reads.settled, into);
        for condition in &reads.tied {
            self.tie(condition, into);
        }
        for statement in &reads.naming {
            let form = eval::form(statement, self.base, facts, bounded);
            into.push(form.map_or(0, |form| form as u8 + 1));
        }
    }

    /// Whether the conditions are met.
    pub(super) fn settle(&self, conditions: &[&Condition], into: &mut Vec<u8>) {
        for condition in conditions {
            match self.base.context.lookup(&condition.key) {
                Lookup::Unknown => self.value(&condition.key, into),
                _ => into.push(if eval::met::<bool>(condition, &self.base.context) {
                    b'+'
                } else {
                    b'-'
                }),
            }
        }
    }

    /// What stands in a condition's variables, and in its key.
    pub(super) fn tie(&self, condition: &Condition, into: &mut Vec<u8>) {
        self.value(&condition.key, into);
        for template in operands(condition) {
            self.variables(template, into);
        }
    }

    /// What stands in a template's variables.
    pub(super) fn variables(&self, template: &Template, into: &mut Vec<u8>) {
        for key in variables(template) {
            self.value(key, into);
        }
    }

    /// Whether the pattern matches the resource.
    pub(super) fn matches(&self, pattern: &Template, resource: &str) -> u8 {
        match pattern.matches(resource, &self.base.context) {
            Some(true) => b'+',
            Some(false) => b'-',
            None if pattern.is_open(&self.base.context) => b'?',
            None => b'0',
        }
    }

    fn value(&self, key: &str, into: &mut Vec<u8>) {
        match self.base.context.lookup(key) {
            Lookup::Present(ContextValue::One(value)) => text(b'=', value, into),
            Lookup::Present(ContextValue::Many(values)) => {
                for value in values {
                    text(b'&', value, into);
                }
            }
            Lookup::Absent => into.push(b'0'),
            Lookup::Unknown => {
                let domain = self.domains.get(key);
                text(b'?', domain.map_or("", Template::text), into);
            }
        }
    }
}

/// A text that cannot be taken for anything else of a key.
pub(crate) fn text(mark: u8, text: &str, into: &mut Vec<u8>) {
    into.push(mark);
    into.extend(text.bytes());
    into.push(0);
}

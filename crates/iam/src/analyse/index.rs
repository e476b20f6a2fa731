//! Statements by what their actions begin with: of thousands, few can be about the same request.

use std::collections::BTreeMap;

use super::{
    Unknown,
    cover::{COMPARED, covers},
    narrow::may_meet,
    steps::{Steps, matching},
};
use crate::model::{Actions, Part, Statement, Template};

/// More statements than this are not tried for whether they take in another.
const COVERING: usize = 256;

/// Statements of one effect.
pub(super) struct Index<'a> {
    statements: Vec<(usize, &'a Statement)>,
    /// By the beginning of each action pattern: places in `statements`.
    beginnings: BTreeMap<String, Vec<usize>>,
    /// Those with `NotAction`.
    negated: Vec<usize>,
    /// By the first action and resource, as they are written.
    twins: BTreeMap<(String, String), Vec<usize>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(statements: Vec<(usize, &'a Statement)>) -> Self {
        let mut beginnings: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut negated = Vec::new();
        let mut twins: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for (at, (_, statement)) in statements.iter().enumerate() {
            twins.entry(first(statement)).or_default().push(at);
            if statement.actions.negated {
                negated.push(at);
                continue;
            }
            for pattern in &statement.actions.patterns {
                let places = beginnings.entry(beginning(pattern).to_owned()).or_default();
                if places.last() != Some(&at) {
                    places.push(at);
                }
            }
        }
        Self {
            statements,
            beginnings,
            negated,
            twins,
        }
    }

    /// Those that may match a request that the statement matches, as far as a short look tells.
    pub(super) fn meeting(
        &self,
        statement: &Statement,
        steps: &Steps,
    ) -> Result<Vec<(usize, &'a Statement)>, Unknown> {
        let mut found = Vec::new();
        for at in self.acting(&statement.actions, steps)? {
            if let Some((own, other)) = self.statements.get(at)
                && shares(statement, other, steps)?
            {
                found.push((*own, *other));
            }
        }
        Ok(found)
    }

    /// All of them, with their places in the policy.
    pub(super) fn all(&self) -> &[(usize, &'a Statement)] {
        &self.statements
    }

    /// Whether one of them obviously matches all that the statement matches; `false` says nothing.
    pub(super) fn covers(&self, statement: &Statement, steps: &Steps) -> Result<bool, Unknown> {
        let mut places = self.negated.clone();
        match statement.actions.patterns.first() {
            Some(pattern) if !statement.actions.negated => {
                places.extend(self.shorter(beginning(pattern)));
            }
            _ => places.extend(self.beginnings.get("").into_iter().flatten()),
        }
        // The longest beginning first: what is the same has the same.
        places.reverse();
        let twins = self.twins.get(&first(statement));
        let twins = twins.map(Vec::as_slice).unwrap_or_default();
        let likely = self.at_most(twins, COVERING);
        for (_, other) in likely.chain(self.at_most(&places, COVERING)) {
            steps.take(both(statement, other))?;
            if covers(other, statement) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn at_most(
        &self,
        places: &[usize],
        most: usize,
    ) -> impl Iterator<Item = (usize, &'a Statement)> {
        let found = places.iter().take(most);
        found.filter_map(|at| self.statements.get(*at).copied())
    }

    /// Those that may match the action, which is one text.
    pub(super) fn of_action(&self, action: &str) -> Vec<&'a Statement> {
        let mut places: Vec<usize> = self.negated.clone();
        places.extend(self.shorter(action));
        self.at(places).map(|(_, statement)| statement).collect()
    }

    fn acting(&self, actions: &Actions, steps: &Steps) -> Result<Vec<usize>, Unknown> {
        let everything = || (0..self.statements.len()).collect();
        let places: Vec<usize> = if actions.negated {
            everything()
        } else {
            let mut places = self.negated.clone();
            for pattern in &actions.patterns {
                let start = beginning(pattern);
                if start.is_empty() {
                    places = everything();
                    break;
                }
                places.extend(self.shorter(start));
                let longer = self.beginnings.range(start.to_owned()..);
                let longer = longer.take_while(|(text, _)| text.starts_with(start));
                places.extend(longer.flat_map(|(_, places)| places));
            }
            places
        };
        steps.take(places.len())?;
        Ok(in_order(places))
    }

    /// Places of patterns with a beginning that the text has too.
    fn shorter<'s>(&'s self, text: &'s str) -> impl Iterator<Item = usize> + 's {
        let ends = text.char_indices().map(|(at, _)| at);
        let starts = ends
            .chain([text.len()])
            .filter_map(|end| text.get(..end).and_then(|start| self.beginnings.get(start)));
        starts.flatten().copied()
    }

    fn at(&self, places: Vec<usize>) -> impl Iterator<Item = (usize, &'a Statement)> {
        in_order(places)
            .into_iter()
            .filter_map(|at| self.statements.get(at).copied())
    }
}

fn first(statement: &Statement) -> (String, String) {
    let text = |patterns: &[Template]| patterns.first().map_or("", Template::text).to_owned();
    let resources = statement.resources.as_ref();
    (
        text(&statement.actions.patterns),
        resources.map_or_else(String::new, |resources| text(&resources.patterns)),
    )
}

fn in_order(mut places: Vec<usize>) -> Vec<usize> {
    places.sort_unstable();
    places.dedup();
    places
}

fn beginning(pattern: &Template) -> &str {
    match pattern.parts().first() {
        Some(Part::Literal(text)) => text,
        _ => "",
    }
}

/// How much work it is to compare the patterns of both: each with each, up to a bound, and a look at all of them.
fn both(one: &Statement, other: &Statement) -> usize {
    let all = |one: &[Template], other: &[Template]| -> usize {
        let length = |patterns: &[Template]| -> usize {
            let lengths = patterns.iter().map(|pattern| pattern.text().len());
            lengths.sum()
        };
        let (long, wide) = (length(one), length(other));
        let pairs = one.len().saturating_mul(other.len());
        let letters = long
            .saturating_mul(wide)
            .min(pairs.saturating_mul(COMPARED));
        let looks =
            (long.saturating_mul(other.len())).saturating_add(wide.saturating_mul(one.len()));
        pairs
            .saturating_add(letters / 64)
            .saturating_add(looks / 16)
    };
    let resources = match (&one.resources, &other.resources) {
        (Some(one), Some(other)) => all(&one.patterns, &other.patterns),
        _ => 0,
    };
    let conditions = one.conditions.len().saturating_mul(other.conditions.len());
    all(&one.actions.patterns, &other.actions.patterns)
        .saturating_add(resources)
        .saturating_add(8 + conditions)
}

/// Whether actions and resources of both may have one in common.
fn shares(one: &Statement, other: &Statement, steps: &Steps) -> Result<bool, Unknown> {
    let meet = |(one_negated, one): (bool, &[Template]), (negated, other): (bool, &[Template])| {
        if one_negated || negated {
            return Ok(true);
        }
        for one in one {
            for other in other {
                let lengths = (one.text().len(), other.text().len());
                steps.take(if one.is_literal() || other.is_literal() {
                    matching(lengths.0, lengths.1)
                } else {
                    2 + (lengths.0 + lengths.1) / 32
                })?;
                if may_meet(one, other) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    };
    let by_action = meet(
        (one.actions.negated, &one.actions.patterns),
        (other.actions.negated, &other.actions.patterns),
    )?;
    let (Some(one), Some(other), true) = (&one.resources, &other.resources, by_action) else {
        return Ok(by_action);
    };
    meet(
        (one.negated, &one.patterns),
        (other.negated, &other.patterns),
    )
}

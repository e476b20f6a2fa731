//! What a plan says before anything is sent.

use super::Plan;
use palisade_core::catalog::Scope as TableScope;
use std::collections::BTreeMap;
use std::fmt;

/// The calls of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// In the order of operations.
    pub lines: Vec<Line>,
    /// How many calls are certain: first pages of lists. Further pages and calls per row come on top.
    pub known: u64,
}

/// One kind of call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// `service:Operation`
    pub operation: String,
    /// `region`, `account`, `global`, `organization`
    pub scope: &'static str,
    /// How often.
    pub count: Count,
    /// The tables that need it.
    pub tables: Vec<String>,
}

/// How often a call is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// So often, further pages aside.
    Known(u64),
    /// Once per row of that table.
    PerRow(String),
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(count) => f.pad(&count.to_string()),
            Self::PerRow(table) => f.pad(&format!("per {table} row")),
        }
    }
}

impl Plan {
    /// The calls, and how many of them are certain.
    #[must_use]
    pub fn describe(&self) -> Described {
        // Two tables that ask the same question ask once.
        let mut calls: BTreeMap<(String, &'static str, Count, String), Vec<String>> =
            BTreeMap::new();
        for table in &self.tables {
            let recipe = &table.recipe;
            let accounts = &self.scope.accounts;
            let places: u64 = accounts
                .iter()
                .map(|a| self.scope.regions(a, recipe.scope).len() as u64)
                .sum();
            let scope = word(recipe.scope);
            let list = match &table.parent {
                None => Count::Known(places),
                Some(parent) => Count::PerRow(parent.table.recipe.table.clone()),
            };
            let mut add = |operation: &str, with: String, count: Count| {
                let tables = calls
                    .entry((operation.to_owned(), scope, count, with))
                    .or_default();
                tables.push(recipe.table.clone());
            };
            if let Some(before) = &recipe.before {
                add(
                    &before.operation,
                    format!("{:?}", before.with),
                    list.clone(),
                );
            }
            add(
                &recipe.list.operation,
                format!("{:?}", recipe.list.with),
                list,
            );
            // The whole answer is one row, so calls per row can be counted.
            let one = table.parent.is_none() && recipe.list.path.steps.is_empty();
            for fill in table
                .waves
                .iter()
                .flatten()
                .filter_map(|at| recipe.fills.get(*at))
            {
                let count = if one {
                    Count::Known(places)
                } else {
                    Count::PerRow(recipe.table.clone())
                };
                add(&fill.operation, format!("{:?}", fill.with), count);
            }
        }
        let mut lines: BTreeMap<(String, &'static str, Option<String>), (u64, Vec<String>)> =
            BTreeMap::new();
        for ((operation, scope, count, _), tables) in calls {
            let (number, per) = match count {
                Count::Known(number) => (number, None),
                Count::PerRow(table) => (0, Some(table)),
            };
            let line = lines.entry((operation, scope, per)).or_default();
            line.0 += number;
            for table in tables {
                if !line.1.contains(&table) {
                    line.1.push(table);
                }
            }
        }
        let known = lines.values().map(|(number, _)| number).sum();
        let lines = lines
            .into_iter()
            .map(|((operation, scope, per), (number, tables))| Line {
                operation,
                scope,
                count: per.map_or(Count::Known(number), Count::PerRow),
                tables,
            })
            .collect();
        Described { lines, known }
    }
}

fn word(scope: TableScope) -> &'static str {
    match scope {
        TableScope::Region => "region",
        TableScope::Account => "account",
        TableScope::Global => "global",
        TableScope::Organization => "organization",
    }
}

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .lines
            .iter()
            .map(|l| l.operation.len())
            .max()
            .unwrap_or(0);
        for line in &self.lines {
            writeln!(
                f,
                "{:width$}  {:7}  {}",
                line.operation, line.scope, line.count
            )?;
        }
        write!(
            f,
            "{} calls for certain; further pages and calls per row come on top",
            self.known
        )
    }
}

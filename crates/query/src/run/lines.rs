//! Lines of the ledger, many of which are held at once: what they have in common they share.

use super::ledger::{Ledger, MOST_REFS, Operation, shared};
use palisade_core::catalog::Catalog;
use palisade_core::{CallRef, Outcome};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One line, of an operation that is known from its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    account: Arc<str>,
    region: Arc<str>,
    id: Box<str>,
    outcome: Outcome,
    code: Option<Arc<str>>,
}

/// What a line tells as evidence: a [`CallRef`] that owns nothing, in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told<'l> {
    pub(crate) id: &'l str,
    pub(crate) operation: &'l str,
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<&'l str>,
}

impl<'l> Told<'l> {
    pub(crate) fn of(call: &'l CallRef) -> Self {
        Self {
            id: &call.id,
            operation: &call.operation,
            outcome: call.outcome,
            code: call.code.as_deref(),
        }
    }

    pub(crate) fn owned(self) -> CallRef {
        CallRef {
            id: self.id.to_owned(),
            operation: self.operation.to_owned(),
            outcome: self.outcome,
            code: self.code.map(str::to_owned),
        }
    }
}

/// Calls of one operation in one account and region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines<'l> {
    operation: &'l str,
    ok: &'l [Line],
    bad: &'l [Line],
}

impl<'l> Lines<'l> {
    /// Those that were answered, by id.
    pub(crate) fn ok(self) -> impl Iterator<Item = Told<'l>> {
        self.ok.iter().map(move |line| line.told(self.operation))
    }

    /// Those that were not, by id.
    pub(crate) fn bad(self) -> impl Iterator<Item = Told<'l>> {
        self.bad.iter().map(move |line| line.told(self.operation))
    }

    /// Whether every call was answered.
    pub(crate) const fn is_measured(self) -> bool {
        self.bad.is_empty()
    }
}

impl Line {
    fn told<'l>(&'l self, operation: &'l str) -> Told<'l> {
        Told {
            id: &self.id,
            operation,
            outcome: self.outcome,
            code: self.code.as_deref(),
        }
    }

    fn is_bad(&self) -> bool {
        !self.outcome.is_measured()
    }

    /// By account and region, those answered first, and then as evidence is ordered.
    fn order(&self, other: &Self) -> Ordering {
        self.account
            .cmp(&other.account)
            .then_with(|| self.region.cmp(&other.region))
            .then_with(|| self.is_bad().cmp(&other.is_bad()))
            .then_with(|| self.told("").cmp(&other.told("")))
    }
}

/// The lines of an account, of all in order.
pub(super) fn of_account<'l>(lines: &'l [Line], account: &str) -> &'l [Line] {
    let start = lines.partition_point(|line| &*line.account < account);
    let own = lines.get(start..).unwrap_or_default();
    let end = own.partition_point(|line| &*line.account == account);
    own.get(..end).unwrap_or_default()
}

/// The lines of each account and region.
pub(super) fn places<'l>(
    operation: &'l str,
    lines: &'l [Line],
) -> impl Iterator<Item = (&'l str, &'l str, Lines<'l>)> {
    let same = |a: &Line, b: &Line| a.region == b.region && a.account == b.account;
    lines.chunk_by(same).filter_map(move |here| {
        let first = here.first()?;
        let (ok, bad) = here.split_at_checked(here.partition_point(|line| !line.is_bad()))?;
        let lines = Lines { operation, ok, bad };
        Some((&*first.account, &*first.region, lines))
    })
}

/// Lines as they are read, in any order.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    operations: BTreeMap<String, Vec<Line>>,
    names: BTreeSet<Arc<str>>,
    /// The account of the line before: most lines are of the same.
    last: Option<Arc<str>>,
}

impl Gathered {
    /// Adds a line.
    pub(crate) fn add(&mut self, account: &str, region: &str, call: Told<'_>) {
        let account = match &self.last {
            Some(last) if **last == *account => Arc::clone(last),
            _ => self.name(account),
        };
        self.last = Some(Arc::clone(&account));
        let line = Line {
            account,
            region: self.name(region),
            id: call.id.into(),
            outcome: call.outcome,
            code: call.code.map(|code| self.name(code)),
        };
        match self.operations.get_mut(call.operation) {
            Some(lines) => lines.push(line),
            None => {
                self.operations
                    .insert(call.operation.to_owned(), vec![line]);
            }
        }
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let new: Arc<str> = name.into();
        self.names.insert(Arc::clone(&new));
        new
    }

    /// Puts the lines in order; each operation stands for its own accounts alone.
    pub(crate) fn alone(self) -> Ledger {
        self.sorted(&BTreeSet::new())
    }

    /// Puts the lines in order; `catalog` tells which operations are asked once for an organization.
    pub(crate) fn of(self, catalog: &Catalog) -> Ledger {
        self.sorted(&shared(catalog))
    }

    fn sorted(self, once: &BTreeSet<String>) -> Ledger {
        let sort = |(name, lines): (String, Vec<Line>)| {
            let lines = first(lines);
            let shared = once.contains(&name).then(|| {
                // They are told as those of one place.
                let nobody: Arc<str> = "".into();
                let of_all = lines.iter().map(|line| Line {
                    account: Arc::clone(&nobody),
                    ..line.clone()
                });
                first(of_all.collect())
            });
            (name, Operation { lines, shared })
        };
        Ledger {
            operations: self.operations.into_iter().map(sort).collect(),
        }
    }
}

/// The first lines of each place, in order.
fn first(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by(Line::order);
    lines.dedup();
    let mut number = 0;
    let mut before: Option<(Arc<str>, Arc<str>, bool)> = None;
    lines.retain(|line| {
        let same = before.as_ref().is_some_and(|(account, region, bad)| {
            *account == line.account && *region == line.region && *bad == line.is_bad()
        });
        if !same {
            number = 0;
            let place = (Arc::clone(&line.account), Arc::clone(&line.region));
            before = Some((place.0, place.1, line.is_bad()));
        }
        number += 1;
        number <= MOST_REFS
    });
    lines.shrink_to_fit();
    lines
}

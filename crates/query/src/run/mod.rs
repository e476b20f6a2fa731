//! The runner: decides every selected control on every row, with the ledger beside it.

mod calls;
pub(crate) mod decide;
mod evaluate;
mod gaps;
pub(crate) mod ledger;
mod query;
mod rows;
mod table;
mod value;
mod words;

pub(crate) use value::whole;

use crate::error::QueryError;
use crate::plan::{Compiled, Compiler, Source};
use crate::session::{Session, both};
use decide::Judge;
use ledger::Ledger;
use palisade_core::catalog::{Control, Exceptions};
use palisade_core::finding::{Finding, FindingSink};
use palisade_core::snapshot::AccountScope;
use std::collections::{BTreeMap, BTreeSet};

/// How a run went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunReport {
    /// The controls that were asked.
    pub evaluated: BTreeSet<String>,
    /// Findings given to the sink.
    pub findings: u64,
    /// Controls that failed on the way, and why; their findings are `unknown`.
    pub errors: BTreeMap<String, String>,
}

/// Decides controls on a snapshot and gives the findings to `sink`: those of one control in the order of account,
/// region and resource; controls of one table are decided in one pass, so theirs alternate.
///
/// A control that fails while it runs gives `unknown` findings; it never ends the run.
///
/// # Errors
/// When a control does not plan, a file of the snapshot is damaged, or the sink can't take a finding.
pub fn assess(
    session: &Session,
    controls: &[&Control],
    exceptions: &Exceptions,
    scope: &[AccountScope],
    sink: &mut dyn FindingSink,
) -> Result<RunReport, QueryError> {
    let compiler = Compiler::new(session);
    let compile = |half: &[&Control]| {
        half.iter()
            .map(|control| {
                compiler
                    .compile(control)
                    .map_err(|e| QueryError::Control(e.one_line()))
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let (first, second) = controls.split_at(controls.len() / 2);
    let (first, second) = both(|| compile(first), || compile(second))?;
    let mut compiled = first?;
    compiled.extend(second?);
    let ledger = ledger::read(session, &compiled)?;
    let mut run = Run {
        session,
        compiler: &compiler,
        ledger: &ledger,
        judge: Judge::new(exceptions, session.now),
        scope,
        sink: Counted::new(sink),
        errors: BTreeMap::new(),
    };
    run.all(&compiled)?;
    Ok(RunReport {
        evaluated: controls.iter().map(|c| c.id.clone()).collect(),
        findings: run.sink.count,
        errors: run.errors,
    })
}

/// What the parts of a run share.
pub(crate) struct Run<'a> {
    pub(crate) session: &'a Session,
    pub(crate) compiler: &'a Compiler,
    pub(crate) ledger: &'a Ledger,
    pub(crate) judge: Judge<'a>,
    pub(crate) scope: &'a [AccountScope],
    pub(crate) sink: Counted<'a>,
    pub(crate) errors: BTreeMap<String, String>,
}

impl Run<'_> {
    pub(crate) fn all(&mut self, compiled: &[Compiled]) -> Result<(), QueryError> {
        let mut by_table: BTreeMap<&str, Vec<&Compiled>> = BTreeMap::new();
        for control in compiled {
            if let Source::Table(table) = &control.source {
                by_table.entry(table).or_default().push(control);
            }
        }
        for (table, controls) in by_table {
            self.table(table, &controls)?;
        }
        for control in compiled {
            if let Source::Query(query) = &control.source {
                self.query(control, query)?;
            }
        }
        Ok(())
    }
}

/// Counts what passes.
pub(crate) struct Counted<'a> {
    inner: &'a mut dyn FindingSink,
    count: u64,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(inner: &'a mut dyn FindingSink) -> Self {
        Self { inner, count: 0 }
    }

    pub(crate) fn give(&mut self, finding: &Finding) -> Result<(), QueryError> {
        self.count += 1;
        Ok(self.inner.finding(finding)?)
    }
}

//! The runner: decides every selected control on every row, with the ledger beside it.

pub(crate) mod behind;
pub(crate) mod calls;
pub(crate) mod decide;
mod evaluate;
mod gaps;
mod lanes;
pub(crate) mod ledger;
pub(crate) mod lines;
mod order;
mod query;
mod ready;
mod rows;
mod seen;
mod table;
mod value;
pub(crate) mod words;

pub(crate) use lanes::Give;
pub(crate) use ready::Ready;
pub(crate) use value::whole;

use crate::derived;
use crate::error::QueryError;
use crate::plan::{Compiled, Compiler, Query, Source, ground};
use crate::questions::first;
use crate::session::Session;
use datafusion::common::DFSchema;
use decide::Judge;
use evaluate::{Grounded, Reason};
use ledger::Ledger;
use palisade_core::catalog::{Control, Exceptions};
use palisade_core::finding::{Finding, FindingSink};
use palisade_core::snapshot::AccountScope;
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
    let compiled = compiler.compile_all(controls).map_err(first)?;
    decide(session, &compiler, compiled, exceptions, scope, sink)
}

/// The same, of controls that are planned. Each plan is dropped when its job is done.
pub(crate) fn decide(
    session: &Session,
    compiler: &Compiler,
    compiled: Vec<Compiled>,
    exceptions: &Exceptions,
    scope: &[AccountScope],
    sink: &mut dyn FindingSink,
) -> Result<RunReport, QueryError> {
    let ledger = session.ledger()?;
    let shared = Shared {
        session,
        compiler,
        ledger: &ledger,
        judge: Judge::new(exceptions, session.now),
        scope,
        ready: None,
    };
    let mut sink = Counted { sink, count: 0 };
    let evaluated = compiled.iter().map(|c| c.id.to_string()).collect();
    let mut jobs = jobs(compiled);
    let made = |job: &Job<Compiled>| -> BTreeSet<String> {
        let tables = job.tables().into_iter();
        let made = tables.filter(|table| session.catalog.derived.contains_key(*table));
        made.map(str::to_owned).collect()
    };
    derived::begin(session, &jobs.iter().flat_map(made).collect())?;
    // What engines work out is read last: by then it is there.
    jobs.sort_by_key(|job| !made(job).is_empty());
    let errors = lanes::each(jobs, session.limits.threads, &mut sink, |job, give| {
        shared.done(&job, give)
    })?;
    Ok(RunReport {
        evaluated,
        findings: sink.count,
        errors,
    })
}

/// What is decided in one pass: the controls of a table, or one whose subject is a query.
enum Job<C> {
    Table(String, Vec<C>),
    Query(C, Arc<Query>),
}

impl<C> Job<C> {
    /// The tables that it reads.
    fn tables(&self) -> Vec<&str> {
        match self {
            Self::Table(table, _) => vec![table],
            Self::Query(_, query) => query.scans.keys().map(String::as_str).collect(),
        }
    }
}

fn jobs<C: Borrow<Compiled>>(compiled: impl IntoIterator<Item = C>) -> Vec<Job<C>> {
    let mut tables: BTreeMap<String, Vec<C>> = BTreeMap::new();
    let mut queries = Vec::new();
    for control in compiled {
        match control.borrow().source.clone() {
            Source::Table(table) => tables.entry(table).or_default().push(control),
            Source::Query(query) => queries.push(Job::Query(control, query)),
        }
    }
    let tables = tables.into_iter().map(|(t, c)| Job::Table(t, c));
    tables.chain(queries).collect()
}

/// What the jobs of a run share.
pub(crate) struct Shared<'a> {
    pub(crate) session: &'a Session,
    pub(crate) compiler: &'a Compiler,
    pub(crate) ledger: &'a Ledger,
    pub(crate) judge: Judge<'a>,
    pub(crate) scope: &'a [AccountScope],
    /// Where controls are run again.
    pub(crate) ready: Option<&'a Ready>,
}

impl Shared<'_> {
    /// A control's expressions, ready for rows of a schema.
    pub(super) fn ground(
        &self,
        control: &Compiled,
        schema: &Arc<DFSchema>,
    ) -> Result<Arc<Grounded>, QueryError> {
        if let Some(found) = self.ready.and_then(|r| r.find(control, schema)) {
            return Ok(found);
        }
        let state = &self.compiler.state;
        let grounded = Arc::new(Grounded {
            applies: control
                .applies
                .as_ref()
                .map(|e| ground(state, e, schema))
                .transpose()?,
            require: ground(state, &control.require, schema)?,
            reason: control
                .reason
                .as_ref()
                .map(|e| Reason::new(state, e, schema)),
        });
        if let Some(ready) = self.ready {
            ready.keep(control, schema, &grounded);
        }
        Ok(grounded)
    }

    /// Decides controls, one job after the other; tells those that failed on the way, and why.
    pub(crate) fn all(
        &self,
        compiled: &[Compiled],
        give: &mut Give<'_>,
    ) -> Result<BTreeMap<String, String>, QueryError> {
        let mut errors = BTreeMap::new();
        for job in jobs(compiled) {
            errors.extend(self.done(&job, give)?);
        }
        Ok(errors)
    }

    fn done<C: Borrow<Compiled>>(
        &self,
        job: &Job<C>,
        give: &mut Give<'_>,
    ) -> Result<BTreeMap<String, String>, QueryError> {
        let mut run = Run {
            shared: self,
            give,
            errors: BTreeMap::new(),
        };
        match job {
            Job::Table(table, controls) => {
                let controls: Vec<&Compiled> = controls.iter().map(Borrow::borrow).collect();
                run.table(table, &controls)?;
            }
            Job::Query(control, query) => run.query(control.borrow(), query)?,
        }
        Ok(run.errors)
    }
}

/// One job on its way.
struct Run<'a> {
    shared: &'a Shared<'a>,
    give: &'a mut Give<'a>,
    errors: BTreeMap<String, String>,
}

/// Counts what passes.
struct Counted<'a> {
    sink: &'a mut dyn FindingSink,
    count: u64,
}

impl FindingSink for Counted<'_> {
    fn reads_grounds(&self) -> bool {
        self.sink.reads_grounds()
    }

    fn finding(&mut self, finding: &Finding) -> std::io::Result<()> {
        self.count += 1;
        self.sink.finding(finding)
    }
}

//! All controls of one table in one pass over its rows.

use super::Run;
use super::calls::{Fills, LIST, Mask, RowCalls};
use super::decide::{Basis, finding};
use super::evaluate::{Answer, Grounded};
use super::gaps::{self, Gap, Gaps};
use super::ledger;
use super::order::{Lot, Wanted, in_order};
use super::rows::Keys;
use super::seen::{Column, Seen};
use super::value::shortened;
use crate::error::QueryError;
use crate::plan::Compiled;
use arrow::array::RecordBatch;
use datafusion::common::DFSchema;
use palisade_core::finding::Resource;
use palisade_core::grounds::Grounds;
use palisade_core::schema::{CALLS, COMMON, ColumnType, Origin, Reads, TableSchema};
use palisade_core::verdict::Calls;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// One control over the rows of a table.
pub(crate) struct Asked<'c> {
    pub(crate) control: &'c Compiled,
    need: Mask,
    /// What of it the snapshot has no column for.
    lost: Mask,
    grounded: Arc<Grounded>,
    /// The columns read, by place in the batch.
    columns: Arc<[Column]>,
}

/// A batch with what the controls say about it.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(super) batch: RecordBatch,
    pub(super) calls: Result<RowCalls, String>,
    pub(super) answers: Vec<Answer>,
}

impl Run<'_> {
    pub(super) fn table(&mut self, name: &str, controls: &[&Compiled]) -> Result<(), QueryError> {
        let Some(schema) = self.shared.session.schemas.get(name).map(Arc::clone) else {
            return Ok(());
        };
        let reads: Reads = controls
            .iter()
            .flat_map(|c| ledger::needs(self.shared.session, c))
            .fold(Reads::new(), |mut all, (table, fills)| {
                all.entry(table).or_default().extend(fills);
                all
            });
        let mut gaps = Gaps::new(gaps::of_table(
            self.shared.session,
            self.shared.ledger,
            self.shared.scope,
            name,
            &reads,
        ));
        let session = self.shared.session;
        if session.collected.contains_key(name) && !session.is_empty(name) {
            self.rows(name, &schema, controls, &mut gaps)?;
        }
        for gap in gaps.rest() {
            self.gap(controls, &gap)?;
        }
        Ok(())
    }

    fn rows(
        &mut self,
        name: &str,
        schema: &TableSchema,
        controls: &[&Compiled],
        gaps: &mut Gaps,
    ) -> Result<(), QueryError> {
        let provider = self.shared.session.schema_of(name)?;
        let instead = instead(schema);
        let mut wanted: BTreeSet<&str> = COMMON.into_iter().chain([CALLS]).collect();
        wanted.extend(instead);
        for control in controls {
            wanted.extend(control.read.iter().map(String::as_str));
            wanted.extend(control.reason_read.iter().map(String::as_str));
        }
        let projection: Vec<usize> = wanted
            .iter()
            .filter_map(|c| provider.index_of(c).ok())
            .collect();
        let projected = provider
            .project(&projection)
            .map_err(|e| QueryError::Engine(e.to_string()))?;
        let df = DFSchema::try_from_qualified_schema(name, &projected)
            .map_err(|e| QueryError::run(&e))?;
        let df = Arc::new(df);
        let fills = Fills::new(fills_of(self, name));
        let lost = self.lost(name, schema, &fills);
        let mut grounded = Vec::with_capacity(controls.len());
        let mut asked = Vec::with_capacity(controls.len());
        for control in controls {
            match self.shared.ground(control, &df) {
                Ok(ready) => {
                    let asked_for = self.asked(name, control, &ready, &fills, &df);
                    grounded.push(ready);
                    asked.push(Asked {
                        lost: asked_for.need & lost,
                        ..asked_for
                    });
                }
                Err(e) => self.broken(control, &e)?,
            }
        }
        let session = self.shared.session;
        let intact = intact(controls, &df);
        let open = |wanted| {
            let plan = match wanted {
                Wanted::Anyhow => session.scan(name, projection.clone())?,
                Wanted::Sorted => session.sorted(name, projection.clone())?,
            };
            let judge = judging(&grounded, fills.clone(), &intact, session.limits.control);
            session.stream_with(plan, judge)
        };
        let lot = |judged| Ok(lot(judged, instead, &asked));
        let mut bases: Vec<(Mask, Mask, Basis)> = Vec::new();
        in_order(session.limits.memory, open, lot, |lot, row| {
            bases.clear();
            self.row(name, lot, row, &asked, &fills, gaps, &mut bases)
        })
    }

    fn asked<'c>(
        &self,
        table: &str,
        control: &'c Compiled,
        grounded: &Arc<Grounded>,
        fills: &Fills,
        schema: &DFSchema,
    ) -> Asked<'c> {
        let need = ledger::needs(self.shared.session, control)
            .get(table)
            .into_iter()
            .flatten()
            .fold(LIST, |mask, fill| mask | fills.mask(fill));
        let columns = control
            .read
            .iter()
            .filter_map(|c| Some((c.clone(), schema.index_of_column_by_name(None, c)?)))
            .collect();
        Asked {
            control,
            need,
            lost: 0,
            grounded: Arc::clone(grounded),
            columns,
        }
    }

    /// Fills whose answers the snapshot has no column for, though they may have been asked.
    fn lost(&self, table: &str, schema: &TableSchema, fills: &Fills) -> Mask {
        let lacking = self.shared.session.lacking().get(table);
        let columns = lacking.into_iter().flatten();
        columns.fold(0, |all, column| {
            match schema.column(column).map(|c| &c.origin) {
                Some(Origin::Fill(fill)) => all | fills.mask(fill),
                _ => all,
            }
        })
    }

    /// Tells all controls of a row; `bases`: those that need the same fills rest on the same calls.
    fn row(
        &mut self,
        kind: &str,
        lot: &Lot,
        row: usize,
        asked: &[Asked<'_>],
        fills: &Fills,
        gaps: &mut Gaps,
        bases: &mut Vec<(Mask, Mask, Basis)>,
    ) -> Result<(), QueryError> {
        let resource = Arc::new(lot.keys.resource(row, kind));
        for gap in gaps.before(&resource.account_id, &resource.region, &resource.arn) {
            let controls: Vec<&Compiled> = asked.iter().map(|a| a.control).collect();
            self.gap(&controls, &gap)?;
        }
        for (one, seen) in asked.iter().zip(&lot.seen) {
            let known = bases
                .iter()
                .find(|(need, lost, _)| (*need, *lost) == (one.need, one.lost));
            let basis = if let Some((_, _, basis)) = known {
                basis.clone()
            } else {
                let basis = match &lot.judged.calls {
                    Ok(calls) => basis(calls, row, one, fills, self, kind),
                    Err(e) => Basis::Lacking(Calls::default(), [e.clone()].into()),
                };
                bases.push((one.need, one.lost, basis.clone()));
                basis
            };
            self.decide(one.control, Arc::clone(&resource), basis, seen, row)?;
        }
        Ok(())
    }

    /// Decides a control on a row, and gives the finding.
    pub(super) fn decide(
        &mut self,
        control: &Compiled,
        resource: Arc<Resource>,
        basis: Basis,
        seen: &Arc<Seen>,
        row: usize,
    ) -> Result<(), QueryError> {
        if let Some(error) = seen.said(row).error {
            self.errors
                .entry(control.id.to_string())
                .or_insert_with(|| error.to_string());
        }
        let judge = &self.shared.judge;
        let finding = judge.decide(control, resource, basis, seen, row);
        Ok((self.give)(finding)?)
    }

    /// A control that can't be asked is unknown in every account.
    pub(super) fn broken(&mut self, control: &Compiled, e: &QueryError) -> Result<(), QueryError> {
        self.errors.insert(control.id.to_string(), e.to_string());
        let scope = self.shared.scope;
        for account in scope.iter().filter(|a| a.not_reached.is_none()) {
            let gap = gaps::of_query(
                &control.kind,
                &account.id,
                gaps::GLOBAL,
                Calls::default(),
                format!("the control failed: {e}"),
                false,
            );
            self.gap(&[control], &gap)?;
        }
        Ok(())
    }

    pub(super) fn gap(&mut self, controls: &[&Compiled], gap: &Gap) -> Result<(), QueryError> {
        for control in controls {
            let finding = finding(
                control,
                Arc::clone(&gap.resource),
                gap.verdict(),
                Grounds::unseen(gap.reason.clone()),
            );
            (self.give)(finding)?;
        }
        Ok(())
    }
}

fn lot(judged: Judged, instead: Option<&str>, asked: &[Asked<'_>]) -> Lot {
    let judged = Arc::new(judged);
    let seen = asked.iter().enumerate();
    Lot {
        keys: Keys::read(&judged.batch, instead),
        seen: seen
            .map(|(at, one)| Arc::new(Seen::new(&judged, at, &one.grounded, &one.columns)))
            .collect(),
        judged,
    }
}

/// The columns that reasons are made of.
pub(crate) fn intact(controls: &[&Compiled], schema: &DFSchema) -> BTreeSet<usize> {
    let reasons = controls.iter().filter_map(|c| c.reason.as_ref());
    let columns = reasons.flat_map(|reason| reason.column_refs());
    columns
        .filter_map(|column| schema.index_of_column_by_name(None, &column.name))
        .collect()
}

/// The work on each batch, done on the session's threads. What is kept of it for evidence is cut, but for the columns
/// that are to stay intact.
pub(crate) fn judging(
    grounded: &[Arc<Grounded>],
    fills: Fills,
    intact: &BTreeSet<usize>,
    limit: Duration,
) -> impl FnMut(RecordBatch) -> Judged + Send + 'static + use<> {
    let (grounded, intact) = (grounded.to_vec(), intact.clone());
    let mut spent = vec![Duration::ZERO; grounded.len()];
    move |batch| {
        let calls = batch.column_by_name(CALLS).map_or_else(
            || Err("_calls".to_owned()),
            |column| RowCalls::read(column, &fills).map_err(|e| e.to_string()),
        );
        let answers = grounded
            .iter()
            .zip(&mut spent)
            .map(|(g, spent)| g.answer(&batch, spent, limit))
            .collect();
        Judged {
            batch: short(batch, &intact),
            calls,
            answers,
        }
    }
}

fn short(batch: RecordBatch, intact: &BTreeSet<usize>) -> RecordBatch {
    let columns = batch.columns().iter().enumerate();
    let columns = columns.map(|(at, values)| {
        if intact.contains(&at) {
            Arc::clone(values)
        } else {
            shortened(values)
        }
    });
    RecordBatch::try_new(batch.schema(), columns.collect()).unwrap_or(batch)
}

fn basis(
    calls: &RowCalls,
    row: usize,
    asked: &Asked<'_>,
    fills: &Fills,
    run: &Run<'_>,
    table: &str,
) -> Basis {
    let need = asked.need;
    let present = calls.present.get(row).copied().unwrap_or_default() & !asked.lost;
    let bad = calls.bad.get(row).copied().unwrap_or_default() & need;
    let missing = need & !present;
    if bad == 0 && missing == 0 {
        return Basis::Calls(calls.refs(row, need).into());
    }
    let failed = calls.refs(row, bad).into_iter();
    let failed: Calls = failed.filter(|c| !c.outcome.is_measured()).collect();
    let table = run.shared.session.catalog.tables.get(table);
    // What a failed call was to give the parameters of could not be asked: the failed call says it all.
    let missing = if failed.is_empty() {
        fills
            .names(missing)
            .map(|fill| {
                let call = table.and_then(|t| {
                    if fill.is_empty() {
                        Some(&t.list.call)
                    } else {
                        t.fills.get(fill).map(|f| &f.call)
                    }
                });
                call.map_or_else(|| fill.to_owned(), Clone::clone)
            })
            .collect::<BTreeSet<String>>()
            .into_iter()
            .collect()
    } else {
        Arc::default()
    };
    Basis::Lacking(failed, missing)
}

fn fills_of<'r>(run: &'r Run<'_>, table: &str) -> impl Iterator<Item = String> + use<'r> {
    run.shared
        .session
        .catalog
        .tables
        .get(table)
        .into_iter()
        .flat_map(|t| t.fills.keys().cloned())
}

/// A column of the list call that can stand in for an ARN whose own columns were not read.
fn instead(schema: &TableSchema) -> Option<&str> {
    schema
        .columns
        .iter()
        .find(|c| {
            c.origin == Origin::List
                && c.ty == ColumnType::Text
                && !COMMON.contains(&c.name.as_str())
        })
        .map(|c| c.name.as_str())
}

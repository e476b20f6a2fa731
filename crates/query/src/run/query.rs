//! A control whose subject is a query: its rows depend on every call behind the tables that it reads.

use super::Run;
use super::behind::Behind;
use super::calls::Fills;
use super::decide::Basis;
use super::gaps::{self, GLOBAL, Gap, Gaps, Unless};
use super::ledger;
use super::order::{Lot, Wanted, in_order};
use super::rows::Keys;
use super::seen::{Column, Seen};
use super::table::{intact, judging};
use super::words::lacking;
use crate::error::QueryError;
use crate::plan::{Compiled, Query, gives_nothing, sorted};
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use datafusion::common::DFSchema;
use palisade_core::verdict::Calls;
use std::sync::Arc;

impl Run<'_> {
    pub(super) fn query(
        &mut self,
        control: &Compiled,
        query: &Arc<Query>,
    ) -> Result<(), QueryError> {
        let reads = ledger::needs(self.shared.session, control);
        let mut behind = Behind::new(self.shared.session, self.shared.ledger, query, &reads);
        let mut gaps = Gaps::new(self.query_gaps(control, query, &mut behind));
        if let Err(e) = self.query_rows(control, query, &mut behind, &mut gaps) {
            if matches!(e, QueryError::Io(_) | QueryError::Damaged { .. }) {
                return Err(e);
            }
            // A query that fails or takes too long is that control's own matter.
            self.errors.insert(control.id.to_string(), e.to_string());
            let mut left: Vec<Gap> = gaps.rest().filter(|g| g.unless == Unless::Never).collect();
            for account in self.shared.scope.iter().filter(|a| a.not_reached.is_none()) {
                left.push(gaps::of_query(
                    &control.kind,
                    &account.id,
                    GLOBAL,
                    Calls::default(),
                    format!("the control failed: {e}"),
                    false,
                ));
            }
            for gap in Gaps::new(left).rest() {
                self.gap(&[control], &gap)?;
            }
            return Ok(());
        }
        for gap in gaps.rest() {
            self.gap(&[control], &gap)?;
        }
        Ok(())
    }

    fn query_rows(
        &mut self,
        control: &Compiled,
        query: &Arc<Query>,
        behind: &mut Behind<'_>,
        gaps: &mut Gaps,
    ) -> Result<(), QueryError> {
        let shared = self.shared;
        let session = shared.session;
        if gives_nothing(&query.plan, &|table| session.is_empty(table)) {
            return Ok(());
        }
        let physical = session.physical(query.plan.clone())?;
        let schema = physical.schema();
        let plain = Schema::new(schema.fields().clone());
        let df = Arc::new(DFSchema::try_from(plain).map_err(|e| QueryError::run(&e))?);
        let limit = session.limits.control;
        let columns: Arc<[Column]> = control
            .read
            .iter()
            .filter_map(|c| Some((c.clone(), schema.index_of(c).ok()?)))
            .collect();
        let mut first = Some(physical);
        let open = |wanted| {
            let plan = match (wanted, first.take()) {
                (Wanted::Anyhow, Some(plan)) => plan,
                _ => session.physical(sorted(&query.plan)?)?,
            };
            let batches = session.stream(plan)?.within(limit);
            let is_empty = |batch: &Result<RecordBatch, QueryError>| {
                batch.as_ref().is_ok_and(|batch| batch.num_rows() == 0)
            };
            Ok(batches.filter(move |batch| !is_empty(batch)))
        };
        // Many a query has no rows: what is said of them is made ready when there is one.
        let mut ready = None;
        let lot = |batch| {
            let (grounded, judge) = match &mut ready {
                Some(ready) => ready,
                none => {
                    let grounded = shared.ground(control, &df)?;
                    let intact = intact(&[control], &df);
                    let fills = Fills::new(std::iter::empty());
                    let judge = judging(&[Arc::clone(&grounded)], fills, &intact, limit);
                    none.insert((grounded, judge))
                }
            };
            let judged = Arc::new(judge(batch));
            Ok(Lot {
                keys: Keys::read(&judged.batch, None),
                seen: vec![Arc::new(Seen::new(&judged, 0, grounded, &columns))],
                judged,
            })
        };
        in_order(session.limits.memory, open, lot, |lot, row| {
            let resource = lot.keys.resource(row, &control.kind);
            for gap in gaps.before(&resource.account_id, &resource.region, &resource.arn) {
                self.gap(&[control], &gap)?;
            }
            let basis = behind.at(&resource.account_id, Some(&resource.region));
            let seen = lot.seen.first();
            seen.map_or(Ok(()), |seen| {
                self.decide(control, resource.into(), basis, seen, row)
            })
        })
    }

    /// What is to be told of accounts (and regions) for which the query gives no row.
    fn query_gaps(&self, control: &Compiled, query: &Query, behind: &mut Behind<'_>) -> Vec<Gap> {
        let kind = control.kind.as_str();
        let mut gaps = Vec::new();
        for account in self.shared.scope {
            if let Some(gap) = gaps::not_reached(kind, account) {
                gaps.push(gap);
                continue;
            }
            let mut told = false;
            if query.by_region {
                for region in &account.regions {
                    if let Basis::Lacking(bad, missing) = behind.at(&account.id, Some(region)) {
                        let why = lacking(&bad, &missing);
                        gaps.push(gaps::of_query(kind, &account.id, region, bad, why, false));
                        told = true;
                    }
                }
            }
            if told {
                continue;
            }
            let (calls, why, empty) = match behind.at(&account.id, None) {
                Basis::Lacking(bad, missing) => {
                    let why = lacking(&bad, &missing);
                    (bad, why, false)
                }
                Basis::Calls(calls) => {
                    let why = "looked: there is nothing that this is about";
                    (calls, why.to_owned(), true)
                }
            };
            gaps.push(gaps::of_query(kind, &account.id, GLOBAL, calls, why, empty));
        }
        gaps
    }
}

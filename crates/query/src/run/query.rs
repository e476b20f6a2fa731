//! A control whose subject is a query: its rows depend on every call behind the tables that it reads.

use super::Run;
use super::decide::Basis;
use super::gaps::{self, GLOBAL, Gap, Gaps, Unless};
use super::ledger::{self, MOST_REFS, filling, listing};
use super::rows::Keys;
use super::table::{judging, said};
use super::value::json;
use super::{calls::Fills, words};
use crate::error::QueryError;
use crate::plan::{Compiled, Query};
use crate::session::Session;
use arrow::datatypes::Schema;
use datafusion::common::DFSchema;
use palisade_core::CallRef;
use palisade_core::catalog::Scope;
use palisade_core::schema::Reads;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What stands behind the rows of one account (and region).
#[derive(Debug, Clone, Default)]
struct Behind {
    ok: BTreeSet<CallRef>,
    bad: BTreeSet<CallRef>,
    missing: BTreeSet<String>,
}

impl Behind {
    fn basis(&self) -> Basis {
        if self.bad.is_empty() && self.missing.is_empty() {
            Basis::Calls(self.ok.iter().take(MOST_REFS).cloned().collect())
        } else {
            Basis::Lacking(
                self.bad.iter().take(MOST_REFS).cloned().collect(),
                self.missing.iter().cloned().collect(),
            )
        }
    }
}

impl Run<'_> {
    pub(super) fn query(
        &mut self,
        control: &Compiled,
        query: &Arc<Query>,
    ) -> Result<(), QueryError> {
        let reads = ledger::needs(self.shared.session, control);
        let mut gaps = Gaps::new(self.query_gaps(control, query, &reads));
        if let Err(e) = self.query_rows(control, query, &reads, &mut gaps) {
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
                    Vec::new(),
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
        reads: &Reads,
        gaps: &mut Gaps,
    ) -> Result<(), QueryError> {
        let physical = self.shared.session.physical(query.plan.clone())?;
        let schema = physical.schema();
        let plain = Schema::new(schema.fields().clone());
        let df = Arc::new(DFSchema::try_from(plain).map_err(|e| QueryError::run(&e))?);
        let grounded = vec![self.ground(control, &df)?];
        let limit = self.shared.session.limits.control;
        let batches = self.shared.session.stream_with(
            physical,
            judging(grounded, Fills::new(std::iter::empty()), limit),
        )?;
        let values: Vec<(String, usize)> = control
            .read
            .iter()
            .filter_map(|c| Some((c.clone(), schema.index_of(c).ok()?)))
            .collect();
        let mut behind: BTreeMap<(String, String), Behind> = BTreeMap::new();
        for judged in batches.within(limit) {
            let judged = judged?;
            let keys = Keys::read(&judged.batch, None);
            for row in 0..judged.batch.num_rows() {
                let resource = keys.resource(row, &control.kind);
                let place = (resource.account_id.clone(), resource.region.clone());
                for gap in gaps.before(&place.0, &place.1, &resource.arn) {
                    self.gap(&[control], &gap)?;
                }
                let behind = behind.entry(place).or_insert_with_key(|(a, r)| {
                    self.behind(query.by_account, query.by_region, reads, a, r)
                });
                let seen = values
                    .iter()
                    .map(|(name, at)| {
                        let value = judged
                            .batch
                            .columns()
                            .get(*at)
                            .map_or(serde_json::Value::Null, |c| json(c, row));
                        (name.clone(), value)
                    })
                    .collect();
                let Some(answer) = judged.answers.first() else {
                    continue;
                };
                let said = said(answer, row, seen);
                if let Some(error) = said.error {
                    self.errors
                        .entry(control.id.to_string())
                        .or_insert_with(|| error.to_string());
                }
                let finding = self
                    .shared
                    .judge
                    .decide(control, resource, behind.basis(), said);
                (self.give)(finding)?;
            }
        }
        Ok(())
    }

    /// The calls behind rows of an account and region: of the tables read, their parents and the fills needed.
    fn behind(
        &self,
        by_account: bool,
        by_region: bool,
        reads: &Reads,
        account: &str,
        region: &str,
    ) -> Behind {
        let account = by_account.then_some(account);
        let mut behind = Behind::default();
        for (name, fills) in reads {
            let Some(table) = self.shared.session.catalog.tables.get(name) else {
                continue;
            };
            let region = (by_region && table.scope == Scope::Region).then_some(region);
            for operation in listing(table).chain(filling(table, fills)) {
                for (_, _, lines) in self.shared.ledger.lines(operation, account, region) {
                    behind.bad.extend(lines.bad.iter().cloned());
                }
            }
            let mut asked = false;
            for (_, _, lines) in self.shared.ledger.lines(&table.list.call, account, region) {
                asked = true;
                behind.ok.extend(lines.ok.iter().take(MOST_REFS).cloned());
            }
            let Some(planned) = self.shared.session.collected.get(name) else {
                behind.missing.insert(format!("`{name}`"));
                continue;
            };
            // Children of no parent are listed by no call.
            if !asked && table.parent.is_none() && behind.bad.is_empty() {
                behind.missing.insert(table.list.call.clone());
            }
            for fill in fills {
                if !is_planned(self.shared.session, name, fill, planned)
                    && let Some(fill) = table.fills.get(fill)
                {
                    behind.missing.insert(fill.call.clone());
                }
            }
        }
        behind
    }

    /// What is to be told of accounts (and regions) for which the query gives no row.
    fn query_gaps(&self, control: &Compiled, query: &Query, reads: &Reads) -> Vec<Gap> {
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
                    let behind = self.behind(query.by_account, true, reads, &account.id, region);
                    if let Basis::Lacking(bad, missing) = behind.basis() {
                        gaps.push(gaps::of_query(
                            kind,
                            &account.id,
                            region,
                            bad.clone(),
                            lacking(&bad, &missing),
                            false,
                        ));
                        told = true;
                    }
                }
            }
            if told {
                continue;
            }
            gaps.push(
                match self
                    .behind(query.by_account, false, reads, &account.id, "")
                    .basis()
                {
                    Basis::Lacking(bad, missing) => gaps::of_query(
                        kind,
                        &account.id,
                        GLOBAL,
                        bad.clone(),
                        lacking(&bad, &missing),
                        false,
                    ),
                    Basis::Calls(calls) => gaps::of_query(
                        kind,
                        &account.id,
                        GLOBAL,
                        calls,
                        "looked: there is nothing that this is about".to_owned(),
                        true,
                    ),
                },
            );
        }
        gaps
    }
}

fn lacking(bad: &[CallRef], missing: &[String]) -> String {
    let mut why = words::failed(bad);
    if !missing.is_empty() {
        if !why.is_empty() {
            why.push_str("; ");
        }
        why.push_str(&words::not_collected(missing));
    }
    why
}

/// Whether a fill was planned; the manifest may name it, or its columns.
fn is_planned(session: &Session, table: &str, fill: &str, planned: &BTreeSet<String>) -> bool {
    planned.contains(fill)
        || session.schemas.get(table).is_some_and(|schema| {
            schema.columns.iter().any(|c| {
                c.origin == palisade_core::schema::Origin::Fill(fill.to_owned())
                    && planned.contains(&c.name)
            })
        })
}

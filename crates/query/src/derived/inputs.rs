//! What an engine sees of a snapshot.

use super::bases::Bases;
use super::restored::Restored;
use crate::error::QueryError;
use crate::run::ledger::Ledger;
use crate::threads::Threads;
use arrow::array::{Array as _, ArrayRef, RecordBatch};
use palisade_core::catalog::Declared;
use palisade_core::snapshot::AccountScope;
use palisade_iam::estate::{Group, Subject};
use palisade_network::Network;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// An account and a region.
pub(crate) type Where = (String, String);

/// The tables that a derived table reads, and the places that were looked at. Rows are read when they are asked for, in
/// the columns that are asked for: a million rows with their policies do not fit in memory at once.
#[derive(Debug)]
pub(crate) struct Inputs {
    bases: Arc<Bases>,
    threads: Threads,
    ledger: Arc<Ledger>,
    shared: Arc<Shared>,
    /// What went wrong when rows were read.
    failed: Mutex<Option<QueryError>>,
}

/// What an engine makes of the tables once, for all tables that it gives.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) network: OnceLock<Arc<Network>>,
    pub(crate) people: OnceLock<People>,
}

/// Users, roles and groups.
#[derive(Debug, Clone)]
pub(crate) struct People {
    pub(crate) subjects: Arc<[Subject]>,
    pub(crate) groups: Arc<[Group]>,
}

impl Inputs {
    pub(super) const fn new(
        bases: Arc<Bases>,
        threads: Threads,
        ledger: Arc<Ledger>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            bases,
            threads,
            ledger,
            shared,
            failed: Mutex::new(None),
        }
    }

    /// Whether all rows that were asked for could be read.
    pub(super) fn done(&self) -> Result<(), QueryError> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.take().map_or(Ok(()), Err)
    }

    /// What engines made before.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Whether the engine's table is declared to read another.
    pub(crate) fn reads(&self, table: &str) -> bool {
        self.bases.tables.contains_key(table)
    }

    /// Whether a table was collected at all.
    pub(crate) fn has(&self, table: &str) -> bool {
        self.bases
            .tables
            .get(table)
            .is_some_and(|base| base.collected)
    }

    /// Why a table may lack rows of an account: the call that failed, or that it was never called.
    pub(crate) fn unlisted(&self, table: &str, account: &str) -> Option<String> {
        let base = self.bases.tables.get(table)?;
        let below = || {
            let mut calls = base.listing.iter();
            calls.find_map(|call| self.failed(call, account, None))
        };
        self.missing(&base.root, account, None).or_else(below)
    }

    /// Why an operation tells nothing of a place: the call that failed, or that it was never called. `None`: it was
    /// answered. `region`: only there; without, anywhere in the account.
    pub(crate) fn missing(
        &self,
        operation: &str,
        account: &str,
        region: Option<&str>,
    ) -> Option<String> {
        self.failed(operation, account, region).or_else(|| {
            let mut lines = self.ledger.lines(operation, Some(account), None);
            let called = lines.next().is_some();
            (!called).then(|| format!("{operation}: not called"))
        })
    }

    /// The call of an operation that was not answered.
    fn failed(&self, operation: &str, account: &str, region: Option<&str>) -> Option<String> {
        let mut lines = self.ledger.lines(operation, Some(account), region);
        let call = lines.find_map(|(_, _, lines)| lines.bad().next())?;
        let code = call.code;
        let code = code.map_or_else(String::new, |code| format!(" ({code})"));
        Some(format!("{operation}: {}{code}", call.outcome.as_str()))
    }

    /// The rows of a table as JSON objects of the columns named, in the order of the snapshot; values that are null are
    /// left out. None for a table that is not declared as read.
    pub(crate) fn rows<'i>(
        &'i self,
        table: &str,
        columns: &'i [&str],
    ) -> impl Iterator<Item = Map<String, Value>> + use<'i> {
        let batches = self.batches(table, &|name| columns.contains(&name));
        batches.flat_map(move |batch| {
            let columns = columns.iter();
            let columns: Vec<(&str, ArrayRef)> = columns
                .filter_map(|name| Some((*name, Arc::clone(batch.column_by_name(name)?))))
                .collect();
            (0..batch.num_rows()).map(move |row| object(&columns, row))
        })
    }

    /// The columns of a table that are wanted.
    fn batches<'i>(
        &'i self,
        table: &str,
        wanted: &dyn Fn(&str) -> bool,
    ) -> impl Iterator<Item = RecordBatch> + use<'i> {
        let read = |base: &super::bases::Base| {
            let schema = base.provider.schema();
            let columns = schema.fields().iter().enumerate();
            let columns = columns.filter(|(_, field)| wanted(field.name()));
            let columns = columns.map(|(at, _)| at).collect();
            let plan = self.threads.scan(Arc::clone(&base.provider), columns)?;
            self.threads.stream_with(plan, |batch| batch)
        };
        let base = self.bases.tables.get(table);
        let begun = base.and_then(|base| self.told(read(base)));
        let batches = begun.into_iter().flatten();
        batches.map_while(|batch| self.told(batch))
    }

    fn told<T>(&self, read: Result<T, QueryError>) -> Option<T> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        read.map_err(|e| *failed = Some(e)).ok()
    }

    /// The accounts and regions where the list call of a table, and those of its parents, were all answered: what has
    /// no row there is not there.
    pub(crate) fn answered(&self, table: &str) -> BTreeSet<Where> {
        let base = self.bases.tables.get(table).filter(|base| base.collected);
        base.map_or_else(BTreeSet::new, |base| base.answered(&self.ledger))
    }

    /// What the user has declared.
    pub(crate) fn declared(&self) -> &Declared {
        &self.bases.catalog.declared
    }

    /// The moment of the snapshot.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.bases.now
    }

    /// The accounts in scope.
    pub(crate) fn accounts(&self) -> &[AccountScope] {
        &self.bases.accounts
    }

    /// The rows of a table as AWS answered them, with the columns that are wanted.
    pub(crate) fn restored(&self, table: &str, wanted: impl Fn(&str) -> bool) -> Restored {
        let batches = self.batches(table, &wanted).collect();
        let base = self.bases.tables.get(table);
        Restored::new(batches, base.and_then(|base| base.schema.as_deref()))
    }
}

fn object(columns: &[(&str, ArrayRef)], row: usize) -> Map<String, Value> {
    let told = columns.iter().filter(|(_, column)| !column.is_null(row));
    told.map(|(name, column)| ((*name).to_owned(), crate::run::whole(column, row)))
        .collect()
}

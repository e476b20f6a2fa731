//! What an engine sees of a snapshot.

use super::restored::Restored;
use crate::run::ledger::{self, Ledger, Summed};
use crate::session::Session as Own;
use arrow::array::{Array as _, ArrayRef, RecordBatch};
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::Result;
use datafusion::physical_plan::collect;
use palisade_core::catalog::{Catalog, Declared, Derived, Table};
use palisade_core::schema::{Schemas, TableSchema};
use palisade_core::snapshot::AccountScope;
use palisade_network::Network;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// An account and a region.
pub(crate) type Where = (String, String);

/// The tables that a derived table reads, and the places that were looked at.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    tables: BTreeMap<String, Vec<RecordBatch>>,
    schemas: Schemas,
    answered: BTreeMap<String, BTreeSet<Where>>,
    accounts: Vec<AccountScope>,
    ledger: Arc<Ledger>,
    /// The list call of the topmost parent, and those of all tables down to this one.
    lists: BTreeMap<String, (String, BTreeSet<String>)>,
    collected: BTreeSet<String>,
    declared: Declared,
    now: jiff::Timestamp,
    shared: Arc<Shared>,
}

/// What an engine makes of the tables once, for all tables that it gives.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) network: OnceLock<Arc<Network>>,
}

impl Inputs {
    /// What engines made before.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Whether a table was collected at all.
    pub(crate) fn has(&self, table: &str) -> bool {
        self.collected.contains(table)
    }

    /// Why a table may lack rows of an account: the call that failed, or that it was never called.
    pub(crate) fn unlisted(&self, table: &str, account: &str) -> Option<String> {
        let (root, listing) = self.lists.get(table)?;
        let below = || {
            let mut calls = listing.iter();
            calls.find_map(|call| self.failed(call, account, None))
        };
        self.missing(root, account, None).or_else(below)
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
        let batches = self.tables.get(table).into_iter().flatten();
        batches.flat_map(move |batch| {
            let columns = columns.iter();
            let columns: Vec<(&str, &ArrayRef)> = columns
                .filter_map(|name| Some((*name, batch.column_by_name(name)?)))
                .collect();
            (0..batch.num_rows()).map(move |row| object(&columns, row))
        })
    }

    /// The accounts and regions where the list call of a table, and those of its parents, were all answered: what has
    /// no row there is not there.
    pub(crate) fn answered(&self, table: &str) -> impl Iterator<Item = &Where> {
        self.answered.get(table).into_iter().flatten()
    }

    /// What the user has declared.
    pub(crate) fn declared(&self) -> &Declared {
        &self.declared
    }

    /// The moment of the snapshot.
    pub(crate) const fn now(&self) -> jiff::Timestamp {
        self.now
    }

    /// The accounts in scope.
    pub(crate) fn accounts(&self) -> &[AccountScope] {
        &self.accounts
    }

    /// The rows of a table as AWS answered them.
    pub(crate) fn restored(&self, table: &str) -> Restored<'_> {
        let batches = self.tables.get(table).map_or(&[][..], Vec::as_slice);
        Restored::new(batches, self.schemas.get(table).map(Arc::as_ref))
    }
}

fn object(columns: &[(&str, &ArrayRef)], row: usize) -> Map<String, Value> {
    let told = columns.iter().filter(|(_, column)| !column.is_null(row));
    told.map(|(name, column)| ((*name).to_owned(), crate::run::whole(column, row)))
        .collect()
}

/// Where the inputs come from.
pub(crate) struct Bases {
    catalog: Arc<Catalog>,
    tables: BTreeMap<String, Base>,
    ledger: Arc<Summed>,
    accounts: Vec<AccountScope>,
    now: jiff::Timestamp,
}

struct Base {
    provider: Arc<dyn TableProvider>,
    schema: Option<Arc<TableSchema>>,
    /// The list calls of the topmost parent, and of all tables down to this one.
    root: String,
    listing: BTreeSet<String>,
    collected: bool,
}

impl Bases {
    pub(crate) fn new(session: &Own, derived: &Derived) -> Self {
        let base = |name: &String| {
            let table = session.catalog.tables.get(name)?;
            let (root, listing) = chain(&session.catalog, table);
            let base = Base {
                provider: Arc::clone(session.providers.get(name)?),
                schema: session.schemas.get(name).cloned(),
                root,
                listing,
                collected: session.collected.contains_key(name),
            };
            Some((name.clone(), base))
        };
        Self {
            catalog: Arc::clone(&session.catalog),
            tables: derived
                .reads
                .keys()
                .chain(&derived.uses)
                .filter_map(base)
                .collect(),
            ledger: Arc::clone(&session.ledger),
            accounts: session.accounts.clone(),
            now: session.now,
        }
    }

    /// Reads them; `shared` is what engines made of the same tables before.
    pub(crate) async fn read(&self, state: &dyn Session, shared: Arc<Shared>) -> Result<Inputs> {
        let mut inputs = Inputs {
            shared,
            accounts: self.accounts.clone(),
            declared: self.catalog.declared.clone(),
            now: self.now,
            ..Inputs::default()
        };
        let ledger = self.ledger.get(state).await?;
        for (name, base) in &self.tables {
            let plan = base.provider.scan(state, None, &[], None).await?;
            let batches = collect(plan, state.task_ctx()).await?;
            inputs.tables.insert(name.clone(), batches);
            if let Some(schema) = &base.schema {
                inputs.schemas.insert(name.clone(), Arc::clone(schema));
            }
            let lists = (base.root.clone(), base.listing.clone());
            inputs.lists.insert(name.clone(), lists);
            if base.collected {
                inputs.collected.insert(name.clone());
                inputs.answered.insert(name.clone(), base.answered(&ledger));
            }
        }
        inputs.ledger = ledger;
        Ok(inputs)
    }
}

impl Base {
    fn answered(&self, ledger: &Ledger) -> BTreeSet<Where> {
        let bad: BTreeSet<(&str, &str)> = self
            .listing
            .iter()
            .flat_map(|operation| ledger.lines(operation, None, None))
            .filter(|(_, _, lines)| !lines.is_measured())
            .map(|(account, region, _)| (account, region))
            .collect();
        ledger
            .lines(&self.root, None, None)
            .filter(|(account, region, _)| !bad.contains(&(*account, *region)))
            .map(|(account, region, _)| (account.to_owned(), region.to_owned()))
            .collect()
    }
}

/// The topmost parent's list call, and those of all tables on the way.
fn chain(catalog: &Catalog, table: &Table) -> (String, BTreeSet<String>) {
    let mut listing = BTreeSet::new();
    let mut at = table;
    for _ in 0..8 {
        listing.extend(ledger::listing(at).map(str::to_owned));
        match at.parent.as_ref().and_then(|p| catalog.tables.get(p)) {
            Some(parent) => at = parent,
            None => break,
        }
    }
    (at.list.call.clone(), listing)
}

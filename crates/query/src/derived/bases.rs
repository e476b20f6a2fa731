//! Where an engine's inputs come from.

use super::inputs::{Inputs, Shared, Where};
use crate::error::QueryError;
use crate::run::ledger::{self, Ledger, Summed};
use crate::session::Session;
use crate::threads::Threads;
use datafusion::catalog::TableProvider;
use palisade_core::catalog::{Catalog, Derived, Table};
use palisade_core::schema::TableSchema;
use palisade_core::snapshot::AccountScope;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where the inputs come from.
#[derive(Debug)]
pub(crate) struct Bases {
    pub(super) catalog: Arc<Catalog>,
    pub(super) tables: BTreeMap<String, Base>,
    ledger: Arc<Summed>,
    pub(super) accounts: Vec<AccountScope>,
    pub(super) now: jiff::Timestamp,
}

#[derive(Debug)]
pub(super) struct Base {
    pub(super) provider: Arc<dyn TableProvider>,
    pub(super) schema: Option<Arc<TableSchema>>,
    /// The list calls of the topmost parent, and of all tables down to this one.
    pub(super) root: String,
    pub(super) listing: BTreeSet<String>,
    pub(super) collected: bool,
}

impl Bases {
    pub(crate) fn new(session: &Session, derived: &Derived) -> Self {
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

    /// For reading them from a thread that is not one of the plans'; `shared` is what engines made of the same tables before.
    pub(crate) fn open(
        self: &Arc<Self>,
        threads: Threads,
        shared: Arc<Shared>,
    ) -> Result<Inputs, QueryError> {
        let (summed, state) = (Arc::clone(&self.ledger), Arc::clone(&threads.state));
        let ledger = threads
            .wait(async move { summed.get(&*state).await })?
            .map_err(|e| QueryError::run(&e))?;
        Ok(Inputs::new(Arc::clone(self), threads, ledger, shared))
    }
}

impl Base {
    /// Where all of them were answered.
    pub(super) fn answered(&self, ledger: &Ledger) -> BTreeSet<Where> {
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

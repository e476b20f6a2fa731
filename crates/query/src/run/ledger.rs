//! The ledger, summed up: for each operation that matters, what came of it by account and region.

use super::lines::{Gathered, Line, Lines, Told, of_account, places};
use crate::plan::{Compiled, Needs, Source, query_needs};
use crate::session::Session;
use arrow::array::{Array, RecordBatch, StringArray};
use datafusion::catalog::{Session as Engine, TableProvider};
use datafusion::common::cast::as_string_array;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::execute_stream;
use futures::StreamExt as _;
use palisade_core::Outcome;
use palisade_core::catalog::{Catalog, Scope, Table};
use palisade_core::schema::Reads;
use palisade_core::snapshot::AccountScope;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Calls named as evidence of one finding.
pub(crate) const MOST_REFS: usize = 20;

/// The lines of one operation.
#[derive(Debug, Default)]
pub(super) struct Operation {
    /// By account and region, those that were answered before the others, by id.
    pub(super) lines: Vec<Line>,
    /// Of an operation that is asked once for all accounts of an organization: the first lines of each region,
    /// whichever account they are of. Every account that was not asked itself rests on them.
    pub(super) shared: Option<Vec<Line>>,
}

/// The ledger, summed up: of each place the first lines by id of those answered and of those not.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(super) operations: BTreeMap<String, Operation>,
}

/// The operations that are asked once for all accounts of an organization.
pub(super) fn shared(catalog: &Catalog) -> BTreeSet<String> {
    let operations = |organization: bool| {
        let tables = catalog.tables.values();
        let tables = tables.filter(move |t| (t.scope == Scope::Organization) == organization);
        tables.flat_map(|t| t.operations().map(str::to_owned))
    };
    let own: BTreeSet<String> = operations(false).collect();
    operations(true).filter(|o| !own.contains(o)).collect()
}

impl Ledger {
    /// The calls of an operation by account and region, narrowed to one of each where given. What is asked once for an
    /// organization stands for every account that was not asked itself.
    pub(crate) fn lines<'l>(
        &'l self,
        operation: &str,
        account: Option<&str>,
        region: Option<&str>,
    ) -> impl Iterator<Item = (&'l str, &'l str, Lines<'l>)> {
        let known = self.operations.get_key_value(operation);
        let lines = known.map(|(_, operation)| {
            let Some(account) = account else {
                return operation.lines.as_slice();
            };
            match (of_account(&operation.lines, account), &operation.shared) {
                ([], Some(shared)) => shared.as_slice(),
                (own, _) => own,
            }
        });
        let name = known.map_or("", |(name, _)| name.as_str());
        places(name, lines.unwrap_or_default())
            .filter(move |(_, here, _)| region.is_none_or(|region| *here == region))
    }

    /// Where the calls that list a table without parents are not in the ledger: they were not planned, or the run was cut off before.
    /// Regions of the account; none stands for the account as a whole.
    pub(crate) fn unasked<'a>(
        &self,
        root: &Table,
        account: &'a AccountScope,
    ) -> Vec<Option<&'a str>> {
        let asked: BTreeSet<&str> = listing(root)
            .flat_map(|operation| self.lines(operation, Some(&account.id), None))
            .map(|(_, region, _)| region)
            .collect();
        if root.scope == Scope::Region {
            let regions = account.regions.iter().map(String::as_str);
            return regions.filter(|r| !asked.contains(r)).map(Some).collect();
        }
        asked.is_empty().then_some(None).into_iter().collect()
    }
}

/// What a control needs to have been asked.
pub(crate) fn needs(session: &Session, control: &Compiled) -> Reads {
    let mut needs = Needs::new(&session.catalog, &session.schemas);
    match &control.source {
        Source::Table(table) => {
            needs.table(table);
            for column in &control.read {
                needs.column(table, column);
            }
        }
        Source::Query(query) => {
            needs = needs.about(&query.about);
            query_needs(&mut needs, &query.scans);
        }
    }
    needs.into_reads()
}

/// The operations that give a table its rows.
pub(crate) fn listing(table: &Table) -> impl Iterator<Item = &str> {
    table
        .before
        .iter()
        .map(|b| b.call.as_str())
        .chain(std::iter::once(table.list.call.as_str()))
}

/// The operations behind fills.
pub(crate) fn filling<'a>(
    table: &'a Table,
    fills: &'a BTreeSet<String>,
) -> impl Iterator<Item = &'a str> {
    fills
        .iter()
        .filter_map(|f| table.fills.get(f))
        .map(|f| f.call.as_str())
}

/// The ledger's columns that [`take`] reads, in its order.
const COLUMNS: [&str; 6] = ["id", "account_id", "region", "operation", "outcome", "code"];

/// The ledger of a session. An estate of many accounts has millions of lines, so it is read once, when something is first
/// asked of it, for all who ask.
#[derive(Debug)]
pub(crate) struct Summed {
    catalog: Arc<Catalog>,
    lines: Arc<dyn TableProvider>,
    ledger: OnceCell<Arc<Ledger>>,
}

impl Summed {
    pub(crate) fn new(catalog: &Arc<Catalog>, lines: Arc<dyn TableProvider>) -> Self {
        Self {
            catalog: Arc::clone(catalog),
            lines,
            ledger: OnceCell::new(),
        }
    }

    pub(crate) async fn get(&self, state: &dyn Engine) -> Result<Arc<Ledger>, DataFusionError> {
        let read = || self.read(state);
        Ok(Arc::clone(self.ledger.get_or_try_init(read).await?))
    }

    async fn read(&self, state: &dyn Engine) -> Result<Arc<Ledger>, DataFusionError> {
        let schema = self.lines.schema();
        let columns = COLUMNS.iter();
        let projection: Vec<usize> = columns.filter_map(|c| schema.index_of(c).ok()).collect();
        let plan = self.lines.scan(state, Some(&projection), &[], None).await?;
        let mut batches = execute_stream(plan, state.task_ctx())?;
        let mut gathered = Gathered::default();
        while let Some(batch) = batches.next().await {
            take(&mut gathered, &batch?)?;
        }
        Ok(Arc::new(gathered.of(&self.catalog)))
    }
}

/// Adds the lines of a batch.
fn take(gathered: &mut Gathered, batch: &RecordBatch) -> Result<(), DataFusionError> {
    let text = |i: usize| -> Result<&StringArray, DataFusionError> {
        as_string_array(
            batch
                .columns()
                .get(i)
                .ok_or_else(|| DataFusionError::Internal("the ledger lacks a column".to_owned()))?,
        )
    };
    let (id, account, region) = (text(0)?, text(1)?, text(2)?);
    let (operation, outcome, code) = (text(3)?, text(4)?, text(5)?);
    for row in 0..batch.num_rows() {
        let told = Told {
            id: id.value(row),
            operation: operation.value(row),
            // A word of another version is no proof.
            outcome: Outcome::parse(outcome.value(row)).unwrap_or(Outcome::Failed),
            code: (!code.is_null(row)).then(|| code.value(row)),
        };
        gathered.add(account.value(row), region.value(row), told);
    }
    Ok(())
}

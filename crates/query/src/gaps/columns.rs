//! Why a column may be null though there is a value: the fills behind it, row by row.

use super::{Survey, said};
use crate::error::QueryError;
use crate::plan::Needs;
use crate::run::behind::is_planned;
use crate::run::calls::{Fills, Mask, RowCalls};
use crate::run::words;
use palisade_core::Outcome;
use palisade_core::catalog::Table;
use palisade_core::schema::{CALLS, COMMON, Origin};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Templates name columns of calls, and a parent's columns are its own; the bound only guards a wrong file.
const MOST_STEPS: u8 = 8;

/// Columns that rest on one fill, and what is wrong with it.
pub(super) struct Nulls {
    pub(super) columns: Vec<String>,
    /// The table whose fill it is: the one that is read, or one of its parents.
    pub(super) owner: String,
    pub(super) why: String,
}

/// What the rows of a table say of its fills.
#[derive(Default)]
struct Told {
    rows: u64,
    /// By fill, operation and what came of it (`None`: it was not made): for how many rows.
    lacks: BTreeMap<(String, String, Option<Outcome>), u64>,
}

impl Survey<'_> {
    /// The columns of a table, of those given, that calls do not tell in every row. The common ones are always there.
    pub(super) fn nulls(
        &self,
        table: &Table,
        columns: &BTreeSet<String>,
    ) -> Result<Vec<Nulls>, QueryError> {
        let mut needs = Needs::new(&self.session.catalog, &self.session.schemas);
        let mut fills: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        let own = columns.iter().filter(|c| !COMMON.contains(&c.as_str()));
        for column in own {
            needs.column(&table.id, column);
            let mut behind = BTreeSet::new();
            self.behind(&table.id, column, 0, &mut behind);
            for fill in behind {
                fills.entry(fill).or_default().push(column.clone());
            }
        }
        let reads = needs.into_reads();
        let mut told: BTreeMap<String, Told> = BTreeMap::new();
        let mut all = Vec::new();
        for ((owner, fill), columns) in fills {
            let Some(call) = self.call(&owner, &fill) else {
                continue;
            };
            let Some(planned) = self.session.collected.get(&owner) else {
                continue;
            };
            if !is_planned(self.session, &owner, &fill, planned) {
                let why = format!("{call} {}", said(None));
                all.push(Nulls {
                    columns,
                    owner,
                    why,
                });
                continue;
            }
            let told = match told.entry(owner.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let needed = reads.get(&owner).cloned().unwrap_or_default();
                    new.insert(self.told(&owner, &needed)?)
                }
            };
            let lacks = told.lacks.iter().filter(|((of, ..), _)| *of == fill);
            let whys: Vec<String> = lacks
                .map(|((_, operation, outcome), n)| {
                    format!(
                        "{operation} {} for {n} of {} rows",
                        said(*outcome),
                        told.rows
                    )
                })
                .collect();
            if !whys.is_empty() {
                let why = words::some(whys);
                all.push(Nulls {
                    columns,
                    owner,
                    why,
                });
            }
        }
        Ok(all)
    }

    /// The fills whose answer a column is, each with its table.
    fn behind(&self, table: &str, column: &str, steps: u8, fills: &mut BTreeSet<(String, String)>) {
        if steps > MOST_STEPS {
            return;
        }
        let schema = self.session.schemas.get(table);
        match schema.and_then(|s| s.column(column)).map(|c| &c.origin) {
            Some(Origin::Fill(fill)) => {
                fills.insert((table.to_owned(), fill.clone()));
            }
            Some(Origin::Template(columns)) => {
                for column in columns {
                    self.behind(table, column, steps + 1, fills);
                }
            }
            Some(Origin::Parent) => {
                let table = self.session.catalog.tables.get(table);
                if let Some(parent) = table.and_then(|t| t.parent.as_ref()) {
                    self.behind(parent, column, steps + 1, fills);
                }
            }
            Some(Origin::Scope | Origin::List | Origin::Engine) | None => {}
        }
    }

    fn call(&self, table: &str, fill: &str) -> Option<&str> {
        let table = self.session.catalog.tables.get(table)?;
        Some(table.fills.get(fill)?.call.as_str())
    }

    /// Reads the hidden column of a table; `fills` are those that matter, with those that give their parameters.
    fn told(&self, table: &str, fills: &BTreeSet<String>) -> Result<Told, QueryError> {
        let mut told = Told::default();
        let Ok(at) = self.session.schema_of(table)?.index_of(CALLS) else {
            return Ok(told);
        };
        let places = Fills::new(fills.iter().cloned());
        let need: Mask = fills.iter().fold(0, |all, fill| all | places.mask(fill));
        let plan = self.session.scan(table, vec![at])?;
        for batch in self.session.stream(plan)? {
            let batch = batch?;
            let Some(column) = batch.columns().first() else {
                continue;
            };
            let calls = RowCalls::read(column, &places).map_err(|e| QueryError::run(&e))?;
            for (row, (present, bad)) in calls.present.iter().zip(&calls.bad).enumerate() {
                told.rows += 1;
                if bad & need == 0 && need & !present == 0 {
                    continue;
                }
                for fill in fills {
                    let mask = places.mask(fill);
                    let failed = if bad & mask != 0 {
                        mask
                    } else if present & mask == 0 {
                        // What a failed call was to give the parameters of could not be asked: it says it all.
                        bad & need
                    } else {
                        continue;
                    };
                    let mut kinds: BTreeSet<(String, Option<Outcome>)> = calls
                        .refs(row, failed)
                        .into_iter()
                        .filter(|call| !call.outcome.is_measured())
                        .map(|call| (call.operation, Some(call.outcome)))
                        .collect();
                    if kinds.is_empty() {
                        kinds.extend(self.call(table, fill).map(|call| (call.to_owned(), None)));
                    }
                    for (operation, outcome) in kinds {
                        let key = (fill.clone(), operation, outcome);
                        *told.lacks.entry(key).or_default() += 1;
                    }
                }
            }
        }
        Ok(told)
    }
}

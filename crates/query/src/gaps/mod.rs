//! What a query reads and the snapshot does not know: calls that failed, or were never made, behind its tables and
//! columns. A finding says `unknown` there; SQL has only fewer rows, and null.

mod columns;
mod listed;

use crate::error::QueryError;
use crate::plan::{Scans, scans};
use crate::run::ledger::Ledger;
use crate::run::words;
use crate::session::Session;
use palisade_core::Outcome;
use palisade_core::catalog::{Derived, Table};
use palisade_core::schema::CALLS;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What an answer can't tell, behind one table or behind columns of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// So many accounts could not be entered: nothing of them is there.
    Accounts(usize),
    /// This table was not collected: it has no rows.
    Table(String),
    /// Rows may be missing.
    Rows {
        /// The table.
        table: String,
        /// The calls that told nothing.
        why: String,
    },
    /// Null may stand for a value.
    Columns {
        /// The table.
        table: String,
        /// The columns of it that rest on the same call.
        columns: Vec<String>,
        /// The calls that told nothing.
        why: String,
    },
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accounts(1) => f.write_str("1 account was not reached: its rows are missing"),
            Self::Accounts(n) => {
                write!(f, "{n} accounts were not reached: their rows are missing")
            }
            Self::Table(table) => write!(f, "`{table}` was not collected"),
            Self::Rows { table, why } => write!(f, "`{table}`: {why}: rows may be missing"),
            Self::Columns {
                table,
                columns,
                why,
            } => {
                let first = columns.first().map_or("", String::as_str);
                write!(f, "`{table}.{first}`")?;
                match columns.len() {
                    0 | 1 => {}
                    n => write!(f, " and {}", counted(n - 1, "more column"))?,
                }
                write!(f, ": {why}: null may mean unknown")
            }
        }
    }
}

impl Session {
    /// What the answer to one query can't tell, in the order of the tables that it reads; nothing where all that it
    /// reads was answered.
    ///
    /// # Errors
    /// When the SQL is not a single query or does not plan, or a file of the snapshot is damaged.
    pub fn gaps(&self, sql: &str) -> Result<Vec<Gap>, QueryError> {
        let plan = self.plan(sql)?;
        // A deep plan is walked, and dropped, on a thread that has the stack for it.
        let read = self
            .wait(async move { scans(&plan) })?
            .map_err(|e| QueryError::run(&e))?;
        let survey = Survey {
            session: self,
            ledger: self.ledger()?,
        };
        survey.of(&read)
    }
}

/// Looks behind the tables of one query.
struct Survey<'s> {
    session: &'s Session,
    ledger: Arc<Ledger>,
}

impl Survey<'_> {
    fn of(&self, read: &Scans) -> Result<Vec<Gap>, QueryError> {
        let mut gaps = Vec::new();
        let accounts = self.session.accounts.iter();
        let lost = accounts.filter(|a| a.not_reached.is_some()).count();
        if lost > 0 && read.keys().any(|table| table != CALLS) {
            gaps.push(Gap::Accounts(lost));
        }
        for (name, columns) in read {
            if let Some(derived) = self.session.catalog.derived.get(name) {
                gaps.extend(self.derived(derived)?);
            } else if let Some(table) = self.session.catalog.tables.get(name) {
                gaps.extend(self.table(table, columns)?);
            }
        }
        Ok(gaps)
    }

    fn table(&self, table: &Table, columns: &BTreeSet<String>) -> Result<Vec<Gap>, QueryError> {
        if !self.session.collected.contains_key(&table.id) {
            return Ok(vec![Gap::Table(table.id.clone())]);
        }
        let mut gaps = Vec::new();
        let unlisted = self.unlisted(table);
        if !unlisted.is_empty() {
            gaps.push(Gap::Rows {
                table: table.id.clone(),
                why: words::some(unlisted),
            });
        }
        for nulls in self.nulls(table, columns)? {
            let why = if nulls.owner == table.id {
                nulls.why
            } else {
                format!("{} of `{}`", nulls.why, nulls.owner)
            };
            gaps.push(Gap::Columns {
                table: table.id.clone(),
                columns: nulls.columns,
                why,
            });
        }
        Ok(gaps)
    }

    /// All that an engine could not see is one gap of its table.
    fn derived(&self, derived: &Derived) -> Result<Option<Gap>, QueryError> {
        let mut whys = Vec::new();
        for (base, columns) in &derived.reads {
            let Some(table) = self.session.catalog.tables.get(base) else {
                continue;
            };
            if !self.session.collected.contains_key(base) {
                whys.push(format!("`{base}` was not collected"));
                continue;
            }
            whys.extend(self.unlisted(table));
            let columns: BTreeSet<String> = columns.iter().cloned().collect();
            for nulls in self.nulls(table, &columns)? {
                whys.push(format!("{} of `{}`", nulls.why, nulls.owner));
            }
        }
        // Tables of one parent lack the same call.
        let mut seen = BTreeSet::new();
        whys.retain(|why| seen.insert(why.clone()));
        Ok((!whys.is_empty()).then(|| Gap::Rows {
            table: derived.id.clone(),
            why: words::some(whys),
        }))
    }
}

/// What came of a call that told nothing; `None`: it was not made.
fn said(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        None => "was not collected",
        Some(Outcome::Denied) => "was denied",
        Some(Outcome::Throttled) => "was throttled",
        Some(Outcome::Unsupported) => "is not offered",
        Some(Outcome::Failed | Outcome::Ok | Outcome::Absent) => "failed",
    }
}

/// `1 account`, `2 accounts`.
fn counted(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

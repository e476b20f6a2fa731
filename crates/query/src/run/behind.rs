//! The calls behind the rows of a query: of the tables that it reads, their parents, and the fills that it needs.

use super::decide::Basis;
use super::ledger::{Ledger, MOST_REFS, filling, listing};
use super::lines::Told;
use crate::plan::Query;
use crate::session::Session;
use palisade_core::catalog::Scope;
use palisade_core::schema::{Origin, Reads};
use palisade_core::verdict::Calls;
use std::collections::{BTreeMap, BTreeSet};

/// Knows the calls behind each account and region of one query; what was found out of a place is kept.
pub(super) struct Behind<'r> {
    ledger: &'r Ledger,
    tables: Vec<Base<'r>>,
    by_account: bool,
    by_region: bool,
    known: BTreeMap<(String, String), Basis>,
    /// The last that was asked: rows come by place.
    last: Option<((String, String), Basis)>,
}

/// A table that the query reads.
struct Base<'r> {
    regional: bool,
    list: &'r str,
    /// The calls that may have failed behind its rows.
    operations: Vec<&'r str>,
    /// Rows of a parent may be none, and then nothing is listed.
    is_child: bool,
    collected: bool,
    /// What was not collected of it.
    missing: Vec<String>,
}

/// What stands behind the rows of a place: the first calls by id.
#[derive(Default)]
struct Found<'r> {
    ok: BTreeSet<Told<'r>>,
    bad: BTreeSet<Told<'r>>,
    missing: BTreeSet<String>,
}

impl<'r> Behind<'r> {
    pub(super) fn new(
        session: &'r Session,
        ledger: &'r Ledger,
        query: &Query,
        reads: &'r Reads,
    ) -> Self {
        let tables = reads
            .iter()
            .filter_map(|(name, fills)| {
                let table = session.catalog.tables.get(name)?;
                let planned = session.collected.get(name);
                let missing = match planned {
                    None => vec![format!("`{name}`")],
                    Some(planned) => fills
                        .iter()
                        .filter(|fill| !is_planned(session, name, fill, planned))
                        .filter_map(|fill| Some(table.fills.get(fill)?.call.clone()))
                        .collect(),
                };
                Some(Base {
                    regional: table.scope == Scope::Region,
                    list: &table.list.call,
                    operations: listing(table).chain(filling(table, fills)).collect(),
                    is_child: table.parent.is_some(),
                    collected: planned.is_some(),
                    missing,
                })
            })
            .collect();
        Self {
            ledger,
            tables,
            by_account: query.by_account,
            by_region: query.by_region,
            known: BTreeMap::new(),
            last: None,
        }
    }

    /// What stands behind the rows of an account, and of one of its regions where one is named. Rows that depend on all
    /// accounts, or on all regions, rest on the calls of all of them.
    pub(super) fn at(&mut self, account: &str, region: Option<&str>) -> Basis {
        let account = self.by_account.then_some(account);
        let region = region.filter(|_| self.by_region);
        let key = (account.unwrap_or_default(), region.unwrap_or_default());
        if let Some(((account, region), basis)) = &self.last
            && key == (account, region)
        {
            return basis.clone();
        }
        let key = (key.0.to_owned(), key.1.to_owned());
        let basis = match self.known.get(&key) {
            Some(known) => known.clone(),
            None => {
                let basis = self.found(account, region).basis();
                self.known.insert(key.clone(), basis.clone());
                basis
            }
        };
        self.last = Some((key, basis.clone()));
        basis
    }

    fn found(&self, account: Option<&str>, region: Option<&str>) -> Found<'r> {
        let mut found = Found::default();
        for table in &self.tables {
            let region = region.filter(|_| table.regional);
            for operation in &table.operations {
                for (_, _, lines) in self.ledger.lines(operation, account, region) {
                    first(&mut found.bad, lines.bad());
                }
            }
            let mut asked = false;
            for (_, _, lines) in self.ledger.lines(table.list, account, region) {
                asked = true;
                first(&mut found.ok, lines.ok());
            }
            // Children of no parent are listed by no call.
            if table.collected && !asked && !table.is_child && found.bad.is_empty() {
                found.missing.insert(table.list.to_owned());
            }
            found.missing.extend(table.missing.iter().cloned());
        }
        found
    }
}

/// Adds calls to those kept, which are the first by id.
fn first<'r>(kept: &mut BTreeSet<Told<'r>>, more: impl Iterator<Item = Told<'r>>) {
    for call in more {
        if kept.len() >= MOST_REFS && kept.last().is_some_and(|last| *last <= call) {
            return;
        }
        kept.insert(call);
        if kept.len() > MOST_REFS {
            kept.pop_last();
        }
    }
}

impl Found<'_> {
    fn basis(self) -> Basis {
        let owned =
            |calls: BTreeSet<Told<'_>>| -> Calls { calls.into_iter().map(Told::owned).collect() };
        if self.bad.is_empty() && self.missing.is_empty() {
            Basis::Calls(owned(self.ok))
        } else {
            Basis::Lacking(owned(self.bad), self.missing.into_iter().collect())
        }
    }
}

/// Whether a fill was planned; the manifest may name it, or its columns.
pub(crate) fn is_planned(
    session: &Session,
    table: &str,
    fill: &str,
    planned: &BTreeSet<String>,
) -> bool {
    planned.contains(fill)
        || session.schemas.get(table).is_some_and(|schema| {
            schema
                .columns
                .iter()
                .any(|c| c.origin == Origin::Fill(fill.to_owned()) && planned.contains(&c.name))
        })
}

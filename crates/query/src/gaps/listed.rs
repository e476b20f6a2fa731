//! Why rows of a table may be missing: the calls that list it, and its parents.

use super::{Survey, counted, said};
use crate::plan::Needs;
use crate::run::ledger::{filling, listing};
use palisade_core::Outcome;
use palisade_core::catalog::{Scope, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Parents above a table; the bound only guards a wrong file.
const MOST_PARENTS: usize = 8;

/// By operation and what came of it: where that was.
type Lacks = BTreeMap<(String, Option<Outcome>), Places>;

#[derive(Default)]
struct Places {
    accounts: BTreeSet<String>,
    regions: BTreeSet<String>,
}

impl Places {
    fn add(&mut self, account: &str, region: Option<&str>) {
        self.accounts.insert(account.to_owned());
        self.regions.extend(region.map(str::to_owned));
    }

    fn said(&self) -> String {
        let accounts = counted(self.accounts.len(), "account");
        match self.regions.len() {
            0 => accounts,
            n => format!("{accounts}, {}", counted(n, "region")),
        }
    }
}

impl Survey<'_> {
    /// `sqs:ListQueues was denied in 1 account, 2 regions`: one text for each operation and what came of it.
    pub(super) fn unlisted(&self, table: &Table) -> Vec<String> {
        let mut needs = Needs::new(&self.session.catalog, &self.session.schemas);
        needs.table(&table.id);
        let reads = needs.into_reads();
        let mut lacks = Lacks::new();
        let mut at: Option<&Table> = Some(table);
        for depth in 0..MOST_PARENTS {
            let Some(one) = at else { break };
            // A child is listed with its parent's columns; without them it was not asked.
            let fills = reads.get(&one.id).filter(|_| depth > 0);
            let filled = fills.into_iter().flat_map(|fills| filling(one, fills));
            for operation in listing(one).chain(filled) {
                self.failed(one, operation, &mut lacks);
            }
            let parent = one.parent.as_ref();
            at = parent.and_then(|p| self.session.catalog.tables.get(p));
            if at.is_none() {
                self.never_asked(one, &mut lacks);
            }
        }
        lacks
            .iter()
            .map(|((operation, outcome), places)| {
                format!("{operation} {} in {}", said(*outcome), places.said())
            })
            .collect()
    }

    fn failed(&self, table: &Table, operation: &str, lacks: &mut Lacks) {
        let regional = table.scope == Scope::Region;
        for (account, region, lines) in self.ledger.lines(operation, None, None) {
            for call in lines.bad() {
                let key = (operation.to_owned(), Some(call.outcome));
                let places = lacks.entry(key).or_default();
                places.add(account, regional.then_some(region));
            }
        }
    }

    /// Nothing in the ledger: it was not planned there, or the run was cut off before.
    fn never_asked(&self, root: &Table, lacks: &mut Lacks) {
        let accounts = self.session.accounts.iter();
        for account in accounts.filter(|a| a.not_reached.is_none()) {
            for region in self.ledger.unasked(root, account) {
                let key = (root.list.call.clone(), None);
                lacks.entry(key).or_default().add(&account.id, region);
            }
        }
    }
}

//! Where rows may be missing: what could not be listed, and what is not there at all.

use super::ledger::{Ledger, MOST_REFS, filling, listing};
use super::lines::Told;
use super::words;
use crate::session::Session;
use palisade_core::CallRef;
use palisade_core::catalog::{Scope, Table};
pub(crate) use palisade_core::finding::GLOBAL;
use palisade_core::finding::Resource;
use palisade_core::schema::Reads;
use palisade_core::snapshot::AccountScope;
use palisade_core::verdict::{Calls, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A finding to be made without a row.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    pub(crate) resource: Arc<Resource>,
    pub(crate) calls: Calls,
    pub(crate) reason: String,
    /// Nothing is there, and that was looked at.
    pub(crate) empty: bool,
    /// Made only if no row of this account (and region) comes.
    pub(crate) unless: Unless,
}

/// Which rows make a gap needless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unless {
    Never,
    RowInAccount,
    RowInRegion,
}

impl Gap {
    pub(crate) fn verdict(&self) -> Verdict {
        if self.empty {
            Verdict::NotApplicable(self.calls.clone())
        } else {
            Verdict::Unknown(self.calls.clone())
        }
    }

    fn key(&self) -> (&str, &str, &str) {
        let r = &self.resource;
        (&r.account_id, &r.region, &r.arn)
    }
}

/// Gaps in the order of findings, given out between the rows.
#[derive(Debug)]
pub(crate) struct Gaps {
    /// Sorted, the next one last.
    left: Vec<Gap>,
    at: (String, String),
}

impl Gaps {
    pub(crate) fn new(mut gaps: Vec<Gap>) -> Self {
        gaps.sort_by(|a, b| b.key().cmp(&a.key()));
        Self {
            left: gaps,
            at: (String::new(), String::new()),
        }
    }

    /// The gaps that come before a row.
    pub(crate) fn before(&mut self, account: &str, region: &str, arn: &str) -> Vec<Gap> {
        if self.left.is_empty() {
            return Vec::new();
        }
        if self.at.0 != account || self.at.1 != region {
            self.at = (account.to_owned(), region.to_owned());
            // Gaps of later accounts stand before this, and there may be thousands.
            let later = |g: &Gap| g.resource.account_id.as_str() > account;
            let near = self.left.split_off(self.left.partition_point(later));
            self.left.extend(near.into_iter().filter(|g| {
                let r = &g.resource;
                match g.unless {
                    Unless::Never => true,
                    Unless::RowInAccount => r.account_id != account,
                    Unless::RowInRegion => r.account_id != account || r.region != region,
                }
            }));
        }
        let mut out = Vec::new();
        while let Some(gap) = self.left.pop_if(|g| g.key() < (account, region, arn)) {
            out.push(gap);
        }
        out
    }

    /// Those after the last row.
    pub(crate) fn rest(self) -> impl Iterator<Item = Gap> {
        self.left.into_iter().rev()
    }
}

/// The account could not be entered.
pub(crate) fn not_reached(kind: &str, account: &AccountScope) -> Option<Gap> {
    let why = account.not_reached.as_ref()?;
    Some(Gap {
        resource: Resource::place(kind, &account.id, GLOBAL).into(),
        calls: Calls::default(),
        reason: format!("the account was not reached: {why}"),
        empty: false,
        unless: Unless::Never,
    })
}

/// What may be missing of one table.
pub(crate) fn of_table(
    session: &Session,
    ledger: &Ledger,
    scope: &[AccountScope],
    kind: &str,
    reads: &Reads,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for account in scope {
        if let Some(gap) = not_reached(kind, account) {
            gaps.push(gap);
            continue;
        }
        let Some(table) = session.catalog.tables.get(kind) else {
            continue;
        };
        let missing = Missing {
            session,
            ledger,
            account,
        };
        let found = missing.of(table, reads);
        if found.is_empty() {
            gaps.push(Gap {
                resource: Resource::place(kind, &account.id, GLOBAL).into(),
                calls: missing.looked(table),
                reason: none_there(table),
                empty: true,
                unless: Unless::RowInAccount,
            });
            continue;
        }
        for (region, (bad, absent)) in found {
            let absent = words::some(absent.into_iter().collect());
            let reason = words::both(words::failed(&bad), &absent);
            gaps.push(Gap {
                resource: Resource::place(kind, &account.id, &region).into(),
                calls: bad.into_iter().take(MOST_REFS).collect(),
                reason,
                empty: false,
                unless: Unless::Never,
            });
        }
    }
    gaps
}

fn none_there(table: &Table) -> String {
    match table.scope {
        Scope::Region => "looked in every region in scope: there is none".to_owned(),
        Scope::Account | Scope::Global => "looked: there is none".to_owned(),
        Scope::Organization => "looked, once for the organization: there is none here".to_owned(),
    }
}

struct Missing<'a> {
    session: &'a Session,
    ledger: &'a Ledger,
    account: &'a AccountScope,
}

type Found = BTreeMap<String, (BTreeSet<CallRef>, BTreeSet<String>)>;

impl Missing<'_> {
    /// By region: list calls that failed, of the table and of its parents, and what was not collected.
    fn of(&self, table: &Table, reads: &Reads) -> Found {
        let mut found = Found::new();
        let mut at = Some(table);
        let mut depth = 0;
        while let Some(one) = at {
            self.failed(one, listing(one), &mut found);
            // A child is listed with its parent's columns; without them it was not asked.
            if depth > 0
                && let Some(fills) = reads.get(&one.id)
            {
                self.failed(one, filling(one, fills), &mut found);
            }
            depth += 1;
            let parent = one.parent.as_ref();
            if parent.is_none() || depth > 8 {
                self.never_asked(table, one, &mut found);
                break;
            }
            at = parent.and_then(|p| self.session.catalog.tables.get(p));
        }
        found
    }

    fn failed<'b>(
        &self,
        table: &Table,
        operations: impl Iterator<Item = &'b str>,
        found: &mut Found,
    ) {
        for operation in operations {
            for (_, region, lines) in self.ledger.lines(operation, Some(&self.account.id), None) {
                if !lines.is_measured() {
                    let region = match table.scope {
                        Scope::Region => region,
                        Scope::Account | Scope::Global | Scope::Organization => GLOBAL,
                    };
                    let (bad, _) = found.entry(region.to_owned()).or_default();
                    bad.extend(lines.bad().map(Told::owned));
                }
            }
        }
    }

    /// Nothing in the ledger: it was not planned, or the run was killed before.
    fn never_asked(&self, table: &Table, root: &Table, found: &mut Found) {
        if !self.session.collected.contains_key(&table.id) {
            found
                .entry(GLOBAL.to_owned())
                .or_default()
                .1
                .insert(format!("`{}` was not collected", table.id));
            return;
        }
        for region in self.ledger.unasked(root, self.account) {
            let (_, absent) = found
                .entry(region.unwrap_or(GLOBAL).to_owned())
                .or_default();
            absent.insert(format!("{} was not collected", root.list.call));
        }
    }

    /// The list calls that show that there is none.
    fn looked(&self, table: &Table) -> Calls {
        let mut at = Some(table);
        for _ in 0..8 {
            let Some(one) = at else { break };
            let calls: BTreeSet<CallRef> = self
                .ledger
                .lines(&one.list.call, Some(&self.account.id), None)
                .flat_map(|(_, _, lines)| lines.ok().map(Told::owned))
                .collect();
            if !calls.is_empty() {
                return calls.into_iter().take(MOST_REFS).collect();
            }
            at = one
                .parent
                .as_ref()
                .and_then(|p| self.session.catalog.tables.get(p));
        }
        Calls::default()
    }
}

/// A gap of a query: nothing came for the account (or region), and these calls failed or all were answered.
pub(crate) fn of_query(
    kind: &str,
    account: &str,
    region: &str,
    calls: Calls,
    reason: String,
    empty: bool,
) -> Gap {
    Gap {
        resource: Resource::place(kind, account, region).into(),
        calls,
        reason,
        empty,
        unless: if region == GLOBAL {
            Unless::RowInAccount
        } else {
            Unless::RowInRegion
        },
    }
}

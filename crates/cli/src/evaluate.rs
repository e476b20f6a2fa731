//! From a snapshot to a report: opens it, asks the controls, folds the findings, and writes.

use crate::exposure::exposure;
use crate::failure::Failure;
use crate::house::{self, House};
use crate::owner::Owner;
use crate::sink::Fan;
use crate::source;
use crate::terminal::Terminal;
use palisade_core::assess::{
    Asked, Collection, Header, Summary, Tally, roadmap, score_all, standings,
};
use palisade_core::catalog::{Attestations, Exceptions, Selected};
use palisade_core::finding::FindingSink;
use palisade_core::snapshot::{AccountScope, units};
use palisade_core::{Clock, Outcome};
use palisade_query::{Open, Questions, RunReport, Session, Snapshot};
use palisade_report::Report;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is asked of a snapshot.
pub(crate) struct Evaluation<'a> {
    /// The catalogue.
    pub(crate) house: &'a House,
    /// What to ask.
    pub(crate) selected: Selected<'a>,
    /// The same, where they are planned already: to learn what to collect.
    pub(crate) planned: Option<Questions<'a>>,
    /// Accepted risks.
    pub(crate) exceptions: &'a Exceptions,
    /// Statements.
    pub(crate) attestations: &'a Attestations,
    /// Whether the estate is the demo's.
    pub(crate) demo: bool,
    /// Only the fails of resources with this tag count.
    pub(crate) owner: Option<Owner>,
}

/// Rows of a snapshot that is assessed in some seconds.
const SMALL: u64 = 100_000;

impl<'a> Evaluation<'a> {
    /// Asks every control of a snapshot; the report, if any, is fed as findings are decided.
    pub(crate) fn run(
        mut self,
        folder: &Path,
        report: Option<&mut dyn Report>,
        terminal: &Terminal,
    ) -> Result<Summary, Failure> {
        // Whatever is asked of AWS has been asked.
        self.house.models.forget();
        let snapshot = source::snapshot(folder, terminal)?;
        let manifest = snapshot.manifest();
        let rows: u64 = manifest.tables.values().map(|table| table.rows).sum();
        if rows < SMALL {
            palisade_heap::give_back_at_once();
        } else {
            palisade_heap::give_back_late();
        }
        let (session, open) = self.over(&snapshot)?;
        let session = &session;
        source::tell_lacking(session, terminal);
        let header = Header {
            palisade: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at: manifest.taken_at,
            accounts: named(session, &manifest.accounts)?,
            demo: self.demo,
            controls: self.selected.controls.len() as u64,
        };
        if self.attestations.name_accounts() {
            let estate = estate(session, &header.accounts)?;
            terminal.notes(&self.attestations.of_strangers(&estate));
        }
        let owner = self.owner.as_ref();
        let only = owner
            .map(|owner| owner.resources(session, self.house))
            .transpose()?;
        let mut report = report;
        if let Some(report) = &mut report {
            report.begin(&header)?;
        }
        let tally = std::thread::scope(|scope| {
            // A selection of controls is no roadmap; the engines are then left alone.
            let whole = !self.is_partial();
            let mut fan = Fan {
                tally: if whole {
                    Tally::waiting()
                } else {
                    Tally::default()
                },
                report: match &mut report {
                    Some(report) => Some(&mut **report),
                    None => None,
                },
                only,
                exposed: whole.then(|| scope.spawn(|| exposure(session, terminal))),
            };
            let ran = open.assess(session, self.exceptions, &manifest.accounts, &mut fan)?;
            tell(&ran, terminal);
            fan.reach()?;
            Ok::<_, Failure>(fan.tally)
        })?;
        let summary = self.summary(session, &header, tally)?;
        if let Some(report) = report {
            report.end(&summary)?;
        }
        Ok(summary)
    }

    /// Asks every control of a snapshot and gives the findings to a sink, without a report.
    pub(crate) fn feed(
        mut self,
        folder: &Path,
        sink: &mut dyn FindingSink,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        let snapshot = Snapshot::open(folder)?;
        let accounts = &snapshot.manifest().accounts;
        let (session, open) = self.over(&snapshot)?;
        let ran = open.assess(&session, self.exceptions, accounts, sink)?;
        tell(&ran, terminal);
        Ok(())
    }

    fn over(&mut self, snapshot: &Snapshot) -> Result<(Session, Open), Failure> {
        let questions = match self.planned.take() {
            Some(planned) => planned,
            None => {
                let (catalog, schemas) = (&self.house.catalog, self.house.schemas());
                let now = snapshot.manifest().taken_at;
                Questions::plan(catalog, schemas, &self.selected.controls, now)?
            }
        };
        Ok(questions.over(snapshot)?)
    }

    fn is_partial(&self) -> bool {
        self.selected.recommendations.is_some()
    }

    fn summary(
        &self,
        session: &Session,
        header: &Header,
        tally: Tally,
    ) -> Result<Summary, Failure> {
        let controls = self.selected.controls.iter();
        let asked = Asked {
            controls: controls.map(|c| c.id.clone()).collect(),
            recommendations: self.selected.recommendations.clone(),
        };
        let accounts: Vec<String> = header.accounts.iter().map(|a| a.id.clone()).collect();
        // Ages are counted from the snapshot's moment, here as in the controls.
        let today = house::day(Clock::at(header.taken_at));
        let standings = standings(
            &self.house.catalog,
            &asked,
            &tally,
            self.attestations,
            &accounts,
            today,
        );
        let scores = score_all(&self.house.catalog, &asked, &standings, &tally, &accounts);
        let roadmap = roadmap(&self.house.catalog, &standings, &tally);
        let whole = asked.controls.len() == self.house.catalog.controls.len();
        let ran = (!whole).then_some(&asked.controls);
        let outcomes: BTreeMap<Outcome, u64> = session.outcomes()?;
        let blind = tally.blind();
        let missing_actions: BTreeSet<String> = blind
            .iter()
            .filter(|b| b.outcome == Outcome::Denied)
            .filter_map(|b| self.house.allowed.actions(&b.operation).ok())
            .flatten()
            .cloned()
            .collect();
        Ok(Summary {
            standings,
            scores,
            roadmap,
            collection: Collection {
                calls: outcomes.values().sum(),
                outcomes,
                blind,
                missing_actions: missing_actions.into_iter().collect(),
            },
            waivers: self.exceptions.waivers(today, ran),
            tally,
        })
    }
}

/// A control that fails while it runs is a fault of its file: its findings are unknown, and the user hears why.
fn tell(ran: &RunReport, terminal: &Terminal) {
    for (control, error) in &ran.errors {
        terminal.note(&format!("`{control}` failed while it ran: {error}"));
    }
}

/// The accounts in scope, and those that the organization is seen to have: a statement may be for one of them.
fn estate(session: &Session, accounts: &[AccountScope]) -> Result<BTreeSet<String>, Failure> {
    let rows = session.rows("select id from aws_organizations_account")?;
    let ids = rows.iter().filter_map(|row| row.get("id")?.as_str());
    let scope = accounts.iter().map(|account| account.id.as_str());
    Ok(ids.chain(scope).map(str::to_owned).collect())
}

/// The accounts with the names and units that the organization knows them by.
fn named(session: &Session, accounts: &[AccountScope]) -> Result<Vec<AccountScope>, Failure> {
    let mut accounts = accounts.to_vec();
    let text = |row: &Value, key: &str| -> String {
        let value = row.get(key).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let rows = session.rows("select id, name, paths from aws_organizations_account")?;
    let mut known: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for row in &rows {
        known.entry(text(row, "id")).or_default().push(row);
    }
    for account in &mut accounts {
        for row in known.get(&account.id).into_iter().flatten() {
            let paths = row.get("paths").and_then(Value::as_array);
            let path = paths.and_then(|p| p.first()).and_then(Value::as_str);
            if account.name.is_empty() {
                account.name = text(row, "name");
            }
            if let (None, Some(path)) = (&account.unit, path) {
                account.unit = Some(units(path));
            }
        }
    }
    let units = session.rows("select id, name from aws_organizations_organizational_unit")?;
    let names: BTreeMap<String, String> = units
        .iter()
        .map(|row| (text(row, "id"), text(row, "name")))
        .collect();
    for unit in accounts.iter_mut().filter_map(|a| a.unit.as_mut()) {
        // Units below those of the root are known by their ids alone.
        let parts: Vec<&str> = unit
            .split('/')
            .map(|part| names.get(part).map_or(part, String::as_str))
            .collect();
        *unit = parts.join("/");
    }
    Ok(accounts)
}

//! What the page is told after the findings.

use super::escape::Escaped;
use super::heads::{Head, Heads};
use super::rows::Rows;
use crate::overview::{Overall, Share, overall, share};
use crate::unsent::{self, Unsent};
use palisade_core::assess::{
    AccountScore, Blind, Cell, Counts, FrameworkScore, Matrix, StandingState, Step, Summary,
    Totals, Waiver,
};
use palisade_core::catalog::{Effort, Framework, Recommendation, Repair};
use palisade_core::snapshot::AccountScope;
use palisade_core::{Catalog, Outcome, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

#[derive(Debug, Serialize)]
pub(super) struct Tail<'a> {
    /// What rows point at, in order.
    heads: Vec<&'a Head>,
    /// The findings that the page does not hold, by control.
    left: BTreeMap<&'a str, Counts>,
    controls: BTreeMap<&'a str, ControlOf<'a>>,
    recommendations: BTreeMap<&'a str, &'a Recommendation>,
    frameworks: BTreeMap<&'a str, FrameworkOf<'a>>,
    counts: Counts,
    by_severity: BTreeMap<&'static str, Counts>,
    coverage: f64,
    scores: Vec<ScoreOf<'a>>,
    /// For each framework with phases: its phases over accounts and units.
    phases: BTreeMap<&'a str, Matrix>,
    standings: BTreeMap<&'a str, Standings<'a>>,
    roadmap: Vec<StepOf<'a>>,
    collection: CollectionOf<'a>,
    waivers: &'a [Waiver],
    /// In an overview: the counts of each control.
    by_control: Option<BTreeMap<&'a str, Counts>>,
}

/// The states of one recommendation; a state is its place in the script's list.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Standings<'a> {
    /// Account, state, why.
    Told(Vec<(&'a str, usize, &'a str)>),
    /// A digit for each account, in the order of the accounts.
    Digits(String),
}

/// A framework's score.
#[derive(Debug, Serialize)]
struct ScoreOf<'a> {
    framework: &'a str,
    /// Each account's, where the page tells of several.
    accounts: &'a [AccountScore],
    /// Over all accounts.
    cells: Vec<Cell>,
    /// By phase, and of the whole (`null`): the mean, and the account that stands worst.
    shares: Vec<(Option<u8>, f64, Option<(&'a str, f64)>)>,
}

/// A step, with what the page shows of it.
#[derive(Debug, Serialize)]
struct StepOf<'a> {
    recommendation: &'a str,
    title: &'a str,
    why: &'a str,
    severity: Option<Severity>,
    effort: Effort,
    failing: u64,
    accounts: usize,
    example: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ControlOf<'a> {
    title: &'a str,
    severity: Severity,
    why: &'a str,
    also: &'a [String],
    repair: Option<&'a Repair>,
    recommendations: Vec<&'a str>,
}

/// What the page tells of each framework of the catalogue.
pub(super) type Frameworks<'a> = BTreeMap<&'a str, FrameworkOf<'a>>;

#[derive(Debug, Clone, Serialize)]
pub(super) struct FrameworkOf<'a> {
    title: &'a str,
    edition: &'a str,
    /// Requirements, and those that no recommendation is mapped to: no score tells of them.
    requirements: usize,
    open: usize,
}

#[derive(Debug, Serialize)]
struct CollectionOf<'a> {
    calls: u64,
    outcomes: &'a BTreeMap<Outcome, u64>,
    /// Calls that were never sent, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_sent: Option<(u64, String)>,
    not_seen: Vec<NotSeen<'a>>,
    /// Why findings are unknown though no call failed, and how many.
    unanswered: Vec<(&'a str, u64)>,
    missing_actions: &'a [String],
}

/// An operation that could not be called.
#[derive(Debug, Serialize)]
struct NotSeen<'a> {
    operation: &'a str,
    outcome: &'static str,
    findings: u64,
    #[serde(skip)]
    blind: &'a Blind,
}

/// Worst first, as in the script.
const STATES: [StandingState; 7] = [
    StandingState::NotMet,
    StandingState::Expired,
    StandingState::Unknown,
    StandingState::Excepted,
    StandingState::Attested,
    StandingState::Met,
    StandingState::NotApplicable,
];

impl<'a> Tail<'a> {
    /// Only the controls that have findings, and the recommendations that have a state, are told about.
    pub(super) fn new(
        catalog: &'a Catalog,
        seen: &BTreeMap<&str, bool>,
        summary: &'a Summary,
        totals: &'a Totals,
        frameworks: &Frameworks<'a>,
        accounts: &[AccountScope],
    ) -> Self {
        let all = overall(&summary.standings);
        let told = |o: &Overall<'a>| {
            let rows = o.standings.iter();
            let rows = rows.map(|s| (&*s.account_id, place(s.state), &*s.why));
            (o.id, Standings::Told(rows.collect()))
        };
        Self {
            heads: Vec::new(),
            left: BTreeMap::new(),
            controls: seen
                .iter()
                .filter_map(|(id, asks)| control(catalog, id, *asks || accounts.len() > 1))
                .collect(),
            recommendations: all
                .iter()
                .filter_map(|o| Some((o.id, catalog.recommendations.get(o.id)?)))
                .collect(),
            frameworks: summary
                .scores
                .iter()
                .filter_map(|s| {
                    let (id, known) = frameworks.get_key_value(s.framework.as_str())?;
                    Some((*id, known.clone()))
                })
                .collect(),
            counts: *totals.total(),
            by_severity: Severity::ALL
                .into_iter()
                .map(|s| (s.as_str(), totals.of_severity(s)))
                .collect(),
            coverage: match totals.total().total() {
                0 => 0.0,
                _ => totals.total().coverage(),
            },
            scores: summary
                .scores
                .iter()
                .map(|score| ScoreOf::of(score, accounts.len() > 1))
                .collect(),
            phases: summary
                .scores
                .iter()
                .map(|score| (score.framework.as_str(), Matrix::of(score, accounts)))
                .filter(|(_, matrix)| !matrix.phases.is_empty())
                .collect(),
            standings: all.iter().map(told).collect(),
            roadmap: summary.roadmap.iter().map(StepOf::of).collect(),
            collection: CollectionOf {
                calls: summary.collection.calls,
                outcomes: &summary.collection.outcomes,
                not_sent: unsent::line(accounts).map(|line| (unsent::total(accounts), line)),
                not_seen: summary
                    .collection
                    .blind
                    .iter()
                    .map(|blind| NotSeen {
                        operation: &blind.operation,
                        outcome: blind.outcome.as_str(),
                        findings: blind.findings,
                        blind,
                    })
                    .collect(),
                unanswered: totals.unanswered(),
                missing_actions: &summary.collection.missing_actions,
            },
            waivers: &summary.waivers,
            by_control: None,
        }
    }

    /// What goes with the findings of the page.
    pub(super) fn with(mut self, rows: &Rows, heads: &'a Heads) -> Self {
        self.heads = rows.heads(heads);
        self.left = rows.left(heads);
        self
    }

    /// Tells calls that were never sent from those that failed.
    pub(super) fn told(mut self, unsent: &Unsent) -> Self {
        for one in &mut self.collection.not_seen {
            one.outcome = unsent.word(one.blind);
        }
        self
    }

    /// All accounts together; each has a page of its own.
    pub(super) fn overview(
        catalog: &'a Catalog,
        heads: &'a Heads,
        summary: &'a Summary,
        frameworks: &Frameworks<'a>,
        accounts: &[AccountScope],
    ) -> Self {
        let controls = heads.controls().map(|id| (id, true)).collect();
        let totals = summary.tally.totals();
        let mut tail = Self::new(catalog, &controls, summary, totals, frameworks, accounts);
        for score in &mut tail.scores {
            score.accounts = &[];
        }
        for states in tail.standings.values_mut() {
            if let Standings::Told(rows) = states {
                let by_account: BTreeMap<&str, usize> = rows
                    .iter()
                    .map(|(account, state, _)| (*account, *state))
                    .collect();
                let digit = |account: &AccountScope| {
                    let state = by_account.get(account.id.as_str()).copied();
                    char::from_digit(
                        u32::try_from(state.unwrap_or(STATES.len() - 1)).unwrap_or(0),
                        10,
                    )
                };
                *states = Standings::Digits(accounts.iter().filter_map(digit).collect());
            }
        }
        tail.by_control = Some(summary.tally.by_control());
        tail
    }

    /// Writes the block that the script reads first.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"<script type=\"application/json\" id=\"tail\">")?;
        serde_json::to_writer(Escaped(&mut *out), self)?;
        out.write_all(b"</script>\n")
    }
}

fn place(state: StandingState) -> usize {
    let mut all = STATES.into_iter();
    all.position(|known| known == state).unwrap_or_default()
}

impl<'a> ScoreOf<'a> {
    fn of(score: &'a FrameworkScore, by_account: bool) -> Self {
        let mut cells: BTreeMap<(Option<u8>, Option<&str>), Cell> = BTreeMap::new();
        for cell in score.accounts.iter().flat_map(|account| &account.cells) {
            let key = (cell.phase, cell.group.as_deref());
            cells
                .entry(key)
                .and_modify(|sum| sum.add(cell))
                .or_insert_with(|| cell.clone());
        }
        let numbers: BTreeSet<Option<u8>> = cells.keys().map(|(phase, _)| *phase).collect();
        let phases = numbers.into_iter().flatten().map(Some);
        let shares = phases
            .chain([None])
            .map(|phase| {
                let Share { mean, worst } = share(score, phase);
                (phase, mean, worst)
            })
            .collect();
        Self {
            framework: &score.framework,
            accounts: if by_account { &score.accounts } else { &[] },
            cells: cells.into_values().collect(),
            shares,
        }
    }
}

impl<'a> StepOf<'a> {
    fn of(step: &'a Step) -> Self {
        let example = step.examples.first().map(|example| &example.resource);
        Self {
            recommendation: &step.recommendation,
            title: &step.title,
            why: &step.why,
            severity: step.severity,
            effort: step.effort,
            failing: step.failing,
            accounts: step.accounts.len(),
            example: example.map(|at| {
                if at.name.is_empty() {
                    at.arn.as_str()
                } else {
                    at.name.as_str()
                }
            }),
        }
    }
}

/// A control; of one that asks for nothing nobody looks for the repair.
fn control<'a>(catalog: &'a Catalog, id: &str, asks: bool) -> Option<(&'a str, ControlOf<'a>)> {
    let (id, control) = catalog.controls.get_key_value(id)?;
    Some((
        id,
        ControlOf {
            title: &control.title,
            severity: control.severity,
            why: &control.why,
            also: &control.also,
            repair: asks.then_some(&control.repair),
            recommendations: control
                .answers
                .iter()
                .map(|a| a.get_ref().as_str())
                .collect(),
        },
    ))
}

/// All of them: a framework's reach over the catalogue is the same for all pages.
pub(super) fn frameworks(catalog: &Catalog) -> Frameworks<'_> {
    let all = catalog.frameworks.iter();
    all.map(|(id, one)| (id.as_str(), framework(catalog, one)))
        .collect()
}

fn framework<'a>(catalog: &Catalog, framework: &'a Framework) -> FrameworkOf<'a> {
    let reach = framework.reach(catalog);
    FrameworkOf {
        title: &framework.title,
        edition: &framework.edition,
        requirements: reach.total,
        open: reach.open,
    }
}

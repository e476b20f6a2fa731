//! What the page is told after the findings.

use crate::overview::overall;
use palisade_core::assess::{
    Blind, Counts, FrameworkScore, Matrix, StandingState, Step, Summary, Waiver,
};
use palisade_core::catalog::{Framework, Recommendation, Repair};
use palisade_core::snapshot::AccountScope;
use palisade_core::{Catalog, Outcome, Severity};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Serialize)]
pub(super) struct Tail<'a> {
    controls: BTreeMap<&'a str, ControlOf<'a>>,
    recommendations: BTreeMap<&'a str, &'a Recommendation>,
    frameworks: BTreeMap<&'a str, FrameworkOf<'a>>,
    counts: Counts,
    by_severity: BTreeMap<&'static str, Counts>,
    coverage: f64,
    scores: &'a [FrameworkScore],
    /// For each framework with phases: its phases over accounts and units.
    phases: BTreeMap<&'a str, Matrix>,
    /// For each recommendation: account, state (its place in the script's list), why.
    standings: BTreeMap<&'a str, Vec<(&'a str, usize, &'a str)>>,
    roadmap: &'a [Step],
    collection: CollectionOf<'a>,
    waivers: &'a [Waiver],
}

#[derive(Debug, Serialize)]
struct ControlOf<'a> {
    title: &'a str,
    severity: Severity,
    why: &'a str,
    also: &'a [String],
    repair: &'a Repair,
    recommendations: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct FrameworkOf<'a> {
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
    not_seen: &'a [Blind],
    missing_actions: &'a [String],
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
        seen: &BTreeSet<String>,
        summary: &'a Summary,
        accounts: &[AccountScope],
    ) -> Self {
        let all = overall(&summary.standings);
        let total = summary.tally.total();
        Self {
            controls: seen.iter().filter_map(|id| control(catalog, id)).collect(),
            recommendations: all
                .iter()
                .filter_map(|o| Some((o.id, catalog.recommendations.get(o.id)?)))
                .collect(),
            frameworks: summary
                .scores
                .iter()
                .filter_map(|s| {
                    Some((
                        s.framework.as_str(),
                        framework(catalog, catalog.frameworks.get(&s.framework)?),
                    ))
                })
                .collect(),
            counts: *total,
            by_severity: Severity::ALL
                .into_iter()
                .map(|s| (s.as_str(), summary.tally.of_severity(s)))
                .collect(),
            coverage: if total.total() == 0 {
                0.0
            } else {
                total.coverage()
            },
            scores: &summary.scores,
            phases: summary
                .scores
                .iter()
                .map(|score| (score.framework.as_str(), Matrix::of(score, accounts)))
                .filter(|(_, matrix)| !matrix.phases.is_empty())
                .collect(),
            standings: all
                .iter()
                .map(|o| {
                    let rows = o.standings.iter().map(|s| {
                        let state = STATES
                            .into_iter()
                            .position(|k| k == s.state)
                            .unwrap_or_default();
                        (s.account_id.as_str(), state, s.why.as_str())
                    });
                    (o.id, rows.collect())
                })
                .collect(),
            roadmap: &summary.roadmap,
            collection: CollectionOf {
                calls: summary.collection.calls,
                outcomes: &summary.collection.outcomes,
                not_seen: &summary.collection.blind,
                missing_actions: &summary.collection.missing_actions,
            },
            waivers: &summary.waivers,
        }
    }
}

fn control<'a>(catalog: &'a Catalog, id: &str) -> Option<(&'a str, ControlOf<'a>)> {
    let (id, control) = catalog.controls.get_key_value(id)?;
    Some((
        id,
        ControlOf {
            title: &control.title,
            severity: control.severity,
            why: &control.why,
            also: &control.also,
            repair: &control.repair,
            recommendations: control
                .answers
                .iter()
                .map(|a| a.get_ref().as_str())
                .collect(),
        },
    ))
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

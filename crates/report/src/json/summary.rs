//! The members after the findings.

use crate::overview::{first_phase, overall, share};
use crate::unsent;
use palisade_core::assess::{
    AccountScore, Answer, Blind, Counts, Item, Matrix, StandingState, Summary,
};
use palisade_core::catalog::{Kind, RecommendationScope};
use palisade_core::snapshot::AccountScope;
use palisade_core::{Catalog, Outcome, Severity};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Serialize)]
pub(super) struct CountsV1 {
    total: Counts,
    by_severity: BTreeMap<&'static str, Counts>,
}

pub(super) fn counts(summary: &Summary) -> CountsV1 {
    CountsV1 {
        total: *summary.tally.total(),
        by_severity: Severity::ALL
            .into_iter()
            .map(|s| (s.as_str(), summary.tally.of_severity(s)))
            .collect(),
    }
}

#[derive(Debug, Serialize)]
pub(super) struct RecommendationV1<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<RecommendationScope>,
    /// The state in the account where it stands worst.
    state: StandingState,
    accounts: Vec<StandingV1<'a>>,
}

#[derive(Debug, Serialize)]
struct StandingV1<'a> {
    account_id: &'a str,
    state: StandingState,
    why: &'a str,
    controls: &'a [Answer],
}

pub(super) fn recommendations<'a>(
    catalog: &'a Catalog,
    summary: &'a Summary,
) -> Vec<RecommendationV1<'a>> {
    overall(&summary.standings)
        .into_iter()
        .map(|one| {
            let known = catalog.recommendations.get(one.id);
            RecommendationV1 {
                id: one.id,
                title: known.map_or(one.id, |r| &r.title),
                kind: known.map(|r| r.kind),
                scope: known.map(|r| r.scope),
                state: one.state,
                accounts: one
                    .standings
                    .iter()
                    .map(|s| StandingV1 {
                        account_id: &s.account_id,
                        state: s.state,
                        why: &s.why,
                        controls: &s.answers,
                    })
                    .collect(),
            }
        })
        .collect()
}

#[derive(Debug, Serialize)]
pub(super) struct FrameworkV1<'a> {
    id: &'a str,
    title: &'a str,
    edition: &'a str,
    source: &'a str,
    /// What of the framework is looked at, whatever the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    requirements: Option<RequirementsV1>,
    mean: f64,
    worst: Option<&'a str>,
    /// The same for the first maturity phase alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_phase: Option<PhaseV1<'a>>,
    /// The maturity phases over accounts and organizational units, and the one that is reached; for frameworks that
    /// have phases.
    #[serde(skip_serializing_if = "Option::is_none")]
    phases: Option<Matrix>,
    accounts: &'a [AccountScore],
    /// The requirements that the scores count, each with its state.
    items: &'a [Item],
}

/// Requirements by what answers them; the last four add up to `total`.
#[derive(Debug, Serialize)]
struct RequirementsV1 {
    total: usize,
    machine_could: usize,
    by_controls: usize,
    by_statements: usize,
    by_nothing_yet: usize,
    not_covered: usize,
}

#[derive(Debug, Serialize)]
struct PhaseV1<'a> {
    phase: u8,
    mean: f64,
    worst: Option<&'a str>,
    accounts: BTreeMap<&'a str, f64>,
}

pub(super) fn frameworks<'a>(
    catalog: &'a Catalog,
    summary: &'a Summary,
    accounts: &[AccountScope],
) -> Vec<FrameworkV1<'a>> {
    summary
        .scores
        .iter()
        .map(|score| {
            let known = catalog.frameworks.get(&score.framework);
            FrameworkV1 {
                id: &score.framework,
                title: known.map_or(&score.framework, |f| &f.title),
                edition: known.map_or("", |f| &f.edition),
                source: known.map_or("", |f| &f.source),
                requirements: known.map(|f| {
                    let reach = f.reach(catalog);
                    RequirementsV1 {
                        total: reach.total,
                        machine_could: reach.machine(),
                        by_controls: reach.measured,
                        by_statements: reach.stated,
                        by_nothing_yet: reach.waiting,
                        not_covered: reach.open,
                    }
                }),
                mean: score.mean,
                worst: score.worst.as_deref(),
                first_phase: first_phase(score).map(|phase| {
                    let share = share(score, Some(phase));
                    PhaseV1 {
                        phase,
                        mean: share.mean,
                        worst: share.worst.map(|(id, _)| id),
                        accounts: score
                            .accounts
                            .iter()
                            .filter_map(|a| Some((a.account_id.as_str(), a.share_of(Some(phase))?)))
                            .collect(),
                    }
                }),
                phases: Some(Matrix::of(score, accounts)).filter(|m| !m.phases.is_empty()),
                accounts: &score.accounts,
                items: &score.items,
            }
        })
        .collect()
}

#[derive(Debug, Serialize)]
pub(super) struct CollectionV1<'a> {
    calls: u64,
    outcomes: &'a BTreeMap<Outcome, u64>,
    denied: u64,
    /// Calls that were planned and never sent; they are in no other number.
    not_sent: u64,
    /// Share of the applicable findings that were decided.
    coverage: f64,
    not_seen: &'a [Blind],
    /// Why findings are unknown though no call failed, most findings first.
    unanswered: Vec<UnansweredV1<'a>>,
    missing_actions: &'a [String],
}

#[derive(Debug, Serialize)]
struct UnansweredV1<'a> {
    reason: &'a str,
    findings: u64,
}

pub(super) fn collection<'a>(summary: &'a Summary, accounts: &[AccountScope]) -> CollectionV1<'a> {
    let collection = &summary.collection;
    let total = summary.tally.total();
    CollectionV1 {
        calls: collection.calls,
        outcomes: &collection.outcomes,
        denied: collection
            .outcomes
            .get(&Outcome::Denied)
            .copied()
            .unwrap_or_default(),
        not_sent: unsent::total(accounts),
        coverage: if total.total() == 0 {
            0.0
        } else {
            total.coverage()
        },
        not_seen: &collection.blind,
        unanswered: summary
            .tally
            .totals()
            .unanswered()
            .into_iter()
            .map(|(reason, findings)| UnansweredV1 { reason, findings })
            .collect(),
        missing_actions: &collection.missing_actions,
    }
}

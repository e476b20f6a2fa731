//! The state of a recommendation in an account.

use super::tally::{Counts, Tally};
use crate::catalog::{Attestation, Attestations, Catalog, Kind, Recommendation};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What holds of a recommendation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingState {
    /// Every control that answers it holds, and a person has confirmed what needs a person.
    Met,
    /// A person has stated it, and the statement still counts.
    Attested,
    /// At least one resource fails.
    NotMet,
    /// The statement that it rests on has run out.
    Expired,
    /// It could not be decided.
    Unknown,
    /// Every fail is an accepted risk.
    Excepted,
    /// The account has nothing that it is about.
    NotApplicable,
}

impl StandingState {
    /// The word used in files and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Attested => "attested",
            Self::NotMet => "not_met",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::Excepted => "excepted",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// Whether it counts as met in a score.
    #[must_use]
    pub const fn is_met(self) -> bool {
        matches!(self, Self::Met | Self::Attested)
    }

    /// Whether a score counts it at all: accepted risks and empty questions are left out.
    #[must_use]
    pub const fn is_scored(self) -> bool {
        !matches!(self, Self::Excepted | Self::NotApplicable)
    }
}

/// What a control says about a recommendation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The control.
    pub control: String,
    /// Its findings in the account.
    pub counts: Counts,
}

/// The state of a recommendation in an account, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The recommendation.
    pub recommendation: String,
    /// The account.
    pub account_id: String,
    /// What holds.
    pub state: StandingState,
    /// Why, in one line.
    pub why: String,
    /// What the controls say.
    pub answers: Vec<Answer>,
}

/// The states of all recommendations that the evaluated controls, or statements, can answer.
///
/// With `partial` (only some controls were selected) a recommendation without an evaluated control is left out.
#[must_use]
pub fn standings(
    catalog: &Catalog,
    evaluated: &BTreeSet<String>,
    partial: bool,
    tally: &Tally,
    attestations: &Attestations,
    accounts: &[String],
    day: Date,
) -> Vec<Standing> {
    let mut all = Vec::new();
    for recommendation in catalog.recommendations.values() {
        let (asked, left): (Vec<_>, Vec<_>) = catalog
            .answering(&recommendation.id)
            .map(|c| c.id.as_str())
            .partition(|id| evaluated.contains(*id));
        if partial && asked.is_empty() {
            continue;
        }
        for account in accounts {
            let answers: Vec<Answer> = asked
                .iter()
                .map(|id| Answer {
                    control: (*id).to_owned(),
                    counts: tally.of(id, account),
                })
                .collect();
            let statement = attestations.newest(&recommendation.id, account);
            let (state, why) = decide(recommendation, &answers, left.len(), statement, day);
            all.push(Standing {
                recommendation: recommendation.id.clone(),
                account_id: account.clone(),
                state,
                why,
                answers,
            });
        }
    }
    all
}

fn decide(
    recommendation: &Recommendation,
    answers: &[Answer],
    left: usize,
    statement: Option<&Attestation>,
    day: Date,
) -> (StandingState, String) {
    let mut counts = Counts::default();
    for answer in answers {
        counts.merge(&answer.counts);
    }
    let decided = counts.pass + counts.fail + counts.excepted;
    if counts.fail > 0 {
        let failing = answers.iter().filter(|a| a.counts.fail > 0).count();
        return (
            StandingState::NotMet,
            format!(
                "{} of {decided} fail, in {failing} of {}",
                plural(counts.fail, "resource"),
                plural(answers.len() as u64, "control"),
            ),
        );
    }
    if counts.unknown > 0 {
        return (
            StandingState::Unknown,
            format!("{} could not be decided", plural(counts.unknown, "finding")),
        );
    }
    if let Some((state, why)) = human_part(recommendation, answers.is_empty(), statement, day) {
        return (state, why);
    }
    if left > 0 {
        return (
            StandingState::Unknown,
            format!("{left} of its controls were not asked"),
        );
    }
    if answers.is_empty() {
        let needs = recommendation
            .needs
            .as_deref()
            .unwrap_or("a control that is not written yet");
        return (StandingState::Unknown, format!("needs {needs}"));
    }
    if decided == 0 {
        if counts.not_applicable == 0 {
            return (StandingState::Unknown, "nothing was looked at".to_owned());
        }
        return (
            StandingState::NotApplicable,
            "the account has nothing that this is about".to_owned(),
        );
    }
    if let Some(needs) = &recommendation.needs {
        return (
            StandingState::Unknown,
            format!("what controls can see holds; the rest needs {needs}"),
        );
    }
    if counts.excepted > 0 && counts.pass == 0 {
        return (
            StandingState::Excepted,
            format!("{} accepted", plural(counts.excepted, "risk")),
        );
    }
    let accepted = if counts.excepted > 0 {
        format!(", {} accepted", plural(counts.excepted, "risk"))
    } else {
        String::new()
    };
    (
        StandingState::Met,
        format!("{} hold{accepted}", plural(counts.pass, "finding")),
    )
}

/// What the statement of a person makes of it; `None` when the controls decide alone.
fn human_part(
    recommendation: &Recommendation,
    only: bool,
    statement: Option<&Attestation>,
    day: Date,
) -> Option<(StandingState, String)> {
    // A statement may also answer what no control can see yet.
    let wanted = recommendation.attest.is_some() || recommendation.kind == Kind::Attested;
    match statement {
        Some(a) if a.expires < day => Some((
            StandingState::Expired,
            format!("{}'s statement ran out on {}", a.by, a.expires),
        )),
        Some(a) if only => Some((
            StandingState::Attested,
            format!(
                "{} on {}, until {}: {}",
                a.by, a.date, a.expires, a.statement
            ),
        )),
        Some(_) => None,
        None if wanted && only && recommendation.needs.is_none() => Some((
            StandingState::Unknown,
            "nobody has attested it: `palisade attest` records a statement".to_owned(),
        )),
        None if wanted && !only => Some((
            StandingState::Unknown,
            "what controls can see holds; a person has yet to confirm the rest: `palisade attest`"
                .to_owned(),
        )),
        None => None,
    }
}

fn plural(n: u64, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

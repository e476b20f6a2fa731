//! The state of a recommendation in an account.

use super::decide::{Said, decide};
use super::of_control::{OfControl, Place};
use super::tally::{Counts, Tally};
use crate::catalog::{Attestations, Catalog, Framework};
use jiff::civil::Date;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeSet;
use std::sync::Arc;

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
    /// What fails is an accepted risk.
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

    /// How bad it is, worst first: what several things decide is as good as the worst of them.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::NotMet => 0,
            Self::Expired => 1,
            Self::Unknown => 2,
            Self::Excepted => 3,
            Self::Attested => 4,
            Self::Met => 5,
            Self::NotApplicable => 6,
        }
    }

    /// Whether a score counts it at all: empty questions are left out. An accepted risk is one still: it counts, and
    /// not as met.
    #[must_use]
    pub const fn is_scored(self) -> bool {
        !matches!(self, Self::NotApplicable)
    }
}

/// What a control says about a recommendation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The control.
    #[serde(serialize_with = "text")]
    pub control: Arc<str>,
    /// Its findings in the account.
    pub counts: Counts,
}

/// The state of a recommendation in an account, and why. There is one for each account, and there may be thousands of
/// those: the words are shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The recommendation.
    pub recommendation: Arc<str>,
    /// The account.
    pub account_id: Arc<str>,
    /// What holds.
    pub state: StandingState,
    /// Why, in one line.
    pub why: Arc<str>,
    /// What the controls say.
    pub answers: Vec<Answer>,
}

fn text<S: Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
    text.serialize(to)
}

/// What of the catalogue was asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The controls that were evaluated.
    pub controls: BTreeSet<String>,
    /// The recommendations that were selected, by name or through a framework; `None`: all.
    pub recommendations: Option<BTreeSet<String>>,
}

impl Asked {
    /// Whether the recommendation has a state: it was selected, or one of its controls was.
    fn has(&self, catalog: &Catalog, recommendation: &str) -> bool {
        let chosen = self.recommendations.as_ref();
        chosen.is_none_or(|chosen| {
            chosen.contains(recommendation)
                || catalog
                    .answering(recommendation)
                    .any(|c| self.controls.contains(&c.id))
        })
    }

    /// Whether all that decides a framework was asked: the score of a part would be taken for that of the whole.
    pub(super) fn covers(&self, catalog: &Catalog, framework: &Framework) -> bool {
        let rows = || {
            let requirements = framework.requirements.iter();
            requirements.flat_map(|requirement| &requirement.recommendations)
        };
        let is_asked = |control: &str| self.controls.contains(control);
        self.recommendations.is_none()
            || framework.named(catalog).controls().all(is_asked)
                && rows().all(|id| {
                    self.has(catalog, id) && catalog.answering(id).all(|c| is_asked(&c.id))
                })
    }
}

/// The states of the recommendations that were asked, in each account.
#[must_use]
pub fn standings(
    catalog: &Catalog,
    asked: &Asked,
    tally: &Tally,
    attestations: &Attestations,
    accounts: &[String],
    day: Date,
) -> Vec<Standing> {
    let mut all = Vec::new();
    let accounts: Vec<(Arc<str>, Option<Place>)> = accounts
        .iter()
        .map(|id| (id.as_str().into(), tally.place(id)))
        .collect();
    for recommendation in catalog.recommendations.values() {
        if !asked.has(catalog, &recommendation.id) {
            continue;
        }
        let (answering, left): (Vec<_>, Vec<_>) = catalog
            .answering(&recommendation.id)
            .map(|c| c.id.as_str())
            .partition(|id| asked.controls.contains(*id));
        let counted: Vec<(Arc<str>, Option<&OfControl>)> = answering
            .into_iter()
            .map(|id| (id.into(), tally.control(id)))
            .collect();
        let id: Arc<str> = recommendation.id.as_str().into();
        let mut reasons = BTreeSet::new();
        for (account, place) in &accounts {
            let counts = |of: &OfControl| Some(of.counts((*place)?));
            let answers: Vec<Answer> = counted
                .iter()
                .map(|(control, of)| Answer {
                    control: Arc::clone(control),
                    counts: of.and_then(counts).unwrap_or_default(),
                })
                .collect();
            let said = Said {
                statement: attestations.newest(&recommendation.id, account),
                void: attestations.void(&recommendation.id, account),
            };
            let (state, why) = decide(recommendation, &answers, left.len(), said, day);
            all.push(Standing {
                recommendation: Arc::clone(&id),
                account_id: Arc::clone(account),
                state,
                why: known(&mut reasons, why),
                answers,
            });
        }
    }
    all
}

/// A reason that many accounts share.
fn known(reasons: &mut BTreeSet<Arc<str>>, why: String) -> Arc<str> {
    if let Some(known) = reasons.get(why.as_str()) {
        return Arc::clone(known);
    }
    let why: Arc<str> = why.into();
    reasons.insert(Arc::clone(&why));
    why
}

#[cfg(test)]
mod tests;

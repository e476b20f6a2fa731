//! The state of a recommendation in an account.

use super::of_control::{OfControl, Place};
use super::tally::{Counts, Tally};
use crate::catalog::{Attestation, Attestations, Catalog, Framework, Recommendation, Void};
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
        self.recommendations.is_none()
            || framework
                .requirements
                .iter()
                .flat_map(|requirement| &requirement.recommendations)
                .all(|id| {
                    self.has(catalog, id)
                        && catalog.answering(id).all(|c| self.controls.contains(&c.id))
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

/// What people have said of a recommendation and an account.
#[derive(Debug, Clone, Copy, Default)]
struct Said<'a> {
    /// The statement that holds longest.
    statement: Option<&'a Attestation>,
    /// One that does not count.
    void: Option<&'a Void>,
}

fn decide(
    recommendation: &Recommendation,
    answers: &[Answer],
    left: usize,
    said: Said<'_>,
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
                "{} of {decided} {}, in {failing} of {}",
                plural(counts.fail, "resource"),
                verb(counts.fail, "fail"),
                plural(answers.len() as u64, "control"),
            ),
        );
    }
    let unknown = |why: String| (StandingState::Unknown, why);
    if counts.unknown > 0 {
        return unknown(format!(
            "{} could not be decided",
            plural(counts.unknown, "finding")
        ));
    }
    if left > 0 {
        return unknown(format!(
            "{} that would answer it not selected",
            plural(left as u64, "control")
        ));
    }
    if let Some(decided) = human_part(recommendation, decided > 0, said, day) {
        return decided;
    }
    match &recommendation.needs {
        Some(needs) if decided > 0 => {
            return unknown(format!(
                "what controls can see holds; the rest needs {needs}"
            ));
        }
        Some(needs) => return unknown(format!("needs {needs}")),
        None if answers.is_empty() => {
            return unknown("needs a control that is not written yet".to_owned());
        }
        None if decided > 0 => {}
        None if counts.not_applicable == 0 => return unknown("nothing was looked at".to_owned()),
        None => {
            return (
                StandingState::NotApplicable,
                "the account has nothing that this is about".to_owned(),
            );
        }
    }
    let hold = (counts.pass > 0).then(|| {
        format!(
            "{} {}",
            plural(counts.pass, "finding"),
            verb(counts.pass, "hold")
        )
    });
    if counts.excepted > 0 {
        let accepted = format!("{} accepted", plural(counts.excepted, "risk"));
        let why = hold.into_iter().chain([accepted]).collect::<Vec<_>>();
        return (StandingState::Excepted, why.join(", "));
    }
    (StandingState::Met, hold.unwrap_or_default())
}

/// What the statement of a person makes of it; `None` when the controls decide alone, as they do where the row asks no
/// person: a statement can't make up for what was not looked at.
fn human_part(
    recommendation: &Recommendation,
    seen: bool,
    said: Said<'_>,
    day: Date,
) -> Option<(StandingState, String)> {
    if !recommendation.asks_a_person() {
        return None;
    }
    let unknown = |why: String| Some((StandingState::Unknown, why));
    match said.statement {
        Some(a) if a.expires < day => Some((
            StandingState::Expired,
            format!("{}'s statement ran out on {}", a.by, a.expires),
        )),
        Some(a) if !seen => Some((
            StandingState::Attested,
            format!(
                "{} on {}, until {}: {}",
                a.by, a.date, a.expires, a.statement
            ),
        )),
        Some(_) => None,
        None => match said.void {
            Some(void) if seen => unknown(format!("what controls can see holds; {}", void.told())),
            Some(void) => unknown(void.told()),
            None if seen => unknown(
                "what controls can see holds; a person has yet to confirm the rest: `palisade attest`"
                    .to_owned(),
            ),
            None if recommendation.needs.is_none() => unknown(
                "nobody has attested it: `palisade attest` records a statement".to_owned(),
            ),
            None => None,
        },
    }
}

fn plural(n: u64, noun: &str) -> String {
    if n == 1 {
        format!("1 {noun}")
    } else {
        format!("{n} {noun}s")
    }
}

/// What so many things do: one `holds`, several `hold`.
fn verb(n: u64, word: &str) -> String {
    if n == 1 {
        format!("{word}s")
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests;

//! What findings, statements and what is still missing make of a recommendation; what findings alone make of a
//! requirement that controls are named after.

use super::standing::{Answer, StandingState};
use super::tally::Counts;
use crate::catalog::{Attestation, Recommendation, Void};
use jiff::civil::Date;

/// What the controls that answer something have found in an account.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    counts: Counts,
    /// The controls that were asked, and those of them with a failed resource.
    controls: u64,
    failing: u64,
    /// Controls that would answer it, too, and were not asked.
    left: u64,
}

/// What that says, before anybody's statement is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    Fails,
    Undecided,
    NotAsked,
    Unseen,
    Nothing,
    Accepted,
    Holds,
}

impl Found {
    /// Nothing, with so many controls that were not asked.
    pub(super) fn without(left: usize) -> Self {
        Self {
            left: left as u64,
            ..Self::default()
        }
    }

    /// Adds what a control has found.
    pub(super) fn add(&mut self, counts: &Counts) {
        self.counts.merge(counts);
        self.controls += 1;
        self.failing += u64::from(counts.fail > 0);
    }

    const fn decided(&self) -> u64 {
        self.counts.pass + self.counts.fail + self.counts.excepted
    }

    pub(super) const fn says(&self) -> Says {
        if self.counts.fail > 0 {
            Says::Fails
        } else if self.counts.unknown > 0 {
            Says::Undecided
        } else if self.left > 0 {
            Says::NotAsked
        } else if self.counts.excepted > 0 {
            Says::Accepted
        } else if self.counts.pass > 0 {
            Says::Holds
        } else if self.counts.not_applicable > 0 {
            Says::Nothing
        } else {
            Says::Unseen
        }
    }

    /// Why, in one line.
    pub(super) fn why(&self) -> String {
        let Counts {
            pass,
            fail,
            unknown,
            excepted,
            ..
        } = self.counts;
        let hold = || format!("{} {}", plural(pass, "finding"), verb(pass, "hold"));
        match self.says() {
            Says::Fails => format!(
                "{} of {} {}, in {} of {}",
                plural(fail, "resource"),
                self.decided(),
                verb(fail, "fail"),
                self.failing,
                plural(self.controls, "control"),
            ),
            Says::Undecided => format!("{} could not be decided", plural(unknown, "finding")),
            Says::NotAsked => format!(
                "{} that would answer it not selected",
                plural(self.left, "control")
            ),
            Says::Unseen => "nothing was looked at".to_owned(),
            Says::Nothing => "the account has nothing that this is about".to_owned(),
            Says::Accepted if pass > 0 => {
                format!("{}, {} accepted", hold(), plural(excepted, "risk"))
            }
            Says::Accepted => format!("{} accepted", plural(excepted, "risk")),
            Says::Holds => hold(),
        }
    }
}

impl Says {
    /// The state of what nothing else decides.
    pub(super) const fn state(self) -> StandingState {
        match self {
            Self::Fails => StandingState::NotMet,
            Self::Undecided | Self::NotAsked | Self::Unseen => StandingState::Unknown,
            Self::Nothing => StandingState::NotApplicable,
            Self::Accepted => StandingState::Excepted,
            Self::Holds => StandingState::Met,
        }
    }
}

/// What people have said of a recommendation and an account.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said<'a> {
    /// The statement that holds longest.
    pub(super) statement: Option<&'a Attestation>,
    /// One that does not count.
    pub(super) void: Option<&'a Void>,
}

/// The state of a recommendation in an account, and why.
pub(super) fn decide(
    recommendation: &Recommendation,
    answers: &[Answer],
    left: usize,
    said: Said<'_>,
    day: Date,
) -> (StandingState, String) {
    let mut found = Found::without(left);
    for answer in answers {
        found.add(&answer.counts);
    }
    let says = found.says();
    let unknown = |why: String| (StandingState::Unknown, why);
    if matches!(says, Says::Fails | Says::Undecided | Says::NotAsked) {
        return (says.state(), found.why());
    }
    let seen = found.decided() > 0;
    if let Some(decided) = human_part(recommendation, seen, said, day) {
        return decided;
    }
    match &recommendation.needs {
        Some(needs) if seen => unknown(format!(
            "what controls can see holds; the rest needs {needs}"
        )),
        Some(needs) => unknown(format!("needs {needs}")),
        None if answers.is_empty() => unknown("needs a control that is not written yet".to_owned()),
        None => (says.state(), found.why()),
    }
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

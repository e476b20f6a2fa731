//! The state of a requirement that controls carry the name of: what these have found decides it, and nothing else of
//! the row that it is mapped to (RFD 10).

use super::decide::Found;
use super::of_control::{OfControl, Place};
use super::standing::StandingState;
use super::tally::Tally;
use crate::catalog::Control;

/// The controls of a requirement's name, with what was counted of them.
#[derive(Debug)]
pub struct ByName<'t> {
    counted: Vec<Option<&'t OfControl>>,
    /// Those of them that were not asked.
    left: usize,
}

impl<'t> ByName<'t> {
    /// Of the controls of a name; `asked` tells which of them were evaluated. Nothing where no control has the name.
    #[must_use]
    pub fn new(
        controls: &[&Control],
        asked: impl Fn(&str) -> bool,
        tally: &'t Tally,
    ) -> Option<Self> {
        let ids = || controls.iter().map(|control| control.id.as_str());
        (!controls.is_empty()).then(|| Self {
            counted: ids()
                .filter(|id| asked(id))
                .map(|id| tally.control(id))
                .collect(),
            left: ids().filter(|id| !asked(id)).count(),
        })
    }

    /// The state in the account at a place; at none where it has no finding at all.
    #[must_use]
    pub fn state(&self, account: Option<Place>) -> StandingState {
        self.found(account).says().state()
    }

    /// Why, in one line.
    #[must_use]
    pub fn why(&self, account: Option<Place>) -> String {
        self.found(account).why()
    }

    fn found(&self, account: Option<Place>) -> Found {
        let mut found = Found::without(self.left);
        for of in &self.counted {
            let counts = of.zip(account).map(|(of, account)| of.counts(account));
            found.add(&counts.unwrap_or_default());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, FindingSink as _, Resource};
    use crate::severity::Severity;
    use crate::verdict::{Measured, State, Verdict};
    use crate::{CallRef, Catalog, Grounds, Outcome};

    const HERE: &str = "111122223333";
    const THERE: &str = "222233334444";

    fn finding(control: &str, account: &str, at: usize, state: State) -> Finding {
        let call = CallRef {
            id: "0".to_owned(),
            operation: "iam:GetAccountSummary".to_owned(),
            outcome: Outcome::Ok,
            code: None,
        };
        let measured = Measured::new([call]).unwrap();
        let verdict = match state {
            State::Pass => Verdict::Pass(measured),
            State::Fail => Verdict::Fail(measured),
            State::Unknown => Verdict::Unknown([].into()),
            _ => Verdict::NotApplicable([].into()),
        };
        let resource = Resource {
            arn: format!("arn:{at}"),
            name: String::new(),
            kind: "t".to_owned(),
            account_id: account.to_owned(),
            region: "global".to_owned(),
        };
        Finding::new(
            control.into(),
            Severity::Low,
            resource,
            verdict,
            Grounds::unseen(""),
        )
    }

    #[test]
    fn what_the_controls_of_a_name_have_found_decides_in_each_account() {
        let catalog = Catalog::embedded().unwrap();
        let controls: Vec<&Control> = catalog.controls.values().take(2).collect();
        let [one, two] = [&controls[0].id, &controls[1].id];
        let mut tally = Tally::default();
        let findings = [
            (one, HERE, State::Pass),
            (two, HERE, State::NotApplicable),
            (one, THERE, State::NotApplicable),
            (two, THERE, State::NotApplicable),
        ];
        for (at, (control, account, state)) in findings.into_iter().enumerate() {
            let finding = finding(control, account, at, state);
            tally.finding(&finding).unwrap();
        }
        let found = ByName::new(&controls, |_| true, &tally).unwrap();
        let told = |account: &str| {
            let place = tally.place(account);
            (found.state(place), found.why(place))
        };
        assert_eq!(
            told(HERE),
            (StandingState::Met, "1 finding holds".to_owned())
        );
        assert_eq!(told(THERE).0, StandingState::NotApplicable);
        // Nothing at all was seen of a third account.
        assert_eq!(
            told("333344445555"),
            (StandingState::Unknown, "nothing was looked at".to_owned())
        );
        let part = ByName::new(&controls, |id| id == one, &tally).unwrap();
        assert_eq!(part.state(tally.place(HERE)), StandingState::Unknown);
        assert!(ByName::new(&[], |_| true, &tally).is_none());
    }
}

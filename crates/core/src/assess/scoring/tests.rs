use super::*;
use crate::finding::{Finding, FindingSink as _, Resource};
use crate::severity::Severity;
use crate::verdict::{Measured, Verdict};
use crate::{CallRef, Grounds, Outcome};
use std::collections::BTreeSet;

const HERE: &str = "111122223333";

/// Six requirements: one of a row that is met, three of one that is not, in two cells, one that a control is named after,
/// and one that nothing is mapped to.
const FRAMEWORK: &str = "
id = 'mine'
title = 'Mine'
edition = '1'
source = 's'
requirement = [
  { id = '1', title = 't', group = 'x', phase = 1, recommendations = ['good'] },
  { id = '2', title = 't', group = 'y', phase = 1, recommendations = ['bad', 'good'] },
  { id = '3', title = 't', group = 'z', phase = 1, recommendations = ['bad'] },
  { id = '4', title = 't', group = 'z', phase = 2, recommendations = ['bad', 'none'] },
  { id = '5', title = 't', group = 'z', phase = 2, recommendations = ['bad'] },
  { id = '6', title = 't', group = 'z', phase = 2, recommendations = ['none'] },
  { id = '7', title = 't', group = 'z', phase = 2, gap = 'nothing' },
]
";

fn standing(recommendation: &str, state: StandingState) -> Standing {
    Standing {
        recommendation: recommendation.into(),
        account_id: HERE.into(),
        state,
        why: "".into(),
        answers: Vec::new(),
    }
}

fn pass(control: &str) -> Finding {
    let call = CallRef {
        id: "0".to_owned(),
        operation: "iam:GetAccountSummary".to_owned(),
        outcome: Outcome::Ok,
        code: None,
    };
    let resource = Resource {
        arn: "arn".to_owned(),
        name: String::new(),
        kind: "t".to_owned(),
        account_id: HERE.to_owned(),
        region: "global".to_owned(),
    };
    Finding::new(
        control.into(),
        Severity::Low,
        resource,
        Verdict::Pass(Measured::new([call]).unwrap()),
        Grounds::unseen(""),
    )
}

#[test]
fn each_recommendation_counts_once() {
    let mut catalog = Catalog::embedded().unwrap();
    let framework: Framework = toml::from_str(FRAMEWORK).unwrap();
    catalog.frameworks = BTreeMap::from([(framework.id.clone(), framework)]);
    let control = catalog.controls.values_mut().next().unwrap();
    control.also.push("mine:5".to_owned());
    let control = control.id.clone();
    let mut tally = Tally::default();
    tally.finding(&pass(&control)).unwrap();
    let standings = [
        standing("bad", StandingState::NotMet),
        standing("good", StandingState::Met),
        standing("none", StandingState::NotApplicable),
    ];
    let asked = Asked {
        controls: BTreeSet::from([control.clone()]),
        recommendations: None,
    };
    let accounts = [HERE.to_owned()];
    let [score] = score_all(&catalog, &asked, &standings, &tally, &accounts)
        .try_into()
        .unwrap();
    let states: Vec<(&str, StandingState)> = score
        .items
        .iter()
        .map(|item| (item.id.as_str(), item.state))
        .collect();
    assert_eq!(
        states,
        [
            ("1", StandingState::Met),
            ("2", StandingState::NotMet),
            ("3", StandingState::NotMet),
            ("4", StandingState::NotMet),
            ("5", StandingState::Met),
            ("6", StandingState::NotApplicable),
        ]
    );
    assert_eq!(score.items[4].named_by, [control]);
    let account = &score.accounts[0];
    // By requirements it would be 2 of 5, and by the rows of each cell 2 of 5 too.
    assert_eq!((account.met, account.scored), (1, 2));
    assert_eq!(account.counts_of(Some(1)), (1, 2));
    assert_eq!(account.counts_of(Some(2)), (0, 0));
    let [x, y, z, later] = account.cells.as_slice() else {
        panic!("{:?}", account.cells);
    };
    let counts = |cell: &Cell| (cell.met, cell.scored, cell.not_met);
    assert_eq!([x, y, z].map(counts), [(1, 1, 0), (0, 1, 1), (0, 0, 0)]);
    assert_eq!(counts(later), (0, 0, 0));
    assert_eq!(z.recommendations.as_slice(), ["bad"]);
}

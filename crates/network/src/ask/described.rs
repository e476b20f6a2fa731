//! What was not read.

use crate::explain::Gap;
use crate::model::{Estate, Part, Place};
use std::collections::BTreeSet;

impl Estate {
    /// The parts that were not read, by place. What they would change is unknown; what is taken for granted is said.
    #[must_use]
    pub fn not_described(&self) -> Vec<Gap> {
        let read = self.read.values().flatten();
        let places: BTreeSet<&Place> = read
            .chain(self.vpcs.values().map(|vpc| &vpc.place))
            .collect();
        let places = precise(&places);
        let mut out = Vec::new();
        for part in Part::ALL {
            let read = self.read.get(&part);
            let seen = |at: &Place| {
                read.is_some_and(|read| {
                    read.contains(at) || at.wider().iter().any(|wider| read.contains(wider))
                })
            };
            let missing = places.iter().filter(|at| !seen(at));
            let detail = match part {
                Part::Vpcs | Part::Subnets | Part::Interfaces => {
                    "not described: what is there is not in the answer"
                }
                Part::BlockPublicAccess => "not described; taken as off, AWS's default",
                _ => "not described; answers that it could change say so",
            };
            out.extend(missing.map(|at| {
                Gap {
                    construct: part.word(),
                    component: [at.account.as_str(), at.region.as_str()]
                        .into_iter()
                        .filter(|word| !word.is_empty())
                        .collect::<Vec<_>>()
                        .join(" "),
                    detail: detail.to_owned(),
                }
            }));
        }
        out
    }
}

/// Places without those that only say less than another one: such a place is that other one.
fn precise<'p>(places: &BTreeSet<&'p Place>) -> Vec<&'p Place> {
    let vague: BTreeSet<Place> = places.iter().flat_map(|at| at.wider()).collect();
    let all = places.iter().copied();
    all.filter(|at| !vague.contains(*at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_that_says_less_is_left_out(all in prop::collection::btree_set(("[ab]?", "[xy]?"), 0..10)) {
            let places: Vec<Place> = all
                .into_iter()
                .map(|(account, region)| Place { account, region })
                .collect();
            let fits = |set: &str, have: &str| set.is_empty() || set == have;
            let less = |at: &Place, than: &Place| {
                at != than && fits(&at.account, &than.account) && fits(&at.region, &than.region)
            };
            let slow: Vec<&Place> = places
                .iter()
                .filter(|at| !places.iter().any(|other| less(at, other)))
                .collect();
            prop_assert_eq!(precise(&places.iter().collect()), slow);
        }
    }
}

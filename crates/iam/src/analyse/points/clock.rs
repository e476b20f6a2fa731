//! `aws:CurrentTime` and `aws:EpochTime`: two keys that tell the time of one clock, and are in every request
//! ("AWS global condition context keys", IAM User Guide).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Assignment;
use crate::{
    analyse::Unknown,
    model::{Condition, ContextValue, Operands, Test},
};

pub(super) const DATE: &str = "aws:currenttime";
pub(super) const SECONDS: &str = "aws:epochtime";

/// Whether the conditions on the keys can only be understood together.
pub(super) fn is_needed(dates: &[&Condition], seconds: &[&Condition]) -> bool {
    let by_date = |condition: &&Condition| matches!(condition.operands, Operands::Dates(_));
    !dates.is_empty() && !seconds.is_empty() || seconds.iter().any(by_date)
}

/// Moments that tell the conditions apart, each as both keys tell it.
pub(super) fn points(conditions: &[&Condition]) -> Result<Vec<Assignment>, Unknown> {
    let mut moments: BTreeSet<i128> = BTreeSet::from([0]);
    // Of a second as the other key tells it, all moments up to the next are one.
    let second = |second: i128| {
        let starts = [second * NANOSECONDS, (second + 1) * NANOSECONDS];
        starts.map(|start| [start - 1, start, start + 1])
    };
    for condition in conditions {
        let unclear = || Unknown::Operator(condition.key_text.clone());
        let operator = condition.operator.as_ref();
        let is_null = operator.is_some_and(|operator| operator.test == Test::Null);
        if operator.is_some_and(|operator| operator.set.is_some()) {
            return Err(unclear());
        }
        match &condition.operands {
            _ if is_null => {}
            Operands::Dates(dates) => {
                for date in dates.iter().flatten() {
                    for text in date.around().ok_or_else(unclear)? {
                        let moment: Timestamp = text.parse().map_err(|_| unclear())?;
                        let moment = moment.as_nanosecond();
                        moments.insert(moment);
                        if condition.key == SECONDS {
                            let around = second(moment.div_euclid(NANOSECONDS));
                            moments.extend(around.into_iter().flatten());
                        }
                    }
                }
            }
            Operands::Numbers(_) if condition.key == SECONDS => {
                for text in &condition.values {
                    let number: i64 = text.parse().map_err(|_| unclear())?;
                    moments.extend(second(i128::from(number)).into_iter().flatten());
                }
            }
            _ => return Err(unclear()),
        }
    }
    let told = |moment: i128| -> Option<Assignment> {
        let date = Timestamp::from_nanosecond(moment).ok()?.to_string();
        let second = moment.div_euclid(NANOSECONDS);
        // Four digits are a year where a date is read.
        let second = match second {
            1_000..=9_999 => format!("0{second}"),
            _ => second.to_string(),
        };
        let one = |key: &str, value: String| (key.to_owned(), Some(ContextValue::One(value)));
        Some(vec![one(DATE, date), one(SECONDS, second)])
    };
    Ok(moments.into_iter().filter_map(told).collect())
}

const NANOSECONDS: i128 = 1_000_000_000;

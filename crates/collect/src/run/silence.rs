//! Services that give no answers any more: what is left of them is given up, and the rest goes on.

use super::calls::Question;
use crate::api::{Page, Reason, Refusal};
use palisade_core::call::GIVEN_UP;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Calls in a row without an answer, by account, region and service or operation: one operation may
/// hang while others of its service answer, so a service is given up when more than one of its operations is silent.
#[derive(Debug)]
pub(super) struct Silence {
    give_up_after: u32,
    rows: Mutex<BTreeMap<Lane, Row>>,
}

type Lane = (usize, String, String);

#[derive(Debug, Clone, Default)]
struct Row {
    times: u32,
    /// The last one was throttled until its patience ran out; else there was no reply at all.
    throttled: bool,
    operations: BTreeSet<String>,
}

impl Silence {
    pub(super) fn new(give_up_after: u32) -> Self {
        Self {
            give_up_after,
            rows: Mutex::default(),
        }
    }

    /// What the end of a call tells of the calls to come.
    pub(super) fn learn(&self, question: &Question, result: &Result<Page, Refusal>) {
        let throttled = match result {
            Err(refusal) => match refusal.reason {
                Reason::TimedOut | Reason::Unreachable => Some(false),
                Reason::Throttled => Some(true),
                // It has not reached the service.
                Reason::Expired | Reason::Budget | Reason::Unwanted => return,
                Reason::Other if refusal.attempts == 0 => return,
                Reason::Denied | Reason::Unsupported | Reason::Other => None,
            },
            Ok(_) => None,
        };
        let mut rows = self.lock();
        for lane in lanes(question) {
            match throttled {
                Some(throttled) => {
                    let row = rows.entry(lane).or_default();
                    row.times += 1;
                    row.throttled = throttled;
                    row.operations.insert(question.operation.clone());
                }
                None => {
                    rows.remove(&lane);
                }
            }
        }
    }

    /// Why a question is not asked any more, if it is not.
    pub(super) fn given_up(&self, question: &Question) -> Option<Refusal> {
        let rows = self.lock();
        let [service, operation] = lanes(question);
        for (word, lane, least) in [("service", service, 2), ("operation", operation, 1)] {
            let silent =
                |row: &&Row| row.times >= self.give_up_after && row.operations.len() >= least;
            let Some(row) = rows.get(&lane).filter(silent) else {
                continue;
            };
            let times = self.give_up_after;
            let (reason, what) = if row.throttled {
                (Reason::Throttled, "calls that were throttled to the end")
            } else {
                (Reason::Other, "time-outs")
            };
            return Some(Refusal {
                reason,
                code: Some(GIVEN_UP.to_owned()),
                message: format!("{word} given up after {times} {what}"),
                attempts: 0,
            });
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Lane, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The service, and the operation.
fn lanes(question: &Question) -> [Lane; 2] {
    let service = question.operation.split(':').next().unwrap_or_default();
    [service, &question.operation]
        .map(|what| (question.account, question.region.clone(), what.to_owned()))
}

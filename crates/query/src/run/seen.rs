//! The rows of a batch on which one control was asked: they tell the reason and the values when somebody reads them.

use super::decide::{nothing_said, seen};
use super::evaluate::{Answer, Grounded};
use super::table::Judged;
use super::value::{cut, json};
use arrow::array::{Array, BooleanArray, StringArray};
use palisade_core::grounds::Rows;
use serde_json::{Map, Value};
use std::sync::{Arc, OnceLock};

/// A column that a control reads: its name, and its place in the batch.
pub(crate) type Column = (String, usize);

/// A batch and one of the controls that were asked of it.
#[derive(Debug)]
pub(crate) struct Seen {
    judged: Arc<Judged>,
    /// The control's place among those of the batch.
    at: usize,
    grounded: Arc<Grounded>,
    columns: Arc<[Column]>,
    /// Worked out for all rows when one of them is read.
    reasons: OnceLock<Option<StringArray>>,
}

/// What the expressions say about one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) error: Option<&'a Arc<str>>,
    pub(crate) applies: Option<bool>,
    pub(crate) require: Option<bool>,
}

impl Seen {
    pub(crate) fn new(
        judged: &Arc<Judged>,
        at: usize,
        grounded: &Arc<Grounded>,
        columns: &Arc<[Column]>,
    ) -> Self {
        Self {
            judged: Arc::clone(judged),
            at,
            grounded: Arc::clone(grounded),
            columns: Arc::clone(columns),
            reasons: OnceLock::new(),
        }
    }

    fn answer(&self) -> Option<&Answer> {
        self.judged.answers.get(self.at)
    }

    /// What is said of a row; without `applies` the question always makes sense.
    pub(crate) fn said(&self, row: usize) -> Said<'_> {
        let bool_at = |a: &BooleanArray| (row < a.len() && !a.is_null(row)).then(|| a.value(row));
        let answer = self.answer();
        Said {
            error: answer.and_then(|answer| answer.errors.get(&row)),
            applies: answer
                .and_then(|answer| answer.applies.as_ref())
                .map_or(Some(true), bool_at),
            require: answer.and_then(|answer| bool_at(&answer.require)),
        }
    }
}

impl Rows for Seen {
    fn reason(&self, row: usize) -> String {
        if self.said(row).require.is_none() {
            return nothing_said(&self.values(row));
        }
        let make = || self.grounded.reasons(&self.judged.batch);
        let reasons = self.reasons.get_or_init(make).as_ref();
        let told = reasons
            .filter(|reasons| row < reasons.len() && !reasons.is_null(row))
            .map(|reasons| reasons.value(row))
            .filter(|reason| !reason.trim().is_empty());
        told.map_or_else(|| seen(&self.values(row)), cut)
    }

    fn values(&self, row: usize) -> Map<String, Value> {
        let columns = self.judged.batch.columns();
        let value = |(name, at): &Column| {
            let value = columns.get(*at).map_or(Value::Null, |c| json(c, row));
            (name.clone(), value)
        };
        self.columns.iter().map(value).collect()
    }
}

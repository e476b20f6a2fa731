//! Why a finding says what it says, and what was seen: worked out when somebody reads it. An estate has millions of
//! findings, and most reports write few of them (RFD 11).

use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Rows of which one control was asked.
pub trait Rows: fmt::Debug + Send + Sync {
    /// Why the control says what it says of the row, in one line.
    fn reason(&self, row: usize) -> String;

    /// The values of the row that the control read, by column.
    fn values(&self, row: usize) -> Map<String, Value>;
}

/// The grounds of a finding.
#[derive(Debug, Clone)]
pub struct Grounds {
    /// What is known without the row.
    reason: Option<Cow<'static, str>>,
    seen: Seen,
}

#[derive(Debug, Clone)]
enum Seen {
    Values(Map<String, Value>),
    Row(Arc<dyn Rows>, usize),
}

impl Grounds {
    /// A reason and values that are worked out.
    #[must_use]
    pub fn told(reason: impl Into<Cow<'static, str>>, values: Map<String, Value>) -> Self {
        Self {
            reason: Some(reason.into()),
            seen: Seen::Values(values),
        }
    }

    /// A reason that no row has given: nothing was seen.
    #[must_use]
    pub fn unseen(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::told(reason, Map::new())
    }

    /// A row, which tells the values, and the reason if none is given.
    #[must_use]
    pub fn of_row(rows: Arc<dyn Rows>, row: usize, reason: Option<Cow<'static, str>>) -> Self {
        Self {
            reason,
            seen: Seen::Row(rows, row),
        }
    }

    pub(crate) fn reason(&self) -> Cow<'_, str> {
        match (&self.reason, &self.seen) {
            (Some(reason), _) => Cow::Borrowed(reason),
            (None, Seen::Row(rows, row)) => Cow::Owned(rows.reason(*row)),
            (None, Seen::Values(_)) => Cow::Borrowed(""),
        }
    }

    pub(crate) fn values(&self) -> Cow<'_, Map<String, Value>> {
        match &self.seen {
            Seen::Values(values) => Cow::Borrowed(values),
            Seen::Row(rows, row) => Cow::Owned(rows.values(*row)),
        }
    }

    /// Works out what is not, and lets go of the row.
    pub fn settle(&mut self) {
        if let Seen::Row(rows, row) = &self.seen {
            *self = Self {
                reason: Some(match self.reason.take() {
                    Some(reason) => reason,
                    None => Cow::Owned(rows.reason(*row)),
                }),
                seen: Seen::Values(rows.values(*row)),
            };
        }
    }
}

impl PartialEq for Grounds {
    fn eq(&self, other: &Self) -> bool {
        self.reason() == other.reason() && self.values() == other.values()
    }
}

impl Eq for Grounds {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug)]
    struct Numbers;

    impl Rows for Numbers {
        fn reason(&self, row: usize) -> String {
            format!("it is {row}")
        }

        fn values(&self, row: usize) -> Map<String, Value> {
            Map::from_iter([("n".to_owned(), json!(row))])
        }
    }

    #[test]
    fn grounds_of_a_row_are_those_that_are_told_once_they_are_settled() {
        for reason in [None, Some(Cow::Borrowed("so"))] {
            let why = reason.clone().unwrap_or(Cow::Borrowed("it is 7"));
            let told = Grounds::told(why, Numbers.values(7));
            let mut grounds = Grounds::of_row(Arc::new(Numbers), 7, reason);
            assert_eq!(grounds, told);
            grounds.settle();
            assert_eq!(grounds, told);
            assert!(matches!(grounds.seen, Seen::Values(_)));
        }
        assert_ne!(
            Grounds::of_row(Arc::new(Numbers), 7, None),
            Grounds::of_row(Arc::new(Numbers), 8, None)
        );
    }
}

//! How much work a question may take: counted, not timed, so that an answer is the same on every machine.

use std::cell::Cell;

use super::Unknown;

/// Steps that a question may take: seconds of work.
const MOST: u64 = 200_000_000;

/// What is left of the work that a question may take.
#[derive(Debug)]
pub(crate) struct Steps {
    left: Cell<u64>,
}

impl Steps {
    /// All that a question may take.
    pub(crate) fn new() -> Self {
        Self {
            left: Cell::new(MOST),
        }
    }

    /// As much as one step of a question may take that is not decided by it: what shows an answer best.
    pub(crate) fn few() -> Self {
        Self {
            left: Cell::new(MOST / 8),
        }
    }

    /// Takes some of it.
    ///
    /// # Errors
    /// When not so much is left: nothing is, from then on.
    pub(crate) fn take(&self, work: usize) -> Result<(), Unknown> {
        let left = u64::try_from(work)
            .ok()
            .and_then(|work| self.left.get().checked_sub(work));
        self.left.set(left.unwrap_or_default());
        match left {
            Some(_) => Ok(()),
            None => Err(Unknown::TooLarge(MOST)),
        }
    }
}

/// The work of a search besides what it looks at.
pub(crate) const SEARCH: usize = 20_000;

/// The work of matching a text against a pattern that is `length` bytes long.
pub(crate) fn matching(length: usize, text: usize) -> usize {
    1 + (1 + length / 32).saturating_mul(1 + text / 32)
}

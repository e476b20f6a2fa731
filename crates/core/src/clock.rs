//! Time is passed in: what is printed must be the same from run to run.

use jiff::Timestamp;

/// The moment that a run calls "now": ages of keys, expiry of exceptions and attestations are counted from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(Timestamp);

impl Clock {
    /// The computer's clock. Called once, by the program's entry point.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where time enters")]
    pub fn system() -> Self {
        Self(Timestamp::now())
    }

    /// A fixed moment: tests, the demo, and the time at which a snapshot was taken.
    #[must_use]
    pub const fn at(moment: Timestamp) -> Self {
        Self(moment)
    }

    /// The moment.
    #[must_use]
    pub const fn now(self) -> Timestamp {
        self.0
    }
}

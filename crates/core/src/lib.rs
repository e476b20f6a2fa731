//! The words of Palisade as types, and the catalogue that says what is read and what is required.
//!
//! No network, no async. Everything else imports this crate; it imports nobody.

pub mod assess;
pub mod call;
pub mod catalog;
pub mod clock;
pub mod finding;
pub mod grounds;
pub mod near;
pub mod schema;
pub mod severity;
pub mod snapshot;
pub mod template;
pub mod verdict;

pub use call::{Call, CallRef, Outcome, hex};
pub use catalog::Catalog;
pub use clock::Clock;
pub use finding::{Finding, Resource};
pub use grounds::Grounds;
pub use severity::Severity;
pub use verdict::{Accepted, Measured, State, Verdict};

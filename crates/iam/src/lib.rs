//! The IAM policy language: [`parse`] it, [`eval`]uate a request over every layer, [`explain`] the decision,
//! [`analyse`] all requests at once.
//!
//! Pure: no IO, no async, no clock. Sources of the rules are named where each is: pages of the IAM User Guide
//! and of the services' own guides.

mod error;

pub mod analyse;
pub mod authorization;
pub mod checks;
pub mod escalation;
pub mod estate;
pub mod eval;
pub mod explain;
pub mod generate;
pub mod minimise;
pub mod model;
pub mod parse;
mod shared;
pub mod simulate;
pub mod unused;
pub mod validate;

pub use analyse::{Comparison, Grammar, compare};
pub use authorization::Authorization;
pub use error::{CaseError, DocumentError};
pub use eval::{Decision, Formula, Verdict, decide, verdict};
pub use simulate::{Answer, simulate, simulate_line};

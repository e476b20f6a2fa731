//! Snapshots as SQL tables, and the runner that decides controls over them.
//!
//! The only user of DataFusion. Everything here is a function of a snapshot and a catalogue: no network, no clock.
#![expect(
    clippy::result_large_err,
    reason = "an error of the catalogue carries the file that it points into"
)]

// Tests inside the crate share the support of those outside it.
#[cfg(test)]
extern crate self as palisade_query;

mod batches;
mod check;
mod context;
mod derived;
mod error;
mod functions;
mod gaps;
mod hint;
mod lacking;
mod outcomes;
mod plan;
mod provider;
mod questions;
mod rows;
mod rules;
mod run;
mod session;
mod slot;
mod small;
mod snapshot;
mod threads;

pub use check::{CheckReport, check, fingerprint};
pub use context::Limits;
pub use derived::authorization;
pub use error::QueryError;
pub use gaps::Gap;
pub use plan::reads;
pub use questions::{Open, Questions};
pub use rows::Rows;
pub use run::{RunReport, assess};
pub use session::Session;
pub use snapshot::Snapshot;

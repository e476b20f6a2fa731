//! One thing explained: what it is, why it matters, what answers it, how to repair it.

mod catalog;
mod finding;
mod table;

pub use catalog::{explain_control, explain_framework, explain_recommendation};
pub use finding::explain_finding;
pub use table::{explain_derived, explain_table};

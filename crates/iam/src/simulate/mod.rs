//! One case as a line of JSON, one answer as a line of JSON.

mod answer;
mod case;
mod facts;
mod request;

pub use case::Case;
pub use request::on;

use serde_json::Value;

use crate::{analyse::Found, eval::decide, parse::json};

/// An answer, and what the reader of the case did not take as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The answer as JSON, without a line break.
    pub line: String,
    /// Keys that were ignored, and what IAM would refuse in the policies.
    pub warnings: Vec<String>,
}

/// Decides the case on one line: `{"id", "decision", "decided_by", "residual"}`, and `"notes"` where the decision takes
/// something for granted. A case that cannot be read gives `{"id", "error"}`.
#[must_use]
pub fn simulate(line: &[u8]) -> Answer {
    let node = match json::read_bytes(line) {
        Ok(node) => node,
        Err(error) => return failed(answer::error(None, &error.to_string())),
    };
    let id = node.get("id");
    match Case::read(&node) {
        Ok(case) => {
            let mut decision = decide(&case.request, &case.layers);
            decision.notes.extend(case.notes);
            Answer {
                line: answer::decision(id, &decision),
                warnings: case.warnings,
            }
        }
        Err(error) => failed(answer::error(id, &error.to_string())),
    }
}

fn failed(line: String) -> Answer {
    Answer {
        line,
        warnings: Vec::new(),
    }
}

/// The answer's line alone.
#[must_use]
pub fn simulate_line(line: &str) -> String {
    simulate(line.as_bytes()).line
}

/// The answer to a case that could not even be held: `{"id": null, "error"}`.
#[must_use]
pub fn unreadable(problem: &str) -> String {
    answer::error(None, problem)
}

/// A request that was found, as `simulate` reads it; without its principal where a policy was asked that names none.
#[must_use]
pub fn witness(found: &Found, with_principal: bool) -> Value {
    answer::request(&found.request, &found.chosen, with_principal)
}

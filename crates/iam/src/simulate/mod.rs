//! One case as a line of JSON, one answer as a line of JSON.

mod answer;
mod case;
mod facts;

pub use case::Case;

use crate::{eval::decide, parse::json};

/// Decides the case on one line: `{"id", "decision", "decided_by", "residual"}`, and `"warnings"` where there are any.
/// A case that cannot be read gives `{"id", "error"}`. The answer has no line break.
#[must_use]
pub fn simulate_line(line: &str) -> String {
    let node = match json::read(line) {
        Ok(node) => node,
        Err(error) => return answer::error(None, &error.to_string()),
    };
    let id = node.get("id");
    match Case::read(&node) {
        Ok(case) => {
            let decision = decide(&case.request, &case.layers);
            answer::decision(id, &decision, &case.warnings)
        }
        Err(error) => answer::error(id, &error.to_string()),
    }
}

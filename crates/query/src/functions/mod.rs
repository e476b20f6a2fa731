//! Functions of our own, and those of the engine that are left out.

mod length;
mod policy;
mod secrets;
mod time;

use datafusion::logical_expr::ScalarUDF;
use std::sync::Arc;

/// Functions of the engine that read the clock: two runs over one snapshot must give the same answer.
pub(crate) const LEFT_OUT_CLOCK: [&str; 9] = [
    "now",
    "today",
    "current_timestamp",
    "current_date",
    "current_time",
    "random",
    "rand",
    "uuid",
    "gen_random_uuid",
];

/// Functions of the engine that make much out of little: a stranger's control could fill the memory with one row.
pub(crate) const LEFT_OUT_LARGE: [&str; 9] = [
    "repeat",
    "lpad",
    "rpad",
    "range",
    "generate_series",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
];

/// Our own functions; `now` is the snapshot's moment in microseconds since the Unix epoch.
pub(crate) fn own(now: i64) -> Vec<Arc<ScalarUDF>> {
    vec![
        Arc::new(ScalarUDF::from(time::SnapshotTime::new(now))),
        Arc::new(ScalarUDF::from(time::DaysSince::new(now))),
        Arc::new(ScalarUDF::from(secrets::SecretKinds::new())),
        Arc::new(ScalarUDF::from(policy::PolicyOpenness::new())),
        Arc::new(ScalarUDF::from(policy::PolicyAllowsEverything::new())),
        Arc::new(ScalarUDF::from(length::Length::new())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_our_own_are_documented() {
        let page = include_str!("../../../../docs/controls.md");
        for function in own(0) {
            let name = format!("`{}(", function.name());
            // The engine's own, made faster.
            let known = function.name() == "array_length" || page.contains(&name);
            assert!(known, "docs/controls.md lacks {name}");
        }
    }
}

//! How the collection went, counted from the ledger.

use crate::error::QueryError;
use crate::session::Session;
use arrow::array::{Array as _, Int64Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use palisade_core::Outcome;
use std::collections::BTreeMap;

impl Session {
    /// The calls of the ledger by outcome. A line that was never sent is no call: the token had expired, the limit of
    /// `--max-calls` was reached.
    ///
    /// # Errors
    /// When the ledger is damaged.
    pub fn outcomes(&self) -> Result<BTreeMap<Outcome, u64>, QueryError> {
        let context = self.context.clone();
        let batches = self
            .wait(async move {
                let query = "select outcome, count(*) as calls from \"_calls\" \
                    where attempts is null or attempts > 0 or outcome in ('ok', 'absent') group by outcome";
                context.sql(query).await?.collect().await
            })?
            .map_err(|e| QueryError::run(&e))?;
        let mut counts = BTreeMap::new();
        let arrow = |e: arrow::error::ArrowError| QueryError::Engine(e.to_string());
        for batch in batches {
            let outcomes = cast(batch.column(0), &DataType::Utf8).map_err(arrow)?;
            let calls = cast(batch.column(1), &DataType::Int64).map_err(arrow)?;
            let (Some(outcomes), Some(calls)) = (
                outcomes.as_any().downcast_ref::<StringArray>(),
                calls.as_any().downcast_ref::<Int64Array>(),
            ) else {
                continue;
            };
            for (outcome, calls) in outcomes.iter().zip(calls.iter()) {
                if let (Some(outcome), Some(calls)) = (outcome.and_then(Outcome::parse), calls) {
                    *counts.entry(outcome).or_default() += u64::try_from(calls).unwrap_or_default();
                }
            }
        }
        Ok(counts)
    }
}

//! `snapshot_time()` and `days_since(timestamp)`: ages are counted from the snapshot, not from the clock.

use arrow::array::{Array, Int64Array, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, ScalarValue, cast::as_timestamp_microsecond_array};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use std::sync::Arc;

const DAY_MICROS: i64 = 86_400_000_000;

fn utc() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The moment at which the snapshot was taken.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct SnapshotTime {
    now: i64,
    signature: Signature,
}

impl SnapshotTime {
    pub(super) fn new(now: i64) -> Self {
        Self {
            now,
            signature: Signature::nullary(Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for SnapshotTime {
    fn name(&self) -> &'static str {
        "snapshot_time"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(utc())
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(ScalarValue::TimestampMicrosecond(
            Some(self.now),
            Some("UTC".into()),
        )))
    }
}

/// Whole days from the argument to the snapshot; negative for what lies ahead.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DaysSince {
    now: i64,
    signature: Signature,
}

impl DaysSince {
    pub(super) fn new(now: i64) -> Self {
        Self {
            now,
            signature: Signature::exact(vec![utc()], Volatility::Immutable),
        }
    }

    fn days(&self, since: i64) -> i64 {
        self.now.saturating_sub(since).div_euclid(DAY_MICROS)
    }
}

impl ScalarUDFImpl for DaysSince {
    fn name(&self) -> &'static str {
        "days_since"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let Some(arg) = args.args.into_iter().next() else {
            return datafusion::common::plan_err!("`days_since` takes a timestamp");
        };
        let array = arg.into_array(rows)?;
        let moments: &TimestampMicrosecondArray = as_timestamp_microsecond_array(&array)?;
        let days: Int64Array = (0..moments.len())
            .map(|i| (!moments.is_null(i)).then(|| self.days(moments.value(i))))
            .collect();
        Ok(ColumnarValue::Array(Arc::new(days)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_counted_down() {
        let f = DaysSince::new(10 * DAY_MICROS);
        assert_eq!(f.days(0), 10);
        assert_eq!(f.days(1), 9);
        assert_eq!(f.days(10 * DAY_MICROS + 1), -1);
        assert_eq!(f.days(i64::MIN), i64::MAX.div_euclid(DAY_MICROS));
    }
}

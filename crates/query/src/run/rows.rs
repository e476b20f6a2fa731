//! The columns of a batch that every row is known by.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use palisade_core::finding::Resource;

/// Who a row is about.
#[derive(Debug)]
pub(crate) struct Keys {
    account: Option<StringArray>,
    region: Option<StringArray>,
    arn: Option<StringArray>,
    name: Option<StringArray>,
    /// Stands in for an ARN that is null.
    instead: Option<StringArray>,
}

impl Keys {
    pub(crate) fn read(batch: &RecordBatch, instead: Option<&str>) -> Self {
        let text = |name: &str| {
            let column: &ArrayRef = batch.column_by_name(name)?;
            if column.data_type() == &DataType::Utf8 {
                return Some(column.as_string::<i32>().clone());
            }
            let column = cast(column, &DataType::Utf8).ok()?;
            Some(column.as_string::<i32>().clone())
        };
        Self {
            account: text("account_id"),
            region: text("region"),
            arn: text("arn"),
            name: text("name"),
            instead: instead.and_then(text),
        }
    }

    /// What rows are ordered by; what is null comes first.
    pub(crate) fn order(&self, row: usize) -> [Option<&str>; 3] {
        [&self.account, &self.region, &self.arn].map(|column| value(column.as_ref(), row))
    }

    pub(crate) fn account(&self, row: usize) -> &str {
        value(self.account.as_ref(), row).unwrap_or_default()
    }

    pub(crate) fn region(&self, row: usize) -> &str {
        value(self.region.as_ref(), row).unwrap_or("global")
    }

    pub(crate) fn resource(&self, row: usize, kind: &str) -> Resource {
        let arn = value(self.arn.as_ref(), row)
            .filter(|a| !a.is_empty())
            .or_else(|| value(self.instead.as_ref(), row))
            .or_else(|| value(self.name.as_ref(), row));
        Resource {
            arn: arn.map_or_else(|| format!("{kind} without an id"), str::to_owned),
            name: value(self.name.as_ref(), row)
                .unwrap_or_default()
                .to_owned(),
            kind: kind.to_owned(),
            account_id: self.account(row).to_owned(),
            region: self.region(row).to_owned(),
        }
    }
}

fn value(column: Option<&StringArray>, row: usize) -> Option<&str> {
    let column = column?;
    (row < column.len() && !column.is_null(row)).then(|| column.value(row))
}

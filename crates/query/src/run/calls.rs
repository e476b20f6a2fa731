//! The hidden column `_calls` of a batch: which fills a row has, and which of them were answered.

use arrow::array::{Array, ListArray, StringArray, StructArray};
use datafusion::common::cast::{as_list_array, as_string_array, as_struct_array};
use datafusion::error::{DataFusionError, Result};
use palisade_core::{CallRef, Outcome};

/// A set of fills of one table, the list call included.
pub(crate) type Mask = u128;

/// The list call.
pub(crate) const LIST: Mask = 1;

/// Fills by position in a mask; a table has far fewer than a mask can hold.
#[derive(Debug, Clone)]
pub(crate) struct Fills(Vec<String>);

impl Fills {
    pub(crate) fn new(names: impl Iterator<Item = String>) -> Self {
        let mut all = vec![String::new()];
        all.extend(names.take(126));
        Self(all)
    }

    /// The mask of one fill; one that has no place counts as never collected.
    pub(crate) fn mask(&self, fill: &str) -> Mask {
        let at = self.0.iter().position(|f| f == fill).unwrap_or(127);
        1 << at
    }

    /// The fills of a mask.
    pub(crate) fn names(&self, mask: Mask) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .enumerate()
            .filter(move |(at, _)| mask & (1 << at) != 0)
            .map(|(_, f)| f.as_str())
    }
}

/// The calls of a batch's rows.
#[derive(Debug)]
pub(crate) struct RowCalls {
    list: ListArray,
    ids: StringArray,
    operations: StringArray,
    outcomes: StringArray,
    codes: StringArray,
    /// For each entry of all rows, the place of its fill.
    places: Vec<u8>,
    /// By row: the fills that have a line.
    pub(crate) present: Vec<Mask>,
    /// By row: the fills that have a line which was not answered.
    pub(crate) bad: Vec<Mask>,
}

impl RowCalls {
    pub(crate) fn read(column: &dyn Array, fills: &Fills) -> Result<Self> {
        let list = as_list_array(column)?.clone();
        let entries: &StructArray = as_struct_array(list.values())?;
        let text = |name: &str| -> Result<StringArray> {
            let column = entries.column_by_name(name).ok_or_else(|| {
                DataFusionError::Execution(format!("the column `_calls` lacks `{name}`"))
            })?;
            Ok(as_string_array(column)?.clone())
        };
        let names = text("fill")?;
        let outcomes = text("outcome")?;
        let places: Vec<u8> = (0..names.len())
            .map(|i| {
                let fill = if names.is_null(i) { "" } else { names.value(i) };
                fills
                    .0
                    .iter()
                    .position(|f| f == fill)
                    .and_then(|p| u8::try_from(p).ok())
                    .unwrap_or(126)
            })
            .collect();
        let mut present = Vec::with_capacity(list.len());
        let mut bad = Vec::with_capacity(list.len());
        for row in 0..list.len() {
            let (mut here, mut not) = (0, 0);
            if !list.is_null(row) {
                for i in range(&list, row) {
                    let Some(bit) = places.get(i).map(|p| 1 << p) else {
                        continue;
                    };
                    here |= bit;
                    let measured =
                        !outcomes.is_null(i) && matches!(outcomes.value(i), "ok" | "absent");
                    if !measured {
                        not |= bit;
                    }
                }
            }
            present.push(here);
            bad.push(not);
        }
        Ok(Self {
            ids: text("id")?,
            operations: text("operation")?,
            codes: text("code")?,
            outcomes,
            list,
            places,
            present,
            bad,
        })
    }

    /// The lines of a row for the fills of a mask.
    pub(crate) fn refs(&self, row: usize, mask: Mask) -> Vec<CallRef> {
        if self.list.is_null(row) {
            return Vec::new();
        }
        range(&self.list, row)
            .filter(|i| self.places.get(*i).is_some_and(|p| mask & (1 << p) != 0))
            .map(|i| CallRef {
                id: self.ids.value(i).to_owned(),
                operation: self.operations.value(i).to_owned(),
                outcome: Outcome::parse(self.outcomes.value(i)).unwrap_or(Outcome::Failed),
                code: (!self.codes.is_null(i)).then(|| self.codes.value(i).to_owned()),
            })
            .collect()
    }
}

fn range(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    let at = |i: usize| {
        list.value_offsets()
            .get(i)
            .and_then(|o| usize::try_from(*o).ok())
            .unwrap_or_default()
    };
    at(row)..at(row + 1)
}

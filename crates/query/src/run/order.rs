//! Rows in the order of findings: account, region and resource.
//!
//! They are put in order when they are judged: then texts are cut to what evidence shows of them, and a million rows are
//! moved by their places alone. Sorting them before would move every policy document, and write them to disk.

use super::rows::Keys;
use super::seen::Seen;
use super::table::Judged;
use crate::error::QueryError;
use std::sync::Arc;

/// A batch that was judged, ready to be told of.
#[derive(Debug)]
pub(super) struct Lot {
    pub(super) judged: Arc<Judged>,
    pub(super) keys: Keys,
    /// Of each control, what it says.
    pub(super) seen: Vec<Arc<Seen>>,
}

/// How rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// As they come.
    Anyhow,
    /// In order.
    Sorted,
}

/// Gives each row to `tell`, in order; rows with the same key as they come. What takes more than `most` bytes is read
/// again, sorted by the plan, which may use the disk.
pub(super) fn in_order<T, I>(
    most: usize,
    mut open: impl FnMut(Wanted) -> Result<I, QueryError>,
    mut lot: impl FnMut(T) -> Result<Lot, QueryError>,
    mut tell: impl FnMut(&Lot, usize) -> Result<(), QueryError>,
) -> Result<(), QueryError>
where
    I: Iterator<Item = Result<T, QueryError>>,
{
    let mut lots: Vec<Lot> = Vec::new();
    let mut bytes = 0;
    for batch in open(Wanted::Anyhow)? {
        let next = lot(batch?)?;
        bytes += next.judged.batch.get_array_memory_size();
        lots.push(next);
        if bytes > most {
            drop(lots);
            for batch in open(Wanted::Sorted)? {
                let lot = lot(batch?)?;
                (0..lot.judged.batch.num_rows()).try_for_each(|row| tell(&lot, row))?;
            }
            return Ok(());
        }
    }
    for (at, row) in order(&lots) {
        if let Some(lot) = lots.get(at) {
            tell(lot, row)?;
        }
    }
    Ok(())
}

/// The places of all rows, in order.
fn order(lots: &[Lot]) -> Vec<(usize, usize)> {
    let key = |(at, row): &(usize, usize)| lots.get(*at).map(|lot| lot.keys.order(*row));
    let rows = lots.iter().enumerate();
    let mut all: Vec<(usize, usize)> = rows
        .flat_map(|(at, lot)| (0..lot.judged.batch.num_rows()).map(move |row| (at, row)))
        .collect();
    // Stable, and quick where there are runs in order already: each place was answered by itself.
    all.sort_by(|a, b| key(a).cmp(&key(b)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray as _, RecordBatch, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};

    type Row = [Option<&'static str>; 4];

    fn batch(rows: &[Row]) -> RecordBatch {
        let names = ["account_id", "region", "arn", "told"];
        let fields: Vec<Field> = names
            .iter()
            .map(|name| Field::new(*name, DataType::Utf8, true))
            .collect();
        let columns = (0..names.len()).map(|at| {
            let column: StringArray = rows.iter().map(|row| row[at]).collect();
            Arc::new(column) as _
        });
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.collect()).unwrap()
    }

    fn lot(batch: RecordBatch) -> Result<Lot, QueryError> {
        Ok(Lot {
            keys: Keys::read(&batch, None),
            seen: Vec::new(),
            judged: Arc::new(Judged {
                batch,
                calls: Err(String::new()),
                answers: Vec::new(),
            }),
        })
    }

    fn told(most: usize, anyhow: &[Vec<Row>], sorted: &[Vec<Row>]) -> (Vec<String>, usize) {
        let (mut all, mut opened) = (Vec::new(), 0);
        let open = |wanted| {
            opened += 1;
            let from = match wanted {
                Wanted::Anyhow => anyhow,
                Wanted::Sorted => sorted,
            };
            Ok(from.iter().map(|rows| Ok(batch(rows))))
        };
        in_order(most, open, lot, |lot, row| {
            let column = lot.judged.batch.column(3).as_string::<i32>();
            all.push(column.value(row).to_owned());
            Ok(())
        })
        .unwrap();
        (all, opened)
    }

    #[test]
    fn rows_come_in_order_whether_they_fit_or_not() {
        let a = [Some("1"), Some("eu"), Some("a"), Some("first")];
        let b = [Some("1"), Some("eu"), Some("b"), Some("third")];
        let c = [Some("1"), Some("us"), Some("a"), Some("fourth")];
        let d = [Some("2"), None, Some("a"), Some("fifth")];
        let twin = [Some("1"), Some("eu"), Some("a"), Some("second")];
        let anyhow = [vec![d, a], vec![], vec![c, twin, b]];
        let sorted = [vec![a, twin, b], vec![c, d]];
        let wanted = ["first", "second", "third", "fourth", "fifth"];
        let (fits, opened) = told(usize::MAX, &anyhow, &sorted);
        assert_eq!(
            (fits.as_slice(), opened),
            (&wanted.map(str::to_owned)[..], 1)
        );
        let (read_again, opened) = told(0, &anyhow, &sorted);
        assert_eq!((read_again, opened), (fits, 2));
    }

    #[test]
    fn an_error_ends_it() {
        let open = |_| {
            let wrong = QueryError::Engine("broken".to_owned());
            Ok([Ok(batch(&[])), Err(wrong)].into_iter())
        };
        let told = in_order(usize::MAX, open, lot, |_, _| Ok(()));
        assert!(told.unwrap_err().to_string().contains("broken"));
    }
}

//! Values of a row as evidence: JSON, bounded.

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringArray, StructArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::util::display::array_value_to_string;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Bytes of one text.
const LONGEST_TEXT: usize = 512;
/// Items of one list.
const MOST_ITEMS: usize = 10;
/// Values of one column, all levels.
const MOST_VALUES: usize = 100;

/// What is left of a value's room.
struct Bounds {
    values: usize,
    items: usize,
    text: usize,
}

impl Bounds {
    const fn none() -> Self {
        Self {
            values: usize::MAX,
            items: usize::MAX,
            text: usize::MAX,
        }
    }
}

/// The value at `row`; long texts and lists are cut, with a mark that says so.
pub(crate) fn json(array: &dyn Array, row: usize) -> Value {
    let mut left = Bounds {
        values: MOST_VALUES,
        items: MOST_ITEMS,
        text: LONGEST_TEXT,
    };
    convert(array, row, &mut left)
}

/// The value at `row`, uncut.
pub(crate) fn whole(array: &dyn Array, row: usize) -> Value {
    convert(array, row, &mut Bounds::none())
}

fn convert(array: &dyn Array, row: usize, left: &mut Bounds) -> Value {
    if array.is_null(row) || row >= array.len() {
        return Value::Null;
    }
    left.values = left.values.saturating_sub(1);
    match array.data_type() {
        DataType::Utf8 => Value::String(cut_to(array.as_string::<i32>().value(row), left.text)),
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int64 => Value::from(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Value::from(array.as_primitive::<Float64Type>().value(row)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            jiff::Timestamp::from_microsecond(micros)
                .map_or(Value::Null, |t| Value::String(t.to_string()))
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            let mut list = Vec::new();
            for i in 0..items.len() {
                if i >= left.items || left.values == 0 {
                    list.push(Value::String(format!("… {} more", items.len() - i)));
                    break;
                }
                list.push(convert(&items, i, left));
            }
            Value::Array(list)
        }
        DataType::Struct(fields) => {
            let members = array.as_struct();
            let mut object = Map::new();
            for (field, member) in fields.iter().zip(members.columns()) {
                if left.values == 0 {
                    object.insert("…".to_owned(), Value::String("cut".to_owned()));
                    break;
                }
                if !member.is_null(row) {
                    object.insert(field.name().clone(), convert(member, row, left));
                }
            }
            Value::Object(object)
        }
        _ => array_value_to_string(array, row)
            .map_or(Value::Null, |t| Value::String(cut_to(&t, left.text))),
    }
}

/// A text of at most [`LONGEST_TEXT`] bytes, the mark where it was cut included: cut again it stays as it is.
pub(crate) fn cut(text: &str) -> String {
    cut_to(text, LONGEST_TEXT)
}

/// The same values with their texts cut, at all levels: all that evidence shows of them.
pub(crate) fn shortened(values: &ArrayRef) -> ArrayRef {
    match values.data_type() {
        DataType::Utf8 => {
            let texts = values.as_string::<i32>();
            if texts.offsets().lengths().all(|bytes| bytes <= LONGEST_TEXT) {
                return Arc::clone(values);
            }
            let cut: StringArray = texts.iter().map(|text| text.map(cut)).collect();
            Arc::new(cut)
        }
        DataType::List(field) => {
            let list = values.as_list::<i32>();
            let items = shortened(list.values());
            Arc::new(ListArray::new(
                Arc::clone(field),
                list.offsets().clone(),
                items,
                list.nulls().cloned(),
            ))
        }
        DataType::Struct(fields) => {
            let members = values.as_struct();
            let columns = members.columns().iter().map(shortened).collect();
            Arc::new(StructArray::new(
                fields.clone(),
                columns,
                members.nulls().cloned(),
            ))
        }
        _ => Arc::clone(values),
    }
}

fn cut_to(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let mark = format!("… ({} bytes)", text.len());
    let end = text.floor_char_boundary(longest.saturating_sub(mark.len()));
    let kept = text.get(..end).unwrap_or_default();
    format!("{kept}{mark}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;
    use arrow::datatypes::{Field, Fields};

    #[test]
    fn long_values_are_cut_and_say_so() {
        let long = "é".repeat(1000);
        let array = StringArray::from(vec![Some(long.as_str()), None]);
        let Value::String(text) = json(&array, 0) else {
            panic!("a text")
        };
        assert!(
            text.len() < 600 && text.ends_with("… (2000 bytes)"),
            "{text}"
        );
        assert_eq!(json(&array, 1), Value::Null);
        let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some((0..50).map(Some))]);
        let Value::Array(items) = json(&list, 0) else {
            panic!("a list")
        };
        assert_eq!(items.len(), MOST_ITEMS + 1);
        assert_eq!(items[MOST_ITEMS], "… 40 more");
    }

    #[test]
    fn what_is_shortened_is_shown_as_it_was() {
        let long = "é".repeat(1000);
        let texts: ArrayRef = Arc::new(StringArray::from(vec![
            Some(long.as_str()),
            None,
            Some("short"),
        ]));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
        let fields = Fields::from(vec![
            Field::new("t", DataType::Utf8, true),
            Field::new("n", DataType::Int64, true),
        ]);
        let rows = StructArray::new(fields.clone(), vec![Arc::clone(&texts), numbers], None);
        let item = Arc::new(Field::new("item", DataType::Struct(fields), true));
        let offsets = arrow::buffer::OffsetBuffer::from_lengths([2, 1]);
        let lists: ArrayRef = Arc::new(ListArray::new(item, offsets, Arc::new(rows), None));
        for values in [texts, lists] {
            let short = shortened(&values);
            assert!(short.get_array_memory_size() < values.get_array_memory_size());
            for row in 0..values.len() {
                assert_eq!(json(&short, row), json(&values, row));
            }
        }
    }
}

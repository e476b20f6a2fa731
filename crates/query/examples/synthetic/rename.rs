//! The names and ids of a copy.

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringBuilder, StructArray};
use arrow::datatypes::DataType;
use palisade_core::schema::CALLS;
use std::sync::Arc;

/// The company of the demo estate: its name is in all names that are unique in the world.
const COMPANY: &str = "harbourline";

/// The column with every text put through `rename`, which is told the column's name, or the field's of a nested one;
/// `None` keeps the text.
pub(crate) fn column(
    name: &str,
    values: &ArrayRef,
    rename: &dyn Fn(&str, &str) -> Option<String>,
) -> ArrayRef {
    match values.data_type() {
        DataType::Utf8 => {
            let texts = values.as_string::<i32>();
            let mut out = StringBuilder::with_capacity(texts.len(), texts.value_data().len() * 2);
            for text in texts {
                match text.map(|text| rename(name, text).ok_or(text)) {
                    None => out.append_null(),
                    Some(Ok(changed)) => out.append_value(changed),
                    Some(Err(same)) => out.append_value(same),
                }
            }
            Arc::new(out.finish())
        }
        DataType::List(item) => {
            let list: &ListArray = values.as_list();
            let inner = if item.name() == "item" {
                name
            } else {
                item.name()
            };
            Arc::new(ListArray::new(
                Arc::clone(item),
                list.offsets().clone(),
                column(inner, list.values(), rename),
                list.nulls().cloned(),
            ))
        }
        DataType::Struct(fields) => {
            let parts = values.as_struct();
            let columns = fields
                .iter()
                .zip(parts.columns())
                .map(|(field, values)| column(field.name(), values, rename))
                .collect();
            Arc::new(StructArray::new(
                fields.clone(),
                columns,
                parts.nulls().cloned(),
            ))
        }
        _ => Arc::clone(values),
    }
}

/// Another resource of the same account: names, ARNs and ids change everywhere, so that joins find partners of the same
/// copy and no others.
pub(crate) fn of_row(copy: usize, name: &str, text: &str) -> Option<String> {
    if ["account_id", "region", CALLS, "partition"].contains(&name) {
        return None;
    }
    let named = name == "name" || name.ends_with("_name");
    (named || is_id(text)).then(|| format!("{text}-{copy}"))
}

/// The same resource of another account.
pub(crate) fn of_account(copy: usize, ids: &[&str], name: &str, text: &str) -> Option<String> {
    if name == CALLS {
        return Some(format!("{text}-{copy}"));
    }
    // EC2's ids are unique in the world.
    let mut changed =
        (!text.starts_with("arn:") && is_id(text)).then(|| format!("{text}{copy:05x}"));
    for (at, id) in ids.iter().enumerate() {
        let here = changed.as_deref().unwrap_or(text);
        if here.contains(id) {
            changed = Some(here.replace(id, &account(copy, at)));
        }
    }
    let here = changed.as_deref().unwrap_or(text);
    if here.contains(COMPANY) {
        changed = Some(here.replace(COMPANY, &format!("{COMPANY}{copy}")));
    }
    changed
}

/// The id of an account of a copy.
pub(crate) fn account(copy: usize, at: usize) -> String {
    format!("{:012}", 300_000_000_000 + copy * 10 + at)
}

/// An ARN, or an id as EC2 writes it: `sg-0123456789abcdef0`.
fn is_id(value: &str) -> bool {
    if value.starts_with("arn:") {
        return true;
    }
    value.split_once('-').is_some_and(|(kind, rest)| {
        kind.len() <= 8 && rest.len() >= 8 && rest.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

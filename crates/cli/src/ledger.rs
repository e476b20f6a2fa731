//! The ledger as `list` and `explain` show it: every snapshot has the table `_calls`, and no file of the catalogue
//! declares it.

use palisade_core::catalog::{Catalog, Derived, Scope, Text};
use palisade_core::schema::CALLS;
use palisade_report::{Options, Page};
use std::io::{self, Write};

const ABOUT: &str = "An API call of the collection, and what came of it. Every other table has a hidden column of the \
                     same name: the calls behind the row.";

/// Its columns: name, type, and what it holds.
const COLUMNS: [(&str, &str, &str); 11] = [
    ("id", "text", "The same question always has the same id."),
    ("account_id", "text", "The account that was asked."),
    (
        "region",
        "text",
        "The region that was asked; for global services the partition's global region.",
    ),
    (
        "operation",
        "text",
        "`service:Operation`, as the API spells it.",
    ),
    (
        "parameters",
        "text",
        "What tells calls of one operation apart, as JSON.",
    ),
    (
        "outcome",
        "text",
        "ok, absent (there is none), denied, throttled, unsupported or failed.",
    ),
    (
        "code",
        "text",
        "The service's error code, where it gave one.",
    ),
    (
        "message",
        "text",
        "The service's message, where it gave one.",
    ),
    ("attempts", "int", "How often the call was sent."),
    ("at", "timestamp", "When the answer was there."),
    (
        "took_ms",
        "int",
        "How long it took, in milliseconds, waiting for its turn included.",
    ),
];

/// The catalogue with the ledger among its tables.
pub(crate) fn listed(catalog: &Catalog) -> Catalog {
    let mut catalog = catalog.clone();
    let ledger = Derived {
        id: CALLS.to_owned(),
        path: String::new(),
        source: Text::default(),
        about: ABOUT.to_owned(),
        scope: Scope::Account,
        like: None,
        apart: Default::default(),
        reads: Default::default(),
        uses: Vec::new(),
        columns: Default::default(),
    };
    catalog.derived.insert(ledger.id.clone(), ledger);
    catalog
}

/// Writes what it is, and its columns.
pub(crate) fn explain(out: &mut dyn Write, options: Options) -> io::Result<()> {
    let mut page = Page::new(Box::new(out), options);
    page.title(CALLS)?;
    page.text(0, ABOUT)?;
    page.heading("Columns")?;
    for (name, ty, about) in COLUMNS {
        page.text(2, &format!("{name} {ty}"))?;
        page.dim(6, about)?;
    }
    page.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use palisade_core::schema::{ColumnType, ledger_schema};

    #[test]
    fn all_columns_are_explained() {
        let schema = ledger_schema();
        let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        assert_eq!(COLUMNS.map(|(name, ..)| name), *names);
        for ((name, ty, _), field) in COLUMNS.into_iter().zip(schema.fields()) {
            let ty: ColumnType = ty.parse().unwrap();
            assert_eq!(ty.arrow(), *field.data_type(), "{name}");
        }
    }
}

//! A table.

use crate::format::Options;
use crate::page::Page;
use palisade_core::Catalog;
use palisade_core::catalog::Table;
use palisade_core::schema::{Origin, TableSchema};
use std::io::{self, Write};

/// Writes what a row of a table is, the calls that fill it, its columns (where the schema is known) and who reads it.
///
/// # Errors
/// When it cannot be written.
pub fn explain_table(
    out: &mut dyn Write,
    catalog: &Catalog,
    table: &Table,
    schema: Option<&TableSchema>,
    options: Options,
) -> io::Result<()> {
    let mut page = Page::new(Box::new(out), options);
    page.title(&table.id)?;
    page.text(0, &table.about)?;
    page.heading("Calls")?;
    page.text(2, &format!("{} (the rows)", table.list.call))?;
    for (name, fill) in &table.fills {
        page.text(2, &format!("{} (per row: {name})", fill.call))?;
    }
    if let Some(parent) = &table.parent {
        page.text(2, &format!("once per row of {parent}"))?;
    }
    if let Some(schema) = schema {
        page.heading("Columns")?;
        for column in &schema.columns {
            let from = match &column.origin {
                Origin::Fill(fill) => format!(" · {fill}"),
                Origin::Parent => " · of the parent".to_owned(),
                Origin::Scope | Origin::List | Origin::Template(_) | Origin::Engine => {
                    String::new()
                }
            };
            page.text(2, &format!("{} {}{from}", column.name, column.ty.spelled()))?;
        }
    }
    page.heading("Controls about it")?;
    for control in catalog.controls.values().filter(|c| c.kind() == table.id) {
        page.text(2, &format!("{}: {}", control.id, control.title))?;
    }
    page.flush()
}

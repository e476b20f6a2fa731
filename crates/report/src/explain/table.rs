//! A table.

use crate::format::Options;
use crate::page::Page;
use palisade_core::Catalog;
use palisade_core::catalog::{Derived, Table};
use palisade_core::schema::{COMMON, Origin, TableSchema};
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
    controls_about(&mut page, catalog, &table.id)?;
    page.flush()
}

/// Writes what a row of a derived table is, the tables that it is worked out from, its columns and who reads it.
///
/// # Errors
/// When it cannot be written.
pub fn explain_derived(
    out: &mut dyn Write,
    catalog: &Catalog,
    derived: &Derived,
    options: Options,
) -> io::Result<()> {
    let mut page = Page::new(Box::new(out), options);
    page.title(&derived.id)?;
    page.text(0, &derived.about)?;
    page.heading("Worked out from")?;
    let bases: Vec<&str> = derived.reads.keys().map(String::as_str).collect();
    page.text(2, &bases.join(", "))?;
    page.heading("Columns")?;
    for name in COMMON {
        page.text(2, &format!("{name} text"))?;
    }
    for (name, column) in &derived.columns {
        page.text(2, &format!("{name} {}", column.ty.spelled()))?;
        page.dim(6, &column.about)?;
    }
    controls_about(&mut page, catalog, &derived.id)?;
    page.flush()
}

fn controls_about(page: &mut Page<'_>, catalog: &Catalog, table: &str) -> io::Result<()> {
    page.heading("Controls about it")?;
    for control in catalog.controls.values().filter(|c| c.kind() == table) {
        page.text(2, &format!("{}: {}", control.id, control.title))?;
    }
    Ok(())
}

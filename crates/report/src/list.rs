//! What the catalogue has, a line each.

use crate::format::Options;
use crate::page::Page;
use crate::text;
use palisade_core::Catalog;
use serde_json::{Value, json};
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

/// The form of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListForm {
    /// Columns for people.
    Table,
    /// A JSON array of objects.
    Json,
}

/// A word that names no form of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownForm(String);

impl fmt::Display for UnknownForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no form of a list: use table or json", self.0)
    }
}

impl std::error::Error for UnknownForm {}

impl FromStr for ListForm {
    type Err = UnknownForm;

    fn from_str(word: &str) -> Result<Self, UnknownForm> {
        match word {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            other => Err(UnknownForm(other.to_owned())),
        }
    }
}

/// One entry: its id, what is said beside it, and all of it as JSON.
type Entry = (String, String, Value);

/// Writes the controls: id, severity, title.
///
/// # Errors
/// When it cannot be written.
pub fn list_controls(
    out: &mut dyn Write,
    catalog: &Catalog,
    form: ListForm,
    options: Options,
) -> io::Result<()> {
    let entries = catalog.controls.values().map(|c| {
        let answers: Vec<&str> = c.answers.iter().map(|a| a.get_ref().as_str()).collect();
        let value = json!({ "id": c.id, "title": c.title, "severity": c.severity, "table": c.kind(),
            "also": c.also, "recommendations": answers });
        (
            c.id.clone(),
            format!("{:<8}  {}", c.severity, c.title),
            value,
        )
    });
    write(out, entries.collect(), "control", form, options)
}

/// Writes the tables: name and what a row is.
///
/// # Errors
/// When it cannot be written.
pub fn list_tables(
    out: &mut dyn Write,
    catalog: &Catalog,
    form: ListForm,
    options: Options,
) -> io::Result<()> {
    let entries = catalog.tables.values().map(|t| {
        let operations: Vec<&str> = t.operations().collect();
        let value = json!({ "id": t.id, "about": t.about, "operations": operations });
        (t.id.clone(), t.about.clone(), value)
    });
    let derived = catalog.derived.values().map(|d| {
        let bases: Vec<&String> = d.reads.keys().collect();
        let value = json!({ "id": d.id, "about": d.about, "derived_from": bases });
        (d.id.clone(), d.about.clone(), value)
    });
    write(
        out,
        entries.chain(derived).collect(),
        "table",
        form,
        options,
    )
}

/// Writes the frameworks: id, title, edition, number of requirements.
///
/// # Errors
/// When it cannot be written.
pub fn list_frameworks(
    out: &mut dyn Write,
    catalog: &Catalog,
    form: ListForm,
    options: Options,
) -> io::Result<()> {
    let entries = catalog.frameworks.values().map(|f| {
        let n = f.requirements.len();
        let value = json!({ "id": f.id, "title": f.title, "edition": f.edition, "source": f.source, "requirements": n });
        let shown = format!("{} ({}), {}", f.title, f.edition, text::plural(n as u64, "requirement"));
        (f.id.clone(), shown, value)
    });
    write(out, entries.collect(), "framework", form, options)
}

/// Writes the recommendations: id, number of controls, title.
///
/// # Errors
/// When it cannot be written.
pub fn list_recommendations(
    out: &mut dyn Write,
    catalog: &Catalog,
    form: ListForm,
    options: Options,
) -> io::Result<()> {
    let entries = catalog.recommendations.values().map(|r| {
        let controls: Vec<&str> = catalog.answering(&r.id).map(|c| c.id.as_str()).collect();
        let value = json!({ "id": r.id, "title": r.title, "kind": r.kind, "scope": r.scope,
            "controls": controls, "needs": r.needs, "attested": r.attest.is_some() });
        (
            r.id.clone(),
            format!("{:>2}  {}", controls.len(), r.title),
            value,
        )
    });
    write(out, entries.collect(), "recommendation", form, options)
}

fn write(
    out: &mut dyn Write,
    entries: Vec<Entry>,
    noun: &str,
    form: ListForm,
    options: Options,
) -> io::Result<()> {
    if form == ListForm::Json {
        let values: Vec<Value> = entries.into_iter().map(|(_, _, v)| v).collect();
        serde_json::to_writer_pretty(&mut *out, &values)?;
        writeln!(out)?;
        return out.flush();
    }
    let mut page = Page::new(Box::new(out), options);
    let column = entries
        .iter()
        .map(|(id, _, _)| text::width(id))
        .max()
        .unwrap_or_default();
    for (id, shown, _) in &entries {
        if column + 30 > page.width {
            // An id is never cut: it is what people copy.
            page.line(id)?;
            page.dim(2, shown)?;
        } else {
            let shown = text::cut_end(shown, page.width - column - 2);
            page.line(&format!(
                "{}  {}",
                text::pad(id, column),
                page.paint.dim(&shown)
            ))?;
        }
    }
    if !options.quiet {
        page.line("")?;
        page.line(&text::plural(entries.len() as u64, noun))?;
    }
    page.flush()
}

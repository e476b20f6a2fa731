//! From columns to the fills behind them, through templates, parents and fills that need other fills.

use palisade_core::catalog::{Catalog, Table};
use palisade_core::schema::{Origin, Reads, Schemas};
use palisade_core::template::Template;
use std::collections::{BTreeMap, BTreeSet};

/// Collects tables and fills.
#[derive(Debug)]
pub(crate) struct Needs<'a> {
    catalog: &'a Catalog,
    schemas: &'a Schemas,
    reads: Reads,
    seen: BTreeSet<(String, String)>,
    about: &'a BTreeMap<String, String>,
}

/// No derived table is asked about one resource's table alone.
static WHOLE: BTreeMap<String, String> = BTreeMap::new();

impl<'a> Needs<'a> {
    pub(crate) fn new(catalog: &'a Catalog, schemas: &'a Schemas) -> Self {
        Self {
            catalog,
            schemas,
            reads: BTreeMap::new(),
            seen: BTreeSet::new(),
            about: &WHOLE,
        }
    }

    /// Derived tables that are asked about the rows of another table only, by `arn`.
    pub(crate) const fn about(mut self, about: &'a BTreeMap<String, String>) -> Self {
        self.about = about;
        self
    }

    /// The table's list call, and its parents' rows; for a derived table all that its engine reads.
    pub(crate) fn table(&mut self, name: &str) {
        if let Some(derived) = self.catalog.derived.get(name) {
            let resource = self.about.get(name).map(String::as_str);
            for (base, columns) in derived.read_for(resource) {
                self.table(base);
                for column in columns {
                    self.column(base, column);
                }
            }
            return;
        }
        let Some(table) = self.catalog.tables.get(name) else {
            return;
        };
        if self.reads.contains_key(name) {
            return;
        }
        self.reads.insert(name.to_owned(), BTreeSet::new());
        if let Some(parent) = &table.parent {
            self.table(parent);
            for column in holes(&table.list.with) {
                self.column(parent, &column);
            }
        }
    }

    /// What stands behind a column.
    pub(crate) fn column(&mut self, name: &str, column: &str) {
        if !self.seen.insert((name.to_owned(), column.to_owned())) {
            return;
        }
        let (Some(table), Some(schema)) = (self.catalog.tables.get(name), self.schemas.get(name))
        else {
            return;
        };
        match schema.column(column).map(|c| &c.origin) {
            Some(Origin::Fill(fill)) => self.fill(table, fill),
            Some(Origin::Template(columns)) => {
                for column in columns {
                    self.column(name, column);
                }
            }
            Some(Origin::Parent) => {
                if let Some(parent) = &table.parent {
                    self.column(parent, column);
                }
            }
            Some(Origin::Scope | Origin::List | Origin::Engine) | None => {}
        }
    }

    fn fill(&mut self, table: &Table, name: &str) {
        let new = self
            .reads
            .entry(table.id.clone())
            .or_default()
            .insert(name.to_owned());
        if !new {
            return;
        }
        let Some(fill) = table.fills.get(name) else {
            return;
        };
        for column in holes(&fill.with) {
            self.column(&table.id, &column);
        }
        // The call goes to the resource's own region.
        for column in table.region.iter().flat_map(Template::columns) {
            self.column(&table.id, column);
        }
    }

    pub(crate) fn into_reads(self) -> Reads {
        self.reads
    }
}

/// The columns that parameters name.
fn holes(with: &toml::Table) -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    for value in with.values() {
        walk(value, &mut columns);
    }
    columns
}

fn walk(value: &toml::Value, columns: &mut BTreeSet<String>) {
    match value {
        toml::Value::String(text) => {
            if let Ok(template) = Template::parse(text) {
                columns.extend(template.columns().map(str::to_owned));
            }
        }
        toml::Value::Array(items) => {
            for item in items {
                walk(item, columns);
            }
        }
        toml::Value::Table(members) => {
            for member in members.values() {
                walk(member, columns);
            }
        }
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => {}
    }
}

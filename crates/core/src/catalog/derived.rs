//! Derived tables: what an engine works out from tables that are collected.

use super::table::Scope;
use super::{CatalogError, Text};
use crate::schema::{COMMON, Column, ColumnType, Origin, TableSchema};
use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};

/// A derived table, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// `<engine>_<noun>`; the key in the file.
    #[serde(skip)]
    pub id: String,
    /// The file it stands in.
    #[serde(skip)]
    pub path: String,
    /// The file's text, for the place of an error.
    #[serde(skip)]
    pub source: Text,
    /// One line on what a row is.
    pub about: String,
    /// What a row rests on: calls of its own region, or of its own account.
    pub scope: Scope,
    /// Another table of the file, whose engine this is too: what it reads and uses is said there.
    #[serde(default)]
    pub like: Option<String>,
    /// The tables that the engine reads. Their list calls' columns are all read; those of fills are named.
    #[serde(default)]
    pub reads: IndexMap<String, Vec<String>>,
    /// Tables of resources that rows are about, by their `arn`, each with what is read for it alone: a row rests on the
    /// table of its own resource, and not on those of the others.
    #[serde(default)]
    pub apart: IndexMap<String, Vec<String>>,
    /// Tables that the engine looks into where they were collected, to name things: no verdict rests on them.
    #[serde(default)]
    pub uses: Vec<String>,
    /// The columns, without the common ones.
    #[serde(rename = "column")]
    pub columns: IndexMap<String, DerivedColumn>,
}

/// A column of a derived table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedColumn {
    /// Its type, spelled as `explain` spells it.
    #[serde(rename = "type", deserialize_with = "spelled")]
    pub ty: ColumnType,
    /// One line on what it holds.
    pub about: String,
}

fn spelled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ColumnType, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

impl Derived {
    /// Its columns, the common ones first.
    #[must_use]
    pub fn schema(&self) -> TableSchema {
        let common = COMMON.map(|name| (name, &ColumnType::Text));
        let own = self.columns.iter().map(|(name, c)| (name.as_str(), &c.ty));
        TableSchema {
            table: self.id.clone(),
            columns: common
                .into_iter()
                .chain(own)
                .map(|(name, ty)| Column {
                    name: name.to_owned(),
                    ty: ty.clone(),
                    origin: Origin::Engine,
                })
                .collect(),
        }
    }

    /// The tables that the engine reads behind the rows of one resource's table; all, where none is named.
    pub fn read_for<'d>(
        &'d self,
        resource: Option<&str>,
    ) -> impl Iterator<Item = (&'d String, &'d Vec<String>)> {
        let own = resource.and_then(|resource| self.apart.get_key_value(resource));
        self.reads.iter().filter(move |(table, _)| {
            let Some((resource, beside)) = own else {
                return true;
            };
            let mut groups = self.apart.iter();
            let apart = groups.any(|(key, beside)| key == *table || beside.contains(table));
            !apart || *table == resource || beside.contains(table)
        })
    }

    /// An error at the first place in its file that has the word.
    #[must_use]
    pub fn error(&self, word: &str, message: impl Into<String>) -> CatalogError {
        let at = self.source.find(word).map(|at| at..at + word.len());
        CatalogError::new(&self.path, &self.source, at, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_the_columns_with_their_types() {
        let derived: Derived = toml::from_str(
            "about = 'x'\nscope = 'region'\nreads.aws_vpc = []\n[column.ports]\ntype = 'list<struct<low int, high int>>'\nabout = 'y'\n",
        )
        .unwrap();
        let names: Vec<String> = derived
            .schema()
            .columns
            .iter()
            .map(|c| format!("{} {}", c.name, c.ty.spelled()))
            .collect();
        assert_eq!(
            names,
            [
                "account_id text",
                "region text",
                "arn text",
                "name text",
                "ports list<struct<low int, high int>>"
            ]
        );
        assert!(
            toml::from_str::<DerivedColumn>("type = 'lists<int>'\nabout = ''")
                .unwrap_err()
                .message()
                .contains("`lists<int>` is no type"),
        );
    }
}

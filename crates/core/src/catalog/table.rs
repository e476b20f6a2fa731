//! Tables: which calls fill which columns.

use super::{CatalogError, Text};
use crate::template::Template;
use indexmap::IndexMap;
use serde::Deserialize;

/// Where a table is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Once per account and region.
    Region,
    /// Once per account, in the home region.
    Account,
    /// Once per account, in the partition's global region.
    Global,
    /// Once per organization, in the partition's global region, by the account that answers for it; by every account
    /// where it is not known which one that is.
    Organization,
}

/// A table, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// `aws_<service>_<noun>`; the key in the file.
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
    /// Where it is collected.
    pub scope: Scope,
    /// The call that gives the rows.
    pub list: List,
    /// The list call is made once per row of this table.
    #[serde(default)]
    pub parent: Option<String>,
    /// Columns of the parent's row that this table's rows keep.
    #[serde(default)]
    pub keep: Vec<String>,
    /// The resource's ARN, or another stable id.
    pub arn: Template,
    /// What people call it.
    #[serde(default)]
    pub name: Option<Template>,
    /// The resource's own region, where it is not the region that was asked.
    #[serde(default)]
    pub region: Option<Template>,
    /// Rows are kept even where their own region is out of scope: a trail serves every region, wherever it lives.
    #[serde(default)]
    pub any_region: bool,
    /// Columns whose text is a JSON document.
    #[serde(default)]
    pub json: Vec<String>,
    /// The member of the list call's answer that is a CSV file; rows are its lines.
    #[serde(default)]
    pub csv: Option<String>,
    /// A call that must have succeeded before the list call.
    #[serde(default)]
    pub before: Option<Before>,
    /// Types of columns that come from maps of text.
    #[serde(default)]
    pub types: IndexMap<String, TextType>,
    /// Columns whose values are secrets.
    #[serde(default)]
    pub redact: Vec<String>,
    /// `stand-in` where the emulator lacks a call.
    #[serde(default)]
    pub tested: Option<String>,
    /// Further calls per row, by name.
    #[serde(default, rename = "fill")]
    pub fills: IndexMap<String, Fill>,
}

/// The call that gives the rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// `service:Operation`.
    pub call: String,
    /// Its parameters; text may have holes.
    #[serde(default)]
    pub with: toml::Table,
    /// Path to the list of rows in the answer; the whole answer is one row when left out.
    #[serde(default)]
    pub rows: Option<String>,
    /// The column's name, where members are bare text.
    #[serde(default, rename = "as")]
    pub column: Option<String>,
    /// Error codes that mean: measured, there are no rows.
    #[serde(default)]
    pub absent: Vec<String>,
}

/// A further call per row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    /// `service:Operation`.
    pub call: String,
    /// Its parameters; text may have holes.
    #[serde(default)]
    pub with: toml::Table,
    /// Path to what is taken from the answer; the whole answer when left out.
    #[serde(default)]
    pub take: Option<String>,
    /// One column for what is taken, in place of one per member.
    #[serde(default, rename = "as")]
    pub column: Option<String>,
    /// Put before the names of spread columns.
    #[serde(default)]
    pub prefix: String,
    /// Its columns replace those of the same name that calls before it give, because those leave them empty.
    #[serde(default)]
    pub refines: bool,
    /// Error codes that mean: measured, there is none.
    #[serde(default)]
    pub absent: Vec<String>,
}

/// A call that prepares the list call, repeated until it says that it is done.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// `service:Operation`.
    pub call: String,
    /// Its parameters.
    #[serde(default)]
    pub with: toml::Table,
    /// `Member=value` of the answer that ends the wait.
    pub until: String,
}

/// A type that a column of text can be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextType {
    /// As it is.
    Text,
    /// 64-bit integer.
    Int,
    /// 64-bit float.
    Float,
    /// `true` or `false`, in any case.
    Bool,
    /// RFC 3339, or seconds since the Unix epoch.
    Timestamp,
    /// A JSON document.
    Json,
}

impl Table {
    /// The operations that it may call: the list call, what comes before it, and its fills.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        let before = self.before.iter().map(|b| b.call.as_str());
        let fills = self.fills.values().map(|f| f.call.as_str());
        before
            .chain(std::iter::once(self.list.call.as_str()))
            .chain(fills)
    }

    /// An error in this table's file, at the first place inside the table that has the word; at the table's head
    /// where there is none.
    #[must_use]
    pub fn error(&self, word: &str, message: impl Into<String>) -> CatalogError {
        let text: &str = &self.source;
        let head = format!("[{}]", self.id);
        let at = text.find(&head);
        let span = at.map(|start| {
            // The table ends where the head of another one begins.
            let rest = text.get(start + head.len()..).unwrap_or_default();
            let own = format!("\n[{}.", self.id);
            let end = rest
                .match_indices("\n[")
                .find(|(at, _)| !rest.get(*at..).unwrap_or_default().starts_with(&own))
                .map_or(rest.len(), |(at, _)| at);
            let body = rest.get(..end).unwrap_or_default();
            match body.find(word).filter(|_| !word.is_empty()) {
                Some(found) => {
                    let found = start + head.len() + found;
                    found..found + word.len()
                }
                None => start..start + head.len(),
            }
        });
        CatalogError::new(&self.path, text, span, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_place_of_the_word_inside_the_table() {
        let source = "[aws_a]\nabout = \"policy\"\n\n[aws_b]\nabout = \"x\"\n[aws_b.fill.p]\ntake = \"policy\"\n[aws_c]\n";
        let table = |id: &str| Table {
            id: id.to_owned(),
            path: "t.toml".to_owned(),
            source: Text::built(source),
            ..toml::from_str("about = \"\"\nscope = \"region\"\nlist.call = \"a:B\"\narn = \"x\"")
                .unwrap()
        };
        assert_eq!(
            table("aws_b").error("policy", "wrong").one_line(),
            "t.toml:7:9: wrong"
        );
        assert_eq!(
            table("aws_c").error("policy", "wrong").one_line(),
            "t.toml:8:1: wrong"
        );
    }
}

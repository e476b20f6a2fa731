//! The columns of a table: derived from the API models, and from a table file alone where it declares them.

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

/// The hidden column of every table: the calls behind the row.
pub const CALLS: &str = "_calls";

/// The columns that every row has, whatever the API answers.
pub const COMMON: [&str; 4] = ["account_id", "region", "arn", "name"];

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// `true` or `false`.
    Bool,
    /// 64-bit integer.
    Int,
    /// 64-bit float.
    Float,
    /// UTF-8 text.
    Text,
    /// UTC, microseconds.
    Timestamp,
    /// UTF-8 text that is a JSON document.
    Json,
    /// A list.
    List(Box<Self>),
    /// Named members.
    Struct(Vec<(String, Self)>),
}

impl ColumnType {
    /// The Arrow type.
    #[must_use]
    pub fn arrow(&self) -> DataType {
        match self {
            Self::Bool => DataType::Boolean,
            Self::Int => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Text | Self::Json => DataType::Utf8,
            Self::Timestamp => {
                DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, Some("UTC".into()))
            }
            Self::List(item) => DataType::List(Arc::new(Field::new("item", item.arrow(), true))),
            Self::Struct(members) => DataType::Struct(
                members
                    .iter()
                    .map(|(name, ty)| Field::new(name, ty.arrow(), true))
                    .collect::<Fields>(),
            ),
        }
    }

    /// How documentation and `list tables` spell it: `list<struct<from_port int, ...>>`.
    #[must_use]
    pub fn spelled(&self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Int => "int".to_owned(),
            Self::Float => "float".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Timestamp => "timestamp".to_owned(),
            Self::Json => "json".to_owned(),
            Self::List(item) => format!("list<{}>", item.spelled()),
            Self::Struct(members) => {
                let inner: Vec<String> = members
                    .iter()
                    .map(|(name, ty)| format!("{name} {}", ty.spelled()))
                    .collect();
                format!("struct<{}>", inner.join(", "))
            }
        }
    }
}

impl FromStr for ColumnType {
    type Err = String;

    /// Reads what [`Self::spelled`] writes.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no type (hint: bool, int, float, text, timestamp, json, list<...> or struct<name type, ...>)"
            )
        };
        let inside = |head: &str| {
            let rest = text.strip_prefix(head)?.trim_start();
            rest.strip_prefix('<')?.strip_suffix('>')
        };
        if let Some(item) = inside("list") {
            return Ok(Self::List(Box::new(item.trim().parse()?)));
        }
        if let Some(members) = inside("struct") {
            let members = top_level(members).into_iter().map(|member| {
                let (name, ty) = member.trim().split_once(' ').ok_or_else(wrong)?;
                Ok((name.to_owned(), ty.trim().parse()?))
            });
            return Ok(Self::Struct(members.collect::<Result<_, String>>()?));
        }
        Ok(match text {
            "bool" => Self::Bool,
            "int" => Self::Int,
            "float" => Self::Float,
            "text" => Self::Text,
            "timestamp" => Self::Timestamp,
            "json" => Self::Json,
            _ => return Err(wrong()),
        })
    }
}

/// The parts between commas that stand in no angle brackets.
fn top_level(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|c| {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

/// Where a column's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Known without a call: account and region.
    Scope,
    /// The list call.
    List,
    /// The fill of that name.
    Fill(String),
    /// Kept from the row of the parent table.
    Parent,
    /// Put together from the named columns.
    Template(Vec<String>),
    /// Worked out by the engine of a derived table.
    Engine,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, in snake case.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// Where its value comes from.
    pub origin: Origin,
}

/// The columns of one table, in the order of `select *`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSchema {
    /// The table.
    pub table: String,
    /// Its columns, the common ones first; [`CALLS`] is not among them.
    pub columns: Vec<Column>,
}

/// What a run reads: for each table the fills behind the columns that are read. A table without fills needs its list call only.
pub type Reads = BTreeMap<String, std::collections::BTreeSet<String>>;

/// Schemas by table name.
pub type Schemas = BTreeMap<String, Arc<TableSchema>>;

impl TableSchema {
    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The Arrow schema, [`CALLS`] last.
    #[must_use]
    pub fn arrow(&self) -> SchemaRef {
        let mut fields: Vec<Field> = self
            .columns
            .iter()
            .map(|c| Field::new(&c.name, c.ty.arrow(), true))
            .collect();
        fields.push(calls_field());
        Arc::new(Schema::new(fields))
    }

    /// A hash of all columns' names and types: files of one fingerprint have the same columns.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for column in &self.columns {
            hash.update(column.name.as_bytes());
            hash.update([0]);
            hash.update(column.ty.spelled().as_bytes());
            hash.update([0]);
        }
        let digest = hash.finalize();
        crate::hex(digest.get(..8).unwrap_or_default())
    }

    /// The fills behind a column: none for what the list call answers, several for a template over fills.
    #[must_use]
    pub fn fills_of(&self, column: &str) -> Vec<&str> {
        let mut fills = Vec::new();
        self.collect_fills(column, &mut fills, 0);
        fills.sort_unstable();
        fills.dedup();
        fills
    }

    fn collect_fills<'a>(&'a self, column: &str, fills: &mut Vec<&'a str>, depth: usize) {
        // Templates name columns of calls, never each other; the bound only guards a wrong file.
        if depth > 4 {
            return;
        }
        match self.column(column).map(|c| &c.origin) {
            Some(Origin::Fill(fill)) => fills.push(fill),
            Some(Origin::Template(columns)) => {
                for column in columns {
                    self.collect_fills(column, fills, depth + 1);
                }
            }
            Some(Origin::Scope | Origin::List | Origin::Parent | Origin::Engine) | None => {}
        }
    }
}

/// The hidden column [`CALLS`]: for the list call (`fill` is empty) and each fill of the row, its ledger line.
#[must_use]
pub fn calls_field() -> Field {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let item = DataType::Struct(
        ["fill", "id", "operation", "outcome", "code"]
            .map(text)
            .to_vec()
            .into(),
    );
    Field::new(
        CALLS,
        DataType::List(Arc::new(Field::new("item", item, true))),
        true,
    )
}

/// The Arrow schema of the ledger, the table `_calls`: the members of [`crate::Call`].
#[must_use]
pub fn ledger_schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(vec![
        text("id"),
        text("account_id"),
        text("region"),
        text("operation"),
        text("parameters"),
        text("outcome"),
        text("code"),
        text("message"),
        Field::new("attempts", DataType::Int64, true),
        Field::new("at", ColumnType::Timestamp.arrow(), true),
        Field::new("took_ms", DataType::Int64, true),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_needs_the_fills_of_its_columns() {
        let column = |name: &str, origin| Column {
            name: name.to_owned(),
            ty: ColumnType::Text,
            origin,
        };
        let schema = TableSchema {
            table: "t".into(),
            columns: vec![
                column(
                    "arn",
                    Origin::Template(vec!["queue_arn".into(), "region".into()]),
                ),
                column("queue_arn", Origin::Fill("attributes".into())),
                column("queue_url", Origin::List),
                column("region", Origin::Scope),
            ],
        };
        assert_eq!(schema.fills_of("arn"), ["attributes"]);
        assert!(schema.fills_of("queue_url").is_empty());
        assert!(schema.fills_of("none").is_empty());
    }

    #[test]
    fn a_nested_type_is_spelled() {
        let ty = ColumnType::List(Box::new(ColumnType::Struct(vec![
            ("from_port".into(), ColumnType::Int),
            ("tags".into(), ColumnType::Json),
        ])));
        assert_eq!(ty.spelled(), "list<struct<from_port int, tags json>>");
        assert_eq!(ty.spelled().parse(), Ok(ty));
        let deep = "struct<a list<struct<b int, c text>>, d bool>";
        assert_eq!(deep.parse::<ColumnType>().unwrap().spelled(), deep);
        for wrong in ["", "list<int", "struct<a>", "struct<a nothing>", "list<>"] {
            assert!(wrong.parse::<ColumnType>().is_err(), "{wrong}");
        }
    }
}

//! What can go wrong between a snapshot and its answers.

use datafusion::common::{SchemaError, TableReference};
use datafusion::error::DataFusionError;
use std::path::PathBuf;
use thiserror::Error;

use crate::hint;

/// An error of this crate.
#[derive(Debug, Error)]
pub enum QueryError {
    /// The folder holds no snapshot.
    #[error("`{}` is not a snapshot: it has no `manifest.json`", .0.display())]
    NoSnapshot(PathBuf),
    /// The manifest can't be read as one.
    #[error("`{}` is damaged: {reason}", .path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
    /// The snapshot's layout is of another version.
    #[error("`{}` has the layout {found}, this program reads {expected}: {advice}", .path.display())]
    Format {
        /// The manifest.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// Ours.
        expected: u32,
        /// What to do.
        advice: &'static str,
    },
    /// A file of the snapshot is missing, cut or changed.
    #[error("`{}` is damaged: {reason}; collect again", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The SQL is not a single query.
    #[error("only a single `select` is answered, not {0}")]
    NotAQuery(String),
    /// The SQL is wrong, or it failed.
    #[error("{message}{}", place(.line_column))]
    Sql {
        /// What the engine says.
        message: String,
        /// Line and column in the SQL, from 1, where known.
        line_column: Option<(u64, u64)>,
        /// What may have been meant.
        hint: Option<String>,
    },
    /// The snapshot has nothing of a network.
    #[error("the snapshot has no network: neither interfaces nor subnets were collected")]
    NoNetwork,
    /// A control does not plan.
    #[error("{0}")]
    Control(String),
    /// A query took longer than it may.
    #[error("the query took longer than {0} s and was stopped")]
    TimeOut(u64),
    /// The engine could not be set up.
    #[error("the SQL engine: {0}")]
    Engine(String),
}

fn place(line_column: &Option<(u64, u64)>) -> String {
    line_column.map_or_else(String::new, |(line, column)| {
        format!(" (line {line}, column {column})")
    })
}

impl QueryError {
    /// What to do about it, when there is a word to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Sql { hint, .. } => hint.clone(),
            Self::NotAQuery(_) => {
                Some("write one query: `select ... from ...`; a snapshot is never changed".into())
            }
            Self::TimeOut(_) => Some("narrow it with `where`, or join on columns".into()),
            Self::NoNetwork => Some("`palisade collect --out DIR` collects them".into()),
            Self::NoSnapshot(_) => Some("`palisade collect --out DIR` makes one".into()),
            _ => None,
        }
    }

    /// An error of the engine, in our words, with a hint where a name is near.
    pub(crate) fn sql(error: &DataFusionError, tables: &[String]) -> Self {
        if let Some(damage) = damaged(error) {
            return damage;
        }
        let line_column = error
            .diagnostic()
            .and_then(|d| d.span)
            .map(|s| (s.start.line, s.start.column))
            .or_else(|| parser_place(&error.to_string()));
        let (message, hint) = words(error, tables);
        Self::Sql {
            message,
            line_column,
            hint,
        }
    }

    /// An error of the engine while it runs.
    pub(crate) fn run(error: &DataFusionError) -> Self {
        Self::sql(error, &[])
    }
}

/// Carries our own error through the engine.
fn damaged(error: &DataFusionError) -> Option<QueryError> {
    let DataFusionError::External(inner) = error.find_root() else {
        return None;
    };
    match inner.downcast_ref::<QueryError>() {
        Some(QueryError::Damaged { path, reason }) => Some(QueryError::Damaged {
            path: path.clone(),
            reason: reason.clone(),
        }),
        _ => None,
    }
}

/// The engine's message without its own jargon, and what may have been meant.
pub(crate) fn words(error: &DataFusionError, tables: &[String]) -> (String, Option<String>) {
    if let DataFusionError::SchemaError(schema, _) = root(error) {
        match &**schema {
            SchemaError::FieldNotFound {
                field,
                valid_fields,
            } => {
                let names: Vec<String> = valid_fields.iter().map(|f| f.name.clone()).collect();
                // An alias is no table that could be explained.
                let table = valid_fields
                    .iter()
                    .filter_map(|f| f.relation.as_ref())
                    .map(TableReference::table)
                    .find(|table| tables.iter().any(|t| t == table))
                    .unwrap_or("TABLE");
                let hint = hint::near(&field.name, names.iter())
                    .unwrap_or_else(|| format!("`palisade explain {table}` names the columns"));
                return (format!("no column is called `{}`", field.name), Some(hint));
            }
            SchemaError::AmbiguousReference { field } => {
                return (
                    format!("`{}` is a column of more than one table", field.name),
                    Some("write the table's name or alias before it".to_owned()),
                );
            }
            SchemaError::DuplicateQualifiedField { .. }
            | SchemaError::DuplicateUnqualifiedField { .. } => {}
        }
    }
    let text = root(error).strip_backtrace();
    let text = without_prefixes(&text);
    if let Some(name) = between(&text, "table '", "' not found") {
        let name = name.rsplit('.').next().unwrap_or(name).to_owned();
        let hint = hint::near(&name, tables.iter())
            .or_else(|| Some("`palisade list tables` names them all".to_owned()));
        return (format!("no table is called `{name}`"), hint);
    }
    if let Some(name) = between(&text, "Invalid function '", "'") {
        let hint = if crate::functions::LEFT_OUT_CLOCK.contains(&name) {
            "answers do not depend on the clock: use `snapshot_time()` or `days_since(column)`"
                .to_owned()
        } else {
            between(&text, "Did you mean '", "'").map_or_else(
                || "see the functions of Apache DataFusion".to_owned(),
                |near| format!("did you mean `{near}`?"),
            )
        };
        return (format!("no function is called `{name}`"), Some(hint));
    }
    if text.contains("only supports a single SQL statement") {
        let hint = "leave out what comes after the first `;`, or ask one after the other";
        return (
            "one query is answered at a time, not several".to_owned(),
            Some(hint.to_owned()),
        );
    }
    if text.contains("No SQL statements were provided") {
        let hint = "write one: `select name, region from aws_s3_bucket`";
        return ("the query is empty".to_owned(), Some(hint.to_owned()));
    }
    let mut text = text.trim_end_matches(['.', '\n', ' ']).to_owned();
    if let Some(at) = text.find("\n") {
        text.truncate(at);
    }
    (lower_first(&text), None)
}

fn root(error: &DataFusionError) -> &DataFusionError {
    let mut at = error;
    loop {
        at = match at {
            DataFusionError::Diagnostic(_, inner) | DataFusionError::Context(_, inner) => inner,
            DataFusionError::Collection(all) => match all.first() {
                Some(first) => first,
                None => return at,
            },
            DataFusionError::Shared(inner) => inner,
            _ => return at,
        };
    }
}

fn without_prefixes(text: &str) -> String {
    let mut text = text.trim();
    loop {
        let before = text;
        for prefix in [
            "Error during planning: ",
            "SQL error: ",
            "Execution error: ",
            "Schema error: ",
            "Arrow error: ",
            "External error: ",
            "Internal error: ",
            "This feature is not implemented: ",
            "Resources exhausted: ",
            "Optimizer rule failed: ",
            "type_coercion\n",
            "caused by\n",
        ] {
            text = text.strip_prefix(prefix).unwrap_or(text).trim_start();
        }
        if text == before {
            break;
        }
    }
    let text = between(text, "ParserError(\"", "\")").unwrap_or(text);
    text.to_owned()
}

/// `... at Line: 1, Column: 8` of the parser.
fn parser_place(text: &str) -> Option<(u64, u64)> {
    let line = between(text, "Line: ", ",")?.trim().parse().ok()?;
    let (_, rest) = text.split_once("Column: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((line, digits.parse().ok()?))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parsers_place_is_found() {
        assert_eq!(
            parser_place("Expected: x at Line: 2, Column: 17"),
            Some((2, 17))
        );
        assert_eq!(parser_place("nothing"), None);
    }

    #[test]
    fn jargon_is_left_out() {
        let error = DataFusionError::Plan("Cannot do it".into()).context("type_coercion");
        assert_eq!(words(&error, &[]).0, "cannot do it");
    }
}

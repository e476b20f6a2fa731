//! From a place in SQL to the place in the control's file.

use crate::error::QueryError;
use palisade_core::catalog::{CatalogError, Control, Sql};
use std::ops::Range;

/// An error at the SQL of a control: at its very token where the engine tells it.
pub(crate) fn wrong(control: &Control, sql: &Sql, what: &str, error: &QueryError) -> CatalogError {
    let (message, at) = match error {
        QueryError::Sql {
            message,
            line_column,
            ..
        } => (message.clone(), *line_column),
        other => (other.to_string(), None),
    };
    let span = at
        .and_then(|at| token(&control.source, sql, at))
        .unwrap_or_else(|| sql.span.clone());
    let wrong = CatalogError::new(
        &control.path,
        &control.source,
        Some(span),
        format!("`{what}` does not plan: {message}"),
    );
    match error.hint() {
        Some(hint) => wrong.with_hint(hint),
        None => wrong,
    }
}

/// The byte range in the file of line and column in the SQL, when the file has the SQL letter by letter.
fn token(source: &str, sql: &Sql, (line, column): (u64, u64)) -> Option<Range<usize>> {
    let written = source.get(sql.span.clone())?;
    let start = sql.span.start + written.find(sql.text.as_str())?;
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let before: usize = sql
        .text
        .split_inclusive('\n')
        .take(line)
        .map(str::len)
        .sum();
    let rest = sql.text.get(before..)?;
    let skipped: usize = rest.chars().take(column).map(char::len_utf8).sum();
    let word: usize = rest
        .get(skipped..)?
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .map(char::len_utf8)
        .sum();
    let at = start + before + skipped;
    Some(at..at + word.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_in_a_text_of_several_lines() {
        let source = "require = '''\na and\n  bad_one'''\n";
        let sql = Sql {
            text: "a and\n  bad_one".to_owned(),
            span: 10..33,
        };
        let range = token(source, &sql, (2, 3)).unwrap();
        assert_eq!(source.get(range), Some("bad_one"));
        assert_eq!(token("require = \"a\\nb\"", &sql, (1, 1)), None);
    }
}

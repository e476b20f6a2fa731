//! Files that hold one entry under its own name: recommendations and frameworks.

use super::error::CatalogError;
use super::{Framework, Recommendation, Text};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::ops::Range;

/// An entry that a file is named after.
pub(super) trait Entry: DeserializeOwned {
    /// What it is, in a message.
    const NOUN: &'static str;

    /// Its name.
    fn id(&self) -> &str;

    /// Fields that must say something: name, value, what to write.
    fn said(&self) -> Vec<(&'static str, &str, &'static str)>;

    /// Keeps where it came from.
    fn keep_place(&mut self, _path: &str, _text: &Text) {}
}

impl Entry for Recommendation {
    const NOUN: &'static str = "recommendation";

    fn id(&self) -> &str {
        &self.id
    }

    fn said(&self) -> Vec<(&'static str, &str, &'static str)> {
        vec![
            ("title", &self.title, "say in one line what holds"),
            (
                "evidence",
                &self.evidence,
                "say what shows that it holds: a rule that a machine or a person can apply",
            ),
        ]
    }
}

impl Entry for Framework {
    const NOUN: &'static str = "framework";

    fn id(&self) -> &str {
        &self.id
    }

    fn said(&self) -> Vec<(&'static str, &str, &'static str)> {
        vec![
            ("title", &self.title, "name it"),
            ("edition", &self.edition, "say of which edition the ids are"),
        ]
    }

    fn keep_place(&mut self, path: &str, text: &Text) {
        path.clone_into(&mut self.path);
        self.text = text.clone();
    }
}

/// Reads a file's entry into the others of its kind.
pub(super) fn read_one<T: Entry>(
    path: &str,
    stem: &str,
    text: &Text,
    errors: &mut Vec<CatalogError>,
    into: &mut BTreeMap<String, T>,
) {
    let mut entry: T = match toml::from_str(text) {
        Ok(entry) => entry,
        Err(e) => {
            errors.push(CatalogError::toml(path, text, &e));
            return;
        }
    };
    let mut wrong = |field: &str, message: String, hint: String| {
        let error = CatalogError::new(path, text, line_of(text, field), message);
        errors.push(error.with_hint(hint));
    };
    if entry.id() != stem {
        wrong(
            "id",
            format!("the id `{}` is not the file's name", entry.id()),
            format!("write `id = \"{stem}\"`, or rename the file"),
        );
        return;
    }
    for (field, value, hint) in entry.said() {
        if value.trim().is_empty() {
            wrong(field, format!("`{field}` is empty"), hint.to_owned());
        }
    }
    if into.contains_key(stem) {
        wrong(
            "id",
            format!("the {} `{stem}` is there twice", T::NOUN),
            "one file has all that is said of it".to_owned(),
        );
        return;
    }
    entry.keep_place(path, text);
    into.insert(stem.to_owned(), entry);
}

/// The line that begins with a field's name.
pub(super) fn line_of(text: &str, field: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.trim_end().len();
        let rest = line.trim_start().strip_prefix(field);
        if rest.is_some_and(|rest| rest.trim_start().starts_with('=')) {
            return Some(at..end);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "id = 'a'\ntitle = 't'\nkind = 'config'\nscope = 'account'\neffort = 'human'\nevidence = 'e'\n";

    fn errors_of<T: Entry>(files: &[(&str, &str)]) -> Vec<String> {
        let mut errors = Vec::new();
        let mut all = BTreeMap::<String, T>::new();
        for (path, text) in files {
            read_one(
                path,
                "a",
                &Text::from((*text).to_owned()),
                &mut errors,
                &mut all,
            );
        }
        errors.iter().map(CatalogError::one_line).collect()
    }

    #[test]
    fn a_recommendation_says_what_shows_it() {
        assert_eq!(errors_of::<Recommendation>(&[("r/a.toml", ROW)]), [""; 0]);
        let silent = ROW.replace("evidence = 'e'", "evidence = ' '");
        assert_eq!(
            errors_of::<Recommendation>(&[("r/a.toml", &silent)]),
            [
                "r/a.toml:6:1: `evidence` is empty (hint: say what shows that it holds: a rule that a machine or a person can apply)"
            ]
        );
        let without = ROW.replace("evidence = 'e'\n", "");
        let [error] = errors_of::<Recommendation>(&[("r/a.toml", &without)])
            .try_into()
            .unwrap();
        assert!(
            error.starts_with("r/a.toml:1:1: missing field `evidence`"),
            "{error}"
        );
    }

    #[test]
    fn an_id_is_one_files() {
        assert_eq!(
            errors_of::<Recommendation>(&[("r/x/a.toml", ROW), ("r/y/a.toml", ROW)]),
            [
                "r/y/a.toml:1:1: the recommendation `a` is there twice (hint: one file has all that is said of it)"
            ]
        );
        let other = ROW.replace("id = 'a'", "id = 'b'");
        assert_eq!(
            errors_of::<Recommendation>(&[("r/a.toml", &other)]),
            [
                "r/a.toml:1:1: the id `b` is not the file's name (hint: write `id = \"a\"`, or rename the file)"
            ]
        );
    }
}

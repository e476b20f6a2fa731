//! Reads a control's file, and tells what its author has left out.

use super::entry::line_of;
use super::error::CatalogError;
use super::{Control, Text};
use crate::verdict::State;
use std::collections::BTreeMap;

/// Reads a file's control into the others.
pub(super) fn read_control(
    path: &str,
    stem: &str,
    text: Text,
    errors: &mut Vec<CatalogError>,
    into: &mut BTreeMap<String, Control>,
) {
    let mut control: Control = match toml::from_str(&text) {
        Ok(control) => control,
        Err(e) => {
            errors.push(CatalogError::toml(path, &text, &e));
            return;
        }
    };
    let of = |field: &str, message: String| {
        CatalogError::new(path, &text, line_of(&text, field), message)
    };
    if control.id != stem {
        let message = format!("the id `{}` is not the file's name", control.id);
        let hint = format!("write `id = \"{stem}\"`, or rename the file");
        errors.push(of("id", message).with_hint(hint));
    }
    for (state, word) in [
        (State::Pass, "a passing"),
        (State::Fail, "a failing"),
        (State::Unknown, "an unknown"),
    ] {
        if !control.tests.iter().any(|t| t.expect.contains(&state)) {
            errors.push(
                CatalogError::new(path, &text, None, format!("no test expects `{state}`"))
                    .with_hint(format!("a control proves itself: add {word} [[test]]")),
            );
        }
    }
    for (field, said) in control.said() {
        if said.starts_with('<') && said.ends_with('>') {
            let at = text.find(said).map(|at| at..at + said.len());
            let message = format!("`{field}` is still to be filled");
            errors.push(CatalogError::new(path, &text, at, message));
        }
    }
    for (field, said, hint) in [
        (
            "title",
            &control.title,
            "say in one line what holds when it passes",
        ),
        (
            "why",
            &control.why,
            "say what happens to the user where it fails",
        ),
    ] {
        if said.trim().is_empty() {
            errors.push(of(field, format!("`{field}` is empty")).with_hint(hint));
        }
    }
    if let Some(other) = into.get(&control.id) {
        let (id, other) = (&control.id, &other.path);
        let message = format!("the control `{id}` is there twice, here and in `{other}`");
        errors.push(of("id", message));
    }
    path.clone_into(&mut control.path);
    control.subject.locate(&text);
    control.source = text;
    into.insert(control.id.clone(), control);
}

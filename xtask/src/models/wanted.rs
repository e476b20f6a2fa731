//! Which operations the catalogue names, and where.

use crate::error::TaskError;
use palisade_aws::reads::Reads;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Service to operation to the first place (`file:line`) that names it.
pub(super) type Wanted = BTreeMap<String, BTreeMap<String, String>>;

/// Folders of the catalogue whose files may name operations with `call = "service:Operation"`.
const FOLDERS: &[&str] = &["tables", "playbooks"];

/// Every operation that the tables, the playbooks and `models/extra.toml` name.
pub(super) fn collect(catalog: &Path) -> Result<Wanted, TaskError> {
    let mut wanted = Wanted::new();
    let mut files = Vec::new();
    for folder in FOLDERS {
        let folder = catalog.join(folder);
        if folder.is_dir() {
            for entry in fs_err::read_dir(folder)? {
                files.push(entry?.path());
            }
        }
    }
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files.push(catalog.join("models/extra.toml"));
    files.sort_unstable();
    for path in files {
        let text = fs_err::read_to_string(&path)?;
        let place = path
            .strip_prefix(catalog.parent().unwrap_or(catalog))
            .unwrap_or(&path)
            .display()
            .to_string();
        scan(&place, &text, &mut wanted)?;
    }
    Ok(wanted)
}

fn scan(place: &str, text: &str, wanted: &mut Wanted) -> Result<(), TaskError> {
    let document = DeTable::parse(text)
        .map_err(TaskError::from)
        .map_err(TaskError::at(place))?;
    let mut calls = Vec::new();
    calls_in_table(document.get_ref(), &mut calls);
    for call in calls {
        let line = text
            .bytes()
            .take(call.span().start)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1;
        let Some((service, operation)) = call.get_ref().split_once(':') else {
            return Err(TaskError::new(format!(
                "{place}:{line}: `{}` is not `service:Operation`",
                call.get_ref()
            )));
        };
        wanted
            .entry(service.to_owned())
            .or_default()
            .entry(operation.to_owned())
            .or_insert_with(|| format!("{place}:{line}"));
    }
    Ok(())
}

fn calls_in_table(table: &DeTable<'_>, calls: &mut Vec<Spanned<String>>) {
    for (key, value) in table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            // What a call is made with is the caller's data, not a call.
            ("with", _) => {}
            ("call", DeValue::String(call)) => {
                calls.push(Spanned::new(value.span(), call.to_string()));
            }
            ("calls", DeValue::Array(list)) => {
                for item in list {
                    if let DeValue::String(call) = item.get_ref() {
                        calls.push(Spanned::new(item.span(), call.to_string()));
                    }
                }
            }
            (_, other) => calls_in_value(other, calls),
        }
    }
}

fn calls_in_value(value: &DeValue<'_>, calls: &mut Vec<Spanned<String>>) {
    match value {
        DeValue::Table(table) => calls_in_table(table, calls),
        DeValue::Array(list) => {
            for item in list {
                calls_in_value(item.get_ref(), calls);
            }
        }
        _ => {}
    }
}

/// Every operation that a table names is a curated read.
pub(super) fn check_reads(wanted: &Wanted, reads: &Reads) -> Result<(), TaskError> {
    let mut faults = Vec::new();
    for (service, operations) in wanted {
        for (operation, place) in operations {
            // What playbooks call is checked by the writer's own list.
            if place.contains("catalog/playbooks") {
                continue;
            }
            let call = format!("{service}:{operation}");
            if let Err(error) = reads.actions(&call) {
                faults.push(format!("{place}: {error}"));
            }
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(TaskError::new(faults.join("\nerror: ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_with_their_lines_and_parameters_are_not_calls() {
        let text = "[aws_a]\nlist = { call = \"iam:ListUsers\", with = { call = \"x:Y\" } }\n\
                    before = { call = \"iam:GenerateCredentialReport\" }\n[aws_a.fill.b]\ncall = \"iam:GetUser\"\n";
        let mut wanted = Wanted::new();
        scan("tables/a.toml", text, &mut wanted).unwrap();
        assert_eq!(
            wanted["iam"]
                .iter()
                .map(|(k, v)| format!("{k} {v}"))
                .collect::<Vec<_>>(),
            [
                "GenerateCredentialReport tables/a.toml:3",
                "GetUser tables/a.toml:5",
                "ListUsers tables/a.toml:2"
            ]
        );
        let error = scan("t.toml", "\ncall = \"ListUsers\"", &mut wanted).unwrap_err();
        assert_eq!(
            error.to_string(),
            "t.toml:2: `ListUsers` is not `service:Operation`"
        );
    }
}

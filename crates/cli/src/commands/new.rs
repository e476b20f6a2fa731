//! `palisade catalog new control ID`: begins a control's file, with what its table has and tests to fill.

use crate::args::NewControl;
use crate::failure::{Done, Failure, said};
use crate::house::House;
use crate::terminal::Terminal;
use palisade_core::catalog::{Catalog, Derived};
use palisade_core::schema::TableSchema;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Columns of a line of the list in the comment.
const WIDTH: usize = 100;

/// Writes the file and prints its path.
pub(crate) fn run(args: &NewControl, terminal: &Terminal) -> Result<Done, Failure> {
    let folder = folder(args.catalog.as_deref())?;
    // A folder that does not exist yet has nothing to lay over the built-in catalogue.
    let house = House::begun(folder.is_dir().then_some(&folder))?;
    let catalog = &house.catalog;
    let table = table(catalog, &args.table)?;
    for answer in &args.answers {
        catalog.recommendation(answer)?;
    }
    let path = folder
        .join("controls")
        .join(service(&args.table))
        .join(format!("{}.toml", args.id));
    free(catalog, &args.id, &path)?;
    let derived = catalog.derived.get(&args.table).map(Derived::schema);
    let listed = house.schemas().get(&args.table);
    let schema = derived.as_ref().or_else(|| listed.map(AsRef::as_ref));
    let text = text(args, &table, schema);
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent)?;
    }
    fs_err::write(&path, text)?;
    let mut output = terminal.output(None)?;
    writeln!(output, "{}", path.display())?;
    output.finish()?;
    terminal.note(&format!(
        "fill what stands in <...>; `palisade catalog check {}` tells what is still missing",
        folder.display()
    ));
    Ok(Done::Clean)
}

/// The catalogue's folder: the one named, or that of the checkout.
fn folder(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let here = Path::new("catalog");
    match named {
        Some(dir) if dir.exists() && !dir.is_dir() => Err(Failure::usage(format!(
            "`{}` is not a folder",
            dir.display()
        ))),
        Some(dir) => Ok(dir.to_owned()),
        None if here.join("controls").is_dir() => Ok(here.to_owned()),
        None => Err(Failure::usage("there is no `catalog/controls` here")
            .hint("`--catalog DIR` names the folder of your own catalogue; it is made if need be")),
    }
}

/// What the table is called with, and the operation whose denial leaves it unseen.
struct Asked {
    about: String,
    list: String,
}

fn table(catalog: &Catalog, name: &str) -> Result<Asked, Failure> {
    if let Some(derived) = catalog.derived.get(name) {
        let base = derived.reads.keys().find_map(|t| catalog.tables.get(t));
        return Ok(Asked {
            about: derived.about.clone(),
            list: base.map(|t| t.list.call.clone()).unwrap_or_default(),
        });
    }
    let table = catalog.table(name)?;
    Ok(Asked {
        about: table.about.clone(),
        list: table.list.call.clone(),
    })
}

/// The folder of a table's controls: `sqs` for `aws_sqs_queue`, `network` for `network_egress`.
fn service(table: &str) -> &str {
    let mut words = table.split('_');
    match (words.next(), words.next()) {
        (Some("aws"), Some(service)) => service,
        (Some(engine), _) => engine,
        (None, _) => table,
    }
}

/// An error where the id can't be a new control's.
fn free(catalog: &Catalog, id: &str, path: &Path) -> Result<(), Failure> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !id.chars().all(plain) || id.starts_with('-') || id.ends_with('-') || id.is_empty() {
        return Err(Failure::usage(format!("`{id}` is no id for a control"))
            .hint("small letters, digits and hyphens between them: `sqs-queue-encrypted`"));
    }
    if let Some(control) = catalog.controls_called(id).first() {
        return Err(Failure::usage(format!(
            "`{id}` is a control already, in `{}`",
            control.path
        ))
        .hint(format!("`palisade explain {id}` shows it")));
    }
    if catalog.recommendations.contains_key(id) {
        return Err(
            Failure::usage(format!("`{id}` is a recommendation already"))
                .hint("say in the id what of it the control sees"),
        );
    }
    match fs_err::symlink_metadata(path) {
        Ok(_) => Err(Failure::usage(format!(
            "`{}` is there already",
            path.display()
        ))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Failure::usage(said(&e))),
    }
}

fn text(args: &NewControl, asked: &Asked, schema: Option<&TableSchema>) -> String {
    let table = &args.table;
    let answers: Vec<String> = args.answers.iter().map(|a| format!("\"{a}\"")).collect();
    format!(
        r#"id       = "{id}"
title    = "<what holds when it passes, in one line>"
severity = "medium"
answers  = [{answers}]
# {about}
subject  = "{table}"
{columns}# True passes, false fails, null is unknown: an SQL expression over these columns.
require  = "<expression>"
why      = "<what happens to the user where it fails>"
repair   = {{ text = "<begin with a verb>", effort = "hours" }}

[[test]]
name   = "<what passes>"
given.{table} = [{{ }}]
expect = ["pass"]

[[test]]
name   = "<what fails>"
given.{table} = [{{ }}]
expect = ["fail"]

[[test]]
name   = "nothing was seen"
denied = ["{list}"]
expect = ["unknown"]
"#,
        id = args.id,
        answers = answers.join(", "),
        about = asked.about,
        columns = columns(schema),
        list = asked.list,
    )
}

/// The columns as a comment, so that they need not be looked up.
fn columns(schema: Option<&TableSchema>) -> String {
    let mut out = String::new();
    let mut line = String::new();
    for column in schema.into_iter().flat_map(|s| &s.columns) {
        let word = format!("{} {}", column.name, column.ty.spelled());
        if !line.is_empty() && line.len() + word.len() > WIDTH {
            out.push_str(&format!("#   {line},\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push_str(", ");
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        out.push_str(&format!("#   {line}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_controls_folder_is_its_tables_service() {
        assert_eq!(service("aws_sqs_queue"), "sqs");
        assert_eq!(service("network_egress"), "network");
        assert_eq!(service("kms_key_access"), "kms");
    }
}

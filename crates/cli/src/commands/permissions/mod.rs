//! `palisade permissions`

mod policies;
mod template;

use crate::args::Permissions;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::terminal::Terminal;
use palisade_collect::{Scope, plan};
use palisade_core::catalog::Selection;
use serde_json::Value;
use std::path::Path;

/// Writes the least policy for the selected controls, by itself or as a role for every account. stdout, and each file,
/// is one JSON document.
pub(crate) fn run(args: &Permissions, terminal: &Terminal) -> Result<Done, Failure> {
    let house = House::open(&args.catalog, terminal)?;
    let catalog = &house.catalog;
    let schemas = house.schemas();
    let controls = Selection::from(&args.select).controls(catalog)?;
    let reads = palisade_query::reads(catalog, schemas, &controls)?;
    let scope = Scope::default();
    let policies = plan(&house.recipes, &reads, &scope)
        .map_err(Failure::usage)?
        .permissions();
    let out = args.out.as_deref();
    if args.org_template {
        write(&template::template(&policies), out, terminal)?;
        terminal.note(&template::hint());
        return Ok(Done::Clean);
    }
    // Only a name that a file has, or may get, can be numbered.
    let file = out.filter(|path| path.is_file() || !path.exists());
    if let (Some(file), true) = (file, policies.len() > 1) {
        return split(&policies, file, terminal);
    }
    let whole = policies::whole(&policies);
    write(&whole, out, terminal)?;
    match policies.len() {
        0 => terminal.note("nothing is called for this selection: the policy allows nothing"),
        1 => {}
        parts => terminal.note(&policies::too_large(&whole, parts)),
    }
    Ok(Done::Clean)
}

fn write(document: &Value, out: Option<&Path>, terminal: &Terminal) -> Result<(), Failure> {
    let mut output = terminal.output(out)?;
    output.json(document)?;
    output.finish()?;
    Ok(())
}

/// Each part in a file of its own, small enough for a managed policy.
fn split(parts: &[Value], file: &Path, terminal: &Terminal) -> Result<Done, Failure> {
    let mut names = Vec::new();
    for (at, part) in (1..).zip(parts) {
        let name = policies::numbered(file, at);
        write(part, Some(&name), terminal)?;
        names.push(format!("`{}`", name.display()));
    }
    terminal.note(&format!(
        "{}: one managed policy each, for `aws iam create-policy --policy-document file://...`; the role needs all",
        names.join(", ")
    ));
    Ok(Done::Clean)
}

//! `palisade permissions`

mod template;

use crate::args::Permissions;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::terminal::Terminal;
use palisade_collect::{Scope, plan};
use palisade_core::catalog::Selection;
use std::io::Write as _;

/// Prints the least policy for the selected controls, by itself or as a role for every account.
pub(crate) fn run(args: &Permissions, terminal: &Terminal) -> Result<Done, Failure> {
    let house = House::open(&args.catalog)?;
    let catalog = &house.catalog;
    let schemas = house.schemas();
    let controls = Selection::from(&args.select).controls(catalog)?;
    let reads = palisade_query::reads(catalog, schemas, &controls)?;
    let scope = Scope::default();
    let policies = plan(&house.recipes, &reads, &scope)
        .map_err(Failure::usage)?
        .permissions();
    let mut output = terminal.output(None)?;
    if args.org_template {
        output.json(&template::template(&policies))?;
        output.finish()?;
        terminal.note(&template::hint());
        return Ok(Done::Clean);
    }
    if policies.len() > 1 {
        terminal.note(&format!(
            "{} policies, one a line: a managed policy has at most 6,144 characters",
            policies.len()
        ));
    }
    for policy in &policies {
        match policies.len() {
            1 => serde_json::to_writer_pretty(&mut output, policy),
            _ => serde_json::to_writer(&mut output, policy),
        }
        .map_err(Failure::unfinished)?;
        writeln!(output)?;
    }
    output.finish()?;
    Ok(Done::Clean)
}

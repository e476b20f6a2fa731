//! `palisade catalog check [DIR]`

use crate::args::CatalogArgs;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::proof;
use crate::terminal::Terminal;
use std::io::Write as _;
use std::path::Path;

/// Proves the catalogue.
pub(crate) fn run(
    dir: Option<&Path>,
    fingerprint: bool,
    terminal: &Terminal,
) -> Result<Done, Failure> {
    let house = House::open(&CatalogArgs::over(dir), terminal)?;
    let catalog = &house.catalog;
    let schemas = house.schemas();
    let report = palisade_query::check(catalog, schemas)?;
    if !report.errors.is_empty() {
        return Err(report.errors.into());
    }
    let mut output = terminal.output(None)?;
    if fingerprint {
        writeln!(output, "{}", proof::fingerprint(&house))?;
        output.finish()?;
        return Ok(Done::Clean);
    }
    writeln!(
        output,
        "{} tables, {} controls proved by {} tests, {} recommendations, {} frameworks: nothing wrong",
        catalog.tables.len() + catalog.derived.len(),
        report.controls,
        report.tests,
        catalog.recommendations.len(),
        catalog.frameworks.len(),
    )?;
    output.finish()?;
    Ok(Done::Clean)
}

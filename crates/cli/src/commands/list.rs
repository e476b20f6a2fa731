//! `palisade list controls|tables|frameworks|recommendations`

use crate::args::List;
use crate::failure::{Done, Failure};
use crate::house;
use crate::ledger;
use crate::terminal::Terminal;
use palisade_report::{
    ListForm, list_controls, list_frameworks, list_recommendations, list_tables,
};

/// Prints one kind of the catalogue's entries.
pub(crate) fn run(args: &List, terminal: &Terminal) -> Result<Done, Failure> {
    let form: ListForm = args.format.parse().map_err(Failure::usage)?;
    let catalog = house::catalog(args.catalog.catalog.as_deref(), terminal)?;
    let options = terminal.options(false);
    let mut output = terminal.output(None)?;
    match args.what.as_str() {
        "tables" => list_tables(&mut output, &ledger::listed(&catalog), form, options)?,
        "frameworks" => list_frameworks(&mut output, &catalog, form, options)?,
        "recommendations" => list_recommendations(&mut output, &catalog, form, options)?,
        _ => list_controls(&mut output, &catalog, form, options)?,
    }
    output.finish()?;
    Ok(Done::Clean)
}

//! `palisade query "select ..."`

use crate::args::Query;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::source::Source;
use crate::terminal::Terminal;
use palisade_query::{Rows, Session, Snapshot};

/// Runs one SELECT over a snapshot.
pub(crate) fn run(args: &Query, terminal: &Terminal) -> Result<Done, Failure> {
    let form: Rows = args.format.parse().map_err(Failure::usage)?;
    let house = House::open(&args.catalog)?;
    let catalog = &house.catalog;
    let schemas = house.schemas();
    let source = Source::of(&args.source)?;
    let session = Session::open(&Snapshot::open(source.path())?, catalog, schemas)?;
    let mut output = terminal.output(None)?;
    session.write(&args.sql, form, &mut output, terminal.width)?;
    output.finish()?;
    Ok(Done::Clean)
}

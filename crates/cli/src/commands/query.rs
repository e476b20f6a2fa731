//! `palisade query "select ..."`

use crate::args::Query;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::source::{self, Source};
use crate::terminal::Terminal;
use palisade_query::Rows;
use std::io::Write as _;

/// Runs one SELECT over a snapshot; what its answer can't tell is told after it.
pub(crate) fn run(args: &Query, terminal: &Terminal) -> Result<Done, Failure> {
    let form: Rows = args.format.parse().map_err(Failure::usage)?;
    let house = House::open(&args.catalog, terminal)?;
    let source = Source::of(&args.source)?;
    let (_, session) = source::open(source.path(), &house, terminal)?;
    let mut output = terminal.output(None)?.stopping();
    let written = session
        .write(&args.sql, form, &mut output, terminal.width)
        .and_then(|()| Ok(output.flush()?));
    if output.is_closed() {
        // Whoever asked has seen enough.
        return Ok(Done::Clean);
    }
    written?;
    output.finish()?;
    if !terminal.quiet {
        let gaps = session.gaps(&args.sql)?;
        let notes: Vec<String> = gaps.iter().map(|gap| format!("note: {gap}")).collect();
        terminal.notes(&notes);
    }
    Ok(Done::Clean)
}

//! `palisade assess`: collects (or reads a snapshot), decides, reports.

use crate::args::Assess;
use crate::evaluate::Evaluation;
use crate::failure::{Done, Failure};
use crate::house::{self, House};
use crate::live::{Job, Live};
use crate::proof;
use crate::sink::{fails_at, unknown_at};
use crate::source::Source;
use crate::state::State;
use crate::terminal::Terminal;
use palisade_core::assess::Tally;
use palisade_core::catalog::Selection;
use palisade_core::{Clock, Severity};
use palisade_query::Questions;
use palisade_report::{Format, writer};

/// The main job.
pub(crate) fn run(args: &Assess, terminal: &Terminal, clock: Clock) -> Result<Done, Failure> {
    let format: Format = args.output.format.parse().map_err(Failure::usage)?;
    let house = proof::proved(House::open(&args.catalog, terminal)?, terminal)?;
    let catalog = &house.catalog;
    let schemas = house.schemas();
    let selected = Selection::from(&args.select).of(catalog)?;
    let (exceptions, attestations) = house::waivers(&args.waivers, catalog, clock, terminal)?;

    if format == Format::Parquet && args.output.out.is_none() && terminal.on_screen {
        return Err(Failure::usage("Parquet is not for a terminal")
            .hint("`--out findings.parquet` writes it to a file"));
    }
    // A place that can't be written to is told before AWS is asked anything.
    let mut output = terminal.output(args.output.out.as_deref())?;
    let mut whole = true;
    let mut planned = None;
    let source = match Source::named(&args.source)? {
        Some(source) => source,
        None => {
            let state = State::find()?;
            let questions = Questions::plan(catalog, schemas, &selected.controls, clock.now())?;
            let job = Job {
                reads: planned.insert(questions).reads(),
                house: &house,
                aws: &args.aws,
                collect: &args.collect,
                out: state.place(args.collect.resume, clock)?,
            };
            match job.run(terminal, clock)? {
                Live::Planned => return Ok(Done::Clean),
                Live::Collected { folder, whole: all } => {
                    whole = all;
                    state.tidy();
                    Source::Folder(folder)
                }
            }
        }
    };

    let summary = {
        let mut report = writer(
            format,
            Box::new(&mut output),
            catalog,
            terminal.options(args.output.findings),
            args.output.out.as_deref(),
        );
        Evaluation {
            house: &house,
            selected,
            planned,
            exceptions: &exceptions,
            attestations: &attestations,
            demo: source.is_demo(),
            owner: None,
        }
        .run(source.path(), Some(&mut *report), terminal)?
    };
    output.finish()?;
    if let Source::Folder(path) = &source
        && args.source.snapshot.is_none()
    {
        terminal.note(&format!(
            "snapshot kept in {}: `palisade query`, `roadmap`, `explain` and `diff` read it",
            path.display()
        ));
    }
    if !whole {
        return Ok(Done::Incomplete);
    }
    Ok(gate(&summary.tally, args, terminal))
}

/// What the exit code says. A fail is a fail; a gate that saw nothing, or is told to count what was not seen, gives no
/// clean bill.
fn gate(tally: &Tally, args: &Assess, terminal: &Terminal) -> Done {
    let least = args.output.fail_on;
    if fails_at(tally, least) {
        return Done::Found;
    }
    let total = tally.total();
    if total.unknown > 0 && total.coverage() == 0.0 {
        terminal.note("nothing could be decided: nothing failed, and nothing is known to hold");
        if least.is_some() {
            return Done::Incomplete;
        }
    }
    let unseen = unknown_at(tally, least.unwrap_or(Severity::Low));
    if unseen > 0 && args.output.fail_on_unknown {
        terminal.note(&format!("{unseen} findings could not be decided"));
        return Done::Incomplete;
    }
    if let (Some(least), true) = (least, unseen > 0) {
        terminal.note(&format!(
            "{unseen} findings of severity {least} or above are unknown: `--fail-on-unknown` counts them too"
        ));
    }
    Done::Clean
}

//! `palisade roadmap`

use crate::args::Roadmap;
use crate::evaluate::Evaluation;
use crate::failure::{Done, Failure};
use crate::house::{self, House};
use crate::owner::Owner;
use crate::proof;
use crate::source::Source;
use crate::terminal::Terminal;
use palisade_core::Clock;
use palisade_core::assess::{Step, within};
use palisade_core::catalog::Selected;

/// Evaluates a snapshot and prints what to do next.
pub(crate) fn run(args: &Roadmap, terminal: &Terminal, clock: Clock) -> Result<Done, Failure> {
    let house = proof::proved(House::open(&args.catalog, terminal)?, terminal)?;
    let catalog = &house.catalog;
    let (exceptions, attestations) = house::waivers(&args.waivers, catalog, clock, terminal)?;
    let source = Source::of(&args.source)?;
    let summary = Evaluation {
        house: &house,
        selected: Selected::all(catalog),
        planned: None,
        exceptions: &exceptions,
        attestations: &attestations,
        demo: source.is_demo(),
        owner: args.owner.as_deref().map(Owner::parse),
    }
    .run(source.path(), None, terminal)?;
    let mut steps: Vec<Step> = summary.roadmap;
    let all = steps.len();
    steps.retain(|s| args.phase.is_none_or(|p| s.phase == p));
    if let Some(budget) = args.effort {
        let open = steps.len();
        steps = within(steps, budget);
        terminal.note(&format!("{} of {open} steps fit", steps.len()));
    }
    steps.truncate(args.top.unwrap_or(usize::MAX));
    let mut output = terminal.output(args.out.as_deref())?;
    match args.format.as_str() {
        "toml" => palisade_report::roadmap_toml(&mut output, &steps, catalog)?,
        "json" => output.json(&steps)?,
        _ => palisade_report::roadmap_text(
            &mut output,
            &steps,
            all,
            catalog,
            terminal.options(false),
        )?,
    }
    output.finish()?;
    Ok(Done::Clean)
}

//! `palisade collect --from-dir DIR`: a snapshot from files that others wrote.

use super::{fit, whole_tables};
use crate::args::Collect;
use crate::dump;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::state::State;
use crate::terminal::Terminal;
use palisade_collect::{File, Folder, RunOptions, Silent, plan};
use palisade_core::Clock;
use palisade_core::schema::Reads;
use std::path::Path;
use std::sync::Arc;

/// Lines of warnings that are told.
const WARNINGS: usize = 10;

/// Reads the files through the tables' own recipes: what no file holds is a failed call of the ledger.
pub(super) fn run(
    folder: &Path,
    args: &Collect,
    house: &House,
    terminal: &Terminal,
    clock: Clock,
) -> Result<Done, Failure> {
    let files = dump::documents(folder)?.into_iter().map(|d| File {
        name: d.name,
        account: d.place.account,
        region: d.place.region,
        json: d.json,
    });
    let answers = Folder::new(files.collect());
    for warning in answers.warnings.iter().take(WARNINGS) {
        terminal.note(warning);
    }
    let more = answers.warnings.len().saturating_sub(WARNINGS);
    if more > 0 {
        terminal.note(&format!(
            "... and {more} more of {}",
            answers.warnings.len()
        ));
    }
    let scope = answers.scope();
    if scope.accounts.is_empty() {
        return Err(Failure::usage(format!(
            "`{}` has no file that a table can be read from",
            folder.display()
        ))
        .hint("files have keys such as `Vpcs`, as `aws ec2 describe-vpcs` prints them"));
    }
    let reads = if args.tables.is_empty() {
        readable(house)
    } else {
        whole_tables(args, house)?
    };
    let out = match &args.out {
        Some(out) => {
            fit(out, false)?;
            out.clone()
        }
        None => State::find()?.place(false, clock)?,
    };
    let plan = plan(&house.recipes, &reads, &scope).map_err(Failure::usage)?;
    let options = RunOptions::new(clock, env!("CARGO_PKG_VERSION"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let apis = answers.apis();
    let written = runtime.block_on(Box::pin(palisade_collect::run(
        plan,
        &apis,
        &out,
        options,
        Arc::new(Silent),
    )));
    let manifest = written.map_err(Failure::unfinished)?;
    let rows: u64 = manifest.tables.values().map(|t| t.rows).sum();
    terminal.note(&format!(
        "{rows} rows of {} account(s); what no file holds is unknown",
        manifest.accounts.len()
    ));
    terminal.note(&format!("snapshot: {}", out.display()));
    Ok(Done::Clean)
}

/// The tables whose rows some file can hold, with the fills that one can.
fn readable(house: &House) -> Reads {
    let tables = house.catalog.tables.values();
    tables
        .filter(|table| Folder::knows(&table.list.call))
        .map(|table| {
            let fills = table.fills.iter();
            let known = fills.filter(|(_, fill)| Folder::knows(&fill.call));
            (
                table.id.clone(),
                known.map(|(name, _)| name.clone()).collect(),
            )
        })
        .collect()
}

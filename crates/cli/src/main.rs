//! `palisade`: arguments as typed, then as meant; wires the rooms; nothing else.

mod args;
mod commands;
mod demo;
mod dump;
mod evaluate;
mod evidence;
mod exposure;
mod failure;
mod house;
mod ledger;
mod live;
mod log;
mod output;
mod owner;
mod progress;
mod proof;
mod regions;
mod sink;
mod source;
mod state;
mod terminal;

use args::{Catalog, Cli, Command, New};
use failure::{Done, Failure};
use palisade_core::Clock;
use std::process::ExitCode;

fn main() -> ExitCode {
    palisade_heap::give_back_soon();
    let cli = Cli::read();
    let terminal = terminal::Terminal::detect(&cli);
    log::begin(cli.verbose, terminal.paint_log);
    let result = dispatch(cli, &terminal);
    match result {
        Ok(done) => ExitCode::from(done.code()),
        Err(failure) => {
            terminal.failure(&failure);
            ExitCode::from(failure.code())
        }
    }
}

fn dispatch(cli: Cli, terminal: &terminal::Terminal) -> Result<Done, Failure> {
    let clock = cli.now.map_or_else(Clock::system, Clock::at);
    match cli.command {
        Command::Assess(args) => commands::assess::run(&args, terminal, clock),
        Command::Collect(args) => commands::collect::run(&args, terminal, clock),
        Command::Roadmap(args) => commands::roadmap::run(&args, terminal, clock),
        Command::Diff(args) => commands::diff::run(&args, terminal),
        Command::Explain(args) => commands::explain::run(&args, terminal),
        Command::List(args) => commands::list::run(&args, terminal),
        Command::Network(args) => commands::network::run(&args, terminal),
        Command::Report(args) => commands::report::run(&args, terminal, clock),
        Command::Query(args) => commands::query::run(&args, terminal),
        Command::Permissions(args) => commands::permissions::run(&args, terminal),
        Command::Access(access) => commands::access::run(&access, terminal),
        Command::Attest(args) => commands::attest::run(&args, terminal, clock),
        Command::Catalog(Catalog::Check { dir, fingerprint }) => {
            commands::check::run(dir.as_deref(), fingerprint, terminal)
        }
        Command::Catalog(Catalog::New(New::Control(args))) => commands::new::run(&args, terminal),
        Command::Catalog(Catalog::Docs(args)) => commands::docs::run(&args, terminal),
        Command::Completions(args) => commands::completions::run(&args, terminal),
    }
}

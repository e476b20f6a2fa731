//! `palisade network check INTENT.toml`

use super::words::plural;
use crate::args::NetworkCheck;
use crate::failure::{Done, Failure, said};
use crate::terminal::Terminal;
use palisade_core::State;
use palisade_network::ask::{CheckAnswer, Intents};
use palisade_report::Page;
use std::io;

/// Checks every rule of the file; a rule that is broken is told with the packet that breaks it.
pub(super) fn run(args: &NetworkCheck, terminal: &Terminal) -> Result<Done, Failure> {
    let name = args.intent.display().to_string();
    let text = fs_err::read_to_string(&args.intent).map_err(|e| Failure::usage(said(&e)))?;
    let intents = Intents::parse(&name, &text).map_err(super::wrong)?;
    let network = super::network(&args.estate, terminal)?;
    let answer = network
        .check(&name, &text, &intents)
        .map_err(super::wrong)?;
    super::write(&args.form, terminal, &answer, |page| told(page, &answer))?;
    Ok(if !answer.holds {
        Done::Found
    } else if answer.rules.iter().any(|rule| rule.unknown) {
        Done::Incomplete
    } else {
        Done::Clean
    })
}

fn told(page: &mut Page<'_>, answer: &CheckAnswer) -> io::Result<()> {
    let (mut broken, mut unknown) = (0, 0);
    for rule in &answer.rules {
        let (state, word) = match (rule.holds, rule.unknown) {
            (false, _) => (State::Fail, "broken"),
            (true, true) => (State::Unknown, "unknown"),
            (true, false) => (State::Pass, "kept"),
        };
        broken += usize::from(!rule.holds);
        unknown += usize::from(rule.holds && rule.unknown);
        page.state(state, word, &rule.name)?;
        if state == State::Unknown {
            page.text(
                2,
                "no violation is seen, but it depends on what is not described or not modelled",
            )?;
        }
        for violation in &rule.violations {
            page.text(2, &violation.message)?;
            if let Some(path) = &violation.path {
                if let Some(packet) = &path.packet {
                    page.pair("    packet", &super::words::packet(packet))?;
                }
                let hops: Vec<&str> = path.forward.iter().map(|hop| hop.id.as_str()).collect();
                page.pair("    path", &hops.join(" > "))?;
                if !path.allowed_by.is_empty() {
                    page.pair("    let in by", &path.allowed_by.join("; "))?;
                }
                for blocker in &path.blockers {
                    let text = format!(
                        "{} {}: {}",
                        blocker.code.word(),
                        blocker.component,
                        blocker.detail
                    );
                    page.pair("    in the way", &text)?;
                }
            }
        }
    }
    page.line("")?;
    let mut text = format!("{broken} of {} broken", plural(answer.rules.len(), "rule"));
    if unknown > 0 {
        text.push_str(&format!(", {unknown} unknown"));
    }
    page.title(&text)
}

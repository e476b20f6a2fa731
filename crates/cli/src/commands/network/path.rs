//! `palisade network path --from A --to B`

use super::words::{gaps, hops, packet, state, traffic, verdict};
use crate::args::NetworkPath;
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_network::ask::{PathAnswer, PathQuestion, Verdict};
use palisade_network::explain::Direction;
use palisade_report::Page;
use std::io;

/// Tells whether packets arrive, and their way.
pub(super) fn run(args: &NetworkPath, terminal: &Terminal) -> Result<Done, Failure> {
    let question = PathQuestion {
        from: args.ends.from.clone(),
        to: args.ends.to.clone(),
        protocol: args.protocol.clone(),
        port: args.port,
        source_port: args.source_port,
        source_address: args.source_address,
    };
    let network = super::network(&args.estate, terminal)?;
    let answer = network.path(&question).map_err(super::wrong)?;
    super::write(&args.form, terminal, &answer, |page| told(page, &answer))?;
    Ok(Done::Clean)
}

/// The whole of a path.
pub(super) fn told(page: &mut Page<'_>, answer: &PathAnswer) -> io::Result<()> {
    let ends = format!("{} to {}", answer.from, answer.to);
    page.state(
        state(answer.verdict, Verdict::Reachable),
        verdict(answer.verdict),
        &ends,
    )?;
    traffic(page, "passes", &answer.traffic, "between it and")?;
    traffic(page, "no answer", &answer.one_way, "between it and")?;
    if let Some(one) = &answer.packet {
        page.pair("packet", &packet(one))?;
    }
    if !answer.blockers.is_empty() {
        page.heading("In the way, each to be changed")?;
        for blocker in &answer.blockers {
            let way = match blocker.direction {
                Direction::Forward => "",
                Direction::Return => " (answers)",
            };
            page.text(2, &format!("{}{way}", blocker.code.word()))?;
            page.text(4, &format!("{}: {}", blocker.component, blocker.detail))?;
        }
    }
    if !answer.forward.is_empty() {
        let blocked = answer.verdict == Verdict::Blocked;
        page.heading(if blocked {
            "Way there, if nothing stopped it"
        } else {
            "Way there"
        })?;
        hops(page, &answer.forward)?;
    }
    if !answer.r#return.is_empty() {
        page.heading("Way back")?;
        hops(page, &answer.r#return)?;
    }
    if !answer.allowed_by.is_empty() {
        page.line("")?;
        page.pair("let in by", &answer.allowed_by.join("; "))?;
    }
    for other in &answer.also {
        page.pair("also by", &other.join(" > "))?;
    }
    gaps(page, "unknown", &answer.not_modelled)
}

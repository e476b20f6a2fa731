//! `palisade network exposed`

use super::words::{gaps, head, plural, resource, traffic};
use crate::args::Whole;
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_network::ask::{ExposureAnswer, ExposureRow, Verdict};
use palisade_report::Page;
use std::io;

/// Tells what the internet can reach.
pub(super) fn run(args: &Whole, terminal: &Terminal) -> Result<Done, Failure> {
    let answer = super::network(&args.estate, terminal)?.exposed();
    super::write(&args.form, terminal, &answer, |page| told(page, &answer))?;
    Ok(Done::Clean)
}

fn told(page: &mut Page<'_>, answer: &ExposureAnswer) -> io::Result<()> {
    for rows in answer.rows.chunk_by(|a, b| a.interface == b.interface) {
        let Some(first) = rows.first() else { continue };
        let best = rows.iter().map(|r| r.verdict).min();
        let what = resource(&first.resource, &first.interface);
        let place = [&first.account, &first.region, &first.vpc, &first.subnet];
        head(page, best, Verdict::Blocked, &what, place)?;
        for row in rows {
            one(page, row)?;
        }
        page.line("")?;
    }
    let sure = |wanted: Verdict| {
        let rows = answer.rows.chunk_by(|a, b| a.interface == b.interface);
        rows.filter(|rows| rows.iter().map(|r| r.verdict).min() == Some(wanted))
            .count()
    };
    let (open, unknown) = (sure(Verdict::Reachable), sure(Verdict::Unknown));
    let mut text = format!(
        "{open} of {} can be reached from the internet",
        plural(answer.interfaces, "interface")
    );
    if unknown > 0 {
        text.push_str(&format!(", {unknown} may be"));
    }
    page.title(&text)?;
    gaps(page, "not described", &answer.not_described)?;
    gaps(page, "not modelled", &answer.not_modelled)
}

fn one(page: &mut Page<'_>, row: &ExposureRow) -> io::Result<()> {
    let address = match &row.through {
        Some(through) => format!("{} through {through}", row.address),
        None => row.address.clone(),
    };
    page.pair("  at", &address)?;
    traffic(page, "  open", &row.traffic, "from")?;
    traffic(page, "  no answer", &row.one_way, "from")?;
    page.pair("  path", &row.path.join(" > "))?;
    if !row.allowed_by.is_empty() {
        page.pair("  let in by", &row.allowed_by.join("; "))?;
    }
    gaps(page, "  unknown", &row.not_modelled)
}

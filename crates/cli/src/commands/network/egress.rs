//! `palisade network egress`

use super::words::{gaps, head, plural, resource, traffic};
use crate::args::Whole;
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_network::ask::{EgressAnswer, Verdict};
use palisade_report::Page;
use std::io;

/// Tells what can leave for the internet.
pub(super) fn run(args: &Whole, terminal: &Terminal) -> Result<Done, Failure> {
    let network = super::network(&args.estate, terminal)?;
    let answer = network.egress();
    let all = network.estate.interfaces.len();
    super::write(&args.form, terminal, &answer, |page| {
        told(page, &answer, all)
    })?;
    Ok(Done::Clean)
}

fn told(page: &mut Page<'_>, answer: &EgressAnswer, all: usize) -> io::Result<()> {
    let mut count = 0;
    for rows in answer.rows.chunk_by(|a, b| a.interface == b.interface) {
        let Some(first) = rows.first() else { continue };
        count += 1;
        let best = rows.iter().map(|r| r.verdict).min();
        let what = resource(&first.resource, &first.interface);
        let place = [&first.account, &first.region, &first.vpc, &first.subnet];
        head(page, best, Verdict::Reachable, &what, place)?;
        for row in rows {
            page.pair("  by", &format!("{} from {}", row.by, row.address))?;
            traffic(page, "  open", &row.traffic, "to")?;
            page.pair("  path", &row.path.join(" > "))?;
            gaps(page, "  unknown", &row.not_modelled)?;
        }
        page.line("")?;
    }
    page.title(&format!(
        "{count} of {} can reach the internet",
        plural(all, "interface")
    ))?;
    gaps(page, "not described", &answer.not_described)
}

//! What could not be seen, a line each: accounts, calls, and values that nobody told.

use crate::overview::account_label;
use crate::text;
use crate::unsent::{self, Unsent};
use palisade_core::assess::{Header, Summary};

/// The lines, accounts first, then what hides most.
pub(super) fn lines(header: &Header, summary: &Summary, unsent: &Unsent) -> Vec<String> {
    let unreached = header.accounts.iter().filter_map(|a| {
        let why = a.not_reached.as_ref()?;
        Some(format!("{}: {why}", account_label(&header.accounts, &a.id)))
    });
    let blind = summary.collection.blind.iter().map(|b| {
        let findings = text::plural(b.findings, "finding");
        format!("{} {}, hides {findings}", b.operation, unsent.word(b))
    });
    let unanswered = summary.tally.totals().unanswered();
    let unanswered = unanswered
        .into_iter()
        .map(|(why, findings)| format!("{why}: {}", text::plural(findings, "finding")));
    unreached
        .chain(unsent::line(&header.accounts))
        .chain(blind)
        .chain(unanswered)
        .collect()
}

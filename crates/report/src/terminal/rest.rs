//! What follows the first screen: recommendation by recommendation, what was not seen, exceptions to look at.

use super::{phases, unseen};
use crate::overview::{Overall, account_label, framework_title, overall};
use crate::page::Page;
use crate::text;
use crate::unsent::Unsent;
use palisade_core::Catalog;
use palisade_core::assess::{Header, StandingState, Summary};
use std::collections::BTreeMap;
use std::io;

pub(super) fn write(
    page: &mut Page<'_>,
    catalog: &Catalog,
    header: &Header,
    summary: &Summary,
    unsent: &Unsent,
) -> io::Result<()> {
    let all = overall(&summary.standings);
    counts(page, &all)?;
    not_met(page, catalog, header, &all)?;
    unknown(page, &all)?;
    not_seen(page, header, summary, unsent)?;
    accounts(page, catalog, header, summary)?;
    phases::write(page, catalog, header, summary)?;
    exceptions(page, summary)?;
    page.line("")?;
    let hint = "Next: `palisade roadmap` for all steps, `palisade explain ID` for one, `--format html --out report.html` to show it.";
    for line in text::wrap(hint, page.width) {
        let line = page.paint.dim(&line);
        page.line(&line)?;
    }
    Ok(())
}

const STATES: [StandingState; 7] = [
    StandingState::NotMet,
    StandingState::Expired,
    StandingState::Unknown,
    StandingState::Excepted,
    StandingState::Met,
    StandingState::Attested,
    StandingState::NotApplicable,
];

fn counts(page: &mut Page<'_>, all: &[Overall<'_>]) -> io::Result<()> {
    let parts: Vec<String> = STATES
        .into_iter()
        .filter_map(|state| {
            let n = all.iter().filter(|o| o.state == state).count() as u64;
            (n > 0).then(|| format!("{} {}", text::count(n), state.as_str().replace('_', " ")))
        })
        .collect();
    page.heading(&text::plural(all.len() as u64, "recommendation"))?;
    for line in text::wrap(&parts.join(" · "), page.width) {
        page.line(&line)?;
    }
    Ok(())
}

fn not_met(
    page: &mut Page<'_>,
    catalog: &Catalog,
    header: &Header,
    all: &[Overall<'_>],
) -> io::Result<()> {
    let open: Vec<&Overall<'_>> = all
        .iter()
        .filter(|o| matches!(o.state, StandingState::NotMet | StandingState::Expired))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    page.heading("Not met")?;
    let room = page.width.saturating_sub(2);
    for one in open {
        let title = catalog
            .recommendations
            .get(one.id)
            .map_or(one.id, |r| &r.title);
        for line in text::wrap(title, room) {
            page.line(&format!("  {line}"))?;
        }
        let counts = one.counts();
        let mut facts = vec![format!("{} fail", text::count(counts.fail))];
        if one.state == StandingState::Expired {
            facts = vec![
                one.deciding()
                    .map_or_else(String::new, |s| s.why.to_string()),
            ];
        }
        if counts.unknown > 0 {
            facts.push(format!("{} unknown", text::count(counts.unknown)));
        }
        facts.push(format!("{} pass", text::count(counts.pass)));
        if header.accounts.len() > 1 {
            facts.push(format!("in {}", text::plural(one.accounts(), "account")));
        }
        facts.push(one.id.to_owned());
        for line in text::wrap(&facts.join(" · "), room.saturating_sub(2)) {
            let line = page.paint.dim(&line);
            page.line(&format!("    {line}"))?;
        }
    }
    Ok(())
}

/// Unknown ones, by what would decide them.
fn unknown(page: &mut Page<'_>, all: &[Overall<'_>]) -> io::Result<()> {
    let mut by_why: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in all.iter().filter(|o| o.state == StandingState::Unknown) {
        let why = one.deciding().map_or("", |s| &*s.why);
        by_why.entry(why).or_default().push(one.id);
    }
    if by_why.is_empty() {
        return Ok(());
    }
    page.heading("Unknown")?;
    let room = page.width.saturating_sub(4);
    for (why, ids) in by_why {
        for line in text::wrap(
            &format!("{} ({})", why, ids.len()),
            page.width.saturating_sub(2),
        ) {
            page.line(&format!("  {line}"))?;
        }
        for line in text::wrap(&ids.join(", "), room) {
            let line = page.paint.dim(&line);
            page.line(&format!("    {line}"))?;
        }
    }
    Ok(())
}

fn not_seen(
    page: &mut Page<'_>,
    header: &Header,
    summary: &Summary,
    unsent: &Unsent,
) -> io::Result<()> {
    let collection = &summary.collection;
    let lines = unseen::lines(header, summary, unsent);
    if lines.is_empty() {
        return Ok(());
    }
    page.heading("What could not be seen")?;
    for line in lines {
        for line in text::wrap(&line, page.width.saturating_sub(2)) {
            page.line(&format!("  {line}"))?;
        }
    }
    if !collection.missing_actions.is_empty() {
        for line in text::wrap(
            "These IAM actions would make it seen:",
            page.width.saturating_sub(2),
        ) {
            page.line(&format!("  {line}"))?;
        }
        for line in text::wrap(
            &collection.missing_actions.join(" "),
            page.width.saturating_sub(4),
        ) {
            let line = page.paint.warn(&line);
            page.line(&format!("    {line}"))?;
        }
    }
    Ok(())
}

/// The score of each framework in each account: how many of its recommendations are met.
fn accounts(
    page: &mut Page<'_>,
    catalog: &Catalog,
    header: &Header,
    summary: &Summary,
) -> io::Result<()> {
    if header.accounts.len() < 2 {
        return Ok(());
    }
    for score in &summary.scores {
        let title = framework_title(catalog, score);
        page.heading(&text::cut_end(title, page.width))?;
        for account in &score.accounts {
            let share = account.share_of(None);
            let percent = share.map_or_else(|| "-".to_owned(), text::percent);
            let painted = page
                .paint
                .share(share.unwrap_or_default(), &format!("{percent:>6}"));
            let line = format!(
                "{} of {} met, {} unknown  {}",
                text::count(account.met),
                text::plural(account.scored, "recommendation"),
                text::count(account.unknown),
                account_label(&header.accounts, &account.account_id),
            );
            page.line(&format!(
                "{painted}  {}",
                text::cut_end(&line, page.width.saturating_sub(8))
            ))?;
        }
    }
    Ok(())
}

fn exceptions(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    if summary.waivers.is_empty() {
        return Ok(());
    }
    page.heading("Exceptions to look at")?;
    for waiver in &summary.waivers {
        let line = format!(
            "{} on {} ({}): {}",
            waiver.control, waiver.resource, waiver.owner, waiver.problem
        );
        for line in text::wrap(&line, page.width.saturating_sub(2)) {
            page.line(&format!("  {line}"))?;
        }
    }
    Ok(())
}

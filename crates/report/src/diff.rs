//! What changed between two assessments: new, gone, still there.

use crate::format::Options;
use crate::page::Page;
use crate::text;
use palisade_core::assess::Counts;
use palisade_core::{Finding, State};
use std::io::{self, Write};

/// A finding in both assessments whose verdict is another one now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The verdict before.
    pub before: State,
    /// The finding as it is now.
    pub now: Finding,
}

/// The difference of two assessments, joined by the findings' stable ids. Passes that stayed passes are only counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Findings that only the later one has.
    pub new: Vec<Finding>,
    /// Findings that only the earlier one has.
    pub gone: Vec<Finding>,
    /// Findings whose verdict changed.
    pub changed: Vec<Changed>,
    /// Findings with the same verdict in both.
    pub still: Counts,
}

/// Writes a difference: what got worse first.
///
/// # Errors
/// When it cannot be written.
pub fn diff_text(out: &mut dyn Write, difference: &Difference, options: Options) -> io::Result<()> {
    let mut page = Page::new(Box::new(out), options);
    let still = &difference.still;
    let line = format!(
        "{} new, {} gone, {} changed; still {} fail, {} unknown, {} pass",
        text::count(difference.new.len() as u64),
        text::count(difference.gone.len() as u64),
        text::count(difference.changed.len() as u64),
        text::count(still.fail),
        text::count(still.unknown),
        text::count(still.pass),
    );
    page.title(&line)?;
    if options.quiet {
        return page.flush();
    }
    let mut changed: Vec<&Changed> = difference.changed.iter().collect();
    changed.sort_by_key(|c| {
        (
            c.now.verdict.state() != State::Fail,
            std::cmp::Reverse(c.now.severity),
        )
    });
    section(
        &mut page,
        "Changed",
        changed.into_iter().map(|c| (Some(c.before), &c.now)),
    )?;
    section(&mut page, "New", open(&difference.new))?;
    section(&mut page, "Gone", open(&difference.gone))?;
    page.flush()
}

/// What is not a pass; passes that come and go with their resources are only counted.
fn open(findings: &[Finding]) -> impl Iterator<Item = (Option<State>, &Finding)> {
    findings
        .iter()
        .filter(|f| !matches!(f.verdict.state(), State::Pass | State::NotApplicable))
        .map(|f| (None, f))
}

fn section<'a>(
    page: &mut Page<'_>,
    title: &str,
    findings: impl Iterator<Item = (Option<State>, &'a Finding)>,
) -> io::Result<()> {
    let mut first = true;
    for (before, finding) in findings {
        if first {
            page.heading(title)?;
            first = false;
        }
        let state = finding.verdict.state();
        let before = before.map_or_else(String::new, |b| format!("{b} → "));
        let head = format!(
            "  {before}{} {} {}",
            page.paint.state(state, state.as_str()),
            page.paint
                .severity(Some(finding.severity), finding.severity.as_str()),
            finding.control,
        );
        page.line(&head)?;
        let arn = text::cut_middle(&finding.resource.arn, page.width.saturating_sub(4));
        page.line(&format!("    {arn}"))?;
        page.dim(4, &finding.reason)?;
    }
    Ok(())
}

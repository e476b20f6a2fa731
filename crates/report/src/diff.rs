//! What changed between two assessments: new, gone, still there.

use crate::format::Options;
use crate::page::Page;
use crate::text;
use palisade_core::assess::Counts;
use palisade_core::{Finding, State};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// A finding in both assessments whose verdict is another one now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The verdict before.
    pub before: State,
    /// The finding as it is now.
    pub now: Finding,
}

/// A finding of the earlier assessment whose resource the later one did not look at: it is neither gone nor still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAgain {
    /// The verdict before.
    pub before: State,
    /// The finding.
    pub finding: Finding,
    /// Why the later assessment says nothing of it.
    pub why: String,
}

/// Places of which an assessment tells nothing but that they were not asked about: a table that was not collected, an
/// account that was not reached. They are no findings to compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unasked {
    /// Of the earlier assessment.
    pub before: u64,
    /// Of the later one.
    pub now: u64,
}

/// The difference of two assessments, joined by the findings' stable ids. Passes that stayed passes are only counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Findings that only the later one has.
    pub new: Vec<Finding>,
    /// Findings that only the earlier one has, where the later one has looked.
    pub gone: Vec<Finding>,
    /// Findings of the earlier one where the later one has not looked.
    pub not_again: Vec<NotAgain>,
    /// What neither can tell of.
    pub unasked: Unasked,
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
    let lost = match difference.not_again.len() as u64 {
        0 => String::new(),
        n => format!(", {} not looked at again", text::count(n)),
    };
    let line = format!(
        "{} new, {} gone, {} changed{lost}; still {} fail, {} unknown, {} pass",
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
    not_again(&mut page, difference)?;
    page.flush()
}

/// Why findings were not looked at again, and of how many: a narrower scope leaves out thousands.
fn not_again(page: &mut Page<'_>, difference: &Difference) -> io::Result<()> {
    let mut reasons: BTreeMap<&str, Counts> = BTreeMap::new();
    for one in &difference.not_again {
        reasons.entry(&one.why).or_default().add(one.before);
    }
    if !reasons.is_empty() {
        page.heading("Not looked at again")?;
    }
    for (why, counts) in reasons {
        let findings = text::plural(counts.total(), "finding");
        let failed = text::count(counts.fail);
        page.text(2, &format!("{why}: {findings}, {failed} of them fail"))?;
    }
    let Unasked { before, now } = difference.unasked;
    if before + now > 0 {
        page.line("")?;
        let (before, now) = (text::count(before), text::count(now));
        page.text(
            0,
            &format!(
                "Questions that were not asked, and are not compared: {before} in the older snapshot, {now} in the newer."
            ),
        )?;
    }
    Ok(())
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
        page.dim(4, &finding.reason())?;
    }
    Ok(())
}

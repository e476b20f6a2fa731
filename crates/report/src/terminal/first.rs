//! The first screen: 24 lines of 80 columns that say where an estate stands, what to do first, and what was not seen.

use super::unseen;
use crate::overview::{account_label, first_phase, share};
use crate::page::Page;
use crate::text;
use crate::unsent::{self, Unsent};
use palisade_core::assess::{FrameworkScore, Header, Step, Summary};
use palisade_core::{Catalog, Outcome, Severity};
use std::io;

/// Steps named on the first screen.
const STEPS: usize = 5;
/// Lines of what was not seen on the first screen.
const UNSEEN: usize = 3;
/// Scores named on the first screen.
const SCORES: usize = 2;

pub(super) fn write(
    page: &mut Page<'_>,
    catalog: &Catalog,
    header: &Header,
    summary: &Summary,
    unsent: &Unsent,
) -> io::Result<()> {
    head(page, header)?;
    scores(page, catalog, header, summary)?;
    open(page, summary)?;
    page.line("")?;
    do_first(page, summary)?;
    not_seen(page, header, summary, unsent)
}

fn head(page: &mut Page<'_>, header: &Header) -> io::Result<()> {
    let who = match header.accounts.as_slice() {
        [one] => account_label(&header.accounts, &one.id),
        all => text::plural(all.len() as u64, "account"),
    };
    let demo = if header.demo { " · demo estate" } else { "" };
    let when = header.taken_at.strftime("%Y-%m-%d %H:%M UTC");
    let line = format!(
        "Palisade {} · {who} · {when} · {}{demo}",
        header.palisade,
        text::plural(header.controls, "control"),
    );
    // One line where there is room: the rest of the screen is counted on it.
    let lines = if page.is_narrow() {
        text::wrap(&line, page.width)
    } else {
        vec![text::cut_end(&line, page.width)]
    };
    for line in lines {
        let line = page.paint.bold(&line);
        page.line(&line)?;
    }
    page.line("")
}

/// Built-in frameworks whose scores stand in the other formats: the screen keeps room for what to do.
const ELSEWHERE: [&str; 8] = [
    "aws-fsbp",
    "aws-security-checklist",
    "cis-aws-7.0",
    "nist-800-53-r5",
    "nist-csf-2.0",
    "pci-dss-4.0.1",
    "security-maturity-model-v2",
    "well-architected-security",
];

/// The two frameworks of the screen have short names; others go by their title.
fn label(catalog: &Catalog, framework: &str, phase: Option<u8>) -> String {
    let name = match framework {
        "security-maturity-model" => "Maturity",
        "aws-top-ten" => "AWS top ten",
        other => catalog.frameworks.get(other).map_or(other, |f| &f.title),
    };
    phase.map_or_else(|| name.to_owned(), |p| format!("{name}, phase {p}"))
}

fn scores(
    page: &mut Page<'_>,
    catalog: &Catalog,
    header: &Header,
    summary: &Summary,
) -> io::Result<()> {
    let mut scores: Vec<_> = summary
        .scores
        .iter()
        .filter(|s| !ELSEWHERE.contains(&s.framework.as_str()))
        .map(|s| (first_phase(s), s))
        .collect();
    // Those with phases first, then in the order of the catalogue.
    scores.sort_by_key(|(phase, _)| phase.is_none());
    for (phase, score) in scores.into_iter().take(SCORES) {
        let share = share(score, phase);
        let more = match share.worst {
            Some((id, worst)) if header.accounts.len() > 1 => format!(
                "worst {} {}",
                text::percent(worst),
                account_label(&header.accounts, id)
            ),
            Some((id, _)) => recommendations(score, phase, id),
            None => "nothing to score".to_owned(),
        };
        gauge(
            page,
            &label(catalog, &score.framework, phase),
            share.mean,
            &more,
        )?;
    }
    let total = summary.tally.total();
    let more = calls(header, summary);
    let coverage = if total.total() == 0 {
        0.0
    } else {
        total.coverage()
    };
    gauge(page, "Coverage", coverage, &more)
}

/// `3 of 15 recommendations met`, in an account.
fn recommendations(score: &FrameworkScore, phase: Option<u8>, account: &str) -> String {
    let mut all = score.accounts.iter();
    let Some(own) = all.find(|a| a.account_id == account) else {
        return String::new();
    };
    let (met, scored) = own.counts_of(phase);
    format!(
        "{} of {} met",
        text::count(met),
        text::plural(scored, "recommendation")
    )
}

/// `1,204 calls, 2 denied`; of those that were never sent only how many: they are no calls.
fn calls(header: &Header, summary: &Summary) -> String {
    let calls = &summary.collection;
    let failed: u64 = calls
        .outcomes
        .iter()
        .filter(|(o, _)| !o.is_measured())
        .map(|(_, n)| n)
        .sum();
    let all = text::plural(calls.calls, "call");
    let sent = match calls.outcomes.get(&Outcome::Denied) {
        Some(denied) if *denied == failed => format!("{all}, {} denied", text::count(failed)),
        _ => format!("{all}, {} without an answer", text::count(failed)),
    };
    match unsent::total(&header.accounts) {
        0 => sent,
        // There is no room for a word on what did not go wrong.
        n if failed == 0 => format!("{all}; {} not sent", text::count(n)),
        n => format!("{sent}; {} not sent", text::count(n)),
    }
}

/// A label, a bar, a share and what to know about it.
fn gauge(page: &mut Page<'_>, label: &str, share: f64, more: &str) -> io::Result<()> {
    let percent = format!("{:>5}", text::percent(share));
    let label = text::pad(&text::cut_end(label, 18), 18);
    if page.is_narrow() {
        let painted = page.paint.share(share, &percent);
        page.line(&format!("{label} {painted}"))?;
        if !more.is_empty() {
            let more = text::cut_middle(more, page.width.saturating_sub(2));
            let more = page.paint.dim(&more);
            page.line(&format!("  {more}"))?;
        }
        return Ok(());
    }
    let filled = usize::from(text::whole_percent(share)) * 16 / 100;
    let bar = format!("{}{}", "█".repeat(filled), "░".repeat(16 - filled));
    let painted = page.paint.share(share, &format!("{bar} {percent}"));
    let more = text::cut_end(more, page.width.saturating_sub(18 + 1 + 16 + 1 + 5 + 2));
    page.line(&format!("{label} {painted}  {}", page.paint.dim(&more)))
}

fn open(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let paint = page.paint;
    let mut parts: Vec<(String, String)> = Vec::new();
    for severity in Severity::ALL {
        let n = summary.tally.of_severity(severity).fail;
        let plain = format!("{} {severity}", text::count(n));
        let painted = if n == 0 {
            paint.dim(&plain)
        } else {
            paint.severity(Some(severity), &plain)
        };
        parts.push((plain, painted));
    }
    let unknown = summary.tally.total().unknown;
    let plain = format!("{} unknown", text::count(unknown));
    let painted = if unknown == 0 {
        paint.dim(&plain)
    } else {
        paint.warn(&plain)
    };
    parts.push((plain, painted));
    let plain: Vec<&str> = parts.iter().map(|(plain, _)| plain.as_str()).collect();
    if 19 + text::width(&plain.join(" · ")) > page.width {
        page.line("Failing")?;
        for (_, painted) in parts {
            page.line(&format!("  {painted}"))?;
        }
        return Ok(());
    }
    let painted: Vec<String> = parts.into_iter().map(|(_, p)| p).collect();
    page.line(&format!(
        "{} {}",
        text::pad("Failing", 18),
        painted.join(" · ")
    ))
}

fn do_first(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let title = page.paint.bold("Do first");
    if summary.roadmap.is_empty() {
        let nothing = if summary.tally.total().fail == 0 && summary.tally.total().unknown > 0 {
            "nothing fails, but see what could not be seen"
        } else {
            "nothing is open"
        };
        return page.line(&format!("{title}: {nothing}"));
    }
    page.line(&title)?;
    for (at, step) in summary.roadmap.iter().take(STEPS).enumerate() {
        if page.is_narrow() {
            narrow_step(page, at + 1, step)?;
        } else {
            wide_step(page, at + 1, step)?;
        }
    }
    Ok(())
}

/// `critical`, or `expired` for a statement that ran out.
fn word(step: &Step) -> &'static str {
    step.severity.map_or("expired", Severity::as_str)
}

/// What people call the first failed resource.
fn example(step: &Step) -> Option<&str> {
    step.examples.first().map(|e| {
        if e.resource.name.is_empty() {
            e.resource.arn.as_str()
        } else {
            e.resource.name.as_str()
        }
    })
}

fn wide_step(page: &mut Page<'_>, number: usize, step: &Step) -> io::Result<()> {
    let paint = page.paint;
    let effort = step.severity.map_or("", |_| step.effort.as_str());
    let tail = format!("{effort:>8}");
    let room = page.width.saturating_sub(3 + 9 + 8);
    let title = text::pad(&text::cut_end(&step.title, room.saturating_sub(1)), room);
    page.line(&format!(
        "{number:>2} {} {title}{}",
        paint.severity(step.severity, &text::pad(word(step), 8)),
        paint.dim(&tail),
    ))?;
    let indent = 12;
    let room = page.width.saturating_sub(indent);
    let example = example(step).map_or_else(String::new, |name| {
        let more = step.failing.saturating_sub(1);
        let more = if more == 0 {
            String::new()
        } else {
            format!(" +{}", text::count(more))
        };
        format!("  {}{more}", text::cut_middle(name, 26))
    });
    let why = text::cut_end(&step.why, room.saturating_sub(text::width(&example)));
    page.line(&format!(
        "{}{why}{}",
        " ".repeat(indent),
        paint.dim(&example)
    ))
}

fn narrow_step(page: &mut Page<'_>, number: usize, step: &Step) -> io::Result<()> {
    let paint = page.paint;
    let room = page.width.saturating_sub(3);
    page.line(&format!(
        "{number:>2} {}",
        paint.severity(step.severity, word(step))
    ))?;
    for line in text::wrap(&step.title, room) {
        page.line(&format!("   {line}"))?;
    }
    for line in text::wrap(&step.why, room) {
        page.line(&format!("   {}", paint.dim(&line)))?;
    }
    if let Some(name) = example(step) {
        page.line(&format!("   {}", text::cut_middle(name, room)))?;
    }
    Ok(())
}

fn not_seen(
    page: &mut Page<'_>,
    header: &Header,
    summary: &Summary,
    unsent: &Unsent,
) -> io::Result<()> {
    let paint = page.paint;
    let lines = unseen::lines(header, summary, unsent);
    page.line("")?;
    if lines.is_empty() {
        return page.line(&format!(
            "{} everything that was asked for",
            paint.bold("Seen:")
        ));
    }
    let hidden = text::plural(summary.tally.total().unknown, "finding");
    page.line(&format!("{} ({hidden} unknown)", paint.bold("Not seen")))?;
    let room = page.width.saturating_sub(3);
    for line in lines.iter().take(UNSEEN) {
        page.line(&format!("   {}", text::cut_end(line, room)))?;
    }
    let actions = &summary.collection.missing_actions;
    let left = lines.len().saturating_sub(UNSEEN);
    if !actions.is_empty() || left > 0 {
        let more = if left == 0 {
            String::new()
        } else {
            format!("{left} more below. ")
        };
        let allow = if actions.is_empty() {
            String::new()
        } else {
            format!("Allow {}", actions.join(", "))
        };
        let line = format!("{more}{allow}");
        page.line(&format!(
            "   {}",
            paint.warn(&text::cut_end(&line, page.width.saturating_sub(3)))
        ))?;
    }
    Ok(())
}

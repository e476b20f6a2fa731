//! What to do next, as text and as a plan in TOML.

use crate::format::Options;
use crate::page::Page;
use crate::text;
use palisade_core::assess::{NO_PHASE, Step};
use palisade_core::catalog::DAY;
use palisade_core::{Catalog, Severity};
use serde::Serialize;
use std::io::{self, Write};

/// Writes those of the `open` steps that were asked for, phase by phase.
///
/// # Errors
/// When it cannot be written.
pub fn roadmap_text(
    out: &mut dyn Write,
    steps: &[Step],
    open: usize,
    catalog: &Catalog,
    options: Options,
) -> io::Result<()> {
    let mut page = Page::new(Box::new(out), options);
    if steps.is_empty() {
        page.text(
            0,
            &match open {
                0 => "Nothing is open.".to_owned(),
                1 => "The one open step does not match.".to_owned(),
                n => format!("None of the {} open steps match.", text::count(n as u64)),
            },
        )?;
        return page.flush();
    }
    let mut number = 0;
    for (at, phase) in steps.chunk_by(|a, b| a.phase == b.phase).enumerate() {
        if at > 0 {
            page.line("")?;
        }
        page.title(&match phase.first().map_or(NO_PHASE, |s| s.phase) {
            NO_PHASE => "In no phase".to_owned(),
            n => format!("Phase {n}"),
        })?;
        for step in phase {
            number += 1;
            write_step(&mut page, number, step, catalog)?;
        }
    }
    page.flush()
}

fn write_step(
    page: &mut Page<'_>,
    number: usize,
    step: &Step,
    catalog: &Catalog,
) -> io::Result<()> {
    let word = step.severity.map_or("expired", Severity::as_str);
    let mut lines = text::wrap(&step.title, page.width.saturating_sub(14)).into_iter();
    let head = lines.next().unwrap_or_default();
    let painted = page.paint.severity(step.severity, &text::pad(word, 8));
    page.line(&format!("{number:>3}. {painted} {head}"))?;
    for line in lines {
        page.line(&format!("{}{line}", " ".repeat(14)))?;
    }
    let indent = if page.is_narrow() { 5 } else { 14 };
    page.text(indent, &step.why)?;
    let mut facts = Vec::new();
    if step.severity.is_some() {
        facts.push(text::plural(step.failing, "failing resource"));
        if step.exposed > 0 {
            facts.push(format!("{} of them exposed", text::count(step.exposed)));
        }
        facts.push(format!(
            "effort: {}, about {}",
            step.effort.as_str(),
            work(step.minutes)
        ));
        facts.push(format!("gain {}", text::count(step.gain)));
    }
    facts.push(text::plural(step.accounts.len() as u64, "account"));
    facts.push(step.recommendation.clone());
    page.dim(indent, &facts.join(" · "))?;
    for example in step.examples.iter().take(3) {
        let arn = text::cut_middle(&example.resource.arn, page.width.saturating_sub(indent));
        page.line(&format!("{}{arn}", " ".repeat(indent)))?;
    }
    for control in step
        .controls
        .iter()
        .filter_map(|id| catalog.controls.get(id))
    {
        if !control.repair.text.is_empty() {
            page.text(indent, &format!("→ {}", control.repair.text))?;
        }
    }
    Ok(())
}

/// Work as people say it: `15 min`, `4 h`, `3 d`; a day has eight hours.
fn work(minutes: u64) -> String {
    match minutes {
        0..60 => format!("{minutes} min"),
        60..DAY => format!("{} h", minutes.div_ceil(60)),
        _ => format!("{} d", text::count(minutes.div_ceil(DAY))),
    }
}

#[derive(Serialize)]
struct Plan<'a> {
    step: Vec<PlanStep<'a>>,
}

#[derive(Serialize)]
struct PlanStep<'a> {
    recommendation: &'a str,
    title: &'a str,
    phase: u8,
    severity: &'a str,
    effort: &'a str,
    work: String,
    gain: u64,
    failing: u64,
    exposed: u64,
    accounts: &'a [String],
    why: &'a str,
    repair: Vec<PlanRepair<'a>>,
}

#[derive(Serialize)]
struct PlanRepair<'a> {
    control: &'a str,
    title: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cli: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terraform: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    playbook: Option<&'a str>,
}

/// Writes the steps as a plan that can be kept, reviewed and ticked off: `[[step]]` with its `[[step.repair]]`.
///
/// # Errors
/// When it cannot be written.
pub fn roadmap_toml(out: &mut dyn Write, steps: &[Step], catalog: &Catalog) -> io::Result<()> {
    let step = steps.iter().map(|s| plan_step(s, catalog)).collect();
    let text = toml::to_string(&Plan { step }).map_err(io::Error::other)?;
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn plan_step<'a>(step: &'a Step, catalog: &'a Catalog) -> PlanStep<'a> {
    PlanStep {
        recommendation: &step.recommendation,
        title: &step.title,
        phase: step.phase,
        severity: step.severity.map_or("expired", Severity::as_str),
        effort: step.effort.as_str(),
        work: work(step.minutes),
        gain: step.gain,
        failing: step.failing,
        exposed: step.exposed,
        accounts: &step.accounts,
        why: &step.why,
        repair: step
            .controls
            .iter()
            .filter_map(|id| catalog.controls.get(id))
            .map(|c| PlanRepair {
                control: &c.id,
                title: &c.title,
                text: &c.repair.text,
                cli: c.repair.cli.as_deref(),
                terraform: c.repair.terraform.as_deref(),
                playbook: c.repair.playbook.as_deref(),
            })
            .collect(),
    }
}

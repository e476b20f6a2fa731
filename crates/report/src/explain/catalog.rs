//! Entries of the catalogue.

use crate::format::Options;
use crate::page::Page;
use crate::text;
use palisade_core::Catalog;
use palisade_core::catalog::{Control, EvidenceKind, Framework, Reach, Recommendation, Subject};
use std::io::{self, Write};

/// Writes what a control asks, why, of what, and how a fail is repaired.
///
/// # Errors
/// When it cannot be written.
pub fn explain_control(
    out: &mut dyn Write,
    catalog: &Catalog,
    control: &Control,
    options: Options,
) -> io::Result<()> {
    let mut page = Page::new(Box::new(out), options);
    page.title(&control.title)?;
    let severity = page
        .paint
        .severity(Some(control.severity), control.severity.as_str());
    page.line(&format!("{severity} · {}", control.id))?;
    page.line("")?;
    page.text(0, &control.why)?;
    repair(&mut page, control)?;
    page.heading("How it is decided")?;
    page.pair("table", control.kind())?;
    if let Subject::Query(query) = &control.subject {
        page.dim(2, "rows of")?;
        page.code(4, &query.text)?;
    }
    if let Some(applies) = &control.applies {
        page.dim(2, "applies where")?;
        page.code(4, &applies.text)?;
    }
    page.dim(2, "passes where (false fails, null is unknown)")?;
    page.code(4, &control.require.text)?;
    page.heading("Answers")?;
    for id in control.answers.iter().map(|a| a.get_ref()) {
        let title = catalog.recommendations.get(id).map_or("", |r| &r.title);
        page.text(2, &format!("{id}: {title}"))?;
    }
    if !control.also.is_empty() {
        page.heading("Also known as")?;
        page.text(2, &control.also.join(", "))?;
    }
    page.flush()
}

/// How to repair, if the control says.
pub(super) fn repair(page: &mut Page<'_>, control: &Control) -> io::Result<()> {
    let repair = &control.repair;
    if repair.text.is_empty() && repair.cli.is_none() && repair.terraform.is_none() {
        return Ok(());
    }
    page.heading(&format!("Repair ({})", repair.effort.as_str()))?;
    page.text(2, &repair.text)?;
    for code in [&repair.cli, &repair.terraform].into_iter().flatten() {
        page.line("")?;
        page.code(4, code)?;
    }
    if let Some(playbook) = &repair.playbook {
        page.text(2, &format!("Playbook: {playbook}"))?;
    }
    Ok(())
}

/// Writes a recommendation: what shows that it holds, what to do, which controls and frameworks know it.
///
/// # Errors
/// When it cannot be written.
pub fn explain_recommendation(
    out: &mut dyn Write,
    catalog: &Catalog,
    recommendation: &Recommendation,
    options: Options,
) -> io::Result<()> {
    let mut page = Page::new(Box::new(out), options);
    page.title(&recommendation.title)?;
    page.dim(0, &recommendation.id)?;
    page.line("")?;
    page.pair("shown by", &recommendation.evidence)?;
    page.pair("to do", &recommendation.remedy)?;
    if let Some(needs) = &recommendation.needs {
        page.pair("still needs", needs)?;
    }
    if let Some(attest) = &recommendation.attest {
        let evidence = if attest.evidence.is_empty() {
            String::new()
        } else {
            format!("; evidence: {}", attest.evidence.join(", "))
        };
        page.pair(
            "attested",
            &format!("by a person, every {} days{evidence}", attest.expires_days),
        )?;
    }
    page.heading("Controls")?;
    let mut none = true;
    for control in catalog.answering(&recommendation.id) {
        none = false;
        page.text(
            2,
            &format!("{} ({}): {}", control.id, control.severity, control.title),
        )?;
    }
    if none {
        page.text(2, "none: its state comes from a statement, or is unknown")?;
    }
    page.heading("Frameworks")?;
    for framework in catalog.frameworks.values() {
        for requirement in &framework.requirements {
            if requirement.recommendations.contains(&recommendation.id) {
                let phase = requirement
                    .phase
                    .map_or_else(String::new, |p| format!(", phase {p}"));
                page.text(
                    2,
                    &format!(
                        "{} {}: {}{phase}",
                        framework.id, requirement.id, requirement.title
                    ),
                )?;
            }
        }
    }
    page.flush()
}

/// Writes a framework: its requirements with what decides each: the controls of its name, or recommendations with the
/// number of controls behind them.
///
/// # Errors
/// When it cannot be written.
pub fn explain_framework(
    out: &mut dyn Write,
    catalog: &Catalog,
    framework: &Framework,
    options: Options,
) -> io::Result<()> {
    let mut page = Page::new(Box::new(out), options);
    page.title(&framework.title)?;
    page.dim(
        0,
        &format!(
            "{} · {} · {}",
            framework.id, framework.edition, framework.source
        ),
    )?;
    reach(&mut page, &framework.reach(catalog))?;
    let named = framework.named(catalog);
    let mut place = (None, None);
    for requirement in &framework.requirements {
        let here = (requirement.phase, requirement.group.clone());
        if here != place {
            let parts: Vec<String> = [here.0.map(|p| format!("Phase {p}")), here.1.clone()]
                .into_iter()
                .flatten()
                .collect();
            page.heading(&parts.join(" · "))?;
            place = here;
        }
        let evidence = requirement
            .evidence
            .map_or_else(String::new, |e| format!(" · {}", e.as_str()));
        page.text(
            0,
            &format!("{} {}{evidence}", requirement.id, requirement.title),
        )?;
        let own = named.of(requirement);
        for control in own {
            page.dim(2, &format!("{} (a control of its name)", control.id))?;
        }
        let rows = requirement.recommendations.iter();
        for id in rows.filter(|_| requirement.partly || own.is_empty()) {
            let controls = catalog.answering(id).count() as u64;
            page.dim(2, &format!("{id} ({})", text::plural(controls, "control")))?;
        }
        if let Some(gap) = &requirement.gap {
            page.dim(2, &format!("nothing is mapped: {gap}"))?;
        }
    }
    page.flush()
}

/// What of a framework could be shown, and what the catalogue shows of it.
fn reach(page: &mut Page<'_>, reach: &Reach) -> io::Result<()> {
    let total = text::plural(reach.total as u64, "requirement");
    let kinds: Vec<String> = EvidenceKind::ALL
        .into_iter()
        .filter(|kind| reach.of(*kind) > 0)
        .map(|kind| format!("{} {}", reach.of(kind), kind.as_str()))
        .collect();
    page.line("")?;
    page.pair(
        "could show",
        &format!(
            "a machine {} of {total} ({})",
            reach.machine(),
            kinds.join(", ")
        ),
    )?;
    page.pair(
        "shown by",
        &format!(
            "controls {}, statements alone {}, nothing yet {}, not covered {}",
            reach.measured, reach.stated, reach.waiting, reach.open
        ),
    )
}

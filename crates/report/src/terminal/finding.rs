//! One finding, for `--verbose`: what is not a pass, as it is decided.

use crate::page::Page;
use crate::text;
use palisade_core::{Finding, State};
use std::io;

pub(super) fn write(page: &mut Page<'_>, finding: &Finding) -> io::Result<()> {
    let state = finding.verdict.state();
    if matches!(state, State::Pass | State::NotApplicable) {
        return Ok(());
    }
    let paint = page.paint;
    let head = format!(
        "{} {} {}",
        paint.state(state, &text::pad(state.as_str(), 8)),
        paint.severity(
            Some(finding.severity),
            &text::pad(finding.severity.as_str(), 8)
        ),
        text::cut_end(&finding.control, page.width.saturating_sub(18)),
    );
    page.line(&head)?;
    let indent = if page.is_narrow() {
        "  "
    } else {
        "                  "
    };
    let room = page.width.saturating_sub(indent.len());
    let at = &finding.resource;
    page.line(&format!("{indent}{}", text::cut_middle(&at.arn, room)))?;
    let place = format!("{} {}", at.account_id, at.region);
    page.line(&format!(
        "{indent}{}",
        paint.dim(&text::cut_end(&place, room))
    ))?;
    for line in text::wrap(&finding.reason(), room) {
        page.line(&format!("{indent}{line}"))?;
    }
    for call in finding
        .verdict
        .calls()
        .iter()
        .filter(|c| !c.outcome.is_measured())
    {
        let code = call
            .code
            .as_deref()
            .map_or_else(String::new, |c| format!(" ({c})"));
        let line = format!("{} {}{code}", call.operation, call.word());
        page.line(&format!(
            "{indent}{}",
            paint.warn(&text::cut_end(&line, room))
        ))?;
    }
    Ok(())
}

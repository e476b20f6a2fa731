//! A finding.

use super::catalog::repair;
use crate::format::Options;
use crate::page::Page;
use palisade_core::{Catalog, Finding};
use std::io::{self, Write};

/// Writes a finding: what was decided of which resource, the values seen and the calls they came from, and the repair.
///
/// # Errors
/// When it cannot be written.
pub fn explain_finding(
    out: &mut dyn Write,
    catalog: &Catalog,
    finding: &Finding,
    options: Options,
) -> io::Result<()> {
    let mut page = Page::new(Box::new(out), options);
    let control = catalog.controls.get(&*finding.control);
    page.title(control.map_or(&*finding.control, |c| &c.title))?;
    let state = finding.verdict.state();
    let head = format!(
        "{} · {} · {} · {}",
        page.paint.state(state, state.as_str()),
        page.paint
            .severity(Some(finding.severity), finding.severity.as_str()),
        finding.control,
        finding.id(),
    );
    page.line(&head)?;
    page.line("")?;
    let at = &finding.resource;
    page.pair("resource", &at.arn)?;
    if !at.name.is_empty() {
        page.pair("name", &at.name)?;
    }
    page.pair("account", &at.account_id)?;
    page.pair("region", &at.region)?;
    page.pair("reason", &finding.reason())?;
    if let Some(accepted) = finding.verdict.accepted() {
        page.pair("accepted by", &accepted.owner)?;
        page.pair("because", &accepted.reason)?;
        if accepted.expires.is_some() {
            page.pair("until", &accepted.until())?;
        }
    }
    if let Some(control) = control {
        page.line("")?;
        page.text(0, &control.why)?;
    }
    page.heading("Values seen")?;
    for (name, value) in finding.values().iter() {
        page.pair(
            name,
            &value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        )?;
    }
    page.heading("Calls behind it")?;
    for call in finding.verdict.calls() {
        let code = call
            .code
            .as_deref()
            .map_or_else(String::new, |c| format!(" ({c})"));
        page.text(
            2,
            &format!("{} {}{code} {}", call.operation, call.word(), call.id),
        )?;
    }
    if let Some(control) = control {
        repair(&mut page, control)?;
    }
    page.flush()
}

//! No control passes on something that was not seen.
//!
//! A member that AWS left out and a member that nobody asked for are both null. So a requirement has to give null where
//! nothing was told, unless AWS documents that the member left out means the safe thing; a test of the control then
//! says where, in `documented`.

use super::Bench;
use crate::error::QueryError;
use crate::plan::{Compiled, Source};
use crate::run::ledger;
use palisade_core::catalog::{CatalogError, Control, ControlTest};
use palisade_core::verdict::State;
use serde_json::Map;

/// Errors of a control that passes on nothing without a word on why, and of one that gives the word for nothing.
pub(super) fn prove(
    bench: &Bench,
    control: &Control,
    compiled: &Compiled,
) -> Result<Option<CatalogError>, QueryError> {
    let passes = bench.compiler.of_nothing(compiled)? == Some(true)
        || matches!(compiled.source, Source::Query(_)) && of_empty_rows(bench, control, compiled)?;
    let wrong = |span, message: &str, hint: &str| {
        let error = CatalogError::new(&control.path, &control.source, span, message);
        Ok(Some(error.with_hint(hint)))
    };
    let documented = |t: &&ControlTest| t.documented.as_ref().is_some_and(|d| !d.trim().is_empty());
    let said = control.tests.iter().find(documented);
    match (passes, said) {
        (true, Some(test)) if test.expect.contains(&State::Pass) && test.denied.is_empty() => {
            Ok(None)
        }
        (true, Some(test)) => Ok(Some(super::place(
            control,
            test,
            "`documented` stands on a test that shows no pass",
        ))),
        (true, None) => wrong(
            Some(control.require.span.clone()),
            "a row of which nothing was told passes",
            "let `require` give null there; or, where AWS leaves a member out and means the safe thing, give the \
             passing test that shows it `documented = \"<API page>: <what it says>\"`",
        ),
        (false, Some(test)) => Ok(Some(
            super::place(control, test, "`documented` is not needed").with_hint(
                "nothing passes on a row of which nothing was told: leave the member out",
            ),
        )),
        (false, None) => Ok(None),
    }
}

/// Whether a query makes a pass of rows that say nothing: an aggregate or a `coalesce` in it may hide what is missing.
fn of_empty_rows(
    bench: &Bench,
    control: &Control,
    compiled: &Compiled,
) -> Result<bool, QueryError> {
    let reads = ledger::needs(&bench.session, compiled);
    let test = ControlTest {
        name: "rows of which nothing was told".to_owned(),
        given: reads
            .keys()
            .filter(|t| bench.session.catalog.tables.contains_key(*t))
            .map(|table| (table.clone(), vec![Map::new()]))
            .collect(),
        denied: Vec::new(),
        documented: None,
        now: None,
        expect: Vec::new(),
    };
    let findings = bench.findings(control, compiled, &test)?;
    Ok(findings.is_ok_and(|all| all.iter().any(|f| f.verdict.state() == State::Pass)))
}

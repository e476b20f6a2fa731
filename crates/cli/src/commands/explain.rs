//! `palisade explain ID`

use crate::args::Explain;
use crate::evaluate::Evaluation;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::ledger;
use crate::sink::Find;
use crate::source::Source;
use crate::terminal::Terminal;
use palisade_core::catalog::{Attestations, Control, Exceptions, Selected};
use palisade_core::schema::CALLS;
use palisade_report::{
    explain_control, explain_derived, explain_finding, explain_framework, explain_recommendation,
    explain_table,
};
use requirement::Required;

mod requirement;

/// Looks the id up as a control, recommendation, framework, table, requirement and finding, in that order; an id that is
/// several things is told as each. A requirement's id names it before the controls that carry it.
pub(crate) fn run(args: &Explain, terminal: &Terminal) -> Result<Done, Failure> {
    let house = House::open(&args.catalog, terminal)?;
    let catalog = &house.catalog;
    let options = terminal.options(false);
    let mut output = terminal.output(None)?;
    let id = args.id.as_str();
    let mut told = false;
    let required = requirement::called(catalog, id);
    let is_own =
        |control: &&Control| control.id == id || !required.iter().any(|r| r.is_carried_by(control));
    for control in catalog.controls_called(id).into_iter().filter(is_own) {
        told = true;
        explain_control(&mut output, catalog, control, options)?;
    }
    if let Some(recommendation) = catalog.recommendations.get(id) {
        told = true;
        explain_recommendation(&mut output, catalog, recommendation, options)?;
    }
    if let Some(framework) = catalog.frameworks.get(id) {
        told = true;
        explain_framework(&mut output, catalog, framework, options)?;
    }
    if let Some(table) = catalog.tables.get(id) {
        told = true;
        let schema = house.schemas().get(id).map(AsRef::as_ref);
        explain_table(&mut output, catalog, table, schema, options)?;
    }
    if let Some(derived) = catalog.derived.get(id) {
        told = true;
        explain_derived(&mut output, catalog, derived, options)?;
    }
    if id == CALLS {
        told = true;
        ledger::explain(&mut output, options)?;
    }
    if id.contains(':') || !told {
        match required.as_slice() {
            [] => {}
            [one] => {
                told = true;
                one.explain(&mut output, catalog, options)?;
            }
            several => return Err(ambiguous(id, several)),
        }
    }
    if !told && is_finding_id(id) {
        let mut find = Find { id, found: None };
        let source = Source::of(&args.source)?;
        Evaluation {
            house: &house,
            selected: Selected::all(catalog),
            planned: None,
            exceptions: &Exceptions::default(),
            attestations: &Attestations::default(),
            demo: source.is_demo(),
            owner: None,
        }
        .feed(source.path(), &mut find, terminal)?;
        if let Some(finding) = find.found {
            told = true;
            explain_finding(&mut output, catalog, &finding, options)?;
        }
    }
    output.finish()?;
    if told {
        Ok(Done::Clean)
    } else {
        Err(unknown(&house, id))
    }
}

/// Findings are named by 16 hexadecimal digits.
fn is_finding_id(id: &str) -> bool {
    id.len() == 16 && id.chars().all(|c| c.is_ascii_hexdigit())
}

/// An id that several frameworks have.
fn ambiguous(id: &str, all: &[Required<'_>]) -> Failure {
    let names: Vec<String> = all
        .iter()
        .map(|one| format!("`palisade explain {}`", one.name()))
        .collect();
    Failure::usage(format!(
        "{} frameworks have a requirement `{id}`",
        all.len()
    ))
    .hint(names.join(", or "))
}

fn unknown(house: &House, id: &str) -> Failure {
    if is_finding_id(id) {
        return Failure::usage(format!("the snapshot has no finding `{id}`"))
            .hint("`--snapshot DIR` or `--demo` names the snapshot to look in");
    }
    let failure = Failure::usage(format!(
        "`{id}` is no control, recommendation, framework, requirement, table or finding"
    ));
    if let Some(hint) = requirement::suggested(&house.catalog, id) {
        return failure.hint(hint);
    }
    let near = house.catalog.near(id);
    match palisade_core::near::question(&near) {
        Some(question) => failure.hint(question),
        None => failure.hint("`palisade list controls` names the controls; there are `frameworks`, `recommendations` and `tables` too"),
    }
}

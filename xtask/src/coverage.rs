//! `cargo xtask coverage`: what the catalogue answers, in numbers.
//!
//! Nothing is run: an answer is a control that says which recommendation it is evidence for, and what the emulator
//! lacks stands in `tests/standin/moto-lacks.txt`.

use crate::error::TaskError;
use crate::place::root;
use palisade_core::Catalog;
use palisade_core::catalog::{CatalogError, Kind};
use std::collections::BTreeSet;
use std::io::Write;

/// The kinds of recommendations, in the order of the table.
const KINDS: [(Kind, &str); 5] = [
    (Kind::Config, "config"),
    (Kind::Analysis, "analysis"),
    (Kind::Logs, "logs"),
    (Kind::Code, "code"),
    (Kind::Attested, "attested"),
];

/// Runs the task.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write) -> Result<(), TaskError> {
    if !arguments.is_empty() {
        return Err(TaskError::new(format!(
            "`{}`: no argument is known",
            arguments.join(" ")
        )));
    }
    let catalog = Catalog::embedded().map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(CatalogError::one_line).collect();
        TaskError::new(lines.join("\n"))
    })?;
    recommendations(&catalog, out)?;
    frameworks(&catalog, out)?;
    numbers(&catalog, out)
}

/// Rows by kind: with a control, with nothing left to see beside it, and those that take a statement.
fn recommendations(catalog: &Catalog, out: &mut dyn Write) -> Result<(), TaskError> {
    let answered = answered(catalog);
    writeln!(
        out,
        "{:<16} {:>5} {:>9} {:>6} {:>10} {:>8}",
        "recommendations", "rows", "controls", "whole", "statement", "neither"
    )?;
    let mut sums = [0; 5];
    for (kind, name) in KINDS {
        let rows: Vec<_> = catalog
            .recommendations
            .values()
            .filter(|r| r.kind == kind)
            .collect();
        let seen = |id: &str| answered.contains(id);
        let stated = |r: &palisade_core::catalog::Recommendation| {
            r.attest.is_some() || r.kind == Kind::Attested
        };
        let count = |fits: &dyn Fn(&palisade_core::catalog::Recommendation) -> bool| {
            rows.iter().filter(|r| fits(r)).count()
        };
        let line = [
            rows.len(),
            count(&|r| seen(&r.id)),
            count(&|r| seen(&r.id) && r.needs.is_none()),
            count(&|r| !seen(&r.id) && stated(r)),
            count(&|r| !seen(&r.id) && !stated(r)),
        ];
        for (sum, n) in sums.iter_mut().zip(line) {
            *sum += n;
        }
        row(out, name, line)?;
    }
    row(out, "all", sums)?;
    writeln!(
        out,
        "controls: at least one control is evidence; whole: and no engine is missing for the rest; statement: only a person answers; neither: nothing answers yet\n"
    )?;
    Ok(())
}

fn row(out: &mut dyn Write, name: &str, numbers: [usize; 5]) -> Result<(), TaskError> {
    let [rows, controls, whole, statement, neither] = numbers;
    writeln!(
        out,
        "{name:<16} {rows:>5} {controls:>9} {whole:>6} {statement:>10} {neither:>8}"
    )?;
    Ok(())
}

/// The recommendations that a control is evidence for.
fn answered(catalog: &Catalog) -> BTreeSet<&str> {
    let controls = catalog.controls.values();
    controls
        .flat_map(|c| c.answers.iter().map(|a| a.get_ref().as_str()))
        .collect()
}

fn frameworks(catalog: &Catalog, out: &mut dyn Write) -> Result<(), TaskError> {
    writeln!(
        out,
        "{:<28} {:>5} {:>8} {:>9} {:>10} {:>8} {:>9}",
        "frameworks", "ids", "machine", "controls", "statement", "nothing", "unmapped"
    )?;
    for framework in catalog.frameworks.values() {
        let reach = framework.reach(catalog);
        writeln!(
            out,
            "{:<28} {:>5} {:>8} {:>9} {:>10} {:>8} {:>9}",
            framework.id,
            reach.total,
            reach.machine(),
            reach.measured,
            reach.stated,
            reach.waiting,
            reach.open
        )?;
    }
    writeln!(
        out,
        "machine: ids that machine evidence could touch; controls, statement, nothing, unmapped: what answers today\n"
    )?;
    Ok(())
}

fn numbers(catalog: &Catalog, out: &mut dyn Write) -> Result<(), TaskError> {
    let operations: BTreeSet<&str> = catalog
        .tables
        .values()
        .flat_map(|t| t.operations())
        .collect();
    let tests: usize = catalog.controls.values().map(|c| c.tests.len()).sum();
    writeln!(
        out,
        "tables {} and {} derived, operations {}, controls {} with {tests} tests",
        catalog.tables.len(),
        catalog.derived.len(),
        operations.len(),
        catalog.controls.len(),
    )?;
    let folder = root().join("tests/standin");
    let list = fs_err::read_to_string(folder.join("moto-lacks.txt"))?;
    let made = fs_err::read_to_string(folder.join("computed.py"))?;
    let lacks: BTreeSet<&str> = list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter(|operation| operations.contains(operation))
        .collect();
    let answers = |operation: &str| {
        let Some((service, name)) = operation.split_once(':') else {
            return false;
        };
        let file = |of: String| {
            folder
                .join("responses")
                .join(of)
                .join(format!("{name}.json"))
        };
        made.contains(&format!("\"{operation}\""))
            || file(service.to_owned()).is_file()
            || file(format!("{service}-outposts")).is_file()
    };
    let left: Vec<&str> = lacks.iter().copied().filter(|o| !answers(o)).collect();
    writeln!(
        out,
        "the emulator lacks {} of them; the stand-in answers {}, nothing answers {}",
        lacks.len(),
        lacks.len() - left.len(),
        left.len()
    )?;
    for operation in left {
        writeln!(out, "  {operation}")?;
    }
    Ok(())
}

//! The catalogue proves itself: every control plans, and decides its own examples as it says.

mod given;
mod nothing;
mod world;

use crate::context::Limits;
use crate::derived;
use crate::error::QueryError;
use crate::plan::{Compiled, Compiler};
use crate::run::{Ready, Shared, decide::Judge, ledger};
use crate::session::{Session, both};
use datafusion::datasource::MemTable;
use palisade_core::Finding;
use palisade_core::catalog::{Catalog, CatalogError, Control, ControlTest, Exceptions};
use palisade_core::hex;
use palisade_core::schema::Schemas;
use palisade_core::verdict::State;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// What the check found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// What is wrong, in the order of the controls.
    pub errors: Vec<CatalogError>,
    /// Controls planned.
    pub controls: u64,
    /// Tests run.
    pub tests: u64,
}

/// Plans every control and runs its tests through the runner itself.
///
/// # Errors
/// When the engine can't be set up; what is wrong with the catalogue is in the report.
pub fn check(catalog: &Catalog, schemas: &Schemas) -> Result<CheckReport, QueryError> {
    let controls: Vec<&Control> = catalog.controls.values().collect();
    let wrong = derived::wrong(catalog, schemas);
    // Half of the controls on each of two threads.
    let (first, second) = controls.split_at(controls.len() / 2);
    let (first, second) = both(
        || some(catalog, schemas, first),
        || some(catalog, schemas, second),
    )?;
    let mut report = first?;
    let rest = second?;
    report.errors.extend(rest.errors);
    report.errors.extend(wrong);
    report.controls += rest.controls;
    report.tests += rest.tests;
    Ok(report)
}

fn some(
    catalog: &Catalog,
    schemas: &Schemas,
    controls: &[&Control],
) -> Result<CheckReport, QueryError> {
    let mut report = CheckReport::default();
    let mut benches: BTreeMap<i64, Bench> = BTreeMap::new();
    for control in controls {
        report.controls += 1;
        let mut planned: BTreeMap<i64, Compiled> = BTreeMap::new();
        for test in &control.tests {
            report.tests += 1;
            let now = moment(test);
            let bench = match benches.entry(now.as_microsecond()) {
                std::collections::btree_map::Entry::Occupied(bench) => bench.into_mut(),
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(Bench::new(catalog, schemas, now)?)
                }
            };
            let compiled = match planned.entry(now.as_microsecond()) {
                std::collections::btree_map::Entry::Occupied(done) => done.into_mut(),
                std::collections::btree_map::Entry::Vacant(place) => {
                    match bench.compiler.compile(control) {
                        Ok(compiled) => {
                            let wrong = bench.compiler.prove(control, &compiled);
                            if !wrong.is_empty() {
                                report.errors.extend(wrong);
                                break;
                            }
                            place.insert(compiled)
                        }
                        Err(e) => {
                            report.errors.push(e);
                            break;
                        }
                    }
                }
            };
            if let Err(e) = bench.run(control, compiled, test)? {
                report.errors.push(e);
            }
        }
        if let Some(compiled) = planned.values().next()
            && let Some(bench) = benches.values().next()
        {
            report
                .errors
                .extend(nothing::prove(bench, control, compiled)?);
        }
    }
    Ok(report)
}

/// Changes whenever the catalogue, the tables' columns or this program's engine do: what [`check`] proved for one
/// fingerprint holds for it.
#[must_use]
pub fn fingerprint(catalog: &Catalog, schemas: &Schemas) -> String {
    let mut hash = Hashed(Sha256::new());
    hash.part(&env!("CARGO_PKG_VERSION"));
    hash.part(&datafusion::DATAFUSION_VERSION);
    for control in catalog.controls.values() {
        hash.part(&control.path);
        hash.part(&&*control.source);
    }
    hash.part(&format_args!("{:?}", catalog.tables));
    hash.part(&format_args!("{:?}", catalog.derived));
    for (name, schema) in schemas {
        hash.part(name);
        hash.part(&schema.fingerprint());
    }
    hex(&hash.0.finalize())
}

/// A hash over texts, each told apart from the next.
struct Hashed(Sha256);

impl Hashed {
    fn part(&mut self, text: &dyn fmt::Display) {
        // Writing into a hash can't fail.
        let _ = write!(self, "{text}\0");
    }
}

impl fmt::Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

fn moment(test: &ControlTest) -> jiff::Timestamp {
    // 2026-01-01T00:00:00Z
    test.now
        .unwrap_or_else(|| jiff::Timestamp::from_second(1_767_225_600).unwrap_or_default())
}

/// An engine whose tables can be filled anew for each test.
struct Bench {
    session: Session,
    compiler: Compiler,
    ready: Ready,
}

impl Bench {
    fn new(catalog: &Catalog, schemas: &Schemas, now: jiff::Timestamp) -> Result<Self, QueryError> {
        let mut session = Session::empty(catalog, schemas, now, Limits::default())?;
        for name in session.schemas.keys() {
            let fills = catalog
                .tables
                .get(name)
                .into_iter()
                .flat_map(|t| t.fills.keys().cloned())
                .collect();
            session.collected.insert(name.clone(), fills);
        }
        Ok(Self {
            compiler: Compiler::new(&session),
            session,
            ready: Ready::default(),
        })
    }

    /// Runs one test; the inner error is the control author's to mend.
    fn run(
        &self,
        control: &Control,
        compiled: &Compiled,
        test: &ControlTest,
    ) -> Result<Result<(), CatalogError>, QueryError> {
        let findings = match self.findings(control, compiled, test)? {
            Ok(findings) => findings,
            Err(error) => return Ok(Err(error)),
        };
        let got: Vec<State> = findings.iter().map(|f| f.verdict.state()).collect();
        if got == test.expect {
            return Ok(Ok(()));
        }
        let message = format!(
            "the test `{}` expects [{}], the control says [{}]",
            test.name,
            words(&test.expect),
            words(&got),
        );
        let why: Vec<String> = findings
            .iter()
            .take(5)
            .map(|f| format!("{}: {}: {}", f.resource.arn, f.verdict.state(), f.reason()))
            .collect();
        Ok(Err(place(control, test, &message).with_hint(why.join("; "))))
    }

    /// What the control says of a test's estate, in the order of the resources' ARNs.
    fn findings(
        &self,
        control: &Control,
        compiled: &Compiled,
        test: &ControlTest,
    ) -> Result<Result<Vec<Finding>, CatalogError>, QueryError> {
        let reads = ledger::needs(&self.session, compiled);
        let world = match world::build(&self.session, &reads, compiled, test) {
            Ok(world) => world,
            Err(wrong) => {
                let error = place(control, test, &wrong.message);
                return Ok(Err(match wrong.hint {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                }));
            }
        };
        for (table, batch) in world.tables {
            let rows = MemTable::try_new(batch.schema(), vec![vec![batch]])
                .map_err(|e| QueryError::Engine(e.to_string()))?;
            self.session.fill(&table, Arc::new(rows))?;
        }
        let exceptions = Exceptions::default();
        let mut findings: Vec<Finding> = Vec::new();
        let ledger = world.ledger.alone();
        let shared = Shared {
            session: &self.session,
            compiler: &self.compiler,
            ledger: &ledger,
            judge: Judge::new(&exceptions, self.session.now()),
            scope: &world.scope,
            ready: Some(&self.ready),
        };
        let done = shared.all(std::slice::from_ref(compiled), &mut |finding| {
            findings.push(finding);
            Ok(())
        });
        self.session.clear();
        if let Some(error) = done?.values().next() {
            let message = format!("the test `{}` failed while it ran: {error}", test.name);
            return Ok(Err(place(control, test, &message)));
        }
        findings.sort_by(|a, b| a.resource.arn.cmp(&b.resource.arn));
        Ok(Ok(findings))
    }
}

fn words(states: &[State]) -> String {
    let words: Vec<&str> = states.iter().map(|s| s.as_str()).collect();
    words.join(", ")
}

/// An error at the test's name in the file.
fn place(control: &Control, test: &ControlTest, message: &str) -> CatalogError {
    let quoted = format!("\"{}\"", test.name);
    let at = control.source.find(&quoted).map(|at| at + 1);
    let span = at
        .or_else(|| control.source.find(&test.name))
        .map(|at| at..at + test.name.len());
    CatalogError::new(&control.path, &control.source, span, message)
}

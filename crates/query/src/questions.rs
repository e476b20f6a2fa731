//! Controls, planned once: what they need is collected, and they decide on what was collected.

use crate::error::QueryError;
use crate::plan::{Compiled, Compiler, planning, reads_of};
use crate::run::{self, RunReport};
use crate::session::Session;
use crate::snapshot::Snapshot;
use palisade_core::catalog::{Catalog, CatalogError, Control, Exceptions};
use palisade_core::finding::FindingSink;
use palisade_core::schema::{Reads, Schemas};
use palisade_core::snapshot::AccountScope;
use std::fmt;

/// Controls planned against tables that have no rows yet.
pub struct Questions<'c> {
    session: Session,
    compiler: Compiler,
    compiled: Vec<Compiled>,
    controls: Vec<&'c Control>,
}

impl<'c> Questions<'c> {
    /// Plans controls; `now` is the moment that the snapshot is expected to be of.
    ///
    /// # Errors
    /// Every control whose SQL does not plan, with its place in the file.
    pub fn plan(
        catalog: &Catalog,
        schemas: &Schemas,
        controls: &[&'c Control],
        now: jiff::Timestamp,
    ) -> Result<Self, Vec<CatalogError>> {
        let session = planning(catalog, schemas, now).map_err(|e| vec![e])?;
        let compiler = Compiler::new(&session);
        let compiled = compiler.compile_all(controls)?;
        Ok(Self {
            session,
            compiler,
            compiled,
            controls: controls.to_vec(),
        })
    }

    /// For each table that the controls need, the fills behind the columns that they read.
    #[must_use]
    pub fn reads(&self) -> Reads {
        reads_of(&self.session, &self.compiled)
    }

    /// Puts the rows of a snapshot under the plans: the tables, for questions beside, and what is to be decided on them. A
    /// snapshot of another moment than was expected has the plans made anew: ages are counted from it.
    ///
    /// # Errors
    /// When the engine can't be set up.
    pub fn over(mut self, snapshot: &Snapshot) -> Result<(Session, Open), QueryError> {
        let taken = snapshot.manifest().taken_at;
        if taken != self.session.now() {
            let (catalog, schemas) = (&self.session.catalog, &self.session.schemas);
            self = Self::plan(catalog, schemas, &self.controls, taken).map_err(first)?;
        }
        self.session.read(snapshot)?;
        let open = Open {
            compiler: self.compiler,
            compiled: self.compiled,
        };
        Ok((self.session, open))
    }
}

impl fmt::Debug for Questions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Questions")
            .field("controls", &self.controls.len())
            .finish_non_exhaustive()
    }
}

/// Planned controls that are not decided yet. Deciding them uses them up: a plan is gone when its control is decided, and
/// its memory is there for what was found.
pub struct Open {
    compiler: Compiler,
    compiled: Vec<Compiled>,
}

impl Open {
    /// Decides the controls on the rows of `session` and gives the findings to `sink`, as [`assess`](crate::assess) does.
    ///
    /// # Errors
    /// As [`assess`](crate::assess).
    pub fn assess(
        self,
        session: &Session,
        exceptions: &Exceptions,
        scope: &[AccountScope],
        sink: &mut dyn FindingSink,
    ) -> Result<RunReport, QueryError> {
        run::decide(
            session,
            &self.compiler,
            self.compiled,
            exceptions,
            scope,
            sink,
        )
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open")
            .field("controls", &self.compiled.len())
            .finish_non_exhaustive()
    }
}

/// The first of several errors, as one line.
pub(crate) fn first(errors: Vec<CatalogError>) -> QueryError {
    QueryError::Control(
        errors
            .first()
            .map_or_else(String::new, CatalogError::one_line),
    )
}

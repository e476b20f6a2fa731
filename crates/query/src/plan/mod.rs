//! Controls as plans: what each reads, and the expressions that decide.

mod compile;
mod empty;
mod ground;
mod lineage;
mod narrow;
mod needs;
mod nothing;
mod place;
mod types;

pub(crate) use compile::{Compiled, Compiler, ORDER, Query, Source, sorted};
pub(crate) use empty::gives_nothing;
pub(crate) use ground::{ground, ground_text};
pub(crate) use lineage::{Scans, scans};
pub(crate) use needs::Needs;

use crate::context::Limits;
use crate::questions::Questions;
use crate::session::Session;
use palisade_core::catalog::{Catalog, CatalogError, Control};
use palisade_core::schema::{COMMON, Reads, Schemas};

/// For each table that the controls need, the fills behind the columns that they read: parents of tables, and fills
/// whose parameters come from other fills, included. The resource's own `arn` and `name` never force a fill.
///
/// # Errors
/// Every control whose SQL does not plan, with its place in the file.
pub fn reads(
    catalog: &Catalog,
    schemas: &Schemas,
    controls: &[&Control],
) -> Result<Reads, Vec<CatalogError>> {
    let now = jiff::Timestamp::UNIX_EPOCH;
    Ok(Questions::plan(catalog, schemas, controls, now)?.reads())
}

/// What planned controls need.
pub(crate) fn reads_of(session: &Session, compiled: &[Compiled]) -> Reads {
    let mut needs = Needs::new(&session.catalog, &session.schemas);
    for control in compiled {
        add(&mut needs, control);
    }
    needs.into_reads()
}

/// An engine over empty tables.
pub(crate) fn planning(
    catalog: &Catalog,
    schemas: &Schemas,
    now: jiff::Timestamp,
) -> Result<Session, CatalogError> {
    Session::empty(catalog, schemas, now, Limits::default())
        .map_err(|e| CatalogError::new("catalog", "", None, e.to_string()))
}

fn add(needs: &mut Needs<'_>, compiled: &Compiled) {
    match &compiled.source {
        Source::Table(table) => {
            needs.table(table);
            for column in compiled.read.iter().chain(&compiled.reason_read) {
                needs.column(table, column);
            }
        }
        Source::Query(query) => query_needs(needs, &query.scans),
    }
}

/// What a query needs: every column of its scans, the common ones aside.
pub(crate) fn query_needs(needs: &mut Needs<'_>, scans: &Scans) {
    for (table, columns) in scans {
        needs.table(table);
        for column in columns {
            if !COMMON.contains(&column.as_str()) {
                needs.column(table, column);
            }
        }
    }
}

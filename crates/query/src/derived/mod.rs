//! Derived tables: what an engine works out from the tables of a snapshot, registered like any other.
//!
//! `catalog/derived/<engine>.toml` declares a table: its columns and the tables that its engine reads. A control or
//! query that names it reads those, so they are collected, and a call that failed behind one of them makes findings
//! unknown. The rows come from the [`Work`] of that name, once per session, when the table is first read.

mod bases;
mod iam;
mod inputs;
mod made;
mod network;
mod provider;
mod regions;
mod restored;

pub(crate) use bases::Bases;
pub(crate) use inputs::{Inputs, People, Shared};
pub(crate) use made::{Made, batch};
pub(crate) use provider::DerivedTable;

use crate::error::QueryError;
use crate::session::Session;
use palisade_core::catalog::{Catalog, CatalogError, Derived};
use palisade_core::schema::{Origin, Schemas};
use palisade_iam::unused::{Report, Window};
use palisade_network::{Network, Warning};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Works out the rows of one table, as JSON objects by column. What it can't say is null; an error is one line, and
/// makes every reader of the table fail with it.
pub(crate) type Work = fn(&Inputs, &mut Made) -> Result<(), String>;

/// The engine of a table. A new one is one line here, one file beside, one file in `catalog/derived`.
fn work(table: &str) -> Option<Work> {
    match table {
        "network_exposure" => Some(network::exposure),
        "network_egress" => Some(network::egress),
        "iam_external_access" => Some(iam::external_access),
        "iam_effective_admin" => Some(iam::administrators),
        "iam_escalation" => Some(iam::escalations),
        "iam_unused" => Some(iam::unused_rows),
        "kms_key_access" => Some(iam::key_rows),
        "org_guardrails" => Some(iam::guardrails),
        "org_region_use" => Some(regions::used),
        #[cfg(test)]
        "network_test" => Some(tests::doubled),
        _ => None,
    }
}

/// The columns of the derived tables that this program can work out.
pub(crate) fn schemas(catalog: &Catalog) -> Schemas {
    let known = |d: &&Derived| work(&d.id).is_some();
    let all = catalog.derived.values().filter(known);
    all.map(|d| (d.id.clone(), Arc::new(d.schema()))).collect()
}

/// The derived tables over a session's tables.
pub(crate) fn tables(session: &Session) -> Vec<DerivedTable> {
    let derived = session.catalog.derived.values();
    let shared = Arc::new(Shared::default());
    derived
        .filter_map(|d| {
            let schema = session.schemas.get(&d.id)?;
            Some(DerivedTable::new(
                session,
                d,
                Arc::clone(schema),
                work(&d.id)?,
                &shared,
            ))
        })
        .collect()
}

/// Begins to work out the tables that will be read, beside whatever is done before: one after the other, as several
/// engines at once would hold what each of them needs at the same time.
pub(crate) fn begin(session: &Session, wanted: &BTreeSet<String>) -> Result<(), QueryError> {
    let handle = session.threads()?.handle;
    let (wanted, others): (Vec<_>, Vec<_>) = session
        .derived
        .iter()
        .partition(|table| wanted.contains(table.name()));
    others.into_iter().for_each(DerivedTable::forget);
    let wanted: Vec<DerivedTable> = wanted.into_iter().cloned().collect();
    let own = handle.clone();
    handle.spawn(async move {
        for table in wanted {
            // Whoever reads it is told what went wrong.
            let _ = table.rows(&own).await;
        }
    });
    Ok(())
}

/// The network that a session's snapshot describes.
pub(crate) fn network(session: &Session) -> Result<(Network, Vec<Warning>), QueryError> {
    let ends = ["aws_ec2_network_interface", "aws_vpc_subnet"];
    if !ends.iter().any(|t| session.collected.contains_key(*t)) {
        return Err(QueryError::NoNetwork);
    }
    let inputs = inputs(session, "network_exposure")?;
    let network = network::network(&inputs);
    inputs.done().map(|()| network)
}

/// What a session's snapshot tells of access; requests that show an answer name actions as AWS spells them.
pub(crate) fn access(session: &Session) -> Result<palisade_iam::estate::Estate, QueryError> {
    let inputs = inputs(session, "iam_external_access")?;
    let mut estate = iam::estate(&inputs);
    estate.authorization = Some(Arc::new(authorization()?));
    inputs.done().map(|()| estate)
}

/// The actions, resource types and condition keys that AWS documents of each service.
///
/// # Errors
/// When the data inside the program can't be read.
pub fn authorization() -> Result<palisade_iam::Authorization, QueryError> {
    iam::authorization().map_err(QueryError::Engine)
}

/// What a session's snapshot tells of credentials that were not used in a period.
pub(crate) fn unused(session: &Session, window: &Window) -> Result<Report, QueryError> {
    let inputs = inputs(session, "iam_unused")?;
    let report = iam::unused(&inputs, window);
    inputs.done().map(|()| report)
}

/// What the engine of a derived table sees.
fn inputs(session: &Session, name: &str) -> Result<Inputs, QueryError> {
    let derived = session.catalog.derived.get(name);
    let derived = derived.ok_or_else(|| QueryError::Engine(format!("`{name}` is not declared")))?;
    let bases = Arc::new(Bases::new(session, derived));
    bases.open(session.threads()?, Arc::default())
}

/// What is wrong with the declarations.
pub(crate) fn wrong(catalog: &Catalog, schemas: &Schemas) -> Vec<CatalogError> {
    let mut errors = Vec::new();
    for derived in catalog.derived.values() {
        if work(&derived.id).is_none() {
            let message = format!("no engine of this program gives `{}`", derived.id);
            errors.push(derived.error(&derived.id, message));
        }
        for (base, columns) in &derived.reads {
            let schema = schemas.get(base);
            for column in columns {
                let found = schema.and_then(|s| s.column(column));
                let message = match found.map(|c| &c.origin) {
                    None => format!("`{base}` has no column `{column}`"),
                    Some(Origin::Scope | Origin::List | Origin::Engine) => {
                        format!("`{column}` of `{base}` comes with its list call: leave it out")
                    }
                    Some(Origin::Fill(_) | Origin::Parent | Origin::Template(_)) => continue,
                };
                errors.push(derived.error(column, message));
            }
        }
    }
    errors
}

#[cfg(test)]
mod tests;

//! The reference as a static site: a page for each control, table, recommendation and framework, with the text of
//! `palisade explain`, and an index with a search.
//!
//! It needs no server and no network: every page has its style in it, the index its script, and the content security
//! policy of each lets nothing else run or load.

mod frame;
mod index;
mod markup;

use crate::explain::{
    explain_control, explain_derived, explain_framework, explain_recommendation, explain_table,
};
use crate::format::Options;
use markup::Links;
use palisade_core::Catalog;
use palisade_core::schema::Schemas;
use std::io;

/// Where a page goes: its path, with `/`, and its text.
pub type Put<'a> = dyn FnMut(&str, &str) -> io::Result<()> + 'a;

/// The kinds of pages: folder, one, many.
const KINDS: [Kind; 4] = [
    Kind {
        folder: "recommendations",
        noun: "recommendation",
    },
    Kind {
        folder: "controls",
        noun: "control",
    },
    Kind {
        folder: "tables",
        noun: "table",
    },
    Kind {
        folder: "frameworks",
        noun: "framework",
    },
];

/// A kind of pages.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// Its folder, which is its name in the plural too.
    folder: &'static str,
    /// One of them.
    noun: &'static str,
}

/// Text for a page: with the marks that the page turns into its own, and no wider than what is easily read.
const TEXT: Options = Options {
    width: 100,
    colour: true,
    quiet: false,
    verbose: false,
};

/// Writes the site page by page, the index last; the number of pages.
///
/// # Errors
/// When a page cannot be written.
pub fn site(catalog: &Catalog, schemas: &Schemas, put: &mut Put<'_>) -> io::Result<usize> {
    let links = Links::new(catalog);
    let mut pages = 0;
    for kind in KINDS {
        for id in ids(catalog, kind) {
            let text = text_of(catalog, schemas, kind, id)?;
            let body = markup::body(&text, &links, (kind.folder, id));
            put(
                &format!("{}/{}.html", kind.folder, file(id)),
                &frame::page(kind.noun, id, &body),
            )?;
            pages += 1;
        }
    }
    put("index.html", &index::page(catalog))?;
    Ok(pages + 1)
}

/// The ids of a kind, in the catalogue's order.
fn ids(catalog: &Catalog, kind: Kind) -> Vec<&str> {
    let strings: Vec<&String> = match kind.folder {
        "recommendations" => catalog.recommendations.keys().collect(),
        "controls" => catalog.controls.keys().collect(),
        "frameworks" => catalog.frameworks.keys().collect(),
        _ => catalog
            .tables
            .keys()
            .chain(catalog.derived.keys())
            .collect(),
    };
    strings.into_iter().map(String::as_str).collect()
}

/// What `palisade explain` says of it.
fn text_of(catalog: &Catalog, schemas: &Schemas, kind: Kind, id: &str) -> io::Result<String> {
    let mut out = Vec::new();
    match kind.folder {
        "recommendations" => {
            if let Some(one) = catalog.recommendations.get(id) {
                explain_recommendation(&mut out, catalog, one, TEXT)?;
            }
        }
        "controls" => {
            if let Some(one) = catalog.controls.get(id) {
                explain_control(&mut out, catalog, one, TEXT)?;
            }
        }
        "frameworks" => {
            if let Some(one) = catalog.frameworks.get(id) {
                explain_framework(&mut out, catalog, one, TEXT)?;
            }
        }
        _ => {
            if let Some(one) = catalog.tables.get(id) {
                let schema = schemas.get(id).map(AsRef::as_ref);
                explain_table(&mut out, catalog, one, schema, TEXT)?;
            }
            if let Some(one) = catalog.derived.get(id) {
                explain_derived(&mut out, catalog, one, TEXT)?;
            }
        }
    }
    String::from_utf8(out).map_err(io::Error::other)
}

/// An id as a file's name: an id of somebody's own catalogue leads to no other folder.
fn file(id: &str) -> String {
    id.chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' => c,
            _ => '_',
        })
        .collect()
}

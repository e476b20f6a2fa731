//! The files that a user hands over: exceptions, mutelists, attestations; controls, tables and templates by themselves.

use palisade_core::catalog::{Attestations, Catalog, Control, Exceptions, Table};
use palisade_core::template::Template;
use std::collections::BTreeMap;

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let exceptions = Exceptions::parse("exceptions.toml", text, |c| Some(c.to_owned()));
    let mutelist = Exceptions::from_mutelist("mutelist.yaml", text, &Catalog::default());
    let attestations = Attestations::parse(
        "attestations.toml",
        text,
        "2026-01-01".parse().unwrap_or_default(),
        |_| true,
    );
    for error in [
        exceptions.err().map(|e| format!("{e:?}")),
        mutelist.err().map(|e| format!("{e:?}")),
        attestations.err().map(|e| format!("{e:?}")),
    ] {
        assert!(error.is_none_or(|e| !e.is_empty()));
    }
    let _ = toml::from_str::<Control>(text);
    let _ = toml::from_str::<BTreeMap<String, Table>>(text);
    let _ = Template::parse(text).map(|t| t.fill(|_| Some(serde_json::Value::Null)));
}

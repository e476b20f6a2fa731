//! The files that a user hands over: exceptions, mutelists, attestations, controls, tables, templates.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_core::catalog::{Attestations, Catalog, Control, Exceptions};
use palisade_core::template::Template;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let _ = Exceptions::parse("exceptions.toml", text, |c| Some(c.to_owned()));
    let _ = Exceptions::from_mutelist("mutelist.yaml", text, &Catalog::default());
    let _ = Attestations::parse("attestations.toml", text, |_| true);
    let _ = toml::from_str::<Control>(text);
    let _ = Template::parse(text).map(|t| t.fill(|_| Some(serde_json::Value::Null)));
});

//! What tests share: the built-in catalogue and models.

use crate::recipe::Recipes;
use palisade_aws::model::Model;
use palisade_aws::reads::Reads as AllowList;
use palisade_core::Catalog;
use palisade_core::catalog::embedded_file;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) fn model(service: &str) -> Result<Arc<Model>, String> {
    let bytes = embedded_file(&format!("models/{service}.json.zst"))
        .ok_or_else(|| format!("no model `{service}`"))?;
    let json = zstd::stream::decode_all(&*bytes).map_err(|e| e.to_string())?;
    Model::from_json(&json)
        .map(Arc::new)
        .map_err(|e| e.to_string())
}

pub(crate) fn allow_list() -> AllowList {
    let text = String::from_utf8(embedded_file("models/reads.toml").unwrap().into_owned()).unwrap();
    AllowList::from_toml(&text).unwrap()
}

/// The recipes of built-in tables.
pub(crate) fn recipes(tables: &[&str]) -> Recipes {
    let only: BTreeSet<String> = tables.iter().map(|t| (*t).to_owned()).collect();
    let catalog = Catalog::embedded()
        .unwrap_or_else(|e| panic!("{:#?}", e.iter().map(|e| e.one_line()).collect::<Vec<_>>()));
    let only = (!only.is_empty()).then_some(&only);
    Recipes::new(&catalog, &model, &allow_list(), only).unwrap_or_else(|e| {
        panic!(
            "{}",
            e.iter()
                .map(|e| e.one_line())
                .collect::<Vec<_>>()
                .join("\n")
        )
    })
}

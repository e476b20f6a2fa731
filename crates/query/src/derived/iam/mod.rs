//! The IAM engine's tables: who outside can use a resource, who can use a KMS key, who is administrator in effect,
//! and who can become it; what the organization holds over its accounts.

mod answers;
mod escalation;
mod estate;
mod guardrails;
mod resources;
mod unused;

use super::Inputs;
use palisade_core::catalog::embedded_file;
use palisade_iam::Authorization;
use palisade_iam::estate::{Estate, Zone, each_key_use, external};
use palisade_iam::unused::{Report, Window};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The rows of `iam_external_access`: the zone of trust is the organization.
pub(super) fn external_access(inputs: &Inputs) -> Result<Vec<Map<String, Value>>, String> {
    let zone = Zone {
        organization: true,
        ..Zone::default()
    };
    let mut estate = estate(inputs);
    estate.authorization = Some(Arc::new(authorization()?));
    Ok(external(&estate, &zone)
        .filter_map(answers::external)
        .collect())
}

/// The rows of `kms_key_access`.
pub(super) fn key_rows(inputs: &Inputs) -> Result<Vec<Map<String, Value>>, String> {
    let mut rows = Vec::new();
    each_key_use(&estate(inputs), |found| rows.extend(answers::key(&found)));
    Ok(rows)
}

/// The rows of `iam_effective_admin`.
pub(super) fn administrators(inputs: &Inputs) -> Result<Vec<Map<String, Value>>, String> {
    Ok(answers::administrators(&estate(inputs)))
}

/// The rows of `iam_escalation`.
pub(super) fn escalations(inputs: &Inputs) -> Result<Vec<Map<String, Value>>, String> {
    Ok(escalation::rows(&estate(inputs)))
}

/// The rows of `org_guardrails`.
pub(super) fn guardrails(inputs: &Inputs) -> Result<Vec<Map<String, Value>>, String> {
    Ok(guardrails::rows(inputs, &estate(inputs)))
}

/// The rows of `iam_unused`.
pub(super) fn unused_rows(inputs: &Inputs) -> Result<Vec<Map<String, Value>>, String> {
    unused::rows(inputs)
}

/// Roles, users, passwords and keys that were not used in a period.
pub(super) fn unused(inputs: &Inputs, window: &Window) -> Report {
    unused::report(inputs, window)
}

/// The service authorization data inside the binary.
pub(crate) fn authorization() -> Result<Authorization, String> {
    let bytes = embedded_file("authorization/services.jsonl.zst").unwrap_or_default();
    let text = zstd::decode_all(&*bytes).map_err(|error| error.to_string())?;
    Authorization::open(&String::from_utf8_lossy(&text)).map_err(|error| error.to_string())
}

/// What a snapshot tells of access.
pub(crate) fn estate(inputs: &Inputs) -> Estate {
    estate::estate(inputs)
}

//! The IAM engine's tables: who outside can use a resource, who can use a KMS key, who is administrator in effect,
//! and who can become it; what the organization holds over its accounts.

mod answers;
mod escalation;
mod estate;
mod guardrails;
mod resources;
mod unused;

use super::{Inputs, Made};
use palisade_core::catalog::embedded_file;
use palisade_iam::Authorization;
use palisade_iam::estate::{Estate, Zone, each_key_use, external};
use palisade_iam::unused::{Report, Window};
use std::sync::Arc;

/// The rows of `iam_external_access`: the zone of trust is the organization.
pub(super) fn external_access(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    let zone = Zone {
        organization: true,
        ..Zone::default()
    };
    let mut estate = estate(inputs);
    estate.authorization = Some(Arc::new(authorization()?));
    made.extend(external(&estate, &zone).filter_map(answers::external));
    Ok(())
}

/// The rows of `kms_key_access`.
pub(super) fn key_rows(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    each_key_use(&estate(inputs), |found| made.extend(answers::key(&found)));
    Ok(())
}

/// The rows of `iam_effective_admin`.
pub(super) fn administrators(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    answers::administrators(&estate(inputs), made);
    Ok(())
}

/// The rows of `iam_escalation`.
pub(super) fn escalations(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    escalation::rows(&estate(inputs), made);
    Ok(())
}

/// The rows of `org_guardrails`.
pub(super) fn guardrails(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    made.extend(guardrails::rows(inputs, &estate(inputs)));
    Ok(())
}

/// The rows of `iam_unused`.
pub(super) fn unused_rows(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    made.extend(unused::rows(inputs)?);
    Ok(())
}

/// Roles, users, passwords and keys that were not used in a period.
pub(super) fn unused(inputs: &Inputs, window: &Window) -> Report {
    unused::report(inputs, window)
}

/// The service authorization data inside the binary.
pub(crate) fn authorization() -> Result<Authorization, String> {
    let bytes = embedded_file("authorization/services.jsonl.zst").unwrap_or_default();
    Authorization::packed(bytes).map_err(|error| error.to_string())
}

/// What a snapshot tells of access.
pub(crate) fn estate(inputs: &Inputs) -> Estate {
    estate::estate(inputs)
}

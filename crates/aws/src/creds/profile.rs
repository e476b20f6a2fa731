//! Profiles whose role wants MFA, which aws-config passes over.

use super::{CredsError, Role};
use crate::client::chain;
use aws_config::profile;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use std::borrow::Cow;

/// A role behind an MFA device, and the profile that it is assumed from.
pub(super) struct Guarded {
    pub(super) role: Role,
    pub(super) source: String,
    pub(super) region: Option<String>,
}

/// The role of the profile (the selected one if none is named), if it has `mfa_serial`.
pub(super) async fn guarded_role(name: Option<&str>) -> Result<Option<Guarded>, CredsError> {
    let files = EnvConfigFiles::default();
    let selected = name.map(|name| Cow::Owned(name.to_owned()));
    let profiles = profile::load(&Fs::real(), &Env::real(), &files, selected).await;
    let profiles = profiles.map_err(|error| CredsError::Configuration(chain(&error)))?;
    let Some(profile) = profiles.get_profile(profiles.selected_profile()) else {
        return match name {
            Some(name) => Err(CredsError::Configuration(format!(
                "there is no profile `{name}`{}",
                known(profiles.profiles())
            ))),
            None => Ok(None),
        };
    };
    let text = |key: &str| profile.get(key).map(str::to_owned);
    let (Some(device), Some(arn), Some(source)) =
        (text("mfa_serial"), text("role_arn"), text("source_profile"))
    else {
        return Ok(None);
    };
    // A profile that names itself holds the keys too.
    let source = if source == profile.name() {
        return Err(CredsError::Configuration(format!(
            "the profile `{source}` with `mfa_serial` is its own `source_profile`; put the keys into a profile of their own"
        )));
    } else {
        source
    };
    Ok(Some(Guarded {
        role: Role {
            arn,
            external_id: text("external_id"),
            mfa_serial: Some(device),
            session_name: text("role_session_name"),
        },
        source,
        region: text("region"),
    }))
}

fn known<'p>(profiles: impl Iterator<Item = &'p str>) -> String {
    let mut names: Vec<&str> = profiles.collect();
    names.sort_unstable();
    if names.is_empty() {
        return String::new();
    }
    format!("; there are `{}`", names.join("`, `"))
}

//! Credentials, as every AWS tool takes them.
//!
//! The chain is aws-config's: environment, profiles (keys, SSO, roles, processes), web identity,
//! containers, instance metadata. What it lacks is added here: MFA for roles, and one role per account.

mod error;
mod http;
mod profile;
mod role;

pub use aws_types::SdkConfig;
pub use error::CredsError;
pub use http::http_client;
pub use role::Role;

use aws_config::{BehaviorVersion, ConfigLoader};
use aws_credential_types::provider::ProvideCredentials as _;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use std::time::Duration;

/// What the user asked for; empty for what the environment says.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Profile in `~/.aws/config`.
    pub profile: Option<String>,
    /// Region to sign for; the profile's or the environment's if left out.
    pub region: Option<String>,
    /// In place of AWS's endpoints.
    pub endpoint_url: Option<String>,
    /// Role to assume with what the chain gives.
    pub role: Option<Role>,
    /// Only endpoints with FIPS 140 validated cryptography.
    pub fips: Option<bool>,
    /// Endpoints that answer on IPv6 too.
    pub dual_stack: Option<bool>,
}

/// Asks the user for the six digits of an MFA device, which is named to it.
pub type Prompt<'a> = &'a (dyn Fn(&str) -> std::io::Result<String> + Send + Sync);

/// Loads the configuration and proves that there are credentials in it.
///
/// # Errors
/// There are none, they have expired, or the role cannot be assumed; each with what to do.
pub async fn load(options: &Options, prompt: Prompt<'_>) -> Result<SdkConfig, CredsError> {
    let profile = options.profile.as_deref();
    let guarded = profile::guarded_role(profile).await?;
    let mut loader = loader(options);
    let sdk = match &guarded {
        // aws-config would assume the profile's role without the token and be denied: take the profile
        // below it, and the region of the one above.
        Some(guarded) => {
            let region = guarded.region.clone().map(Region::new);
            if options.region.is_none() && region.is_some() {
                loader = loader.region(region);
            }
            Box::pin(loader.profile_name(&guarded.source).load()).await
        }
        None => Box::pin(loader.load()).await,
    };
    let sdk = match guarded {
        Some(guarded) => Box::pin(role::assume(&sdk, &guarded.role, prompt)).await?,
        None => sdk,
    };
    let sdk = match &options.role {
        Some(role) => Box::pin(role::assume(&sdk, role, prompt)).await?,
        None => sdk,
    };
    check(&sdk).await?;
    Ok(sdk)
}

/// The configuration of a role in another account, renewed by itself when it runs out.
///
/// # Errors
/// STS refuses the role.
pub async fn assume(base: &SdkConfig, role: &Role) -> Result<SdkConfig, CredsError> {
    let nobody = |_: &str| {
        Err(std::io::Error::other(
            "nobody can be asked for a token here",
        ))
    };
    let sdk = Box::pin(role::assume(base, role, &nobody)).await?;
    check(&sdk).await?;
    Ok(sdk)
}

fn loader(options: &Options) -> ConfigLoader {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client());
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &options.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(fips) = options.fips {
        loader = loader.use_fips(fips);
    }
    if let Some(dual_stack) = options.dual_stack {
        loader = loader.use_dual_stack(dual_stack);
    }
    // An `AWS_SDK_UA_APP_ID` of the user's own would be lost; ours tells AWS's logs who called.
    match AppName::new("palisade") {
        Ok(name) => loader.app_name(name),
        Err(_) => loader,
    }
}

/// The chain may try the instance metadata service, which does not exist on most machines.
const PATIENCE: Duration = Duration::from_secs(30);

async fn check(sdk: &SdkConfig) -> Result<(), CredsError> {
    let Some(provider) = sdk.credentials_provider() else {
        return Err(CredsError::None(
            "the chain of providers is empty".to_owned(),
        ));
    };
    match tokio::time::timeout(PATIENCE, provider.provide_credentials()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(CredsError::of(&error)),
        Err(_) => Err(CredsError::None(format!(
            "no provider answered in {} s",
            PATIENCE.as_secs()
        ))),
    }
}

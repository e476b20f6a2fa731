//! Assuming a role.

use super::{CredsError, Prompt};
use crate::client::chain;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::time::SystemTime;

/// A role to assume.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// The secret shared with a third party, if the role wants one.
    pub external_id: Option<String>,
    /// The MFA device, if the role wants one.
    pub mfa_serial: Option<String>,
    /// How the session is called in CloudTrail; `palisade` if left out.
    pub session_name: Option<String>,
}

impl Role {
    fn session(&self) -> &str {
        self.session_name.as_deref().unwrap_or("palisade")
    }

    fn refused(&self, reason: String) -> CredsError {
        CredsError::Role {
            role: self.arn.clone(),
            reason,
        }
    }
}

pub(super) async fn assume(
    base: &SdkConfig,
    role: &Role,
    prompt: Prompt<'_>,
) -> Result<SdkConfig, CredsError> {
    let base = &with_region(base);
    let provider = match &role.mfa_serial {
        Some(device) => {
            SharedCredentialsProvider::new(with_token(base, role, device, prompt).await?)
        }
        None => {
            let mut builder = AssumeRoleProvider::builder(&role.arn)
                .configure(base)
                .session_name(role.session());
            if let Some(id) = &role.external_id {
                builder = builder.external_id(id);
            }
            let provider = Box::pin(builder.build()).await;
            prove(&provider, role).await?;
            SharedCredentialsProvider::new(provider)
        }
    };
    // The base's cache would answer with the base's identity.
    Ok(base
        .to_builder()
        .credentials_provider(provider)
        .identity_cache(IdentityCache::lazy().build())
        .build())
}

/// STS has an endpoint in every region; one is needed.
fn with_region(base: &SdkConfig) -> SdkConfig {
    if base.region().is_some() {
        return base.clone();
    }
    let region = Region::from_static("us-east-1");
    base.to_builder().region(region).build()
}

/// Asks for the role once, so that a refusal is told before anything else is done.
async fn prove(provider: &AssumeRoleProvider, role: &Role) -> Result<(), CredsError> {
    use aws_credential_types::provider::ProvideCredentials as _;
    match provider.provide_credentials().await {
        Ok(_) => Ok(()),
        Err(error) => match CredsError::of(&error) {
            expired @ CredsError::Expired(_) => Err(expired),
            _ => Err(role.refused(chain(&error))),
        },
    }
}

/// A session opened with a token lasts an hour and is not renewed: that would need another token.
async fn with_token(
    base: &SdkConfig,
    role: &Role,
    device: &str,
    prompt: Prompt<'_>,
) -> Result<Credentials, CredsError> {
    let lacking = |reason: String| CredsError::Mfa {
        device: device.to_owned(),
        reason,
    };
    let token = prompt(device).map_err(|error| lacking(error.to_string()))?;
    let token = token.trim();
    if token.len() != 6 || !token.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(lacking("a token has six digits".to_owned()));
    }
    let answer = aws_sdk_sts::Client::new(base)
        .assume_role()
        .role_arn(&role.arn)
        .role_session_name(role.session())
        .set_external_id(role.external_id.clone())
        .serial_number(device)
        .token_code(token)
        .send()
        .await
        .map_err(|error| role.refused(chain(&error)))?;
    let keys = answer
        .credentials
        .ok_or_else(|| role.refused("STS sent no credentials".to_owned()))?;
    Ok(Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token),
        SystemTime::try_from(keys.expiration).ok(),
        "palisade MFA",
    ))
}

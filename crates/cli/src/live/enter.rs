//! From credentials, or a role, to an account that answers.

use super::Job;
use crate::failure::Failure;
use crate::log;
use crate::terminal::Terminal;
use palisade_aws::creds::{self, CredsError, Options, Role, SdkConfig};
use palisade_aws::{Client, ClientConfig};
use palisade_collect::{Account, Reason, Refusal, discover};
use std::io::Write as _;
use std::time::Duration;

/// An account that answers.
pub(super) struct Entered {
    /// The region of calls that are made once per account.
    pub(super) home: String,
    /// The account.
    pub(super) account: Account,
    /// What calls it.
    pub(super) client: Client,
    /// Its credentials, from which roles are assumed.
    pub(super) sdk: SdkConfig,
}

impl Job<'_> {
    /// Credentials, a client, and what they reach.
    pub(super) async fn enter(
        &self,
        role: Option<Role>,
        shared: &mut Option<Client>,
        terminal: &Terminal,
    ) -> Result<Entered, Failure> {
        let options = Options {
            profile: self.aws.profile.clone(),
            region: self.aws.region.clone(),
            endpoint_url: self.aws.endpoint_url.clone().filter(|url| !url.is_empty()),
            role,
            ..Options::default()
        };
        let sdk = Box::pin(creds::load(&options, &ask_token))
            .await
            .map_err(|e| no_credentials(&e))?;
        let named = self.regions();
        let home = sdk
            .region()
            .map(ToString::to_string)
            .or_else(|| named.as_ref().and_then(|r| r.first().cloned()))
            .unwrap_or_else(|| "us-east-1".to_owned());
        // One client's limits hold for all accounts.
        let client = match shared {
            Some(first) => first.with_sdk(sdk.clone()),
            None => {
                let mut config = ClientConfig::new(sdk.clone(), self.house.models.clone());
                config.max_rps = self.collect.max_rps;
                config.max_calls = self.collect.max_calls;
                config.call_timeout = Duration::from_secs(self.collect.call_timeout);
                config.attempt_timeout = config.attempt_timeout.min(config.call_timeout);
                let client = Client::new(config);
                *shared = Some(client.clone());
                client
            }
        };
        let asked = Box::pin(discover(&client, &home, named.as_deref()));
        let found = patiently(asked, &home, terminal)
            .await
            .map_err(|refusal| no_identity(&refusal, &home))?;
        if let Some(note) = found.note {
            terminal.note(&note);
        }
        Ok(Entered {
            home,
            account: found.account,
            client,
            sdk,
        })
    }

    pub(super) fn role(&self, arn: &str) -> Role {
        Role {
            arn: arn.to_owned(),
            external_id: self.aws.external_id.clone(),
            ..Role::default()
        }
    }
}

/// How long the first call may take before the user hears of it.
const SILENCE: Duration = Duration::from_secs(5);

/// Waits for the first call: what can't be reached is tried again for half a minute.
async fn patiently<T>(first: impl Future<Output = T>, region: &str, terminal: &Terminal) -> T {
    let mut first = std::pin::pin!(first);
    if let Ok(found) = tokio::time::timeout(SILENCE, &mut first).await {
        return found;
    }
    terminal.note(&format!(
        "AWS has not answered in {region} yet: it is tried again, for half a minute"
    ));
    first.await
}

/// The account of a role that could not be entered.
pub(super) fn not_reached(arn: Option<&str>, failure: &Failure) -> Account {
    let id = arn
        .and_then(|a| a.split(':').nth(4))
        .unwrap_or("unknown")
        .to_owned();
    Account {
        id,
        partition: "aws".to_owned(),
        not_reached: Some(failure.text()),
        ..Account::default()
    }
}

/// What every tool of AWS says in a page, in a line; the page is for `-v`.
pub(super) fn no_credentials(error: &CredsError) -> Failure {
    let text = match error {
        CredsError::None(attempts) => {
            tracing::info!(target: log::CALLS, "{attempts}");
            "there are no AWS credentials: not in the environment, not in the profile, and nothing here hands any out (-v tells what was tried)".to_owned()
        }
        other => other.to_string(),
    };
    Failure::unfinished(text).hint(error.hint())
}

/// The first call did not go well: everything else would not either.
pub(super) fn no_identity(refusal: &Refusal, region: &str) -> Failure {
    let code = refusal
        .code
        .as_deref()
        .map_or_else(String::new, |c| format!("{c}: "));
    let said = format!(
        "sts:GetCallerIdentity in {region}: {code}{}",
        refusal.message
    );
    let (text, hint) = match refusal.reason {
        Reason::Expired => (
            format!("the AWS credentials have expired ({said})"),
            "renew them (for SSO: `aws sso login`)",
        ),
        Reason::TimedOut | Reason::Unreachable => (
            format!("AWS can't be reached ({said})"),
            "look at the network, the proxy (HTTPS_PROXY), the name of the region and `--endpoint-url`; `assess --demo` needs none",
        ),
        _ => (
            format!("AWS does not accept the credentials ({said})"),
            "`aws sts get-caller-identity` should work first; `--profile` names other credentials, `assess --demo` needs none",
        ),
    };
    Failure::unfinished(text).hint(hint)
}

/// The six digits, asked for on stderr.
fn ask_token(device: &str) -> std::io::Result<String> {
    use std::io::IsTerminal as _;
    if !std::io::stdin().is_terminal() {
        return Err(std::io::Error::other("there is no terminal to ask at"));
    }
    write!(std::io::stderr(), "MFA code of {device}: ")?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

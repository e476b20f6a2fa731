//! Collects from AWS: credentials, scope, plan, run.

use crate::args::{AwsArgs, CollectArgs};
use crate::failure::Failure;
use crate::house::House;
use crate::progress::Bar;
use crate::terminal::Terminal;
use crate::{log, regions};
use palisade_aws::creds::{self, CredsError, Options, Role};
use palisade_aws::{Client, ClientConfig};
use palisade_collect::{
    Account, Api, CollectError, Reason, Refusal, RunOptions, Scope, discover, plan,
};
use palisade_core::Clock;
use palisade_core::schema::Reads;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What is to be collected, and how.
pub(crate) struct Job<'a> {
    /// The columns that are read.
    pub(crate) reads: Reads,
    /// The catalogue, ready to run.
    pub(crate) house: &'a House,
    /// How AWS is reached.
    pub(crate) aws: &'a AwsArgs,
    /// How much is called.
    pub(crate) collect: &'a CollectArgs,
    /// The folder to write.
    pub(crate) out: PathBuf,
}

/// What came of a job.
pub(crate) enum Live {
    /// The plan was printed.
    Planned,
    /// A snapshot lies in a folder.
    Collected {
        /// The folder.
        folder: PathBuf,
        /// Whether the collection came to its end.
        whole: bool,
    },
}

type Clients = BTreeMap<String, Arc<dyn Api>>;

impl Job<'_> {
    /// Plans, and unless only the plan is wanted, runs.
    pub(crate) fn run(self, terminal: &Terminal, clock: Clock) -> Result<Live, Failure> {
        let partitions = self
            .house
            .models
            .partitions()
            .map_err(Failure::unfinished)?;
        let named = self.regions().unwrap_or_default();
        for note in regions::check(&named, &partitions)? {
            terminal.note(&note);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        runtime.block_on(self.go(terminal, clock))
    }

    async fn go(self, terminal: &Terminal, clock: Clock) -> Result<Live, Failure> {
        if self.collect.plan && !self.regions().unwrap_or_default().is_empty() {
            self.print_plan(&self.imagined_scope(), terminal)?;
            return Ok(Live::Planned);
        }
        let (scope, clients) = Box::pin(self.scope(terminal)).await?;
        if self.collect.plan {
            self.print_plan(&scope, terminal)?;
            return Ok(Live::Planned);
        }
        let plan = plan(&self.house.recipes, &self.reads, &scope).map_err(Failure::usage)?;
        let mut options = RunOptions::new(clock, env!("CARGO_PKG_VERSION"));
        options.resume = self.collect.resume;
        let bar = Arc::new(Bar::new(terminal));
        let manifest = Box::pin(palisade_collect::run(
            plan,
            &clients,
            &self.out,
            options,
            Arc::clone(&bar) as Arc<_>,
        ))
        .await
        .map_err(not_kept)?;
        bar.finish();
        let whole = manifest.incomplete.is_none();
        if let Some(why) = manifest.incomplete {
            terminal.failure(
                &Failure::unfinished(format!("the collection stopped before its end: {why}"))
                    .hint("what was measured is kept; the same command with `--resume` goes on"),
            );
        }
        Ok(Live::Collected {
            folder: self.out,
            whole,
        })
    }

    /// The regions named; none for all that are enabled.
    fn regions(&self) -> Option<Vec<String>> {
        match (&self.aws.region, self.aws.regions.as_slice()) {
            (Some(one), _) => Some(vec![one.clone()]),
            (None, []) => None,
            (None, [all]) if all == "all" => None,
            (None, named) => Some(named.to_vec()),
        }
    }

    /// A scope that needs no call: for a plan with the regions named.
    fn imagined_scope(&self) -> Scope {
        let regions = self.regions().unwrap_or_default();
        let accounts = self.aws.role_arns.len().max(1);
        Scope {
            home_region: regions.first().cloned().unwrap_or_default(),
            accounts: (0..accounts)
                .map(|n| Account {
                    id: format!("account {}", n + 1),
                    partition: "aws".to_owned(),
                    regions: regions.clone(),
                    ..Account::default()
                })
                .collect(),
        }
    }

    fn print_plan(&self, scope: &Scope, terminal: &Terminal) -> Result<(), Failure> {
        let plan = plan(&self.house.recipes, &self.reads, scope).map_err(Failure::usage)?;
        let described = plan.describe();
        let mut output = terminal.output(None)?;
        let longest = described
            .lines
            .iter()
            .map(|l| l.operation.len())
            .max()
            .unwrap_or(0);
        for line in &described.lines {
            writeln!(
                output,
                "{:longest$}  {:7}  {:>6}  {}",
                line.operation,
                line.scope,
                line.count,
                line.tables.join(", ")
            )?;
        }
        writeln!(
            output,
            "{} calls are certain, in {} account(s) and {} region(s); further pages and calls per row come on top",
            described.known,
            scope.accounts.len(),
            scope
                .accounts
                .iter()
                .map(|a| a.regions.len())
                .max()
                .unwrap_or(0),
        )?;
        output.finish()?;
        Ok(())
    }

    async fn scope(&self, terminal: &Terminal) -> Result<(Scope, Clients), Failure> {
        let roles: Vec<Option<Role>> = if self.aws.role_arns.is_empty() {
            vec![None]
        } else {
            self.aws
                .role_arns
                .iter()
                .map(|arn| Some(self.role(arn)))
                .collect()
        };
        let mut scope = Scope::default();
        let mut clients = Clients::new();
        let mut shared: Option<Client> = None;
        for role in roles {
            let arn = role.as_ref().map(|r| r.arn.clone());
            match Box::pin(self.enter(role, &mut shared, terminal)).await {
                Ok((home, account, client)) => {
                    if scope.home_region.is_empty() {
                        scope.home_region = home;
                    }
                    if !clients.contains_key(&account.id) {
                        clients.insert(account.id.clone(), Arc::new(client));
                        scope.accounts.push(account);
                    }
                }
                // With one account there is nothing else to do; with several, the others go on.
                Err(failure) if self.aws.role_arns.len() < 2 => return Err(failure),
                Err(failure) => {
                    terminal.failure(&failure);
                    scope.accounts.push(not_reached(arn.as_deref(), &failure));
                }
            }
        }
        if clients.is_empty() {
            return Err(Failure::unfinished("none of the accounts could be entered"));
        }
        Ok((scope, clients))
    }

    /// Credentials, a client, and what they reach.
    async fn enter(
        &self,
        role: Option<Role>,
        shared: &mut Option<Client>,
        terminal: &Terminal,
    ) -> Result<(String, Account, Client), Failure> {
        let options = Options {
            profile: self.aws.profile.clone(),
            region: self.aws.region.clone(),
            endpoint_url: self.aws.endpoint_url.clone(),
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
            Some(first) => first.with_sdk(sdk),
            None => {
                let mut config = ClientConfig::new(sdk, self.house.models.clone());
                config.max_rps = self.collect.max_rps;
                config.max_calls = self.collect.max_calls;
                config.call_timeout = Duration::from_secs(self.collect.call_timeout);
                config.attempt_timeout = config.attempt_timeout.min(config.call_timeout);
                let client = Client::new(config);
                *shared = Some(client.clone());
                client
            }
        };
        let found = Box::pin(discover(&client, &home, named.as_deref()))
            .await
            .map_err(|refusal| no_identity(&refusal, &home))?;
        if let Some(note) = found.note {
            terminal.note(&note);
        }
        Ok((home, found.account, client))
    }

    fn role(&self, arn: &str) -> Role {
        Role {
            arn: arn.to_owned(),
            external_id: self.aws.external_id.clone(),
            ..Role::default()
        }
    }
}

fn not_reached(arn: Option<&str>, failure: &Failure) -> Account {
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
fn no_credentials(error: &CredsError) -> Failure {
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
fn no_identity(refusal: &Refusal, region: &str) -> Failure {
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

fn not_kept(error: CollectError) -> Failure {
    Failure::unfinished(error)
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

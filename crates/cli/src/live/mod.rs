//! Collects from AWS: credentials, scope, plan, run.

mod enter;
mod organization;

use crate::args::{AwsArgs, CollectArgs};
use crate::failure::Failure;
use crate::house::House;
use crate::progress::Bar;
use crate::regions;
use crate::terminal::Terminal;
use enter::{Entered, not_reached};
use palisade_aws::Client;
use palisade_aws::creds::Role;
use palisade_collect::{Account, Api, CollectError, Lost, RunOptions, Scope, plan};
use palisade_core::Clock;
use palisade_core::schema::Reads;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use organization::ROLE;

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

/// The accounts, and how they are reached.
#[derive(Default)]
struct Estate {
    scope: Scope,
    clients: Clients,
    /// Tells which accounts went away on the way.
    lost: Option<Lost>,
}

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
        self.check()?;
        // One account waits for AWS: threads that wake each other would be a tenth of its work.
        let mut builder = if self.aws.org {
            tokio::runtime::Builder::new_multi_thread()
        } else {
            tokio::runtime::Builder::new_current_thread()
        };
        let runtime = builder.worker_threads(2).enable_all().build()?;
        runtime.block_on(self.go(terminal, clock))
    }

    async fn go(self, terminal: &Terminal, clock: Clock) -> Result<Live, Failure> {
        let imagined = !self.regions().unwrap_or_default().is_empty() && !self.aws.org;
        if self.collect.plan && imagined {
            self.print_plan(&self.imagined_scope(), terminal)?;
            return Ok(Live::Planned);
        }
        let estate = if self.aws.org {
            Box::pin(self.organization(terminal)).await?
        } else {
            Box::pin(self.accounts(terminal)).await?
        };
        if self.collect.plan {
            self.print_plan(&estate.scope, terminal)?;
            return Ok(Live::Planned);
        }
        let plan = plan(&self.house.recipes, &self.reads, &estate.scope).map_err(Failure::usage)?;
        let mut options = RunOptions::new(clock, env!("CARGO_PKG_VERSION"));
        options.resume = self.collect.resume;
        options.lost = estate.lost;
        let bar = Arc::new(Bar::new(terminal));
        let manifest = Box::pin(palisade_collect::run(
            plan,
            &estate.clients,
            &self.out,
            options,
            Arc::clone(&bar) as Arc<_>,
        ))
        .await
        .map_err(not_kept)?;
        bar.finish();
        if self.aws.org {
            organization::tell(&manifest.accounts, terminal);
        }
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
            ..Scope::default()
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

    /// The account of the credentials, or those of the roles named.
    async fn accounts(&self, terminal: &Terminal) -> Result<Estate, Failure> {
        let roles: Vec<Option<Role>> = if self.aws.role_arns.is_empty() {
            vec![None]
        } else {
            self.aws
                .role_arns
                .iter()
                .map(|arn| Some(self.role(arn)))
                .collect()
        };
        let mut estate = Estate::default();
        let mut shared: Option<Client> = None;
        for role in roles {
            let arn = role.as_ref().map(|r| r.arn.clone());
            match Box::pin(self.enter(role, &mut shared, terminal)).await {
                Ok(Entered {
                    home,
                    account,
                    client,
                    ..
                }) => {
                    if estate.scope.home_region.is_empty() {
                        estate.scope.home_region = home;
                    }
                    if !estate.clients.contains_key(&account.id) {
                        estate.clients.insert(account.id.clone(), Arc::new(client));
                        estate.scope.accounts.push(account);
                    }
                }
                // With one account there is nothing else to do; with several, the others go on.
                Err(failure) if self.aws.role_arns.len() < 2 => return Err(failure),
                Err(failure) => {
                    terminal.failure(&failure);
                    let accounts = &mut estate.scope.accounts;
                    accounts.push(not_reached(arn.as_deref(), &failure));
                }
            }
        }
        if estate.clients.is_empty() {
            return Err(Failure::unfinished("none of the accounts could be entered"));
        }
        Ok(estate)
    }
}

fn not_kept(error: CollectError) -> Failure {
    Failure::unfinished(error)
}

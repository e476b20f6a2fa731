//! `--org`: every account of the organization, each entered through a role of the same name.

use super::enter::{Entered, no_credentials, no_identity};
use super::{Estate, Job};
use crate::failure::Failure;
use crate::terminal::Terminal;
use futures::FutureExt as _;
use futures::stream::{self, StreamExt as _};
use palisade_aws::Client;
use palisade_aws::creds;
use palisade_collect::{
    Account, Lost, Member, Reason, Refusal, discover, global_region, organization,
};
use palisade_core::snapshot::{AccountScope, Membership};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The role that is assumed in each account unless another is named: the one of `permissions --org-template`. It may
/// only read, where the `OrganizationAccountAccessRole` of Organizations is administrator.
pub(crate) const ROLE: &str = "palisade-audit";

/// Accounts that are entered at the same time; STS's own quota is the bound, not ours.
const AT_ONCE: usize = 16;

impl Job<'_> {
    /// What can be told to be wrong before anything is asked.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if !self.aws.org {
            return Ok(());
        }
        if self.aws.role_arns.len() > 1 {
            return Err(Failure::usage("`--org` takes one `--role-arn` at most").hint(
                "it is the role from which the organization is listed, and each account's role assumed",
            ));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c);
        match &self.aws.org_role {
            Some(role) if role.is_empty() || !role.chars().all(fits) => Err(Failure::usage(
                format!("`{role}` is no name of a role"),
            )
            .hint("`--org-role` is the name alone, with its path if it has one: `audit/palisade`")),
            _ => Ok(()),
        }
    }

    /// The accounts of the organization: those that could be entered, and those that could not, with why. The account
    /// of the credentials is read as it is: a StackSet makes no role in the management account.
    pub(super) async fn organization(&self, terminal: &Terminal) -> Result<Estate, Failure> {
        let first = self.aws.role_arns.first().map(|arn| self.role(arn));
        let own = Box::pin(self.enter(first, &mut None, terminal)).await?;
        let region = global_region(&own.account.partition);
        let found = organization(&own.client, &own.account.id, region).await;
        let found = found.map_err(|refusal| not_told(&refusal, &own.account.id))?;
        found.notes.iter().for_each(|note| terminal.note(note));
        if !self.collect.plan {
            terminal.note(&format!(
                "{} accounts in the organization {}",
                found.accounts.len(),
                found.id
            ));
        }
        let mut estate = Estate::default();
        estate.scope.home_region.clone_from(&own.home);
        let entered = stream::iter(&found.accounts)
            .map(|member| Box::pin(self.member(member, &own)))
            .buffered(AT_ONCE);
        let entered: Vec<(Account, Option<Client>)> = entered.collect().await;
        for (account, client) in entered {
            if let Some(client) = client {
                estate.clients.insert(account.id.clone(), Arc::new(client));
            }
            estate.scope.accounts.push(account);
        }
        // It answers for the organization where it can be asked; else the account that has just told it does.
        let answers = if estate.clients.contains_key(&found.management) {
            &found.management
        } else {
            &own.account.id
        };
        estate.scope.answers_for_organization = Some(answers.clone());
        estate.lost = Some(lost(&own, region, estate.clients.keys().cloned().collect()));
        Ok(estate)
    }

    /// One account, with what calls it; without, why it can't be called.
    async fn member(&self, member: &Member, own: &Entered) -> (Account, Option<Client>) {
        let mut account = Account {
            partition: own.account.partition.clone(),
            ..Account::default()
        };
        let mut client = None;
        if member.id == own.account.id {
            account = own.account.clone();
            client = Some(own.client.clone());
        } else if !member.is_active() {
            account.not_reached =
                Some(format!("its state in the organization is {}", member.state));
        } else if self.collect.plan {
            // A plan enters no account: they are taken to have the same regions.
            account.regions.clone_from(&own.account.regions);
        } else {
            match Box::pin(self.assume(&member.id, own)).await {
                Ok((found, caller)) => {
                    account = found;
                    client = Some(caller);
                }
                Err(failure) => account.not_reached = Some(failure.text()),
            }
        }
        account.id.clone_from(&member.id);
        account.name.clone_from(&member.name);
        account.membership = Some(member.membership);
        account.unit.clone_from(&member.unit);
        (account, client)
    }

    async fn assume(&self, id: &str, own: &Entered) -> Result<(Account, Client), Failure> {
        let role = self.role(&format!(
            "arn:{}:iam::{id}:role/{}",
            own.account.partition,
            self.aws.org_role.as_deref().unwrap_or(ROLE),
        ));
        let sdk = Box::pin(creds::assume(&own.sdk, &role)).await;
        let client = own.client.with_sdk(sdk.map_err(|e| no_credentials(&e))?);
        let named = self.regions();
        let found = Box::pin(discover(&client, &own.home, named.as_deref())).await;
        let found = found.map_err(|refusal| no_identity(&refusal, &own.home))?;
        if found.account.id != id {
            return Err(Failure::unfinished(format!(
                "the role `{}` leads to the account {}",
                role.arn, found.account.id
            )));
        }
        Ok((found.account, client))
    }
}

/// Asks the organization again: an account that was active when it was entered, and is no longer, went away.
fn lost(own: &Entered, region: &'static str, entered: BTreeSet<String>) -> Lost {
    let (client, id) = (own.client.clone(), own.account.id.clone());
    let entered = Arc::new(entered);
    Lost::new(move || {
        let (client, id, entered) = (client.clone(), id.clone(), Arc::clone(&entered));
        async move {
            // Where it is not told, nothing is known to have gone away.
            let Ok(now) = organization(&client, &id, region).await else {
                return BTreeMap::new();
            };
            let gone = now.accounts.into_iter().filter(|member| {
                !member.is_active() && member.id != id && entered.contains(&member.id)
            });
            gone.map(|member| {
                let why = format!(
                    "it went away while it was read: its state in the organization is now {}",
                    member.state
                );
                (member.id, why)
            })
            .collect()
        }
        .boxed()
    })
}

fn not_told(refusal: &Refusal, account: &str) -> Failure {
    let code = refusal.code.as_deref().unwrap_or_default();
    let failure = Failure::unfinished(format!(
        "the accounts of the organization can't be listed from {account}: {code}: {}",
        refusal.message
    ));
    match (refusal.reason, code) {
        (_, "AWSOrganizationsNotInUseException") => {
            failure.hint("the account is in no organization: leave `--org` out")
        }
        (Reason::Denied, _) => failure.hint(
            "`--org` needs credentials of the management account or of a delegated administrator, with \
             organizations:DescribeOrganization, ListAccounts and ListDelegatedAdministrators, and sts:AssumeRole",
        ),
        _ => failure,
    }
}

/// What was read of the organization, and each account that was not.
pub(super) fn tell(accounts: &[AccountScope], terminal: &Terminal) {
    let unreached: Vec<&AccountScope> = accounts
        .iter()
        .filter(|account| account.not_reached.is_some())
        .collect();
    let delegated = accounts
        .iter()
        .filter(|a| a.membership == Some(Membership::DelegatedAdministrator))
        .count();
    terminal.note(&format!(
        "{} of {} accounts were read ({delegated} delegated administrator(s) in the organization)",
        accounts.len() - unreached.len(),
        accounts.len(),
    ));
    let lines: Vec<String> = unreached
        .into_iter()
        .map(|account| {
            let why = account.not_reached.as_deref().unwrap_or_default();
            format!("not reached: {} {}: {why}", account.id, account.name)
        })
        .collect();
    terminal.notes(&lines);
}

//! `palisade access ...`

use super::{AnswerArgs, CatalogArgs, SourceArgs};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to ask of policies.
#[derive(Debug, Subcommand)]
pub(crate) enum Access {
    /// Decide requests over all layers of policies, one case a line
    Simulate(Simulate),
    /// Is a policy written well: the issue codes of Access Analyzer, with line and column
    Validate(super::Validate),
    /// The same access in fewer words, proved
    Minimise(super::Minimise),
    /// Does a new policy allow anything that the old one does not?
    Compare(Compare),
    /// What does a changed policy newly allow, over all layers of a snapshot?
    Change(ChangePolicy),
    /// Does a policy, or a whole snapshot, allow what it must not?
    Check(CheckPolicy),
    /// Who can do this to that, over all layers of a snapshot
    WhoCan(WhoCan),
    /// What a principal can do, over all layers of a snapshot
    WhatCan(WhatCan),
    /// Resources and roles of a snapshot that anybody can use
    Public(AskSnapshot),
    /// Resources and roles of a snapshot that somebody outside the zone of trust can use
    External(External),
    /// Who can get the permissions of another, up to all of them, and how
    Escalation(Escalation),
    /// Roles, users, passwords, keys and permissions that were not used for a while
    Unused(Unused),
    /// The least policy for what a principal did, from CloudTrail
    Generate(Generate),
    /// Who can encrypt, who can decrypt, and who can both, for each KMS key of a snapshot
    Keys(AskSnapshot),
}

/// `palisade access simulate`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access simulate --input cases.jsonl
  jq -c .cases[] all.json | palisade access simulate --input -

A case: {\"id\", \"request\": {\"principal\", \"action\", \"resource\", \"resourceAccount\", \"context\"}, \"identityPolicies\": [],
\"resourcePolicy\", \"permissionBoundaries\": [], \"sessionPolicy\", \"scps\": [{\"level\", \"policies\": []}], \"rcps\": [], \"endpointPolicies\": []}.
An answer: {\"id\", \"decision\", \"decided_by\", \"residual\"}, or {\"id\", \"error\"}; both are described in docs/formats/access.md.")]
pub(crate) struct Simulate {
    /// A file of cases, one JSON object a line; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Write the answers here in place of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// `palisade access compare`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access compare policy.json new-policy.json
  palisade access compare main/policies branch/policies --format json

In folders, files are paired by their path; a file that only the new folder has is new as a whole.
Exit status: 0 no new access; 1 new access; 3 not decided.")]
pub(crate) struct Compare {
    /// The policy or folder of policies as it is
    pub(crate) old: PathBuf,
    /// The policy or folder of policies as it would be
    pub(crate) new: PathBuf,
    /// What the policies are attached to: principals (identity) or a resource; told by their `Principal` when left out
    #[arg(long = "type", value_name = "TYPE", value_parser = ["identity", "resource"])]
    pub(crate) kind: Option<String>,
    #[command(flatten)]
    pub(crate) form: AnswerArgs,
}

/// `palisade access check`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access check policy.json --not-granted iam:CreateUser iam:PassRole
  palisade access check policy.json --not-granted 's3:Delete*' --resource 'arn:aws:s3:::logs/*'
  palisade access check bucket-policy.json --no-public
  palisade access check --not-granted iam:CreateUser --demo

Without a policy the snapshot is asked: whether any of its users and roles can, over all layers.
Exit status: 0 passed; 1 failed; 3 not decided.")]
#[command(group(clap::ArgGroup::new("asked").required(true).multiple(true)))]
pub(crate) struct CheckPolicy {
    /// The policy, or a folder of policies; without one a snapshot is asked
    pub(crate) policy: Option<PathBuf>,
    /// Only this user or role of the snapshot
    #[arg(long, value_name = "ARN", conflicts_with = "policy")]
    pub(crate) principal: Option<String>,
    /// Actions of which none may be allowed; wildcards are actions too
    #[arg(long, value_name = "ACTION", num_args = 0.., group = "asked")]
    pub(crate) not_granted: Option<Vec<String>>,
    /// Only on these resources
    #[arg(long, value_name = "ARN", num_args = 1.., group = "asked")]
    pub(crate) resource: Vec<String>,
    /// Nothing may be allowed to everybody
    #[arg(long, group = "asked")]
    pub(crate) no_public: bool,
    /// What the policy is attached to: principals (identity) or a resource; told by its `Principal` when left out
    #[arg(long = "type", value_name = "TYPE", value_parser = ["identity", "resource"])]
    pub(crate) kind: Option<String>,
    #[command(flatten)]
    pub(crate) ask: AskSnapshot,
}

/// `palisade access who-can`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access who-can s3:GetObject 'arn:aws:s3:::payroll/*'
  palisade access who-can kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/KEY --demo --format json")]
pub(crate) struct WhoCan {
    /// The action; wildcards ask for any of them
    pub(crate) action: String,
    /// The resource's ARN, or `*`; wildcards ask for any of them
    pub(crate) resource: String,
    #[command(flatten)]
    pub(crate) ask: AskSnapshot,
}

/// `palisade access what-can`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access what-can arn:aws:iam::111122223333:role/deploy
  palisade access what-can arn:aws:iam::111122223333:user/ann --action 's3:*'
  palisade access what-can arn:aws:iam::111122223333:user/ann --chain")]
pub(crate) struct WhatCan {
    /// The ARN of a user or role
    pub(crate) principal: String,
    /// Only these actions
    #[arg(long, value_name = "GLOB", default_value = "*")]
    pub(crate) action: String,
    /// Also what it can do as the roles that it can assume, one after the other
    #[arg(long)]
    pub(crate) chain: bool,
    #[command(flatten)]
    pub(crate) ask: AskSnapshot,
}

/// Which snapshot is asked, and how the answer is written.
#[derive(Debug, Args)]
pub(crate) struct AskSnapshot {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) form: AnswerArgs,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade access external`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access external --zone organization
  palisade access external --zone account --trust 444455556666")]
pub(crate) struct External {
    /// Who is trusted: each account itself (account), or all accounts of the organization
    #[arg(long, value_name = "ZONE", default_value = "organization", value_parser = ["account", "organization"])]
    pub(crate) zone: String,
    /// This account is trusted too; repeat for more
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    pub(crate) trust: Vec<String>,
    #[command(flatten)]
    pub(crate) ask: AskSnapshot,
}

/// `palisade access escalation`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access escalation --demo
  palisade access escalation --principal arn:aws:iam::111122223333:user/ann --format json

The paths are those of the catalogue pathfinding.cloud. A step with `if` supposes something that was not looked at.
The JSON is described in docs/formats/access-escalation.md.")]
pub(crate) struct Escalation {
    /// Only from this user or role
    #[arg(long, value_name = "ARN")]
    pub(crate) principal: Option<String>,
    #[command(flatten)]
    pub(crate) ask: AskSnapshot,
}

/// `palisade access unused`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access unused --demo
  palisade access unused --days 180 --format json
  palisade access unused --principal arn:aws:iam::111122223333:role/deploy --last-accessed details.json

Permissions are looked at for one principal, with what `aws iam get-service-last-accessed-details --job-id ID` printed for it
(`generate-service-last-accessed-details --granularity ACTION_LEVEL` begins the job). `--trail` adds what CloudTrail saw.")]
pub(crate) struct Unused {
    /// Days without a use, 1 to 365
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub(crate) days: u16,
    /// The permissions of this user or role too
    #[arg(long, value_name = "ARN", requires = "last_accessed")]
    pub(crate) principal: Option<String>,
    /// The last accessed details of the principal: JSON of the AWS command line
    #[arg(long, value_name = "FILE", requires = "principal")]
    pub(crate) last_accessed: Option<PathBuf>,
    /// CloudTrail log files, or folders of them: .json or .json.gz
    #[arg(long, value_name = "PATH", num_args = 1.., requires = "principal")]
    pub(crate) trail: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) ask: AskSnapshot,
}

/// `palisade access generate`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access generate --principal arn:aws:iam::111122223333:role/deploy --trail logs/ > policy.json
  palisade access generate --principal arn:aws:iam::111122223333:role/deploy --trail logs/ --snapshot snapshot --report

With a snapshot the policy is proved to allow nothing that the principal's policies do not allow today.")]
pub(crate) struct Generate {
    /// The user or role; a role stands for all of its sessions
    #[arg(long, value_name = "ARN")]
    pub(crate) principal: String,
    /// CloudTrail log files, or folders of them: .json or .json.gz
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    pub(crate) trail: Vec<PathBuf>,
    /// Print what the policy rests on and what is left out, as JSON, in place of the policy alone
    #[arg(long)]
    pub(crate) report: bool,
    /// No wider than the principal's policies in this snapshot
    #[arg(long, value_name = "DIR")]
    pub(crate) snapshot: Option<PathBuf>,
    /// Write here in place of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade access change`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access change new.json --of arn:aws:iam::111122223333:policy/deploy
  palisade access change inline.json --of arn:aws:iam::111122223333:role/deploy --policy deploy
  palisade access change bucket-policy.json --of arn:aws:s3:::payroll --demo
  palisade access change --remove --of DenyLeavingTheOrganization --snapshot snapshot

`--of` is a managed policy, a resource or role (its trust policy), a user, role or group with `--policy`, or the name of a service
or resource control policy. Exit status: 0 nothing new; 1 new access; 3 not decided.")]
pub(crate) struct ChangePolicy {
    /// The policy as it would be
    #[arg(value_name = "NEW", required_unless_present = "remove")]
    pub(crate) new: Option<PathBuf>,
    /// The policy would be gone
    #[arg(long, conflicts_with = "new")]
    pub(crate) remove: bool,
    /// What it is the policy of
    #[arg(long, value_name = "ARN|NAME")]
    pub(crate) of: String,
    /// The inline policy of this name of a user, role or group
    #[arg(long, value_name = "NAME")]
    pub(crate) policy: Option<String>,
    #[command(flatten)]
    pub(crate) ask: AskSnapshot,
}

//! Arguments as typed. Nothing here is looked up or checked beyond its form; `Meant` types are made by the commands.

mod access;
mod apart;
mod attest;
mod catalog;
mod common;
mod network;
mod policy;
mod report;

pub(crate) use access::{
    Access, AskSnapshot, ChangePolicy, CheckPolicy, Compare, Escalation, External, Generate,
    Simulate, Unused, WhatCan, WhoCan,
};
pub(crate) use attest::{Attest, Expires};
pub(crate) use catalog::{Catalog, Docs, New, NewControl};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
pub(crate) use common::{
    AnswerArgs, AwsArgs, CatalogArgs, CollectArgs, OutputArgs, SelectArgs, SourceArgs, WaiverArgs,
};
pub(crate) use network::{
    Check as NetworkCheck, Diff as NetworkDiff, Estate, Graph, Network, Path as NetworkPath,
    Picture, Whole,
};
pub(crate) use policy::{Minimise, Validate};
pub(crate) use report::Report;
use std::ffi::OsString;
use std::path::PathBuf;

/// AWS security guidance, run: which recommendations hold in your accounts, which do not, what could not be seen, and what to do first.
#[derive(Debug, Parser)]
#[command(name = "palisade", version, max_term_width = 100, after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Say less: no progress, no hints
    #[arg(long, short, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Say more on stderr (-v calls, -vv wire)
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
    /// No colours (also NO_COLOR)
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) no_color: bool,
    /// The moment that counts as now: for snapshots that are made again and compared
    #[arg(
        long,
        global = true,
        hide = true,
        env = "PALISADE_NOW",
        value_name = "TIME"
    )]
    pub(crate) now: Option<jiff::Timestamp>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// The command line; one that can't be meant ends the program with a word on why.
    pub(crate) fn read() -> Self {
        read_from(std::env::args_os()).unwrap_or_else(|e| e.exit())
    }
}

/// The words of a command line, as typed.
fn read_from<W: Into<OsString> + Clone>(
    words: impl IntoIterator<Item = W>,
) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(words)?;
    apart::check(&mut command, &matches)?;
    Cli::from_arg_matches(&matches)
}

const EXAMPLES: &str = "\
Examples:
  palisade assess --demo                          look at a fictitious estate, no credentials needed
  palisade assess                                 the account of your current credentials, all its regions
  palisade assess --format html --out report.html the page to show
  palisade assess --region eu-west-1 --plan       what would be called, before anything is
  palisade permissions > policy.json              the least policy for it
  palisade query \"select name, region from aws_s3_bucket\"
  palisade explain s3-account-block-public-access

Exit status: 0 done; 1 something failed at or above --fail-on; 2 wrong usage; 3 could not finish, or saw nothing of
what --fail-on asks for.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Collect (or read a snapshot), decide, report: the main job
    Assess(Assess),
    /// Only collect: write a snapshot
    Collect(Collect),
    /// What to do next, first things first
    Roadmap(Roadmap),
    /// What is new, gone and still there between two snapshots
    Diff(Diff),
    /// Why, evidence and repair of a control, recommendation, framework, requirement, table or finding
    Explain(Explain),
    /// The controls, tables, frameworks or recommendations
    List(List),
    /// Who can send a packet to whom, and why not
    #[command(subcommand)]
    Network(Network),
    /// SQL over a snapshot
    Query(Query),
    /// A folder for auditors: each requirement of a framework with its evidence, hashed
    Report(Report),
    /// The least IAM policy that the selected scope needs
    Permissions(Permissions),
    /// Who can do what, decided by the policies themselves
    #[command(subcommand)]
    Access(Access),
    /// Record the statement of a person that a human process exists
    Attest(Attest),
    /// Check the built-in or your own catalogue
    #[command(subcommand)]
    Catalog(Catalog),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// `palisade assess`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade assess --demo
  palisade assess --profile audit --regions eu-west-1,eu-central-1
  palisade assess --org                            every account of the organization
  palisade assess --control securityhub:S3.1 --control cis-aws-7.0:2.2
  palisade assess --framework aws-top-ten --format json --out findings.json --fail-on high
  palisade assess --snapshot DIR --format html --out report.html
  palisade assess --exceptions mutelist.yaml       a Prowler mutelist works too")]
pub(crate) struct Assess {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) aws: AwsArgs,
    #[command(flatten)]
    pub(crate) collect: CollectArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) waivers: WaiverArgs,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade collect`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade collect --out snapshot
  palisade collect --out snapshot --resume
  palisade collect --plan --region eu-west-1
  palisade collect --table aws_iam_role --table aws_s3_bucket --out snapshot
  palisade collect --from-dir describe --out snapshot   an estate of which there are only files")]
pub(crate) struct Collect {
    /// The folder to write; one in the state folder when left out
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Read the JSON that `aws ... describe-*` prints in place of AWS: [accounts/ID/][REGION/]*.json; what no file
    /// holds is unknown
    #[arg(long, value_name = "DIR")]
    pub(crate) from_dir: Option<PathBuf>,
    /// Collect these tables whole, in place of what controls read; a derived table stands for all that its engine looks
    /// into
    #[arg(long = "table", value_name = "TABLE")]
    pub(crate) tables: Vec<String>,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) aws: AwsArgs,
    #[command(flatten)]
    pub(crate) collect: CollectArgs,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade roadmap`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade roadmap --demo
  palisade roadmap --phase 1
  palisade roadmap --effort 5d --owner team=payments
  palisade roadmap --format toml --out plan.toml")]
pub(crate) struct Roadmap {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Only this maturity phase: 1 to 4
    #[arg(long, value_name = "N", value_parser = common::phase)]
    pub(crate) phase: Option<u8>,
    /// Only what fits into so much work, first things first: `4h`, `5d`, `2w` (a day has 8 hours, a week 5 days)
    #[arg(long, value_name = "WORK", value_parser = common::work)]
    pub(crate) effort: Option<u64>,
    /// Only what concerns resources that carry this tag: `team=payments`, or `payments` for `owner=payments`
    #[arg(long, value_name = "TAG")]
    pub(crate) owner: Option<String>,
    /// How many steps to print
    #[arg(long, value_name = "N", value_parser = common::some)]
    pub(crate) top: Option<usize>,
    /// text or toml (a plan to commit)
    #[arg(long, default_value = "text", value_parser = ["text", "toml", "json"])]
    pub(crate) format: String,
    /// Write here in place of stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) waivers: WaiverArgs,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade diff`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade diff monday tuesday
  palisade diff            the last two snapshots in the state folder")]
pub(crate) struct Diff {
    /// The older snapshot
    pub(crate) older: Option<PathBuf>,
    /// The newer snapshot
    #[arg(requires = "older")]
    pub(crate) newer: Option<PathBuf>,
    /// table or json
    #[arg(long, default_value = "table", value_parser = ["table", "json"])]
    pub(crate) format: String,
    /// Exit with 1 if something new fails at or above this severity
    #[arg(long, value_name = "SEVERITY", value_parser = common::severity)]
    pub(crate) fail_on: Option<palisade_core::Severity>,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade explain`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade explain root-mfa-enabled
  palisade explain securityhub:S3.1
  palisade explain prowler:iam_root_mfa_enabled
  palisade explain cis-aws-7.0:2.4
  palisade explain SEC03-BP07
  palisade explain aws_s3_bucket
  palisade explain cloudtrail-all-regions")]
pub(crate) struct Explain {
    /// A control (by any of its names), recommendation, framework, requirement (`framework:id`), table, or the id of a
    /// finding
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// controls, tables, frameworks or recommendations
    #[arg(value_parser = ["controls", "tables", "frameworks", "recommendations"])]
    pub(crate) what: String,
    /// table or json
    #[arg(long, default_value = "table", value_parser = ["table", "json"])]
    pub(crate) format: String,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade query`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade query \"select name, region from aws_s3_bucket order by name\"
  palisade query --demo \"select operation, outcome, count(*) from _calls group by 1, 2\"
  palisade query --format csv \"select * from aws_iam_user\" > users.csv")]
pub(crate) struct Query {
    /// One SELECT; tables and columns: `palisade list tables`, `palisade explain TABLE`
    pub(crate) sql: String,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// table, json or csv
    #[arg(long, default_value = "table", value_parser = ["table", "json", "csv"])]
    pub(crate) format: String,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade permissions`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade permissions > policy.json                one document, for an inline policy of a role
  palisade permissions --out policy.json
  palisade permissions --framework aws-top-ten
  palisade permissions --control cloudtrail-multi-region
  palisade permissions --org-template > role.json   a StackSet makes the role in every account")]
pub(crate) struct Permissions {
    /// A CloudFormation template of the role that `--org` assumes in each account, with this policy
    #[arg(long)]
    pub(crate) org_template: bool,
    /// Write here in place of stdout; a policy that is larger than a managed one may be is split: NAME-1.json, ...
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

/// `palisade completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_sound() {
        Cli::command().debug_assert();
    }
}

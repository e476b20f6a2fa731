//! Arguments of the commands that read one policy, or a folder of them.

use clap::Args;
use std::path::PathBuf;

/// `palisade access validate`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access validate policy.json
  palisade access validate policies/ --format sarif --out policies.sarif
  palisade access validate bucket.json --type resource --service s3 --fail-on warning

The issue codes are those of IAM Access Analyzer's policy validation; nothing is sent to AWS.
A finding's JSON is described in docs/formats/policy-findings.md.")]
pub(crate) struct Validate {
    /// Policies: files, folders of *.json, or `-` for stdin
    #[arg(required = true, value_name = "POLICY|DIR")]
    pub(crate) paths: Vec<PathBuf>,
    /// What the policy is attached to; told from its elements when left out
    #[arg(long = "type", value_name = "TYPE", value_parser = ["identity", "resource", "trust", "scp", "rcp"])]
    pub(crate) kind: Option<String>,
    /// The service whose resource a resource policy is attached to: s3, kms, sqs, ...
    #[arg(long, value_name = "PREFIX")]
    pub(crate) service: Option<String>,
    /// text, json or sarif
    #[arg(long, short, default_value = "text", value_parser = ["text", "json", "sarif"])]
    pub(crate) format: String,
    /// Write here in place of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Exit with 1 if something weighs this much: error, security-warning, warning, suggestion
    #[arg(long, value_name = "WEIGHT", default_value = "error",
          value_parser = ["error", "security-warning", "warning", "suggestion", "never"])]
    pub(crate) fail_on: String,
}

/// `palisade access minimise`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade access minimise policy.json
  palisade access minimise bucket.json --type resource --out smaller.json

What is left out changes no access: the policies before and after are compared both ways.")]
pub(crate) struct Minimise {
    /// A policy; `-` is stdin
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// What the policy is attached to; told from its elements when left out
    #[arg(long = "type", value_name = "TYPE", value_parser = ["identity", "resource"])]
    pub(crate) kind: Option<String>,
    /// Write here in place of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

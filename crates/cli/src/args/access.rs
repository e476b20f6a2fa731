//! `palisade access ...`

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to ask of policies.
#[derive(Debug, Subcommand)]
pub(crate) enum Access {
    /// Decide requests over all layers of policies, one case a line
    Simulate(Simulate),
    /// Is a policy written well: the issue codes of Access Analyzer, with line and column
    Validate(super::Validate),
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

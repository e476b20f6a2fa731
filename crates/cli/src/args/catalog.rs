//! `palisade catalog ...`, as typed.

use super::CatalogArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `palisade catalog ...`
#[derive(Debug, Subcommand)]
pub(crate) enum Catalog {
    /// Prove it: files, references, SQL, and every control on its own examples
    Check {
        /// Your own catalogue, laid over the built-in one
        dir: Option<PathBuf>,
        /// Print only the hash of what is proved
        #[arg(long, hide = true)]
        fingerprint: bool,
    },
    /// Begin a file of your own
    #[command(subcommand)]
    New(New),
    /// Write the reference as a static site that needs no network
    Docs(Docs),
}

/// `palisade catalog new ...`
#[derive(Debug, Subcommand)]
pub(crate) enum New {
    /// A control: one file, with tests to fill
    Control(NewControl),
}

/// `palisade catalog new control`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade catalog new control queue-is-named --table aws_sqs_queue --answers tagging-strategy --catalog own
  palisade catalog check own            tells what is still to be filled")]
pub(crate) struct NewControl {
    /// Its id: small letters, digits and hyphens
    pub(crate) id: String,
    /// The table that it asks about
    #[arg(long)]
    pub(crate) table: String,
    /// The recommendation that it answers; may be given more than once
    #[arg(long, required = true, value_name = "RECOMMENDATION")]
    pub(crate) answers: Vec<String>,
    /// The folder of the catalogue to write into; `catalog` of a checkout when left out
    #[arg(long, value_name = "DIR")]
    pub(crate) catalog: Option<PathBuf>,
}

/// `palisade catalog docs`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  palisade catalog docs --out site      then open site/index.html")]
pub(crate) struct Docs {
    /// The folder to write into
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

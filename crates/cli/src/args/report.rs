//! Arguments of `palisade report`.

use super::{CatalogArgs, SourceArgs, WaiverArgs};
use clap::Args;
use std::path::PathBuf;

/// `palisade report`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  palisade report --framework cis-aws-7.0 --out pack
  palisade report --framework well-architected-security --snapshot DIR --out 2026-q4 --since 2026-q3
  palisade report --framework aws-top-ten --demo --out pack
  palisade report --framework cis-aws-7.0 --out pack --sign minisign.key")]
pub(crate) struct Report {
    /// The framework: `palisade list frameworks`
    #[arg(long, value_name = "ID")]
    pub(crate) framework: String,
    /// The folder to make
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Tell what has changed since this earlier pack, whose files must be those of its manifest
    #[arg(long, value_name = "DIR")]
    pub(crate) since: Option<PathBuf>,
    /// The earlier pack is signed by this public key of minisign
    #[arg(long, value_name = "KEYFILE", requires = "since")]
    pub(crate) since_key: Option<PathBuf>,
    /// Sign the manifest with this secret key of minisign; a key with a password asks for it at the terminal
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) sign: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) waivers: WaiverArgs,
    #[command(flatten)]
    pub(crate) catalog: CatalogArgs,
}

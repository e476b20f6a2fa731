//! The manifest of a snapshot: what lies in the folder, of which version, and of what moment.
//!
//! ```text
//! DIR/manifest.json
//! DIR/calls.parquet            the ledger
//! DIR/tables/<table>.parquet   a table that was planned has a file, even when it has no rows
//! ```

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the layout that this program writes and reads.
pub const FORMAT: u32 = 1;

/// The file that makes a folder a snapshot.
pub const MANIFEST: &str = "manifest.json";

/// The ledger's file.
pub const LEDGER: &str = "calls.parquet";

/// The folder of the tables.
pub const TABLES: &str = "tables";

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`] of the program that wrote it.
    pub format: u32,
    /// The version of the program that wrote it.
    pub palisade: String,
    /// When the collection began; ages are counted from here.
    pub taken_at: jiff::Timestamp,
    /// The accounts in scope.
    pub accounts: Vec<AccountScope>,
    /// The tables collected, with the number of rows and the hash of the file.
    pub tables: BTreeMap<String, FileEntry>,
    /// The ledger.
    pub ledger: FileEntry,
    /// Why the collection stopped before its end; `--resume` goes on from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
}

/// An account in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountScope {
    /// Twelve digits.
    pub id: String,
    /// Its name in the organization, or its alias; empty if neither is known.
    #[serde(default)]
    pub name: String,
    /// The regions looked at.
    pub regions: Vec<String>,
    /// What it is in its organization, where that was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<Membership>,
    /// The organizational unit that it is in, as a path below the root: `Workloads/Production`, or ids where names were
    /// not told; `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Why it could not be entered at all; then nothing of it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_reached: Option<String>,
    /// Calls that were planned and never sent, by the code that the ledger gives them: see
    /// [`crate::call::not_sent`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_sent: BTreeMap<String, u64>,
}

/// The units of an account's path in its organization, as Organizations tells it: `o-x/r-x/ou-x/ou-y/` as `ou-x/ou-y`.
/// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html>
#[must_use]
pub fn units(path: &str) -> String {
    let units: Vec<&str> = path.split('/').filter(|p| p.starts_with("ou-")).collect();
    units.join("/")
}

/// What an account is in its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// It owns the organization; guardrails do not bind it.
    Management,
    /// It administers a service, or policies, for the organization.
    DelegatedAdministrator,
    /// Neither.
    Member,
}

/// A file of the snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its rows.
    pub rows: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// [`crate::schema::TableSchema::fingerprint`] of the table when it was written; empty where that was not told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// The columns that were planned and so can be measured; the others are null in every row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fills: Vec<String>,
    /// Resources that were listed but left out, because their own region is not in scope, by region.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub out_of_scope: BTreeMap<String, u64>,
}

//! The auditor's pack, `palisade.pack/v1`: a folder that holds what shows a framework's requirements, requirement by
//! requirement, with a hash of every file.
//!
//! ```text
//! manifest.json             everything below, with SHA-256 hashes; what is signed
//! evidence/<control>.json   findings, as in `palisade.assessment/v1`
//! index.html  index.csv     the same for people
//! changes.json              against an earlier pack
//! README.md                 how to check it
//! ```

mod changes;
mod evidence;
mod index;
mod moved;
mod page;
mod requirement;
mod restated;

pub use changes::{Changes, Moved, MovedIn, RequirementMovedIn, Restated, Restatement};
pub use evidence::Evidence;
pub use requirement::{AccountState, EvidenceOf, RecommendationOf, RequirementOf, Shown};

use palisade_core::assess::Header;
use palisade_core::catalog::Framework;
use palisade_core::snapshot::AccountScope;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

/// The name and version of the manifest.
pub const SCHEMA: &str = "palisade.pack/v1";
/// The manifest's file.
pub const MANIFEST: &str = "manifest.json";

/// Where a pack's files go.
pub trait Folder {
    /// Puts bytes at the end of a file, which is made with the first of them.
    ///
    /// # Errors
    /// When they cannot be written.
    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;
}

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// The version of the program.
    pub palisade: String,
    /// The framework.
    pub framework: FrameworkOf,
    /// When the snapshot was taken.
    pub taken_at: jiff::Timestamp,
    /// Whether the estate is the demo's.
    pub demo: bool,
    /// The accounts in scope, with those that were not reached.
    pub accounts: Vec<AccountScope>,
    /// The pack that `changes.json` compares with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// In the framework's own order.
    pub requirements: Vec<RequirementOf>,
    /// Every file but this one, by its path in the pack.
    pub files: BTreeMap<String, FileOf>,
}

/// The framework of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameworkOf {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its edition.
    pub edition: String,
    /// Where it is published.
    pub source: String,
}

/// An earlier pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// When its snapshot was taken.
    pub taken_at: jiff::Timestamp,
    /// SHA-256 of its manifest.
    pub manifest_sha256: String,
}

/// A file of the pack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOf {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

impl Manifest {
    /// A manifest of requirements; the files are still to be told.
    #[must_use]
    pub fn new(framework: &Framework, header: &Header, requirements: Vec<RequirementOf>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            palisade: header.palisade.clone(),
            framework: FrameworkOf {
                id: framework.id.clone(),
                title: framework.title.clone(),
                edition: framework.edition.clone(),
                source: framework.source.clone(),
            },
            taken_at: header.taken_at,
            demo: header.demo,
            accounts: header.accounts.clone(),
            since: None,
            requirements,
            files: BTreeMap::new(),
        }
    }

    /// Writes the indexes and the word on how to check the pack; `changes`: against the pack that `since` names.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn describe(&self, changes: Option<&Changes>, folder: &mut dyn Folder) -> io::Result<()> {
        if let Some(changes) = changes {
            let mut text = serde_json::to_vec_pretty(changes)?;
            text.push(b'\n');
            folder.append("changes.json", &text)?;
        }
        folder.append("index.csv", &index::csv(self)?)?;
        folder.append("index.html", page::html(self, changes).as_bytes())?;
        folder.append("README.md", index::readme(self).as_bytes())
    }
}

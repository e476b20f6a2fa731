//! What a run asks for: a run that asks for something else does not go on from its journals.

use super::file_name;
use super::journal::{Journal, head};
use crate::error::{CollectError, io};
use crate::plan::{Account, Plan};
use palisade_core::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Accounts that are named; an organization has thousands, and each of them has a journal.
const NAMED: usize = 5;

/// The ending of a journal's name.
const ENDING: &str = "jsonl";

/// What a run asks for, as the journal of one of its accounts tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// The regions of the account.
    regions: Vec<String>,
    /// How many accounts the run is over, and the first of them by id.
    accounts: usize,
    first: Vec<String>,
    /// SHA-256 over all accounts, all tables with their fills, and the regions.
    sha256: String,
}

impl Asked {
    /// In which way a run asks for something else than the one before it.
    fn difference(&self, now: &Self) -> Option<String> {
        if self.sha256 == now.sha256 {
            return None;
        }
        let words = if (self.accounts, &self.first) != (now.accounts, &now.first) {
            format!(
                "was for accounts {}; this one asks for {}",
                self.named(),
                now.named()
            )
        } else if self.regions != now.regions && !now.regions.is_empty() {
            format!(
                "was for regions {}; this one asks for {}",
                self.regions.join(", "),
                now.regions.join(", ")
            )
        } else {
            "was for other accounts, controls or tables than this one asks for".to_owned()
        };
        Some(words)
    }

    fn named(&self) -> String {
        let named = self.first.join(", ");
        match self.accounts.saturating_sub(self.first.len()) {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    }
}

/// What a run asks for in all.
#[derive(Debug)]
pub(super) struct Asking<'p> {
    /// The accounts, by the name of their journal.
    accounts: BTreeMap<String, &'p Account>,
    whole: Asked,
}

impl<'p> Asking<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let accounts = plan.scope.accounts.iter();
        let ids: BTreeSet<&str> = accounts.clone().map(|a| a.id.as_str()).collect();
        let tables: BTreeMap<&str, Vec<String>> = plan
            .tables
            .iter()
            .map(|table| (table.recipe.table.as_str(), table.fills()))
            .collect();
        let mut parts = vec!["accounts"];
        parts.extend(&ids);
        for (table, fills) in &tables {
            parts.extend(["table", *table]);
            parts.extend(fills.iter().map(String::as_str));
        }
        Self {
            whole: Asked {
                regions: Vec::new(),
                accounts: ids.len(),
                first: ids.iter().take(NAMED).map(|id| (*id).to_owned()).collect(),
                sha256: sha256(parts),
            },
            accounts: accounts.map(|a| (file_name(&a.id), a)).collect(),
        }
    }

    /// The part of an account.
    pub(super) fn part(&self, account: &Account) -> Asked {
        let regions: BTreeSet<&str> = account.regions.iter().map(String::as_str).collect();
        let mut parts = vec![self.whole.sha256.as_str()];
        parts.extend(&regions);
        Asked {
            sha256: sha256(parts),
            regions: regions.into_iter().map(str::to_owned).collect(),
            ..self.whole.clone()
        }
    }

    /// Makes sure that the journals of a folder are of a run that asked for the same.
    ///
    /// A journal of a version that did not write down what was asked is gone on with, as that version would: what was
    /// answered is paid for, and it can't be told to be of another run.
    pub(super) fn check(&self, partial: &Path) -> Result<(), CollectError> {
        for path in journals(partial)? {
            let Some(before) = head(&path)?.and_then(|head| head.asked) else {
                continue;
            };
            let now = match self.account(&path) {
                // Nothing of it is asked, and its regions may not be known.
                Some(account) if account.not_reached.is_some() => continue,
                Some(account) => self.part(account),
                None => self.whole.clone(),
            };
            if let Some(difference) = before.difference(&now) {
                return Err(CollectError::OtherRun {
                    path: partial.parent().unwrap_or(partial).to_path_buf(),
                    difference,
                });
            }
        }
        Ok(())
    }

    /// Removes the journals of a run that is not gone on with; those of the accounts that are asked begin anew.
    pub(super) fn clear(&self, partial: &Path, now: jiff::Timestamp) -> Result<(), CollectError> {
        for path in journals(partial)? {
            let asked = self.account(&path).filter(|a| a.not_reached.is_none());
            if asked.is_none() {
                // It can't be opened while another run is at work on it.
                drop(Journal::open(&path, now, self.whole.clone(), false)?);
                fs_err::remove_file(&path).map_err(|e| io(&path, e))?;
            }
        }
        Ok(())
    }

    fn account(&self, journal: &Path) -> Option<&'p Account> {
        let name = journal.file_stem().and_then(OsStr::to_str)?;
        self.accounts.get(name).copied()
    }
}

/// Where the journal of an account lies.
pub(super) fn path(partial: &Path, account: &str) -> PathBuf {
    partial.join(format!("{}.{ENDING}", file_name(account)))
}

/// The journals of a folder, by name.
fn journals(partial: &Path) -> Result<BTreeSet<PathBuf>, CollectError> {
    let mut found = BTreeSet::new();
    for entry in fs_err::read_dir(partial).map_err(|e| io(partial, e))? {
        let path = entry.map_err(|e| io(partial, e))?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            found.insert(path);
        }
    }
    Ok(found)
}

/// The hash of the parts, each closed by a zero byte.
fn sha256<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize())
}

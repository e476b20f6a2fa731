//! A page for each account, in a folder beside the overview.

use super::head::{self, Links};
use super::rows::Rows;
use super::tail::{Tail, frameworks};
use crate::unsent::Unsent;
use palisade_core::assess::{
    Collection, FrameworkScore, Header, Standing, Summary, Tally, Totals, roadmap,
};
use palisade_core::snapshot::AccountScope;
use palisade_core::{Catalog, Finding};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Bytes that are held of a page before they are written: there may be thousands of pages at once.
const HELD: usize = 16 << 10;

/// Pages in the making: they stand under a temporary name until all of them are whole.
pub(super) struct Pages<'a> {
    catalog: &'a Catalog,
    /// Without the accounts.
    header: Header,
    scopes: BTreeMap<String, AccountScope>,
    folder: TempDir,
    /// What the folder is called at the end, and the overview.
    target: PathBuf,
    overview: String,
    open: BTreeMap<String, One>,
    controls: BTreeSet<String>,
}

/// One page.
#[derive(Debug, Default)]
struct One {
    rows: Rows,
    totals: Totals,
    held: Vec<u8>,
}

impl<'a> Pages<'a> {
    /// Pages in a folder called after the overview's file: `report.accounts` beside `report.html`.
    pub(super) fn beside(file: &Path, catalog: &'a Catalog, header: &Header) -> io::Result<Self> {
        let mut name = file.file_stem().map_or_else(OsString::new, OsString::from);
        name.push(".accounts");
        let target = file.with_file_name(name);
        if target.exists() && !is_ours(&target) {
            return Err(io::Error::other(format!(
                "`{}` has other files in it, so the accounts' pages can't be put there: give the report another name",
                target.display()
            )));
        }
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        Ok(Self {
            catalog,
            header: Header {
                palisade: header.palisade.clone(),
                accounts: Vec::new(),
                ..*header
            },
            scopes: header
                .accounts
                .iter()
                .map(|account| (account.id.clone(), account.clone()))
                .collect(),
            folder: tempfile::Builder::new()
                .prefix(".palisade-")
                .tempdir_in(parent)?,
            overview: file_name(file),
            target,
            open: BTreeMap::new(),
            controls: BTreeSet::new(),
        })
    }

    /// The folder's name, as the overview links to it.
    pub(super) fn name(&self) -> String {
        file_name(&self.target)
    }

    pub(super) fn add(&mut self, finding: &Finding) -> io::Result<()> {
        self.put(finding).map_err(|e| unwritten(&self.target, e))
    }

    fn put(&mut self, finding: &Finding) -> io::Result<()> {
        let account = &finding.resource.account_id;
        if !self.controls.contains(&*finding.control) {
            self.controls.insert(finding.control.to_string());
        }
        if !self.open.contains_key(account) {
            let one = self.begun(account)?;
            self.open.insert(account.clone(), one);
        }
        let Some(one) = self.open.get_mut(account) else {
            return Ok(());
        };
        one.totals.add(finding);
        one.rows.add(&mut one.held, finding)?;
        if one.held.len() >= HELD {
            append(&page(self.folder.path(), account), &mut one.held)?;
        }
        Ok(())
    }

    fn begun(&self, account: &str) -> io::Result<One> {
        let known = self.scopes.get(account).cloned();
        let own = Header {
            palisade: self.header.palisade.clone(),
            accounts: known.into_iter().collect(),
            ..self.header
        };
        let mut one = One::default();
        let links = Links {
            pages: None,
            overview: Some(format!("../{}", self.overview)),
        };
        head::write(&mut one.held, &own, &links)?;
        Ok(one)
    }

    /// Ends all pages and gives them their place; tells the controls that have findings.
    pub(super) fn close(self, summary: &Summary, unsent: &Unsent) -> io::Result<BTreeSet<String>> {
        let target = self.target.clone();
        self.whole(summary, unsent)
            .map_err(|e| unwritten(&target, e))
    }

    fn whole(mut self, summary: &Summary, unsent: &Unsent) -> io::Result<BTreeSet<String>> {
        let mut standings: BTreeMap<&str, Vec<Standing>> = BTreeMap::new();
        for standing in &summary.standings {
            let own = standings.entry(&standing.account_id).or_default();
            own.push(standing.clone());
        }
        let mut scores = by_account(&summary.scores);
        let frameworks = frameworks(self.catalog);
        // What is said of an account outside the scope is not lost.
        let mut accounts = self.scopes.clone();
        for id in self.open.keys() {
            accounts.entry(id.clone()).or_insert_with(|| AccountScope {
                id: id.clone(),
                ..AccountScope::default()
            });
        }
        for account in accounts.into_values() {
            let mut one = match self.open.remove(&account.id) {
                Some(one) => one,
                None => self.begun(&account.id)?,
            };
            let own = standings.remove(account.id.as_str()).unwrap_or_default();
            let own = Summary {
                scores: scores.remove(account.id.as_str()).unwrap_or_default(),
                roadmap: roadmap(self.catalog, &own, &summary.tally),
                standings: own,
                collection: Collection {
                    blind: one.totals.blind(),
                    ..Collection::default()
                },
                waivers: Vec::new(),
                tally: Tally::default(),
            };
            let path = page(self.folder.path(), &account.id);
            one.rows.close(&mut one.held)?;
            let mut out = BufWriter::new(append(&path, &mut one.held)?);
            let accounts = std::slice::from_ref(&account);
            let controls = one.rows.controls();
            let totals = &one.totals;
            Tail::new(self.catalog, &controls, &own, totals, &frameworks, accounts)
                .with(&one.rows)
                .told(unsent)
                .write(&mut out)?;
            head::close(&mut out)?;
            out.flush()?;
        }
        if self.target.exists() {
            fs_err::remove_dir_all(&self.target)?;
        }
        fs_err::rename(self.folder.keep(), &self.target)?;
        Ok(self.controls)
    }
}

/// Each account's part of the scores, where anything of it counts.
fn by_account(scores: &[FrameworkScore]) -> BTreeMap<&str, Vec<FrameworkScore>> {
    let mut all: BTreeMap<&str, Vec<FrameworkScore>> = BTreeMap::new();
    for score in scores {
        for account in score.accounts.iter().filter(|a| a.scored > 0) {
            let own = all.entry(&account.account_id).or_default();
            own.push(FrameworkScore {
                framework: score.framework.clone(),
                accounts: vec![account.clone()],
                mean: account.share,
                worst: Some(account.account_id.clone()),
            });
        }
    }
    all
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn page(folder: &Path, account: &str) -> PathBuf {
    // An account's id is twelve digits; what else a snapshot says it is must not leave the folder.
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let name: String = account.chars().map(plain).collect();
    folder.join(format!("{name}.html"))
}

/// A full disk is told with the folder's name at the end: that of the temporary one says nothing.
fn unwritten(target: &Path, error: io::Error) -> io::Error {
    let full = matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    );
    if !full {
        return error;
    }
    let words = format!("the disk is full while writing `{}`", target.display());
    io::Error::new(error.kind(), words)
}

/// Writes what is held to the end of a page, and gives the file.
fn append(path: &Path, held: &mut Vec<u8>) -> io::Result<fs_err::File> {
    let mut file = fs_err::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?;
    file.write_all(held)?;
    held.clear();
    Ok(file)
}

/// Whether a folder holds pages and nothing else, so that it may be replaced.
fn is_ours(folder: &Path) -> bool {
    fs_err::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().all(|entry| {
            let path = entry.path();
            path.extension().is_some_and(|e| e == "html") && path.is_file()
        })
    })
}

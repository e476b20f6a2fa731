//! A page for each account, in a folder beside the overview.

use super::ending::Ending;
use super::head::{self, Links};
use super::heads::Heads;
use super::rows::Rows;
use crate::unsent::Unsent;
use palisade_core::assess::{Header, Summary, Totals};
use palisade_core::snapshot::AccountScope;
use palisade_core::{Catalog, Finding};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Bytes that are held of a page before they are written: there may be thousands of pages at once.
const HELD: usize = 16 << 10;

/// Pages in the making: they stand under a temporary name until all of them are whole.
pub(super) struct Pages<'a> {
    frame: Frame<'a>,
    /// What the folder is called at the end.
    target: PathBuf,
    open: Vec<One>,
    /// Where the page of an account is among those that are open.
    places: BTreeMap<String, usize>,
    /// The account of the finding before: most findings are of the same.
    last: Option<(String, usize)>,
}

/// What all pages have in common.
pub(super) struct Frame<'a> {
    pub(super) catalog: &'a Catalog,
    /// Without the accounts.
    header: Header,
    pub(super) scopes: BTreeMap<String, AccountScope>,
    folder: TempDir,
    /// The overview's file.
    overview: String,
}

/// One page.
#[derive(Debug, Default)]
pub(super) struct One {
    pub(super) rows: Rows,
    pub(super) totals: Totals,
    pub(super) held: Vec<u8>,
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
        let frame = Frame {
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
        };
        Ok(Self {
            frame,
            target,
            open: Vec::new(),
            places: BTreeMap::new(),
            last: None,
        })
    }

    /// The folder's name, as the overview links to it.
    pub(super) fn name(&self) -> String {
        file_name(&self.target)
    }

    pub(super) fn add(&mut self, heads: &mut Heads, finding: &Finding) -> io::Result<()> {
        self.put(heads, finding)
            .map_err(|e| unwritten(&self.target, e))
    }

    fn put(&mut self, heads: &mut Heads, finding: &Finding) -> io::Result<()> {
        let account = &finding.resource.account_id;
        let at = self.place(account)?;
        let Some(one) = self.open.get_mut(at) else {
            return Ok(());
        };
        one.totals.add(finding);
        one.rows.add(&mut one.held, heads, finding)?;
        if one.held.len() >= HELD {
            self.frame.append(account, &mut one.held)?;
        }
        Ok(())
    }

    /// Where the page of an account is; it is begun when the account is first met.
    fn place(&mut self, account: &str) -> io::Result<usize> {
        if let Some((last, at)) = &self.last
            && last == account
        {
            return Ok(*at);
        }
        let at = match self.places.get(account) {
            Some(at) => *at,
            None => {
                let at = self.open.len();
                self.open.push(self.frame.begun(account)?);
                self.places.insert(account.to_owned(), at);
                at
            }
        };
        self.last = Some((account.to_owned(), at));
        Ok(at)
    }

    /// Ends all pages and gives them their place.
    pub(super) fn close(self, summary: &Summary, heads: &Heads, unsent: &Unsent) -> io::Result<()> {
        let target = self.target.clone();
        self.whole(summary, heads, unsent)
            .map_err(|e| unwritten(&target, e))
    }

    fn whole(self, summary: &Summary, heads: &Heads, unsent: &Unsent) -> io::Result<()> {
        let Self {
            frame,
            target,
            mut open,
            places,
            ..
        } = self;
        // What is said of an account outside the scope is not lost.
        let mut accounts = frame.scopes.clone();
        for id in places.keys() {
            accounts.entry(id.clone()).or_insert_with(|| AccountScope {
                id: id.clone(),
                ..AccountScope::default()
            });
        }
        let pages = accounts.into_values().map(|account| {
            let one = places.get(&account.id).and_then(|at| open.get_mut(*at));
            (account, one.map(std::mem::take))
        });
        Ending::new(&frame, summary, heads, unsent).all(pages)?;
        if target.exists() {
            fs_err::remove_dir_all(&target)?;
        }
        fs_err::rename(frame.folder.keep(), &target)
    }
}

impl Frame<'_> {
    /// A page with its beginning.
    pub(super) fn begun(&self, account: &str) -> io::Result<One> {
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

    /// Writes what is held to the end of an account's page, and gives the file.
    pub(super) fn append(&self, account: &str, held: &mut Vec<u8>) -> io::Result<fs_err::File> {
        let mut file = fs_err::OpenOptions::new()
            .append(true)
            .create(true)
            .open(page(self.folder.path(), account))?;
        file.write_all(held)?;
        held.clear();
        Ok(file)
    }
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

/// Whether a folder holds pages and nothing else, so that it may be replaced.
fn is_ours(folder: &Path) -> bool {
    fs_err::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().all(|entry| {
            let path = entry.path();
            path.extension().is_some_and(|e| e == "html") && path.is_file()
        })
    })
}

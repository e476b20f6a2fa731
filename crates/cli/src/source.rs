//! Which snapshot a command reads.

use crate::args::SourceArgs;
use crate::demo;
use crate::failure::Failure;
use crate::house::House;
use crate::state::State;
use crate::terminal::Terminal;
use palisade_query::{Session, Snapshot};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A snapshot's folder; the demo's goes with the value.
#[derive(Debug)]
pub(crate) enum Source {
    /// The embedded one.
    Demo(TempDir),
    /// A folder.
    Folder(PathBuf),
}

impl Source {
    /// The one named, or the newest in the state folder.
    pub(crate) fn of(args: &SourceArgs) -> Result<Self, Failure> {
        match Self::named(args)? {
            Some(source) => Ok(source),
            None => Ok(Self::Folder(State::find()?.latest()?)),
        }
    }

    /// The one named, if any is.
    pub(crate) fn named(args: &SourceArgs) -> Result<Option<Self>, Failure> {
        if args.demo {
            return Ok(Some(Self::Demo(demo::lay_out()?)));
        }
        Ok(args.snapshot.clone().map(Self::Folder))
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Demo(folder) => folder.path(),
            Self::Folder(path) => path,
        }
    }

    /// Whether it is the demo.
    pub(crate) const fn is_demo(&self) -> bool {
        matches!(self, Self::Demo(_))
    }
}

/// A snapshot; that it is incomplete is told.
pub(crate) fn snapshot(folder: &Path, terminal: &Terminal) -> Result<Snapshot, Failure> {
    let snapshot = Snapshot::open(folder)?;
    if let Some(why) = &snapshot.manifest().incomplete {
        terminal.note(&format!("this snapshot is incomplete: {why}"));
    }
    Ok(snapshot)
}

/// A snapshot and the SQL over it.
pub(crate) fn open(
    folder: &Path,
    house: &House,
    terminal: &Terminal,
) -> Result<(Snapshot, Session), Failure> {
    let snapshot = snapshot(folder, terminal)?;
    let session = Session::open(&snapshot, &house.catalog, house.schemas())?;
    tell_lacking(&session, terminal);
    Ok((snapshot, session))
}

/// Tells what a snapshot of another catalogue lacks.
pub(crate) fn tell_lacking(session: &Session, terminal: &Terminal) {
    let lacking = session.lacking();
    let Some((table, columns)) = lacking.iter().next() else {
        return;
    };
    let first = columns.first().map_or("", String::as_str);
    let all = match lacking.values().map(Vec::len).sum::<usize>() {
        1 => format!("`{table}.{first}`"),
        n => format!("{n} columns, `{table}.{first}` among them"),
    };
    terminal.note(&format!(
        "this snapshot was made with another catalogue and lacks {all}: what reads them is unknown; collect again"
    ));
}

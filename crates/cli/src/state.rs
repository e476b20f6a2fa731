//! Where snapshots are kept between runs: `$XDG_STATE_HOME/palisade/snapshots/<time>`.

use crate::failure::Failure;
use std::path::{Path, PathBuf};

/// The folder of snapshots.
#[derive(Debug, Clone)]
pub(crate) struct State(PathBuf);

/// The journal of a run, inside its folder; it goes when the run is complete.
const JOURNAL: &str = ".partial";

/// Whether a run in a folder has not come to its end.
pub(crate) fn can_go_on(folder: &Path) -> bool {
    folder.join(JOURNAL).is_dir()
}

/// Snapshots kept; older ones are removed.
const KEPT: usize = 10;

impl State {
    /// The user's.
    pub(crate) fn find() -> Result<Self, Failure> {
        let home = || std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".local/state"));
        let base = std::env::var_os("XDG_STATE_HOME")
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
            .or_else(home)
            .ok_or_else(|| {
                Failure::usage("there is no home folder to keep the snapshot in")
                    .hint("name a folder: `palisade collect --out DIR`")
            })?;
        Ok(Self(base.join("palisade/snapshots")))
    }

    /// The folder for a new snapshot.
    fn fresh(&self, at: jiff::Timestamp) -> PathBuf {
        self.0.join(at.strftime("%Y%m%dT%H%M%SZ").to_string())
    }

    /// The folder to write to: a new one, or that of the run to go on with.
    pub(crate) fn place(
        &self,
        resume: bool,
        clock: palisade_core::Clock,
    ) -> Result<PathBuf, Failure> {
        if !resume {
            return Ok(self.fresh(clock.now()));
        }
        self.unfinished().ok_or_else(|| {
            Failure::usage("there is no run to go on with")
                .hint("leave `--resume` out to begin one")
        })
    }

    /// The mark that a catalogue of that hash has proved itself.
    pub(crate) fn proof(&self, hash: &str) -> PathBuf {
        self.0.with_file_name("proved").join(hash)
    }

    /// Whole snapshots, oldest first.
    pub(crate) fn whole(&self) -> Vec<PathBuf> {
        self.folders(|f| f.join(palisade_core::snapshot::MANIFEST).is_file())
    }

    /// The newest run, if it was cut off or stopped before its end.
    fn unfinished(&self) -> Option<PathBuf> {
        self.folders(|_| true).pop().filter(|f| can_go_on(f))
    }

    /// The newest whole snapshot.
    pub(crate) fn latest(&self) -> Result<PathBuf, Failure> {
        self.whole().pop().ok_or_else(|| {
            Failure::usage("there is no snapshot yet").hint(
                "`palisade assess` makes one, `--snapshot DIR` names one, `--demo` needs none",
            )
        })
    }

    /// Removes all but the newest.
    pub(crate) fn tidy(&self) {
        let whole = self.whole();
        for old in whole.iter().take(whole.len().saturating_sub(KEPT)) {
            // A snapshot that can't be removed is only old.
            let _ = fs_err::remove_dir_all(old);
        }
    }

    fn folders(&self, wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let Ok(entries) = fs_err::read_dir(&self.0) else {
            return Vec::new();
        };
        let mut folders: Vec<PathBuf> = entries
            .filter_map(Result::ok)
            .map(|e| e.path())
            .filter(|p| p.is_dir() && wanted(p))
            .collect();
        folders.sort_unstable();
        folders
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_stopped_goes_on_and_a_whole_one_does_not() {
        let base = tempfile::tempdir().unwrap();
        let state = State(base.path().to_owned());
        let clock = palisade_core::Clock::at("2026-01-03T00:00:00Z".parse().unwrap());
        assert!(state.place(true, clock).is_err());
        let stopped = base.path().join("20260101T000000Z");
        fs_err::create_dir_all(stopped.join(JOURNAL)).unwrap();
        assert_eq!(state.place(true, clock).unwrap(), stopped);
        // What was measured has been written, and the journal is still there.
        fs_err::write(stopped.join(palisade_core::snapshot::MANIFEST), "{}").unwrap();
        assert_eq!(state.place(true, clock).unwrap(), stopped);
        let whole = base.path().join("20260102T000000Z");
        fs_err::create_dir_all(&whole).unwrap();
        assert!(state.place(true, clock).is_err());
        assert_ne!(state.place(false, clock).unwrap(), whole);
    }
}

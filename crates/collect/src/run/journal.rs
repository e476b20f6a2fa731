//! The journal: one line per completed call, so that a killed run can go on.
//!
//! `OUT/.partial/<account>.jsonl`. The first line is the head; each further one is a call with its answer, redacted.
//! A line that was cut off by a kill is dropped. The journal is also where answers are read from when they are needed
//! again: a call is made once, and memory does not grow with what was answered.

use super::asked::Asked;
use crate::error::{CollectError, io};
use palisade_core::Call;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The version of the journal's lines.
const FORMAT: u32 = 1;

/// The head of a journal.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub(crate) struct Head {
    format: u32,
    /// When the collection began.
    pub(crate) taken_at: jiff::Timestamp,
    /// What the run asks for; older versions did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) asked: Option<Asked>,
}

/// A call with its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) call: Call,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    offset: u64,
    length: u32,
}

/// The journal of one account.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Mutex<Open>,
    head: Head,
}

#[derive(Debug)]
struct Open {
    file: fs_err::File,
    end: u64,
}

impl Journal {
    /// Opens the journal, and tells what is in it when the run goes on from it.
    pub(crate) fn open(
        path: &Path,
        taken_at: jiff::Timestamp,
        asked: Asked,
        resume: bool,
    ) -> Result<(Self, BTreeMap<u64, Place>), CollectError> {
        let mut options = fs_err::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use fs_err::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(path).map_err(|e| io(path, e))?;
        if file.file().try_lock().is_err() {
            return Err(CollectError::Busy {
                path: path.parent().unwrap_or(path).to_path_buf(),
            });
        }
        let (mut head, mut index, mut end) = (None, BTreeMap::new(), 0);
        if resume {
            (head, index, end) = scan(path, &file)?;
        }
        let begun = head.is_some();
        let head = head.unwrap_or(Head {
            format: FORMAT,
            taken_at,
            asked: Some(asked),
        });
        // A file that is no regular one, as a device, can't be cut.
        let _ = file.file().set_len(end);
        file.seek(SeekFrom::Start(end)).map_err(|e| io(path, e))?;
        let journal = Self {
            path: path.to_path_buf(),
            file: Mutex::new(Open { file, end }),
            head,
        };
        if !begun {
            journal.append(&journal.head)?;
        }
        Ok((journal, index))
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Writes an entry; it is with the operating system when this returns.
    pub(crate) fn append(&self, line: &impl Serialize) -> Result<Place, CollectError> {
        let mut bytes = serde_json::to_vec(line).map_err(|e| io(&self.path, e.into()))?;
        bytes.push(b'\n');
        let mut open = self.lock();
        let offset = open.end;
        open.file
            .seek(SeekFrom::Start(offset))
            .map_err(|e| io(&self.path, e))?;
        // Half a line is written over by the next one, or dropped by the next run.
        open.file.write_all(&bytes).map_err(|e| io(&self.path, e))?;
        open.end += bytes.len() as u64;
        let length = u32::try_from(bytes.len()).map_err(|_| CollectError::Journal {
            path: self.path.clone(),
            fault: "an answer is larger than 4 GiB".to_owned(),
        })?;
        Ok(Place { offset, length })
    }

    /// Reads an entry.
    pub(crate) fn read(&self, place: Place) -> Result<Entry, CollectError> {
        let mut bytes = vec![0; place.length as usize];
        {
            let mut open = self.lock();
            open.file
                .seek(SeekFrom::Start(place.offset))
                .map_err(|e| io(&self.path, e))?;
            open.file
                .read_exact(&mut bytes)
                .map_err(|e| io(&self.path, e))?;
        }
        serde_json::from_slice(&bytes).map_err(|e| CollectError::Journal {
            path: self.path.clone(),
            fault: format!("byte {}: {e}", place.offset),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of a call's id.
pub(crate) fn key(id: &str) -> u64 {
    u64::from_str_radix(id, 16).unwrap_or(0)
}

/// The head of a journal that lies in a folder, if a whole one was written.
pub(crate) fn head(path: &Path) -> Result<Option<Head>, CollectError> {
    let file = fs_err::File::open(path).map_err(|e| io(path, e))?;
    let mut line = Vec::new();
    BufReader::new(file)
        .read_until(b'\n', &mut line)
        .map_err(|e| io(path, e))?;
    if line.last() != Some(&b'\n') {
        return Ok(None);
    }
    // What is wrong with it is told when it is opened.
    Ok(serde_json::from_slice(&line).ok())
}

/// What is in a journal: the measured calls, and where the last whole line ends.
fn scan(
    path: &Path,
    file: &fs_err::File,
) -> Result<(Option<Head>, BTreeMap<u64, Place>, u64), CollectError> {
    #[derive(Deserialize)]
    struct Line {
        call: Call,
    }
    let wrong = |fault: String| CollectError::Journal {
        path: path.to_path_buf(),
        fault,
    };
    let mut reader = BufReader::new(file);
    let mut index = BTreeMap::new();
    let (mut head, mut offset, mut line) = (None, 0u64, Vec::new());
    loop {
        line.clear();
        let length = reader
            .read_until(b'\n', &mut line)
            .map_err(|e| io(path, e))?;
        if length == 0 || line.last() != Some(&b'\n') {
            return Ok((head, index, offset));
        }
        if head.is_none() {
            let found: Head =
                serde_json::from_slice(&line).map_err(|e| wrong(format!("its head: {e}")))?;
            if found.format != FORMAT {
                return Err(wrong(format!(
                    "it is of format {}, not {FORMAT}",
                    found.format
                )));
            }
            head = Some(found);
        } else {
            let found: Line = match serde_json::from_slice(&line) {
                Ok(found) => found,
                Err(e) => return Err(wrong(format!("byte {offset}: {e}"))),
            };
            // What failed is asked again.
            if found.call.outcome.is_measured() {
                let length = u32::try_from(length).map_err(|e| wrong(e.to_string()))?;
                index.insert(key(&found.call.id), Place { offset, length });
            }
        }
        offset += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use palisade_core::Outcome;
    use serde_json::json;

    fn entry(id: &str, outcome: Outcome) -> Entry {
        Entry {
            call: Call {
                id: id.to_owned(),
                account_id: "111122223333".to_owned(),
                region: "eu-west-1".to_owned(),
                operation: "sqs:ListQueues".to_owned(),
                parameters: "{}".to_owned(),
                outcome,
                code: None,
                message: None,
                attempts: 1,
                at_ms: 0,
                took_ms: 1,
            },
            next: None,
            value: Some(json!({"QueueUrls": ["a"]})),
        }
    }

    #[test]
    fn measured_calls_are_found_again_and_a_torn_line_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.jsonl");
        let taken_at = "2026-01-01T00:00:00Z".parse().unwrap();
        {
            let (journal, index) = Journal::open(&path, taken_at, Asked::default(), false).unwrap();
            assert!(index.is_empty());
            journal
                .append(&entry("00000000000000aa", Outcome::Ok))
                .unwrap();
            journal
                .append(&entry("00000000000000bb", Outcome::Throttled))
                .unwrap();
            assert!(matches!(
                Journal::open(&path, taken_at, Asked::default(), true),
                Err(CollectError::Busy { .. })
            ));
        }
        let whole = fs_err::metadata(&path).unwrap().len();
        fs_err::OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"{\"call\":{\"id")
            .unwrap();
        let later = "2026-02-01T00:00:00Z".parse().unwrap();
        let (journal, index) = Journal::open(&path, later, Asked::default(), true).unwrap();
        assert_eq!(journal.head().taken_at, taken_at);
        assert_eq!(index.keys().copied().collect::<Vec<_>>(), [0xaa]);
        let found = journal.read(index[&0xaa]).unwrap();
        assert_eq!(found.value, Some(json!({"QueueUrls": ["a"]})));
        assert_eq!(fs_err::metadata(&path).unwrap().len(), whole);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_as_such() {
        let (full, began) = (Path::new("/dev/full"), jiff::Timestamp::UNIX_EPOCH);
        let error = Journal::open(full, began, Asked::default(), false).unwrap_err();
        assert!(matches!(error, CollectError::Full { .. }), "{error}");
    }
}

//! Why a collection could not be written. That a call failed is no such reason: the ledger has it.

use std::path::PathBuf;

/// A collection that could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The disk is full. What was collected until then stays in the journal.
    #[error("the disk is full while writing `{path}`; make room and run again with --resume")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// A file can't be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The journal is of another version or not a journal.
    #[error("`{path}` can't be resumed: {fault}; run again without --resume to begin anew")]
    Journal {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// The run that is to go on asked for something else.
    #[error("the run in `{path}` {difference}: give the same options, or name another folder")]
    OtherRun {
        /// The folder.
        path: PathBuf,
        /// In which way.
        difference: String,
    },
    /// A table can't be written.
    #[error("`{table}` can't be written: {message}")]
    Table {
        /// The table.
        table: String,
        /// Why.
        message: String,
    },
    /// Another run is at work in the same folder.
    #[error("another run is writing to `{path}`; wait for it, or choose another folder")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The plan names an account without a client.
    #[error("no credentials for the account {0}")]
    NoClient(String),
}

/// An IO error on a file: a full disk is told as such.
pub(crate) fn io(path: &std::path::Path, error: std::io::Error) -> CollectError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => CollectError::Full {
            path: path.to_path_buf(),
        },
        _ => CollectError::Io(error),
    }
}

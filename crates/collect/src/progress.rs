//! What a run tells while it runs.

use palisade_core::Call;

/// Told of every call, from many threads.
pub trait Progress: Send + Sync {
    /// A call is sent.
    fn started(&self, operation: &str, region: &str) {
        let _ = (operation, region);
    }

    /// A call is done, whatever came of it. Calls taken from the journal are told too.
    fn finished(&self, call: &Call, resumed: bool) {
        let _ = (call, resumed);
    }

    /// All calls are made; the tables are written.
    fn writing(&self, table: &str) {
        let _ = table;
    }
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}

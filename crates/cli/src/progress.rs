//! The progress of a collection, on stderr, only on a terminal.

use crate::log;
use crate::terminal::Terminal;
use indicatif::{ProgressBar, ProgressStyle};
use palisade_collect::Progress;
use palisade_core::{Call, Outcome};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// One line: calls done, in flight, and those that were not answered.
pub(crate) struct Bar {
    bar: ProgressBar,
    started: AtomicU64,
    finished: AtomicU64,
    denied: AtomicU64,
    failed: AtomicU64,
}

impl Bar {
    /// Hidden when stderr is no terminal.
    pub(crate) fn new(terminal: &Terminal) -> Self {
        let bar = if terminal.progress {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self {
            bar,
            started: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            denied: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self, last: &str) {
        let get = |n: &AtomicU64| n.load(Ordering::Relaxed);
        let (started, finished) = (get(&self.started), get(&self.finished));
        let mut text = format!(
            "{finished} calls, {} in flight",
            started.saturating_sub(finished)
        );
        for (n, word) in [(get(&self.denied), "denied"), (get(&self.failed), "failed")] {
            if n > 0 {
                text.push_str(&format!(", {n} {word}"));
            }
        }
        self.bar.set_message(format!("{text}  {last}"));
    }
}

/// The call as a line of the log.
fn tell(call: &Call, resumed: bool) {
    let how = if resumed { " (kept from before)" } else { "" };
    let code = call
        .code
        .as_deref()
        .map_or_else(String::new, |c| format!(" {c}"));
    tracing::debug!(
        target: log::CALLS,
        "{} {} {} {} {}{code} {} ms{how}",
        call.account_id, call.region, call.operation, call.parameters, call.outcome, call.took_ms
    );
}

impl Progress for Bar {
    fn started(&self, operation: &str, region: &str) {
        self.started.fetch_add(1, Ordering::Relaxed);
        self.show(&format!("{operation} {region}"));
    }

    fn finished(&self, call: &Call, resumed: bool) {
        if resumed {
            self.started.fetch_add(1, Ordering::Relaxed);
        }
        self.finished.fetch_add(1, Ordering::Relaxed);
        tell(call, resumed);
        match call.outcome {
            Outcome::Denied => {
                self.denied.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::Throttled | Outcome::Failed => {
                self.failed.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::Ok | Outcome::Absent | Outcome::Unsupported => {}
        }
    }

    fn writing(&self, table: &str) {
        self.bar.set_message(format!("writing {table}"));
    }
}

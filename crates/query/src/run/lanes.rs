//! Jobs done at the same time, what they find given in the order of the jobs.

use crate::error::QueryError;
use crate::session::STACK;
use palisade_core::finding::{Finding, FindingSink};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Findings that go over to the reader at once.
const AT_ONCE: usize = 256;

/// Such lots that a job may be ahead of the reader: memory stays flat however many findings there are.
const AHEAD: usize = 16;

/// Controls that failed on the way, and why.
pub(super) type Errors = BTreeMap<String, String>;

/// Takes the findings of a job, one by one.
pub(crate) type Give<'g> = dyn FnMut(Finding) -> io::Result<()> + 'g;

enum Message {
    Findings(Vec<Finding>),
    /// The end of a job. A lane that stops before it says so is an error, never an end.
    Done(Result<Errors, QueryError>),
}

/// Works on `jobs` in as many lanes as are told, and gives the findings as if one had been done after the other.
///
/// A job whose turn has not come waits when it is too far ahead; the one whose turn it is never does, so all end.
///
/// # Errors
/// The first of a job, in the order of jobs, or of the sink. What follows is not begun.
pub(super) fn each<J: Send>(
    jobs: Vec<J>,
    lanes: usize,
    sink: &mut dyn FindingSink,
    work: impl Fn(J, &mut Give<'_>) -> Result<Errors, QueryError> + Sync,
) -> Result<Errors, QueryError> {
    let (waiting, receivers): (Vec<_>, Vec<_>) = jobs
        .into_iter()
        .map(|job| (job, sync_channel(AHEAD)))
        .map(|(job, (send, receive))| (Mutex::new(Some((job, send))), receive))
        .unzip();
    let settle = sink.reads_grounds();
    let next = AtomicUsize::new(0);
    let lane = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = waiting.get(at) else {
                return;
            };
            let taken = job.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some((job, send)) = taken {
                do_one(job, send, settle, &work);
            }
        }
    };
    std::thread::scope(|scope| {
        let lanes = (0..lanes.clamp(1, waiting.len().max(1)))
            .map(|_| {
                std::thread::Builder::new()
                    .name("palisade-lane".to_owned())
                    .stack_size(STACK)
                    .spawn_scoped(scope, lane)
            })
            .collect::<io::Result<Vec<_>>>()?;
        let given = give(receivers, sink);
        if given.is_err() {
            next.store(waiting.len(), Ordering::Relaxed);
        }
        for lane in lanes {
            // One that panicked has left its job without an end, which is the error that is given.
            let _ = lane.join();
        }
        given
    })
}

fn do_one<J>(
    job: J,
    send: SyncSender<Message>,
    settle: bool,
    work: impl Fn(J, &mut Give<'_>) -> Result<Errors, QueryError>,
) {
    let mut out = Out {
        send,
        settle,
        held: Vec::new(),
    };
    let done = work(job, &mut |finding| out.take(finding))
        .and_then(|errors| Ok(out.hand_over().map(|()| errors)?));
    // Nobody listens any more when the run was given up.
    let _ = out.send.send(Message::Done(done));
}

fn give(
    receivers: Vec<Receiver<Message>>,
    sink: &mut dyn FindingSink,
) -> Result<Errors, QueryError> {
    let mut all = Errors::new();
    for receiver in receivers {
        loop {
            match receiver.recv() {
                Ok(Message::Findings(findings)) => {
                    for finding in &findings {
                        sink.finding(finding)?;
                    }
                }
                Ok(Message::Done(done)) => {
                    all.extend(done?);
                    break;
                }
                Err(_) => {
                    return Err(QueryError::Engine(
                        "a worker stopped before the end".to_owned(),
                    ));
                }
            }
        }
    }
    Ok(all)
}

/// What a job writes its findings to.
struct Out {
    send: SyncSender<Message>,
    /// Whether grounds are worked out here.
    settle: bool,
    held: Vec<Finding>,
}

impl Out {
    fn take(&mut self, mut finding: Finding) -> io::Result<()> {
        if self.settle {
            finding.grounds.settle();
        }
        self.held.push(finding);
        if self.held.len() < AT_ONCE {
            return Ok(());
        }
        self.hand_over()
    }

    fn hand_over(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        self.send
            .send(Message::Findings(std::mem::take(&mut self.held)))
            .map_err(|_| io::Error::other("the run was given up"))
    }
}

#[cfg(test)]
mod tests;

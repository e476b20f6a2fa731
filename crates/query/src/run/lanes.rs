//! Jobs done at the same time, what they find given in the order of the jobs.

use crate::error::QueryError;
use crate::session::STACK;
use palisade_core::finding::{Finding, FindingSink};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, PoisonError};

/// Findings that go over to the reader at once.
const AT_ONCE: usize = 256;

/// Such lots of the job whose turn it is that the reader may have before it: memory stays flat however many findings
/// there are.
const BUFFERED: usize = 8;

/// Findings that all other jobs together may be ahead of the reader.
const AHEAD: usize = 8 * AT_ONCE;

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
/// Jobs whose turn has not come wait when they are too far ahead; the one whose turn it is waits for the reader alone, so
/// all end.
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
        .map(|job| (job, sync_channel(BUFFERED)))
        .map(|(job, (send, receive))| (Mutex::new(Some((job, send))), receive))
        .unzip();
    let settle = sink.reads_grounds();
    let next = AtomicUsize::new(0);
    let turns = Turns::default();
    let lane = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = waiting.get(at) else {
                return;
            };
            let taken = job.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some((job, send)) = taken {
                let out = Out {
                    turns: &turns,
                    at,
                    send,
                    settle,
                    held: Vec::new(),
                };
                do_one(job, out, &work);
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
        let given = give(receivers, &Reader(&turns), sink);
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
    mut out: Out<'_>,
    work: impl Fn(J, &mut Give<'_>) -> Result<Errors, QueryError>,
) {
    let done = work(job, &mut |finding| out.take(finding))
        .and_then(|errors| Ok(out.hand_over().map(|()| errors)?));
    // Nobody listens any more when the run was given up.
    let _ = out.send.send(Message::Done(done));
}

fn give(
    receivers: Vec<Receiver<Message>>,
    reader: &Reader<'_>,
    sink: &mut dyn FindingSink,
) -> Result<Errors, QueryError> {
    let mut all = Errors::new();
    for (at, receiver) in receivers.into_iter().enumerate() {
        reader.turn_of(at);
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

/// Whose turn it is, and how far the others are ahead.
#[derive(Default)]
struct Turns {
    now: Mutex<Now>,
    moved: Condvar,
}

#[derive(Default)]
struct Now {
    /// The job that the reader reads.
    turn: usize,
    /// Findings of each other job that wait for the reader.
    ahead: BTreeMap<usize, usize>,
}

impl Turns {
    /// Waits until a job may hand over so many findings.
    fn wait(&self, at: usize, findings: usize) {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |now: &mut Now| at > now.turn && now.ahead.values().sum::<usize>() >= AHEAD;
        let now = self.moved.wait_while(now, full);
        let mut now = now.unwrap_or_else(PoisonError::into_inner);
        if at > now.turn {
            *now.ahead.entry(at).or_default() += findings;
        }
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.now.lock().unwrap_or_else(PoisonError::into_inner));
        self.moved.notify_all();
    }
}

/// The reader's end: when it is gone, nobody waits for it any more.
struct Reader<'t>(&'t Turns);

impl Reader<'_> {
    fn turn_of(&self, at: usize) {
        self.0.change(|now| {
            now.turn = at;
            now.ahead.remove(&at);
        });
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.turn_of(usize::MAX);
    }
}

/// What a job writes its findings to.
struct Out<'t> {
    turns: &'t Turns,
    /// The job's place.
    at: usize,
    send: SyncSender<Message>,
    /// Whether grounds are worked out here.
    settle: bool,
    held: Vec<Finding>,
}

impl Out<'_> {
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
        self.turns.wait(self.at, self.held.len());
        self.send
            .send(Message::Findings(std::mem::take(&mut self.held)))
            .map_err(|_| io::Error::other("the run was given up"))
    }
}

#[cfg(test)]
mod tests;

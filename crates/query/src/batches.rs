//! What a running plan gives, batch by batch.

use crate::error::QueryError;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

/// What a running plan gives; dropping it stops the plan.
#[derive(Debug)]
pub(crate) struct Batches<T> {
    /// `None` is the end: a worker that stops before it says so is an error, never an end.
    receive: Receiver<Result<Option<T>, QueryError>>,
    ended: bool,
    task: JoinHandle<()>,
    /// What is left of the time that may be waited for batches, and the whole of it.
    left: Option<(Duration, Duration)>,
}

impl<T> Batches<T> {
    pub(crate) fn new(
        receive: Receiver<Result<Option<T>, QueryError>>,
        task: JoinHandle<()>,
    ) -> Self {
        Self {
            receive,
            ended: false,
            task,
            left: None,
        }
    }

    /// Ends with an error when the plan has been waited for so long. What the reader itself takes does not count: it may
    /// wait for its turn.
    pub(crate) fn within(mut self, limit: Duration) -> Self {
        self.left = Some((limit, limit));
        self
    }
}

impl<T> Iterator for Batches<T> {
    type Item = Result<T, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.receive();
        self.ended = !matches!(item, Some(Ok(Some(_))));
        match item {
            Some(Ok(item)) => item.map(Ok),
            Some(Err(e)) => Some(Err(e)),
            None => Some(Err(QueryError::Engine(
                "a worker stopped before the end".to_owned(),
            ))),
        }
    }
}

impl<T> Batches<T> {
    fn receive(&mut self) -> Option<Result<Option<T>, QueryError>> {
        let receive = &mut self.receive;
        let Some((left, limit)) = &mut self.left else {
            return futures::executor::block_on(receive.recv());
        };
        let item = receive_within(receive, left);
        item.unwrap_or_else(|| {
            self.task.abort();
            Some(Err(QueryError::TimeOut(limit.as_secs())))
        })
    }
}

/// What comes while there is time left; none when there is not. The clock is this thread's own: those of the threads that
/// plans run on stand still while all of them are busy.
fn receive_within<T>(receive: &mut Receiver<T>, left: &mut Duration) -> Option<Option<T>> {
    let start = Instant::now();
    let waker = Arc::new(Waiting(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let item = loop {
        if let Poll::Ready(item) = receive.poll_recv(&mut context) {
            break Some(item);
        }
        let time = left.saturating_sub(start.elapsed());
        if time.is_zero() {
            break None;
        }
        thread::park_timeout(time);
    };
    *left = left.saturating_sub(start.elapsed());
    item
}

/// A thread that waits.
struct Waiting(Thread);

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl<T> Drop for Batches<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::runtime::Runtime;

    const LIMIT: Duration = Duration::from_millis(200);

    fn batches(runtime: &Runtime, pause: Duration) -> Batches<usize> {
        let (send, receive) = tokio::sync::mpsc::channel(2);
        let task = runtime.spawn(async move {
            for at in 0..4 {
                tokio::time::sleep(pause).await;
                let _ = send.send(Ok(Some(at))).await;
            }
            let _ = send.send(Ok(None)).await;
        });
        Batches::new(receive, task).within(LIMIT)
    }

    #[test]
    fn the_time_of_a_plan_is_what_it_is_waited_for() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_time()
            .build()
            .unwrap();
        // A reader that takes longer than the plan may.
        let slow_reader = batches(&runtime, Duration::ZERO).map(|item| {
            thread::sleep(LIMIT);
            item.unwrap()
        });
        assert_eq!(slow_reader.collect::<Vec<_>>(), [0, 1, 2, 3]);
        // No batch takes that long, all together do.
        let last = batches(&runtime, LIMIT / 2).last().unwrap();
        assert!(matches!(last, Err(QueryError::TimeOut(_))), "{last:?}");
    }

    #[test]
    fn time_passes_while_all_threads_of_plans_are_busy() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .unwrap();
        let (release, held) = std::sync::mpsc::channel::<()>();
        runtime.spawn(async move { held.recv() });
        let first = batches(&runtime, Duration::ZERO).next();
        drop(release);
        assert!(
            matches!(first, Some(Err(QueryError::TimeOut(_)))),
            "{first:?}"
        );
    }
}

//! The threads that plans run on.

use crate::batches::Batches;
use crate::context::{self, Limits};
use crate::error::QueryError;
use arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::execution::SessionState;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::StreamExt as _;
use std::future::Future;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Where a session's plans run. Its methods block: they are called from outside of those threads.
#[derive(Clone)]
pub(crate) struct Threads {
    pub(crate) state: Arc<SessionState>,
    pub(crate) limits: Limits,
    pub(crate) handle: Handle,
}

impl Threads {
    /// Runs a future and waits for it.
    pub(crate) fn wait<T, F>(&self, future: F) -> Result<T, QueryError>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (send, receive) = std::sync::mpsc::sync_channel(1);
        let task = self.handle.spawn(async move {
            let _ = send.send(future.await);
        });
        let answer = receive.recv();
        drop(task);
        answer.map_err(|_| QueryError::Engine("a worker stopped before it answered".to_owned()))
    }

    /// A plan that reads columns of a table, without the planner.
    pub(crate) fn scan(
        &self,
        table: Arc<dyn TableProvider>,
        projection: Vec<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, QueryError> {
        let state = Arc::clone(&self.state);
        self.wait(async move { table.scan(&*state, Some(&projection), &[], None).await })?
            .map_err(|e| QueryError::run(&e))
    }

    /// Runs a plan, with work done on each batch there; what it gives comes over a short channel, so that a slow reader
    /// holds it back.
    pub(crate) fn stream_with<T, W>(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        mut work: W,
    ) -> Result<Batches<T>, QueryError>
    where
        T: Send + 'static,
        W: FnMut(RecordBatch) -> T + Send + 'static,
    {
        let context = Arc::new(context::task(&self.state, &self.limits));
        let (send, receive) = tokio::sync::mpsc::channel(2);
        let task = self.handle.spawn(async move {
            let mut stream = match execute_stream(plan, context) {
                Ok(stream) => stream,
                Err(e) => {
                    let _ = send.send(Err(QueryError::run(&e))).await;
                    return;
                }
            };
            while let Some(batch) = stream.next().await {
                let item = batch
                    .map(|b| Some(work(b)))
                    .map_err(|e| QueryError::run(&e));
                let stop = item.is_err();
                if send.send(item).await.is_err() || stop {
                    return;
                }
            }
            let _ = send.send(Ok(None)).await;
        });
        Ok(Batches::new(receive, task))
    }
}

impl std::fmt::Debug for Threads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Threads")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

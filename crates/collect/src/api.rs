//! The one way to AWS: ask for a page, get a page or a refusal.

use futures::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;

/// One page of one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Twelve digits.
    pub account: String,
    /// The region that is asked.
    pub region: String,
    /// `service:Operation`
    pub operation: String,
    /// The parameters, the page's token among them.
    pub input: Value,
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// What the operation answers, with the API's own names.
    pub value: Value,
    /// The parameters that ask for the next page, to be laid over this one's; none if this was the last.
    pub next: Option<Value>,
    /// How often the call was sent.
    pub attempts: u32,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The caller lacks the permission.
    Denied,
    /// Throttled until the retries ran out.
    Throttled,
    /// The service, the region or the account does not offer the operation.
    Unsupported,
    /// The credentials are no longer valid, or not valid at all.
    Expired,
    /// The service did not answer in time.
    TimedOut,
    /// No connection, or one that broke.
    Unreachable,
    /// The number of calls that the user allows is used up.
    Budget,
    /// What was asked was no longer wanted when its turn came.
    Unwanted,
    /// Anything else.
    Other,
}

/// Whether an answer is still wanted; asked whenever a call is about to be sent.
pub type Wanted = Arc<dyn Fn() -> bool + Send + Sync>;

/// A call that was not answered with a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The service's error code.
    pub code: Option<String>,
    /// The service's or the client's message.
    pub message: String,
    /// How often the call was sent.
    pub attempts: u32,
}

/// The API of one account.
pub trait Api: Send + Sync {
    /// Asks for one page, with retries and a limit of time, for as long as the answer is wanted.
    fn call(&self, ask: Ask, wanted: Wanted) -> BoxFuture<'static, Result<Page, Refusal>>;
}

//! The API of AWS itself.

use crate::api::{Api, Ask, Page, Reason, Refusal, Wanted};
use crate::recipe::ModelSource;
use futures::future::{BoxFuture, FutureExt as _};
use palisade_aws::model::Model;
use palisade_aws::{Call, CallError, Client, ErrorKind, Models, paging};
use palisade_core::call::{BUDGET_EXHAUSTED, EXPIRED_CREDENTIALS};
use std::sync::Arc;

impl ModelSource for Models {
    fn model(&self, service: &str) -> Result<Arc<Model>, String> {
        self.service(service).map_err(|e| e.to_string())
    }
}

impl Api for Client {
    fn call(&self, ask: Ask, wanted: Wanted) -> BoxFuture<'static, Result<Page, Refusal>> {
        let client = self.clone();
        async move { page(&client, &ask, &wanted).await.map_err(refusal) }.boxed()
    }
}

async fn page(client: &Client, ask: &Ask, wanted: &Wanted) -> Result<Page, CallError> {
    let (service, operation) = ask.operation.split_once(':').unwrap_or_default();
    let call = Call {
        service,
        operation,
        region: &ask.region,
        account: &ask.account,
        input: &ask.input,
    };
    let reply = client.call_while(call, &**wanted).await?;
    let model = client.models().service(service).ok();
    let pager = model.as_ref().and_then(|m| m.paginators.get(operation));
    Ok(Page {
        next: pager.and_then(|pager| paging::following(pager, &reply.value)),
        value: reply.value,
        attempts: reply.attempts,
    })
}

fn refusal(error: CallError) -> Refusal {
    let reason = match error.kind {
        ErrorKind::Denied => Reason::Denied,
        ErrorKind::Throttled => Reason::Throttled,
        ErrorKind::Unsupported => Reason::Unsupported,
        ErrorKind::Expired => Reason::Expired,
        ErrorKind::Timeout => Reason::TimedOut,
        ErrorKind::Network => Reason::Unreachable,
        ErrorKind::Budget => Reason::Budget,
        ErrorKind::Unwanted => Reason::Unwanted,
        // A region that is not enabled answers as if the credentials were wrong: it does not end the account.
        _ => Reason::Other,
    };
    // What no service named has a word of ours, so that a ledger can be searched.
    let code = error.code.or_else(|| {
        let word = match error.kind {
            ErrorKind::Timeout => "Timeout",
            ErrorKind::Network => "Network",
            ErrorKind::Parse => "UnreadableAnswer",
            ErrorKind::Expired => EXPIRED_CREDENTIALS,
            ErrorKind::Credentials => "Credentials",
            ErrorKind::Budget => BUDGET_EXHAUSTED,
            ErrorKind::Input => "WrongInput",
            ErrorKind::Endpoint => "NoEndpoint",
            ErrorKind::Paging => "EndlessListing",
            ErrorKind::Server => "ServerError",
            _ => return None,
        };
        Some(word.to_owned())
    });
    Refusal {
        reason,
        code,
        message: error.message,
        attempts: error.attempts,
    }
}

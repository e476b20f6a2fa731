//! From the orchestrator's errors to ours.

use super::call::Failed;
use super::serde::Fault;
use super::{CallError, ErrorKind, classify, patience, redirect};
use crate::model::Operation;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::interceptors::context::Error;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use std::error::Error as StdError;

/// Messages of services are kept, but a hostile one must not fill the ledger.
const LONGEST_MESSAGE: usize = 2_000;

pub(super) fn of(
    error: &SdkError<Error, HttpResponse>,
    operation: &Operation,
    attempts: u32,
) -> Failed {
    let raw = error.raw_response();
    let status = raw.map(|response| response.status().as_u16());
    let fault = error
        .as_service_error()
        .and_then(|error| error.downcast_ref::<Fault>());
    if let Some(fault) = fault {
        let head = operation.http.method == "HEAD";
        let error = CallError {
            kind: classify::kind(&fault.error, head),
            code: Some(shortened(&fault.error.code, 200)),
            message: shortened(&fault.error.message, LONGEST_MESSAGE),
            status,
            attempts,
        };
        let bucket_region = redirect::region(raw, &fault.error);
        return Failed {
            error,
            bucket_region,
            asked_wait: patience::asked(raw),
        };
    }
    let (kind, message) = other(error);
    let error = CallError {
        kind,
        code: None,
        message: shortened(&message, LONGEST_MESSAGE),
        status,
        attempts,
    };
    error.into()
}

/// What a service told, where an attempt failed by it.
pub(super) fn fault(error: &OrchestratorError<Error>) -> Option<&Fault> {
    error.as_operation_error()?.downcast_ref()
}

/// A failure that no service told.
fn other(error: &SdkError<Error, HttpResponse>) -> (ErrorKind, String) {
    if let Some(found) = credentials(error) {
        let expired = chain(found).to_lowercase().contains("expired");
        let kind = if expired {
            ErrorKind::Expired
        } else {
            ErrorKind::Credentials
        };
        return (kind, chain(found));
    }
    match error {
        SdkError::TimeoutError(_) => (ErrorKind::Timeout, chain(error)),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            (ErrorKind::Timeout, chain(error))
        }
        SdkError::ResponseError(_) => (ErrorKind::Parse, chain(error)),
        SdkError::ConstructionFailure(_) => (ErrorKind::Input, chain(error)),
        _ => (ErrorKind::Network, chain(error)),
    }
}

/// The error of the credentials in the chain of causes.
fn credentials<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e CredentialsError> {
    let mut here = Some(error);
    while let Some(error) = here {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        here = error.source();
    }
    None
}

/// The messages of an error and its causes, each once.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut messages: Vec<String> = Vec::new();
    let mut here = Some(error);
    while let Some(error) = here {
        let message = error.to_string();
        if !messages.iter().any(|said| said.contains(&message)) {
            messages.push(message);
        }
        here = error.source();
    }
    messages.join(": ")
}

fn shortened(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

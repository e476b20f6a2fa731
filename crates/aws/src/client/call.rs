//! One call, from the wish to the value.

use super::address::{self, Address};
use super::watch::Watch;
use super::{CallError, Client, ErrorKind, failure, plugins, redirect};
use crate::model::{Model, Operation};
use crate::wire;
use aws_smithy_runtime::client::orchestrator::invoke;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use serde_json::Value;
use std::sync::Arc;

/// What to call, where, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// botocore's name of the service: `iam`.
    pub service: &'a str,
    /// `ListUsers`
    pub operation: &'a str,
    /// The region to ask; for global services any region of the partition.
    pub region: &'a str,
    /// The account whose credentials these are: limits are kept per account.
    pub account: &'a str,
    /// The operation's input, with the API's own member names; null for none.
    pub input: &'a Value,
}

/// What a call gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The output, with the API's own member names.
    pub value: Value,
    /// How often the request was sent.
    pub attempts: u32,
    /// The token that asked for this page, as JSON; none for the first page.
    pub token: Option<String>,
}

pub(super) async fn make(client: &Client, call: Call<'_>) -> Result<Reply, CallError> {
    let model = client.models().service(call.service);
    let model = model.map_err(|error| CallError::new(ErrorKind::Input, error.to_string()))?;
    let operation = model.operation(call.operation).ok_or_else(|| {
        let message = format!(
            "the model of `{}` has no operation `{}`",
            call.service, call.operation
        );
        CallError::new(ErrorKind::Input, message)
    })?;
    if !client.shared.pace.spend() {
        let message = "the number of calls allowed is used up";
        return Err(CallError::new(ErrorKind::Budget, message));
    }
    let bucket = redirect::bucket(&model, call.input);
    let known = bucket.and_then(|bucket| client.shared.buckets.get(bucket));
    let first = known.as_deref().unwrap_or(call.region);
    match exchange(client, &model, operation, call, first).await {
        Ok(reply) => Ok(reply),
        Err(failed) => {
            // S3 tells where a bucket is; neither the runtime nor any SDK for Rust goes there by itself.
            let other = failed.bucket_region.filter(|other| *other != first);
            let (Some(bucket), Some(other)) = (bucket, other) else {
                return Err(failed.error);
            };
            client.shared.buckets.set(bucket, &other);
            let again = exchange(client, &model, operation, call, &other).await;
            let before = failed.error.attempts;
            match again {
                Ok(mut reply) => {
                    reply.attempts += before;
                    Ok(reply)
                }
                Err(mut failed) => {
                    failed.error.attempts += before;
                    Err(failed.error)
                }
            }
        }
    }
}

/// A failure, and the region that the reply named as the bucket's.
pub(super) struct Failed {
    pub(super) error: CallError,
    pub(super) bucket_region: Option<String>,
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        Self {
            error,
            bucket_region: None,
        }
    }
}

async fn exchange(
    client: &Client,
    model: &Arc<Model>,
    operation: &Operation,
    call: Call<'_>,
    region: &str,
) -> Result<Reply, Failed> {
    let config = &client.shared.config;
    let empty = Value::Object(serde_json::Map::new());
    let input = if call.input.is_null() {
        &empty
    } else {
        call.input
    };
    let request = wire::request(model, operation, input)
        .map_err(|error| CallError::new(ErrorKind::Input, error.to_string()))?;
    let address = address::find(
        client,
        model,
        operation,
        input,
        region,
        request.host_prefix.as_deref(),
    )?;
    let lane_name = format!("{}/{region}/{}", call.account, call.service);
    let lane = client.shared.lanes.lane(&lane_name);
    let plugins = client.plugins(&lane_name, || {
        plugins::client(&client.own.sdk, config, &lane_name)
    });
    let watch = Watch::new(Arc::clone(&client.shared), Arc::clone(&lane));
    let Address { endpoint, signing } = address;
    let unsigned = operation.unsigned;
    let plugins = plugins.with_operation_plugin(plugins::operation(
        model,
        operation,
        endpoint,
        signing,
        unsigned,
        watch.clone(),
    ));
    let permit = lane.enter().await;
    client.shared.pace.wait().await;
    let input = Input::erase(request);
    let outcome = invoke(call.service, call.operation, input, &plugins).await;
    drop(permit);
    match outcome {
        Ok(output) => {
            let value = output
                .downcast::<Value>()
                .map_err(|_| CallError::new(ErrorKind::Parse, "the reply is not a value"))?;
            Ok(Reply {
                value,
                attempts: watch.attempts(),
                token: None,
            })
        }
        Err(error) => Err(failure::of(&error, operation, watch.attempts())),
    }
}

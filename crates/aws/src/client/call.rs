//! One call, from the wish to the value.

use super::address::{self, Address};
use super::patience::Patience;
use super::watch::Watch;
use super::{CallError, Client, ErrorKind, failure, plugins, redirect};
use crate::limit::Lane;
use crate::model::{Model, Operation};
use crate::wire;
use aws_smithy_runtime::client::orchestrator::invoke;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugins;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

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

pub(super) type Wanted<'a> = &'a (dyn Fn() -> bool + Send + Sync);

pub(super) async fn make(
    client: &Client,
    call: Call<'_>,
    wanted: Wanted<'_>,
) -> Result<Reply, CallError> {
    let model = client.models().service(call.service);
    let model = model.map_err(|error| CallError::new(ErrorKind::Input, error.to_string()))?;
    let operation = model.operation(call.operation).ok_or_else(|| {
        let message = format!(
            "the model of `{}` has no operation `{}`",
            call.service, call.operation
        );
        CallError::new(ErrorKind::Input, message)
    })?;
    let mut paid = false;
    let bucket = redirect::bucket(&model, call.input);
    let known = bucket.and_then(|bucket| client.shared.buckets.get(bucket));
    let first = known.as_deref().unwrap_or(call.region);
    match exchange(client, &model, operation, call, first, wanted, &mut paid).await {
        Ok(reply) => Ok(reply),
        Err(failed) => {
            // S3 tells where a bucket is; neither the runtime nor any SDK for Rust goes there by itself.
            let other = failed.bucket_region.filter(|other| *other != first);
            let (Some(bucket), Some(other)) = (bucket, other) else {
                return Err(failed.error);
            };
            client.shared.buckets.set(bucket, &other);
            let again = exchange(client, &model, operation, call, &other, wanted, &mut paid).await;
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

/// A failure, and what else the reply told.
pub(super) struct Failed {
    pub(super) error: CallError,
    /// The region that the reply named as the bucket's.
    pub(super) bucket_region: Option<String>,
    /// How long the reply asked to wait.
    pub(super) asked_wait: Option<Duration>,
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        Self {
            error,
            bucket_region: None,
            asked_wait: None,
        }
    }
}

async fn exchange(
    client: &Client,
    model: &Arc<Model>,
    operation: &Operation,
    call: Call<'_>,
    region: &str,
    wanted: Wanted<'_>,
    paid: &mut bool,
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
    let lane_name = format!("{}/{region}/{}", call.account, call.service);
    let prefix = request.host_prefix.as_deref();
    let find = || address::find(client, model, operation, input, region, prefix);
    let address = if prefix.is_none() && address::is_of_service(model, operation) {
        client.address(&lane_name, find)
    } else {
        find()
    }?;
    let lane = client.shared.lanes.lane(&lane_name);
    let plugins = client.plugins(&lane_name, || {
        plugins::client(&client.own.sdk, config, &lane_name)
    });
    let this = Try {
        client,
        model,
        operation,
        service: call.service,
        lane: &lane,
        plugins,
    };
    let mut patience = Patience::default();
    let mut before = 0;
    loop {
        let (outcome, attempts) = this.send(request.clone(), &address, wanted, paid).await;
        before += attempts;
        let mut failed = match outcome {
            Ok(value) => {
                return Ok(Reply {
                    value,
                    attempts: before,
                    token: None,
                });
            }
            Err(failed) => failed,
        };
        failed.error.attempts = before;
        let wait = (failed.error.kind == ErrorKind::Throttled)
            .then(|| patience.wait(config, &lane, failed.asked_wait))
            .flatten();
        match wait {
            Some(wait) => sleep(wait).await,
            None => return Err(failed),
        }
    }
}

/// What all tries of a call share.
struct Try<'a> {
    client: &'a Client,
    model: &'a Arc<Model>,
    operation: &'a Operation,
    service: &'a str,
    lane: &'a Arc<Lane>,
    plugins: RuntimePlugins,
}

impl Try<'_> {
    /// Sends the request when its turn comes; what came of it, and how often it was sent.
    async fn send(
        &self,
        request: wire::Request,
        address: &Address,
        wanted: Wanted<'_>,
        paid: &mut bool,
    ) -> (Result<Value, Failed>, u32) {
        let watch = Watch::new(Arc::clone(&self.client.shared), Arc::clone(self.lane));
        let plugins = self
            .plugins
            .clone()
            .with_operation_plugin(plugins::operation(
                self.model,
                self.operation,
                address.clone(),
                watch.clone(),
            ));
        // Held until the reply is there.
        let _permit = self.lane.enter().await;
        self.client.shared.pace.wait().await;
        if !wanted() {
            let error = CallError::new(ErrorKind::Unwanted, "nobody waits for the answer");
            return (Err(error.into()), 0);
        }
        // Tries of one call are one call, and one that is not sent is none.
        if !*paid && !self.client.shared.pace.spend() {
            let error = CallError::new(ErrorKind::Budget, "the number of calls allowed is used up");
            return (Err(error.into()), 0);
        }
        *paid = true;
        let input = Input::erase(request);
        let outcome = invoke(self.service, &self.operation.name, input, &plugins).await;
        let attempts = watch.attempts();
        let outcome = match outcome {
            Ok(output) => output
                .downcast::<Value>()
                .map_err(|_| CallError::new(ErrorKind::Parse, "the reply is not a value").into()),
            Err(error) => Err(failure::of(&error, self.operation, attempts)),
        };
        (outcome, attempts)
    }
}

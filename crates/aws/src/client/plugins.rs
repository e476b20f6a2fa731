//! The runtime's parts, put together as a generated client does it.
//!
//! The order and the list are those of `base_client_runtime_plugins`, `ServiceRuntimePlugin` and an
//! operation's own plugin in aws-sdk-sts; the test below compares the two at each upgrade.

use super::ClientConfig;
use super::address::Address;
use super::patience::{LONGEST_WAIT, ThrottlesAreOurs};
use super::serde::{Deserializer, Fault, Serializer};
use super::watch::Watch;
use crate::creds::http_client;
use crate::model::{Model, Operation};
use aws_runtime::auth::sigv4::{self, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::recursion_detection::RecursionDetectionInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::{AwsErrorCodeClassifier, TRANSIENT_ERRORS};
use aws_runtime::service_clock_skew::{
    DisableClockSkewCorrection, ServiceClockSkewClassifier, ServiceClockSkewInterceptor,
};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::auth::no_auth::{NO_AUTH_SCHEME_ID, NoAuthRuntimePluginV2};
use aws_smithy_runtime::client::defaults::{DefaultPluginParams, default_plugins};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::orchestrator::AuthSchemeAndEndpointOrchestrationV2;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, ModeledAsRetryableClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime::client::stalled_stream_protection::StalledStreamProtectionInterceptor;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::{
    StaticAuthSchemeOptionResolver, StaticAuthSchemeOptionResolverParams,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::endpoint::{
    EndpointFuture, EndpointResolverParams, ResolveEndpoint,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{Order, RuntimePlugins, StaticRuntimePlugin};
use aws_smithy_runtime_api::client::ser_de::{SharedRequestSerializer, SharedResponseDeserializer};
use aws_smithy_types::config_bag::{ConfigBag, FrozenLayer, Layer};
use aws_smithy_types::endpoint::Endpoint;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use std::borrow::Cow;
use std::sync::Arc;

/// The plugins of a client for one lane.
///
/// The lane's name is also the retry partition: the runtime's token buckets are process-wide statics
/// keyed by it, and one account's throttles must not use up the retries of another.
pub(super) fn client(sdk: &SdkConfig, config: &ClientConfig, lane: &str) -> RuntimePlugins {
    let version = sdk
        .behavior_version()
        .unwrap_or_else(BehaviorVersion::latest);
    let defaults = DefaultPluginParams::new()
        .with_retry_partition_name(lane.to_owned())
        .with_behavior_version(version)
        .with_is_aws_sdk(true);
    let user = StaticRuntimePlugin::new()
        .with_config(user_config(sdk, config))
        .with_runtime_components(user_components(sdk));
    let service = StaticRuntimePlugin::new()
        .with_order(Order::Defaults)
        .with_config(service_config())
        .with_runtime_components(service_components());
    RuntimePlugins::new()
        .with_client_plugins(default_plugins(defaults))
        .with_client_plugin(user)
        .with_client_plugin(service)
        .with_client_plugin(NoAuthRuntimePluginV2::new())
}

/// What a generated client's `Config` carries.
fn user_config(sdk: &SdkConfig, config: &ClientConfig) -> FrozenLayer {
    let mut layer = Layer::new("palisade user");
    // Standard, not adaptive: after a throttle that mode starts so slowly that three attempts took 27 s;
    // the lanes do its work, and `patience` tries throttled calls again.
    let retries = RetryConfig::standard()
        .with_max_attempts(config.max_attempts.max(1))
        .with_initial_backoff(config.first_backoff)
        .with_max_backoff(LONGEST_WAIT);
    layer.store_put(retries);
    let mut timeouts = TimeoutConfig::builder();
    timeouts
        .set_operation_timeout(Some(config.call_timeout))
        .set_operation_attempt_timeout(Some(config.attempt_timeout))
        .set_read_timeout(Some(config.attempt_timeout));
    let mut timeouts = timeouts.build();
    if let Some(given) = sdk.timeout_config() {
        timeouts.take_defaults_from(given);
    }
    layer.store_put(timeouts);
    layer.store_put(ApiMetadata::new("palisade", env!("CARGO_PKG_VERSION")));
    layer.store_put(DisableClockSkewCorrection::from(
        sdk.disable_clock_skew_correction().unwrap_or_default(),
    ));
    if let Some(name) = sdk.app_name() {
        layer.store_put(name.clone());
    }
    if let Some(protection) = sdk.stalled_stream_protection() {
        layer.store_put(protection);
    }
    layer.freeze()
}

fn user_components(sdk: &SdkConfig) -> RuntimeComponentsBuilder {
    let mut components = RuntimeComponentsBuilder::new("palisade user");
    components
        .set_http_client(Some(sdk.http_client().unwrap_or_else(http_client)))
        .set_sleep_impl(sdk.sleep_impl())
        .set_time_source(sdk.time_source())
        .set_identity_cache(sdk.identity_cache());
    if let Some(credentials) = sdk.credentials_provider() {
        components.set_identity_resolver(sigv4::SCHEME_ID, credentials);
    }
    components
}

fn service_config() -> FrozenLayer {
    let mut layer = Layer::new("palisade service");
    // Identity first, then the endpoint: the order of every generated client.
    layer.store_put(AuthSchemeAndEndpointOrchestrationV2);
    layer.freeze()
}

fn service_components() -> RuntimeComponentsBuilder {
    RuntimeComponentsBuilder::new("palisade service")
        .with_interceptor(ConnectionPoisoningInterceptor::new())
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_interceptor(ServiceClockSkewInterceptor::new())
        .with_interceptor(RequestInfoInterceptor::new())
        .with_interceptor(UserAgentInterceptor::new())
        .with_interceptor(InvocationIdInterceptor::new())
        .with_interceptor(RecursionDetectionInterceptor::new())
        .with_auth_scheme(SigV4AuthScheme::new())
}

/// The plugin of one try of a call.
pub(super) fn operation(
    model: &Arc<Model>,
    operation: &Operation,
    address: Address,
    watch: Watch,
) -> StaticRuntimePlugin {
    let Address { endpoint, signing } = address;
    let mut layer = Layer::new("palisade call");
    layer.store_put(SharedRequestSerializer::new(Serializer));
    layer.store_put(SharedResponseDeserializer::new(Deserializer {
        model: Arc::clone(model),
        operation: operation.name.clone(),
    }));
    layer.store_put(AuthSchemeOptionResolverParams::from(
        StaticAuthSchemeOptionResolverParams::new(),
    ));
    layer.store_put(Metadata::new(
        operation.name.clone(),
        model.metadata.service_id.clone(),
    ));
    let is_s3 = model.metadata.signature_version.as_deref() == Some("s3")
        || matches!(model.service.as_str(), "s3" | "s3control");
    let mut options = SigningOptions::default();
    options.double_uri_encode = signing.double_encode && !is_s3;
    options.content_sha256_header = is_s3;
    options.normalize_uri_path = !is_s3;
    layer.store_put(SigV4OperationSigningConfig {
        signing_options: options,
        ..SigV4OperationSigningConfig::default()
    });
    let region = Region::new(signing.region);
    layer.store_put(SigningRegion::from(region.clone()));
    layer.store_put(region);
    layer.store_put(SigningName::from(signing.name));
    let scheme = if operation.unsigned {
        NO_AUTH_SCHEME_ID
    } else {
        sigv4::SCHEME_ID
    };
    let components = RuntimeComponentsBuilder::new("palisade call")
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![scheme])))
        .with_endpoint_resolver(Some(Fixed(endpoint)))
        .with_interceptor(StalledStreamProtectionInterceptor::default())
        .with_interceptor(EndpointParams)
        .with_interceptor(watch)
        .with_retry_classifier(TransientErrorClassifier::<Fault>::new())
        .with_retry_classifier(ModeledAsRetryableClassifier::<Fault>::new())
        .with_retry_classifier(codes())
        .with_retry_classifier(ServiceClockSkewClassifier::<Fault>::new())
        .with_retry_classifier(ThrottlesAreOurs);
    StaticRuntimePlugin::new()
        .with_config(layer.freeze())
        .with_runtime_components(components)
}

/// STS's own addition to the transient errors does no harm to others.
fn codes() -> AwsErrorCodeClassifier<Fault> {
    let mut transient = TRANSIENT_ERRORS.to_vec();
    transient.push("IDPCommunicationError");
    AwsErrorCodeClassifier::builder()
        .transient_errors(Cow::<'static, [&'static str]>::Owned(transient))
        .build()
}

/// The address was found before the call.
#[derive(Debug)]
struct Fixed(Endpoint);

impl ResolveEndpoint for Fixed {
    fn resolve_endpoint<'a>(&'a self, _: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.0.clone()))
    }
}

/// The orchestrator expects parameters for its resolver, or it panics.
#[derive(Debug)]
struct EndpointParams;

impl Intercept for EndpointParams {
    fn name(&self) -> &'static str {
        "PalisadeEndpointParams"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state()
            .store_put(EndpointResolverParams::new(()));
        Ok(())
    }
}

#[cfg(test)]
mod tests;

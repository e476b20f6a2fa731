use super::*;
use crate::client::address::Signing;
use crate::client::{Client, Models};
use crate::limit::lock;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::retries::classifiers::ClassifyRetry as _;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_types::SdkConfig;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// Writes down which parts the orchestrator was put together from, and stops there.
#[derive(Debug, Clone, Default)]
struct Spy(Arc<Mutex<BTreeSet<String>>>);

impl Intercept for Spy {
    fn name(&self) -> &'static str {
        "Spy"
    }

    fn modify_before_transmit(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut seen = lock(&self.0);
        // A permanent interceptor's own name is shown, not its wrapper's.
        seen.extend(
            components
                .interceptors()
                .map(|part| format!("interceptor {}", part.name())),
        );
        seen.extend(
            components
                .retry_classifiers()
                .map(|part| format!("classifier {}", part.name())),
        );
        let markers = [
            (
                "order v2",
                cfg.load::<AuthSchemeAndEndpointOrchestrationV2>().is_some(),
            ),
            ("retries", cfg.load::<RetryConfig>().is_some()),
            ("timeouts", cfg.load::<TimeoutConfig>().is_some()),
            ("api metadata", cfg.load::<ApiMetadata>().is_some()),
            ("signing name", cfg.load::<SigningName>().is_some()),
            ("signing region", cfg.load::<SigningRegion>().is_some()),
            (
                "signing options",
                cfg.load::<SigV4OperationSigningConfig>().is_some(),
            ),
        ];
        seen.extend(
            markers
                .iter()
                .filter(|(_, is)| *is)
                .map(|(name, _)| format!("config {name}")),
        );
        Err("seen enough".into())
    }
}

fn sdk() -> SdkConfig {
    let keys = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(keys))
        .time_source(aws_smithy_async::time::SystemTimeSource::new())
        .endpoint_url("http://127.0.0.1:1")
        .build()
}

/// Parts that only one side has, and why.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "interceptor RetryModeFeatureTrackerInterceptor",
        "private to generated crates; adds a letter to the user agent",
    ),
    (
        "interceptor ObservabilityFeatureTrackerInterceptor",
        "private to generated crates; adds a letter to the user agent",
    ),
    (
        "interceptor EndpointOverrideFeatureTrackerInterceptor",
        "private to generated crates; adds a letter to the user agent",
    ),
    (
        "interceptor MetricsInterceptor",
        "metrics of the SDK are not collected",
    ),
    (
        "interceptor TelemetryBytesInterceptor",
        "metrics of the SDK are not collected",
    ),
    (
        "interceptor GetCallerIdentityEndpointParamsInterceptor",
        "the same as PalisadeEndpointParams",
    ),
    (
        "interceptor PalisadeEndpointParams",
        "the same as GetCallerIdentityEndpointParamsInterceptor",
    ),
    ("interceptor PalisadeWatch", "counts attempts"),
    (
        "classifier PalisadeThrottlesAreOurs",
        "throttles are tried again by our own policy",
    ),
];

#[tokio::test]
async fn the_parts_are_those_of_a_generated_client() {
    let theirs = Spy::default();
    let config = aws_sdk_sts::config::Builder::from(&sdk()).interceptor(theirs.clone());
    let failed = aws_sdk_sts::Client::from_conf(config.build())
        .get_caller_identity()
        .send()
        .await;
    assert!(failed.is_err());

    let ours = Spy::default();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/models/");
    let models =
        Models::new(move |name| fs_err::read(format!("{folder}{name}")).ok().map(Cow::Owned));
    let lone = Client::new(ClientConfig::new(sdk(), models));
    let model = lone.models().service("sts").unwrap();
    let operation_ = model.operation("GetCallerIdentity").unwrap();
    let lane = lone.shared.lanes.lane("test");
    let watch = Watch::new(Arc::clone(&lone.shared), lane);
    let endpoint = Endpoint::builder().url("http://127.0.0.1:1").build();
    let signing = Signing {
        name: "sts".to_owned(),
        region: "eu-west-1".to_owned(),
        double_encode: true,
    };
    let spy = StaticRuntimePlugin::new().with_runtime_components(
        RuntimeComponentsBuilder::new("spy").with_interceptor(ours.clone()),
    );
    let plugins = client(&sdk(), &lone.shared.config, "test")
        .with_operation_plugin(operation(
            &model,
            operation_,
            Address { endpoint, signing },
            watch,
        ))
        .with_operation_plugin(spy);
    let request = crate::wire::request(&model, operation_, &serde_json::json!({})).unwrap();
    let input = aws_smithy_runtime_api::client::interceptors::context::Input::erase(request);
    let failed = aws_smithy_runtime::client::orchestrator::invoke(
        "sts",
        "GetCallerIdentity",
        input,
        &plugins,
    )
    .await;
    assert!(failed.is_err());

    let (theirs, ours) = (lock(&theirs.0).clone(), lock(&ours.0).clone());
    assert!(
        theirs.len() > 10 && theirs.contains("config order v2"),
        "{theirs:?}"
    );
    let excused = |part: &&String| !DIFFERENT.iter().any(|(name, _)| name == part);
    let missing: Vec<_> = theirs.difference(&ours).filter(excused).collect();
    let extra: Vec<_> = ours.difference(&theirs).filter(excused).collect();
    assert!(
        missing.is_empty(),
        "a generated client has, we have not: {missing:?}"
    );
    assert!(
        extra.is_empty(),
        "we have, a generated client has not: {extra:?}"
    );
    for (name, reason) in DIFFERENT {
        let one = theirs.contains(*name) != ours.contains(*name);
        assert!(one, "`{name}` is no difference any more ({reason})");
    }
}

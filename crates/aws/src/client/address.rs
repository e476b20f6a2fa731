//! The address of one call and how it is signed there.

use super::{CallError, Client, ErrorKind};
use crate::endpoint::{Builtins, Resolved, params, resolve};
use crate::model::{Model, Operation};
use aws_smithy_types::endpoint::Endpoint;
use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use serde_json::Value;

#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) endpoint: Endpoint,
    pub(super) signing: Signing,
}

/// What goes into the credential scope, and how the path is encoded for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signing {
    pub(super) name: String,
    pub(super) region: String,
    pub(super) double_encode: bool,
}

/// Whether all such operations of a service have one address in a region: neither the operation nor its input has a say.
pub(super) fn is_of_service(model: &Model, operation: &Operation) -> bool {
    let mut members = model
        .input(operation)
        .into_iter()
        .flat_map(|input| &input.members);
    operation.operation_context_params.is_empty()
        && operation.static_context_params.is_empty()
        && !members.any(|(_, member)| member.target.traits.context_param.is_some())
}

/// Finds the address, by the service's rules or where the configuration says.
pub(super) fn find(
    client: &Client,
    model: &Model,
    operation: &Operation,
    input: &Value,
    region: &str,
    host_prefix: Option<&str>,
) -> Result<Address, CallError> {
    let sdk = &client.own.sdk;
    let custom = custom(sdk, &model.metadata.service_id);
    let endpoint = |error: String| CallError::new(ErrorKind::Endpoint, error);
    let resolved = match custom.as_deref() {
        // Its rules would put the account into the host, which only AWS's own hosts have.
        Some(url) if model.service == "s3control" => Resolved {
            url: url.trim_end_matches('/').to_owned(),
            properties: serde_json::Map::new(),
            headers: Vec::new(),
        },
        custom => {
            let builtins = Builtins {
                region,
                fips: sdk.use_fips().unwrap_or_default(),
                dual_stack: sdk.use_dual_stack().unwrap_or_default(),
                endpoint: custom,
                path_style: custom.is_some(),
                account: None,
            };
            let partitions = client.models().partitions();
            let partitions = partitions.map_err(|error| endpoint(error.to_string()))?;
            let params = params(model, operation, input, &builtins);
            let rules = model.endpoint_rules.as_ref();
            let rules = rules.ok_or_else(|| endpoint("the model has no rules".to_owned()))?;
            params
                .and_then(|params| resolve(rules, &partitions, &params))
                .map_err(|error| endpoint(error.to_string()))?
        }
    };
    let signing = signing(model, &resolved, region)?;
    let url = match host_prefix {
        Some(prefix) if custom.is_none() => {
            resolved.url.replacen("://", &format!("://{prefix}"), 1)
        }
        _ => resolved.url,
    };
    let mut endpoint = Endpoint::builder().url(url);
    for (name, values) in resolved.headers {
        for value in values {
            endpoint = endpoint.header(name.clone(), value);
        }
    }
    Ok(Address {
        endpoint: endpoint.build(),
        signing,
    })
}

/// The endpoint that the user set: for this service (`AWS_ENDPOINT_URL_SQS`, or `services` in the
/// profile), or for all (`AWS_ENDPOINT_URL`, `endpoint_url`). What the program set itself goes first.
fn custom(sdk: &SdkConfig, service_id: &str) -> Option<String> {
    let general = sdk.endpoint_url().map(str::to_owned);
    if sdk.get_origin("endpoint_url").is_client_config() {
        return general;
    }
    let key = ServiceConfigKey::builder()
        .service_id(service_id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    let own = sdk
        .service_config()
        .and_then(|services| services.load_config(key));
    own.or(general)
}

fn signing(model: &Model, resolved: &Resolved, region: &str) -> Result<Signing, CallError> {
    let metadata = &model.metadata;
    let mut signing = Signing {
        name: metadata
            .signing_name
            .as_ref()
            .unwrap_or(&metadata.endpoint_prefix)
            .clone(),
        region: region.to_owned(),
        // S3 signs the path as it is sent.
        double_encode: metadata.signature_version.as_deref() != Some("s3"),
    };
    let Some(Value::Array(schemes)) = resolved.properties.get("authSchemes") else {
        return Ok(signing);
    };
    // `sigv4a`, `sigv4-s3express` and `bearer` are not ours.
    let Some(scheme) = schemes.iter().find(|scheme| scheme["name"] == "sigv4") else {
        let message = format!(
            "`{}` wants a signature other than SigV4 here",
            model.service
        );
        return Err(CallError::new(ErrorKind::Unsupported, message));
    };
    if let Some(name) = scheme["signingName"].as_str() {
        name.clone_into(&mut signing.name);
    }
    if let Some(region) = scheme["signingRegion"].as_str() {
        region.clone_into(&mut signing.region);
    }
    if scheme["disableDoubleEncoding"] == true {
        signing.double_encode = false;
    }
    Ok(signing)
}

//! The wire layer in the orchestrator's terms.

use crate::model::Model;
use crate::wire::{self, ReplyError, ServiceError};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SerializeRequest};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::{ErrorKind, ProvideErrorKind};
use std::sync::Arc;

/// A service's error, as the retry classifiers want to see it.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(super) struct Fault {
    pub(super) error: ServiceError,
    meta: ErrorMetadata,
}

impl From<ServiceError> for Fault {
    fn from(error: ServiceError) -> Self {
        let meta = ErrorMetadata::builder()
            .code(&error.code)
            .message(&error.message)
            .build();
        Self { error, meta }
    }
}

impl ProvideErrorMetadata for Fault {
    fn meta(&self) -> &ErrorMetadata {
        &self.meta
    }
}

impl ProvideErrorKind for Fault {
    fn retryable_error_kind(&self) -> Option<ErrorKind> {
        None
    }

    fn code(&self) -> Option<&str> {
        self.meta.code()
    }
}

/// Puts the prepared request into the orchestrator's form.
#[derive(Debug)]
pub(super) struct Serializer;

impl SerializeRequest for Serializer {
    fn serialize_input(&self, input: Input, _: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let request = input.downcast::<wire::Request>();
        let request = request.map_err(|_| "the input is not a request of the wire layer")?;
        let wire::Request {
            method,
            uri,
            headers,
            body,
            ..
        } = request;
        let mut request = HttpRequest::new(if body.is_empty() {
            SdkBody::empty()
        } else {
            SdkBody::from(body)
        });
        request.set_method(&method)?;
        request.set_uri(uri)?;
        for (name, value) in headers {
            request.headers_mut().try_append(name, value)?;
        }
        let length = request.body().content_length();
        if let Some(length) = length.filter(|length| *length > 0) {
            request
                .headers_mut()
                .try_insert("content-length", length.to_string())?;
        }
        Ok(request)
    }
}

/// Reads a reply by the model.
#[derive(Debug)]
pub(super) struct Deserializer {
    pub(super) model: Arc<Model>,
    pub(super) operation: String,
}

impl DeserializeResponse for Deserializer {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let operation = self.model.operation(&self.operation);
        let operation = operation.ok_or_else(|| OrchestratorError::other("no such operation"))?;
        let headers: Vec<(&str, &str)> = response.headers().iter().collect();
        let reply = wire::Reply {
            status: response.status().as_u16(),
            headers: &headers,
            body: response.body().bytes().unwrap_or_default(),
        };
        match wire::read(&self.model, operation, reply) {
            Ok(value) => Ok(Output::erase(value)),
            Err(ReplyError::Service(error)) => {
                let fault = Fault::from(*error);
                Err(OrchestratorError::operation(Error::erase(fault)))
            }
            Err(ReplyError::Wire(error)) => Err(OrchestratorError::response(error.into())),
        }
    }
}

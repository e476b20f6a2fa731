//! S3 buckets live in one region each, and S3 tells which one when it is asked in another.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#VirtualHostingCustomURLs>

use crate::limit::lock;
use crate::model::Model;
use crate::wire::ServiceError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Buckets and the regions that they turned out to be in.
#[derive(Debug, Default)]
pub(super) struct BucketRegions(Mutex<BTreeMap<String, String>>);

impl BucketRegions {
    pub(super) fn get(&self, bucket: &str) -> Option<String> {
        lock(&self.0).get(bucket).cloned()
    }

    pub(super) fn set(&self, bucket: &str, region: &str) {
        lock(&self.0).insert(bucket.to_owned(), region.to_owned());
    }
}

/// The bucket that a call is about; none for other services.
pub(super) fn bucket<'v>(model: &Model, input: &'v Value) -> Option<&'v str> {
    if model.service != "s3" {
        return None;
    }
    input.get("Bucket")?.as_str()
}

/// The region that a refusal names.
pub(super) fn region(response: Option<&HttpResponse>, error: &ServiceError) -> Option<String> {
    if !matches!(error.status, 301 | 302 | 307 | 400) {
        return None;
    }
    let header = response.and_then(|response| response.headers().get("x-amz-bucket-region"));
    let region = match (header, error.code.as_str()) {
        (Some(region), _) => region,
        // "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
        (None, "AuthorizationHeaderMalformed") => {
            let (_, rest) = error.message.split_once("expecting '")?;
            rest.split_once('\'')?.0
        }
        (None, _) => return None,
    };
    // It becomes part of a host name: nothing but a region's letters gets there.
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    ((1..=32).contains(&region.len()) && region.bytes().all(plain)).then(|| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, code: &str, message: &str) -> Option<String> {
        let error = ServiceError {
            code: code.to_owned(),
            message: message.to_owned(),
            status,
            request_id: None,
            detail: Value::Null,
        };
        region(None, &error)
    }

    #[test]
    fn a_malformed_header_names_the_region_and_nothing_else_does() {
        let words = |region: &str| format!("the region 'us-east-1' is wrong; expecting '{region}'");
        let code = "AuthorizationHeaderMalformed";
        assert_eq!(told(400, code, &words("eu-west-1")).unwrap(), "eu-west-1");
        assert_eq!(told(400, code, &words("evil.example/")), None);
        assert_eq!(told(400, code, &words("")), None);
        assert_eq!(told(400, "InvalidRequest", &words("eu-west-1")), None);
        assert_eq!(told(403, code, &words("eu-west-1")), None);
    }
}

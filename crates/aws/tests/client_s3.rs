//! What is special about S3 and S3 Control.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, helpers included"
)]

mod standin;

use palisade_aws::ErrorKind;
use serde_json::{Value, json};
use standin::{ACCOUNT, Answer, Server, call, client, ok};

const VERSIONING: &str =
    "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

/// A bucket that is in us-west-2, told as S3 tells it.
fn elsewhere(status: u16, in_header: bool) -> Answer {
    let headers = if in_header {
        vec![("x-amz-bucket-region".to_owned(), "us-west-2".to_owned())]
    } else {
        vec![]
    };
    let (code, message) = match status {
        400 => (
            "AuthorizationHeaderMalformed",
            "the region 'eu-west-1' is wrong; expecting 'us-west-2'",
        ),
        _ => ("PermanentRedirect", "use the specified endpoint"),
    };
    Answer::Reply(
        status,
        headers,
        format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
    )
}

#[tokio::test]
async fn a_bucket_of_another_region_is_asked_there_and_remembered() {
    for (status, in_header) in [(301, true), (307, true), (400, true), (400, false)] {
        let server = Server::start(move |seen, _| {
            if seen.header("authorization").contains("/us-west-2/s3/") {
                ok(VERSIONING)
            } else {
                elsewhere(status, in_header)
            }
        })
        .await;
        let client = client(&server.url);
        let input = json!({"Bucket": "away"});
        let reply = client
            .call(call("s3:GetBucketVersioning", &input))
            .await
            .unwrap();
        assert_eq!(reply.value, json!({"Status": "Enabled"}));
        assert_eq!((reply.attempts, server.count()), (2, 2), "{status}");
        let reply = client
            .call(call("s3:GetBucketVersioning", &input))
            .await
            .unwrap();
        assert_eq!(
            (reply.attempts, server.count()),
            (1, 3),
            "{status}: remembered"
        );
    }
}

#[tokio::test]
async fn a_redirect_that_does_not_end_is_followed_once() {
    let server = Server::start(|_, before| {
        let region = if before % 2 == 0 {
            "us-west-2"
        } else {
            "eu-west-1"
        };
        let headers = vec![("x-amz-bucket-region".to_owned(), region.to_owned())];
        Answer::Reply(
            301,
            headers,
            "<Error><Code>PermanentRedirect</Code></Error>".to_owned(),
        )
    })
    .await;
    let input = json!({"Bucket": "away"});
    let error = client(&server.url)
        .call(call("s3:GetBucketVersioning", &input))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_deref()),
        (ErrorKind::Service, Some("PermanentRedirect"))
    );
    assert_eq!((error.attempts, server.count()), (2, 2));
}

#[tokio::test]
async fn buckets_go_into_the_path_of_an_endpoint_of_the_users_own() {
    let server = Server::start(|_, _| ok(VERSIONING)).await;
    let input = json!({"Bucket": "with.dot"});
    client(&server.url)
        .call(call("s3:GetBucketVersioning", &input))
        .await
        .unwrap();
    let seen = server.request(0);
    assert_eq!(seen.path, "/with.dot/?versioning");
    assert!(server.url.ends_with(seen.header("host")), "{seen:?}");
    assert!(!seen.header("x-amz-content-sha256").is_empty());
    assert!(
        seen.header("authorization")
            .contains("x-amz-content-sha256")
    );
}

#[tokio::test]
async fn errors_of_missing_settings_keep_their_code() {
    let server = Server::start(|_, _| {
        Answer::Reply(
            404,
            vec![],
            "<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message></Error>".to_owned(),
        )
    })
    .await;
    let input = json!({"Bucket": "b"});
    let error = client(&server.url)
        .call(call("s3:GetBucketPolicy", &input))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.code.as_deref()),
        (ErrorKind::Service, Some("NoSuchBucketPolicy"))
    );
    assert_eq!((error.status, error.attempts), (Some(404), 1));
}

#[tokio::test]
async fn an_error_inside_a_success_is_an_error_and_is_retried() {
    let server = Server::start(|_, before| match before {
        0 => ok("<Error><Code>InternalError</Code><Message>again</Message></Error>"),
        _ => ok(VERSIONING),
    })
    .await;
    let input = json!({"Bucket": "b"});
    let outcome = client(&server.url)
        .call(call("s3:GetBucketVersioning", &input))
        .await;
    match outcome {
        Ok(reply) => assert_eq!(reply.attempts, 2),
        Err(error) => assert_eq!(error.code.as_deref(), Some("InternalError"), "{error:?}"),
    }
}

#[tokio::test]
async fn s3_control_carries_the_account_in_a_header_not_in_the_host_of_a_users_endpoint() {
    let server = Server::start(|_, _| {
        ok("<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>")
    })
    .await;
    let input = json!({"AccountId": ACCOUNT});
    let reply = client(&server.url)
        .call(call("s3control:GetPublicAccessBlock", &input))
        .await
        .unwrap();
    assert_eq!(
        reply.value,
        json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})
    );
    let seen = server.request(0);
    assert_eq!(seen.header("x-amz-account-id"), ACCOUNT);
    assert!(server.url.ends_with(seen.header("host")), "{seen:?}");
    assert!(
        seen.header("authorization")
            .contains("/eu-west-1/s3/aws4_request")
    );
}

#[tokio::test]
async fn a_service_level_call_needs_no_bucket() {
    let server = Server::start(|_, _| {
        ok("<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name></Bucket></Buckets></ListAllMyBucketsResult>")
    })
    .await;
    let reply = client(&server.url)
        .call(call("s3:ListBuckets", &Value::Null))
        .await
        .unwrap();
    assert_eq!(reply.value["Buckets"], json!([{"Name": "a"}]));
}

//! One call against a server that behaves as servers do.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, helpers included"
)]

mod standin;

use palisade_aws::ErrorKind;
use serde_json::{Value, json};
use standin::{Answer, Server, call, client, config, json_error, ok, stay};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const KEYS: &str = r#"{"Keys":[{"KeyId":"k1"}]}"#;

#[tokio::test]
async fn a_call_is_signed_for_its_service_and_region_and_says_who_calls() {
    let server = Server::start(|_, _| ok(KEYS)).await;
    let reply = client(&server.url)
        .call(call("kms:ListKeys", &Value::Null))
        .await
        .unwrap();
    assert_eq!(reply.value, json!({"Keys": [{"KeyId": "k1"}]}));
    assert_eq!((reply.attempts, reply.token), (1, None));
    let seen = server.request(0);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/"));
    assert_eq!(seen.header("x-amz-target"), "TrentService.ListKeys");
    assert!(
        seen.header("authorization")
            .contains("/eu-west-1/kms/aws4_request")
    );
    assert!(
        seen.header("x-amz-user-agent").contains("palisade"),
        "{seen:?}"
    );
    assert!(!seen.header("amz-sdk-invocation-id").is_empty());
}

/// With AWS, opening one is a TLS handshake.
#[tokio::test]
async fn a_connection_is_used_again_whatever_the_operation_says() {
    let server = Server::start(|request, _| {
        let fails = request.header("x-amz-target").ends_with("ListAliases");
        Answer::Reply(if fails { 400 } else { 200 }, vec![stay()], KEYS.to_owned())
    })
    .await;
    let client = client(&server.url);
    for operation in ["kms:ListKeys", "kms:ListAliases", "kms:ListKeys"] {
        let _ = client.call(call(operation, &Value::Null)).await;
    }
    assert_eq!(
        (server.count(), server.opened.load(Ordering::Relaxed)),
        (3, 1)
    );
}

#[tokio::test]
async fn server_errors_are_retried_and_counted() {
    let server = Server::start(|_, before| match before {
        0 => Answer::Reply(500, vec![], String::new()),
        1 => Answer::Reset,
        _ => ok(KEYS),
    })
    .await;
    let reply = client(&server.url)
        .call(call("kms:ListKeys", &Value::Null))
        .await
        .unwrap();
    assert_eq!(reply.attempts, 3);
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn failures_have_their_kind_code_and_words() {
    let deny = "User: arn:aws:iam::111122223333:user/a is not authorized to perform: kms:ListKeys \
                with an explicit deny in a service control policy";
    for (answer, kind, code, attempts) in [
        (
            json_error(400, "AccessDeniedException", deny),
            ErrorKind::Denied,
            Some("AccessDeniedException"),
            1,
        ),
        (
            json_error(400, "ThrottlingException", "slow"),
            ErrorKind::Throttled,
            Some("ThrottlingException"),
            3,
        ),
        (
            json_error(400, "ExpiredTokenException", "old"),
            ErrorKind::Expired,
            Some("ExpiredTokenException"),
            1,
        ),
        (
            json_error(400, "UnrecognizedClientException", "who"),
            ErrorKind::Credentials,
            Some("UnrecognizedClientException"),
            1,
        ),
        (
            json_error(400, "NotFoundException", "none"),
            ErrorKind::Service,
            Some("NotFoundException"),
            1,
        ),
        (
            json_error(500, "KMSInternalException", "oh"),
            ErrorKind::Server,
            Some("KMSInternalException"),
            3,
        ),
        (
            Answer::Reply(404, vec![], "<html>".to_owned()),
            ErrorKind::Unsupported,
            Some("404"),
            1,
        ),
        (
            Answer::Reply(501, vec![], String::new()),
            ErrorKind::Unsupported,
            Some("501"),
            1,
        ),
        (ok("{\"Keys\": ["), ErrorKind::Parse, None, 3),
        (
            Answer::Truncated(KEYS.to_owned()),
            ErrorKind::Network,
            None,
            3,
        ),
        (Answer::Reset, ErrorKind::Network, None, 3),
    ] {
        let told = answer.clone();
        let server = Server::start(move |_, _| told.clone()).await;
        let error = client(&server.url)
            .call(call("kms:ListKeys", &Value::Null))
            .await
            .unwrap_err();
        let what = format!("{answer:?}: {error:?}");
        // A reply that cannot be read may be met as a broken connection or as a broken document.
        let unread = matches!(answer, Answer::Truncated(_)) && error.kind == ErrorKind::Parse;
        assert!(error.kind == kind || unread, "{what}");
        assert_eq!(error.code.as_deref(), code, "{what}");
        if kind != ErrorKind::Parse && !unread {
            assert_eq!(error.attempts, attempts, "{what}");
        }
        assert_eq!(
            u32::try_from(server.count()).unwrap(),
            error.attempts,
            "{what}"
        );
        if kind == ErrorKind::Denied {
            assert_eq!(error.message, deny);
        }
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_cut_off_and_others_are_not() {
    let server = Server::start(|seen, _| {
        if seen.header("x-amz-target").ends_with("ListKeys") {
            Answer::Hang
        } else {
            ok("{}")
        }
    })
    .await;
    let client = client(&server.url);
    let start = Instant::now();
    let (input, id) = (Value::Null, json!({"KeyId": "k"}));
    let hung = client.call(call("kms:ListKeys", &input));
    let other = client.call(call("kms:GetKeyRotationStatus", &id));
    let (hung, other) = tokio::join!(hung, other);
    assert_eq!(hung.unwrap_err().kind, ErrorKind::Timeout);
    assert!(other.is_ok());
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

/// A service that throttles for long is waited for: many more tries than other faults get, further and
/// further apart.
#[tokio::test]
async fn throttles_are_tried_again_with_patience() {
    let start = Instant::now();
    let server = Server::start(move |_, _| match start.elapsed() {
        early if early < Duration::from_millis(1_500) => {
            json_error(400, "ThrottlingException", "Rate exceeded")
        }
        _ => ok(KEYS),
    })
    .await;
    let mut config = config(&server.url);
    // Shorter than the throttling: waits between tries do not count.
    config.call_timeout = Duration::from_secs(1);
    config.max_attempts = 2;
    config.throttled_attempts = 40;
    let client = palisade_aws::Client::new(config);
    let calls = (0..5).map(|_| client.call(call("kms:ListKeys", &Value::Null)));
    let replies = futures::future::join_all(calls).await;
    let sent: u32 = replies.iter().map(|r| r.as_ref().unwrap().attempts).sum();
    assert_eq!(sent as usize, server.count());
    assert!((10..100).contains(&sent), "{sent} attempts");
}

#[tokio::test]
async fn a_service_that_only_throttles_is_given_up() {
    let server = Server::start(|_, _| json_error(400, "ThrottlingException", "no")).await;
    let mut config = config(&server.url);
    config.throttled_attempts = 1_000;
    config.patience = Duration::from_millis(500);
    let start = Instant::now();
    let error = palisade_aws::Client::new(config)
        .call(call("kms:ListKeys", &Value::Null))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Throttled);
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(error.attempts as usize, server.count());
}

#[tokio::test]
async fn what_is_no_longer_wanted_is_not_sent() {
    let server = Server::start(|_, before| match before {
        0 => json_error(400, "ThrottlingException", "no"),
        _ => ok(KEYS),
    })
    .await;
    let mut config = config(&server.url);
    config.max_calls = Some(1);
    let client = palisade_aws::Client::new(config);
    let wish = call("kms:ListKeys", &Value::Null);
    let error = client.call_while(wish, &|| false).await.unwrap_err();
    assert_eq!((error.kind, error.attempts), (ErrorKind::Unwanted, 0));
    // It was not counted either; and one that was sent may become unwanted before it is sent again.
    let asked = std::sync::atomic::AtomicBool::new(true);
    let once = || asked.swap(false, Ordering::SeqCst);
    let error = client.call_while(wish, &once).await.unwrap_err();
    assert_eq!((error.kind, error.attempts), (ErrorKind::Unwanted, 1));
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn the_whole_call_has_a_limit_too() {
    let server = Server::start(|_, _| Answer::Hang).await;
    let mut config = config(&server.url);
    config.max_attempts = 100;
    config.call_timeout = Duration::from_millis(900);
    let start = Instant::now();
    let error = palisade_aws::Client::new(config)
        .call(call("kms:ListKeys", &Value::Null))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn nobody_there_is_a_network_error() {
    let error = client("http://127.0.0.1:1")
        .call(call("kms:ListKeys", &Value::Null))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.attempts),
        (ErrorKind::Network, 3),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_does_not_fit_the_model_is_never_sent() {
    let server = Server::start(|_, _| ok("{}")).await;
    let client = client(&server.url);
    let wrong = json!({"KeyId": 3});
    for (operation, input) in [
        ("kms:Nothing", &Value::Null),
        ("nothing:ListKeys", &Value::Null),
        ("kms:DescribeKey", &Value::Null),
        ("kms:DescribeKey", &wrong),
    ] {
        let error = client.call(call(operation, input)).await.unwrap_err();
        assert_eq!(
            (error.kind, error.attempts),
            (ErrorKind::Input, 0),
            "{operation}: {error:?}"
        );
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn the_budget_is_kept_by_all_clones() {
    let server = Server::start(|_, _| ok(KEYS)).await;
    let mut config = config(&server.url);
    config.max_calls = Some(2);
    let first = palisade_aws::Client::new(config);
    let second = first.with_sdk(standin::sdk(&server.url));
    assert!(first.call(call("kms:ListKeys", &Value::Null)).await.is_ok());
    assert!(
        second
            .call(call("kms:ListKeys", &Value::Null))
            .await
            .is_ok()
    );
    let error = first
        .call(call("kms:ListKeys", &Value::Null))
        .await
        .unwrap_err();
    assert_eq!((error.kind, error.attempts), (ErrorKind::Budget, 0));
    assert_eq!((server.count(), first.calls_made()), (2, 2));
}

#[tokio::test]
async fn the_pace_holds_for_all_calls_together() {
    let server = Server::start(|_, _| ok(KEYS)).await;
    let mut config = config(&server.url);
    config.max_rps = Some(20);
    let client = palisade_aws::Client::new(config);
    let start = Instant::now();
    let calls = (0..10).map(|_| client.call(call("kms:ListKeys", &Value::Null)));
    assert!(
        futures::future::join_all(calls)
            .await
            .iter()
            .all(Result::is_ok)
    );
    // Nine gaps of 50 ms.
    assert!(
        start.elapsed() >= Duration::from_millis(440),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_corrected_by_the_reply() {
    // A server that is years ahead of this machine and wants signatures of its own time.
    let server = Server::start(|seen, _| {
        let date = (
            "date".to_owned(),
            "Sat, 01 Jan 2050 00:00:00 GMT".to_owned(),
        );
        if seen.header("x-amz-date").starts_with("20500101") {
            return Answer::Reply(200, vec![date], KEYS.to_owned());
        }
        let body = r#"{"__type":"InvalidSignatureException","message":"Signature expired"}"#;
        Answer::Reply(403, vec![date], body.to_owned())
    })
    .await;
    let reply = client(&server.url)
        .call(call("kms:ListKeys", &Value::Null))
        .await
        .unwrap();
    assert_eq!(reply.attempts, 2);
}

#[tokio::test]
async fn one_account_cannot_use_up_the_retries_of_another() {
    let server = Server::start(|_, _| Answer::Reply(500, vec![], String::new())).await;
    let client = client(&server.url);
    let attempts = async |account: &'static str| {
        let mut wish = call("kms:ListKeys", &Value::Null);
        wish.account = account;
        client.call(wish).await.unwrap_err().attempts
    };
    // The runtime's bucket of retries is finite; calls then fail at the first attempt.
    let mut spent = false;
    for _ in 0..120 {
        if attempts("444455556666").await == 1 {
            spent = true;
            break;
        }
    }
    assert!(
        spent,
        "the bucket never ran out, so this test shows nothing"
    );
    assert_eq!(attempts("777788889999").await, 3);
}

#[tokio::test]
async fn timestamps_in_three_formats_are_one() {
    for stamp in [
        "1700000000",
        "\"2023-11-14T22:13:20Z\"",
        "\"Tue, 14 Nov 2023 22:13:20 GMT\"",
    ] {
        let body = format!(r#"{{"KeyMetadata":{{"KeyId":"k","CreationDate":{stamp}}}}}"#);
        let server = Server::start(move |_, _| ok(body.clone())).await;
        let input = json!({"KeyId": "k"});
        let reply = client(&server.url)
            .call(call("kms:DescribeKey", &input))
            .await
            .unwrap();
        assert_eq!(
            reply.value["KeyMetadata"]["CreationDate"],
            json!("2023-11-14T22:13:20Z"),
            "{stamp}"
        );
    }
}

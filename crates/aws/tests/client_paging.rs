//! Listings that end as they should, and listings that do not.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, helpers included"
)]

mod standin;

use palisade_aws::{Client, ErrorKind, Reply};
use serde_json::{Value, json};
use standin::{Answer, Seen, Server, call, client, config, ok};

fn token(seen: &Seen) -> Option<String> {
    let body: Value = serde_json::from_str(&seen.body).ok()?;
    body["NextToken"].as_str().map(str::to_owned)
}

async fn pages(client: &Client, operation: &str) -> (Vec<Reply>, Option<palisade_aws::CallError>) {
    let mut pages = client.pages(call(operation, &Value::Null));
    let mut replies = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(reply) => replies.push(reply),
            Err(error) => {
                assert!(pages.next().await.is_none(), "nothing comes after an error");
                return (replies, Some(error));
            }
        }
    }
    (replies, None)
}

#[tokio::test]
async fn pages_follow_their_tokens() {
    let server = Server::start(|seen, _| match token(seen).as_deref() {
        None => ok(r#"{"Accounts":[{"Id":"1"}],"NextToken":"a"}"#),
        Some("a") => ok(r#"{"Accounts":[],"NextToken":"b"}"#),
        Some("b") => ok(r#"{"Accounts":[{"Id":"2"}],"NextToken":""}"#),
        Some(_) => Answer::Reset,
    })
    .await;
    let (replies, error) = pages(&client(&server.url), "organizations:ListAccounts").await;
    assert_eq!(error, None);
    let tokens: Vec<_> = replies.iter().map(|reply| reply.token.as_deref()).collect();
    assert_eq!(
        tokens,
        [None, Some("a"), Some("b")],
        "a page without rows does not end a listing, an empty token does"
    );
    assert_eq!(replies[2].value["Accounts"], json!([{"Id": "2"}]));
}

#[tokio::test]
async fn a_token_that_comes_again_ends_in_an_error() {
    let server = Server::start(|_, _| ok(r#"{"Accounts":[{"Id":"1"}],"NextToken":"same"}"#)).await;
    let (replies, error) = pages(&client(&server.url), "organizations:ListAccounts").await;
    assert_eq!(error.unwrap().kind, ErrorKind::Paging);
    assert_eq!((replies.len(), server.count()), (2, 2));
}

#[tokio::test]
async fn tokens_in_a_circle_end_in_an_error() {
    let server =
        Server::start(|_, before| ok(format!(r#"{{"Accounts":[],"NextToken":"{}"}}"#, before % 5)))
            .await;
    let (replies, error) = pages(&client(&server.url), "organizations:ListAccounts").await;
    assert_eq!(error.unwrap().kind, ErrorKind::Paging);
    assert_eq!(replies.len(), 6);
}

#[tokio::test]
async fn a_listing_without_end_is_cut_off() {
    let server =
        Server::start(|_, before| ok(format!(r#"{{"Accounts":[],"NextToken":"{before}"}}"#))).await;
    let mut config = config(&server.url);
    config.max_pages = 7;
    let (replies, error) = pages(&Client::new(config), "organizations:ListAccounts").await;
    let error = error.unwrap();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (ErrorKind::Paging, "more than 7 pages")
    );
    assert_eq!((replies.len(), server.count()), (7, 7));
}

#[tokio::test]
async fn an_error_on_a_later_page_keeps_the_pages_before_it() {
    let server = Server::start(|seen, _| match token(seen) {
        None => ok(r#"{"Accounts":[{"Id":"1"}],"NextToken":"a"}"#),
        Some(_) => standin::json_error(400, "AccessDeniedException", "no"),
    })
    .await;
    let (replies, error) = pages(&client(&server.url), "organizations:ListAccounts").await;
    assert_eq!(replies.len(), 1);
    assert_eq!(error.unwrap().kind, ErrorKind::Denied);
}

#[tokio::test]
async fn more_results_in_xml() {
    let page = |user: &str, more: &str| {
        format!(
            "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><UserDetailList><member><UserName>{user}</UserName></member>\
             </UserDetailList>{more}</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>"
        )
    };
    let server = Server::start(move |seen, _| {
        ok(if seen.body.contains("Marker=m1") {
            // The marker says more, the flag does not: the flag decides.
            page("b", "<IsTruncated>false</IsTruncated><Marker>m2</Marker>")
        } else {
            page("a", "<IsTruncated>true</IsTruncated><Marker>m1</Marker>")
        })
    })
    .await;
    let (replies, error) = pages(&client(&server.url), "iam:GetAccountAuthorizationDetails").await;
    assert_eq!(error, None);
    let users: Vec<_> = replies
        .iter()
        .map(|reply| reply.value["UserDetailList"][0]["UserName"].clone())
        .collect();
    assert_eq!(users, [json!("a"), json!("b")]);
}

#[tokio::test]
async fn an_operation_without_pager_is_one_page() {
    let server = Server::start(|_, _| ok(r#"{"KeyMetadata":{"KeyId":"k"}}"#)).await;
    let client = client(&server.url);
    let input = json!({"KeyId": "k"});
    let mut pages = client.pages(call("kms:DescribeKey", &input));
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.is_none());
}

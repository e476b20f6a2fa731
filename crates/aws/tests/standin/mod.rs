//! A small HTTP server that answers as it is told: well, badly, late or never.

#![allow(
    clippy::allow_attributes,
    dead_code,
    reason = "each test file uses its own part"
)]

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use palisade_aws::{Call, Client, ClientConfig, Models};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What is done about it.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Reply(u16, Vec<(String, String)>, String),
    /// The connection is closed without a word.
    Reset,
    /// Nothing, for a minute.
    Hang,
    /// Half of the body that the header promises.
    Truncated(String),
}

pub(crate) fn ok(body: impl Into<String>) -> Answer {
    Answer::Reply(200, vec![], body.into())
}

/// The header of a reply after which the connection stays open.
pub(crate) fn stay() -> (String, String) {
    ("connection".to_owned(), "keep-alive".to_owned())
}

pub(crate) fn json_error(status: u16, code: &str, message: &str) -> Answer {
    let body = serde_json::json!({"__type": code, "message": message}).to_string();
    Answer::Reply(status, vec![], body)
}

/// The server; it ends with its owner.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    /// Connections that were opened.
    pub(crate) opened: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// `answer` is given the request and how many came before it.
    pub(crate) async fn start(
        answer: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answer, noted) = (Arc::new(answer), Arc::clone(&seen));
        let opened = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&opened);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let (answer, noted) = (Arc::clone(&answer), Arc::clone(&noted));
                open.spawn(async move {
                    let mut stream = stream;
                    while let Some(request) = read(&mut stream).await {
                        let before = {
                            let mut noted = noted.lock().unwrap();
                            noted.push(request.clone());
                            noted.len() - 1
                        };
                        if !write(&mut stream, answer(&request, before)).await {
                            return;
                        }
                    }
                });
            }
        });
        Self {
            url,
            seen,
            opened,
            _tasks: tasks,
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn request(&self, at: usize) -> Seen {
        self.seen.lock().unwrap()[at].clone()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        let mut part = [0; 4096];
        let count = stream
            .read(&mut part)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let mut seen = Seen {
        method: first.next()?.to_owned(),
        path: first.next()?.to_owned(),
        ..Seen::default()
    };
    for line in lines {
        if let Some((name, value)) = line.split_once(':') {
            seen.headers
                .insert(name.to_lowercase(), value.trim().to_owned());
        }
    }
    let length: usize = seen.header("content-length").parse().unwrap_or(0);
    let mut body = bytes[end..].to_vec();
    while body.len() < length {
        let mut part = [0; 4096];
        let count = stream
            .read(&mut part)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        body.extend_from_slice(&part[..count]);
    }
    seen.body = String::from_utf8(body).ok()?;
    Some(seen)
}

/// Whether the connection stays open.
async fn write(stream: &mut TcpStream, answer: Answer) -> bool {
    let (status, headers, body, length) = match answer {
        Answer::Reply(status, headers, body) => {
            let length = body.len();
            (status, headers, body, length)
        }
        Answer::Truncated(body) => {
            let length = body.len() * 2;
            (200, vec![], body, length)
        }
        Answer::Hang => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            return false;
        }
        Answer::Reset => return false,
    };
    let stays = headers.contains(&stay());
    let mut head = format!("HTTP/1.1 {status} Told\r\ncontent-length: {length}\r\n");
    if !stays {
        head.push_str("connection: close\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
    if !stays {
        let _ = stream.shutdown().await;
    }
    stays
}

pub(crate) fn models() -> Models {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/models/");
    Models::new(move |name| fs_err::read(format!("{folder}{name}")).ok().map(Cow::Owned))
}

pub(crate) fn sdk(url: &str) -> SdkConfig {
    let keys = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .time_source(aws_smithy_async::time::SystemTimeSource::new())
        .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
        .endpoint_url(url)
        .build()
}

/// Quick retries, short patience.
pub(crate) fn config(url: &str) -> ClientConfig {
    let mut config = ClientConfig::new(sdk(url), models());
    config.max_attempts = 3;
    config.throttled_attempts = 3;
    config.first_backoff = Duration::from_millis(5);
    config.attempt_timeout = Duration::from_millis(400);
    config.call_timeout = Duration::from_secs(5);
    config
}

pub(crate) fn client(url: &str) -> Client {
    Client::new(config(url))
}

pub(crate) const ACCOUNT: &str = "111122223333";

/// `service:Operation` in eu-west-1.
pub(crate) fn call<'a>(operation: &'a str, input: &'a Value) -> Call<'a> {
    let (service, operation) = operation.split_once(':').unwrap();
    Call {
        service,
        operation,
        region: "eu-west-1",
        account: ACCOUNT,
        input,
    }
}

//! A stand-in for AWS: a function from a request to a reply, behind HTTP.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A request, as far as the tests need it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) uri: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    /// The operation: of the target header, or of `Action=` in the body.
    pub(crate) fn operation(&self) -> String {
        if let Some(target) = self.headers.get("x-amz-target") {
            return target.rsplit('.').next().unwrap_or_default().to_owned();
        }
        let action = self.body.split('&').find_map(|p| p.strip_prefix("Action="));
        action.map_or_else(|| format!("{} {}", self.method, self.uri), str::to_owned)
    }
}

/// What comes back.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Text(u16, String),
    /// The connection is closed after so many bytes of the body.
    Cut(String, usize),
    /// Nothing ever comes.
    Hang,
    /// The connection is closed at once.
    Reset,
    /// As the other, after a while.
    After(Duration, Box<Self>),
}

pub(crate) fn ok(body: impl Into<String>) -> Reply {
    Reply::Text(200, body.into())
}

/// An error of a JSON protocol.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Reply {
    let body = serde_json::json!({"__type": code, "message": message});
    Reply::Text(status, body.to_string())
}

/// An error of an XML protocol.
pub(crate) fn xml_error(status: u16, code: &str) -> Reply {
    let body = format!("<Error><Code>{code}</Code><Message>{code} it is</Message></Error>");
    Reply::Text(status, body)
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

pub(crate) struct Server {
    pub(crate) url: String,
    log: Arc<Mutex<Vec<Request>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(crate) async fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log: Arc<Mutex<Vec<Request>>> = Arc::default();
        let handler: Arc<Handler> = Arc::new(handler);
        let mut tasks = JoinSet::new();
        let seen = Arc::clone(&log);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while connections.try_join_next().is_some() {}
                connections.spawn(serve(stream, Arc::clone(&handler), Arc::clone(&seen)));
            }
        });
        Self {
            url,
            log,
            _tasks: tasks,
        }
    }

    /// The operations asked so far, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.log
            .lock()
            .unwrap()
            .iter()
            .map(Request::operation)
            .collect()
    }

    pub(crate) fn forget(&self) {
        self.log.lock().unwrap().clear();
    }
}

async fn serve(mut stream: TcpStream, handler: Arc<Handler>, log: Arc<Mutex<Vec<Request>>>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await {
        log.lock().unwrap().push(request.clone());
        let mut reply = handler(&request);
        while let Reply::After(pause, then) = reply {
            tokio::time::sleep(pause).await;
            reply = *then;
        }
        let (status, body, send) = match reply {
            Reply::Text(status, body) => (status, body.clone(), body.len()),
            Reply::Cut(body, at) => (200, body, at),
            Reply::Hang => {
                tokio::time::sleep(Duration::from_secs(600)).await;
                return;
            }
            Reply::Reset | Reply::After(..) => return,
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&body.as_bytes()[..send]);
        if stream.write_all(&bytes).await.is_err() || send < body.len() {
            return;
        }
    }
}

pub(crate) async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    loop {
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let mut lines = head.lines();
            let mut first = lines.next()?.split(' ');
            let mut request = Request {
                method: first.next()?.to_owned(),
                uri: first.next()?.to_owned(),
                ..Request::default()
            };
            for line in lines {
                if let Some((name, value)) = line.split_once(':') {
                    request
                        .headers
                        .insert(name.to_ascii_lowercase(), value.trim().to_owned());
                }
            }
            let length = request
                .headers
                .get("content-length")
                .and_then(|l| l.parse().ok())
                .unwrap_or(0);
            while buffer.len() < end + 4 + length {
                if stream.read_buf(buffer).await.ok()? == 0 {
                    return None;
                }
            }
            request.body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
            buffer.drain(..end + 4 + length);
            return Some(request);
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

//! Answers of the emulator, kept and given again after a pause: a server that is as quick with a thousand calls as with
//! one, and says what AWS says.

use crate::support::server::{Request, read};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Where answers come from.
#[derive(Debug, Clone)]
enum Source {
    /// This host, and they are kept.
    Host(String),
    /// Those kept, so long after the question.
    Kept(Duration),
}

pub(crate) struct Replay {
    pub(crate) url: String,
    source: Arc<Mutex<Source>>,
    kept: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    _tasks: JoinSet<()>,
}

impl Replay {
    /// Passes calls on to `url`, and keeps the answers.
    pub(crate) async fn of(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = url.strip_prefix("http://").unwrap().to_owned();
        let source = Arc::new(Mutex::new(Source::Host(host)));
        let kept = Arc::default();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        let shared = (Arc::clone(&source), Arc::clone(&kept));
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while connections.try_join_next().is_some() {}
                connections.spawn(serve(stream, Arc::clone(&shared.0), Arc::clone(&shared.1)));
            }
        });
        Self {
            url: own,
            source,
            kept,
            _tasks: tasks,
        }
    }

    /// From here on every answer is one that was kept, and comes `pause` after its question.
    pub(crate) fn after(&self, pause: Duration) {
        *self.source.lock().unwrap() = Source::Kept(pause);
    }

    /// Different questions so far.
    pub(crate) fn questions(&self) -> usize {
        self.kept.lock().unwrap().len()
    }
}

/// What tells questions apart: not the date, nor the signature.
fn key(request: &Request) -> String {
    let header = |name| request.headers.get(name).map_or("", String::as_str);
    // Credential=KEY/DATE/REGION/SERVICE/aws4_request
    let signed = header("authorization");
    let place: Vec<&str> = signed.split('/').skip(2).take(2).collect();
    format!(
        "{} {} {} {} {}",
        request.method,
        request.uri,
        place.join("/"),
        header("x-amz-target"),
        request.body
    )
}

async fn serve(
    mut stream: TcpStream,
    source: Arc<Mutex<Source>>,
    kept: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await {
        let key = key(&request);
        let from = source.lock().unwrap().clone();
        let reply = match from {
            Source::Host(host) => {
                let reply = ask(&host, &request).await;
                kept.lock().unwrap().insert(key, reply.clone());
                reply
            }
            Source::Kept(pause) => {
                tokio::time::sleep(pause).await;
                let reply = kept.lock().unwrap().get(&key).cloned();
                reply.unwrap_or_else(|| panic!("never asked before: {key}"))
            }
        };
        if stream.write_all(&reply).await.is_err() {
            return;
        }
    }
}

/// The whole reply, without the word that ends its connection.
pub(crate) async fn ask(host: &str, request: &Request) -> Vec<u8> {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method, request.uri);
    for (name, value) in &request.headers {
        if name != "connection" {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    text.push_str("connection: close\r\n\r\n");
    text.push_str(&request.body);
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.unwrap();
    let end = reply.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&reply[..end]).into_owned();
    let mut whole = Vec::new();
    for line in head.lines() {
        if !line.to_ascii_lowercase().starts_with("connection:") {
            whole.extend_from_slice(line.as_bytes());
            whole.extend_from_slice(b"\r\n");
        }
    }
    whole.extend_from_slice(&reply[end + 2..]);
    whole
}

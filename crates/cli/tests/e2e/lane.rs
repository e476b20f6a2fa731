//! Lanes of the emulator (`tests/standin`): the same filled account, each with its own log and faults.

#![expect(
    clippy::disallowed_methods,
    reason = "the test runner passes the emulator's address in the environment"
)]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};

/// An address onto the filled account.
pub(crate) struct Lane {
    pub(crate) url: String,
}

/// A finding, as far as runs are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) control: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) verdict: String,
}

impl Lane {
    /// Opens a lane with these faults; `None`, and a word, where no emulator is given.
    pub(crate) fn open(faults: Value) -> Option<Self> {
        Self::with(faults, None)
    }

    /// A lane that gives the answers of a folder, `<service>/<Operation>.json`, in place of the account's own.
    pub(crate) fn answering(folder: &Path) -> Option<Self> {
        Self::with(json!({}), Some(folder))
    }

    fn with(faults: Value, answers: Option<&Path>) -> Option<Self> {
        let account = std::env::var("PALISADE_ESTATE").unwrap_or_default();
        Self::into(&account, faults, answers)
    }

    /// A lane into another account of the emulator, which is empty at first.
    pub(crate) fn into(account: &str, faults: Value, answers: Option<&Path>) -> Option<Self> {
        let (Ok(moto), Ok(_)) = (
            std::env::var("PALISADE_MOTO"),
            std::env::var("PALISADE_ESTATE"),
        ) else {
            writeln!(
                std::io::stderr(),
                "skipped: `cargo xtask test` starts the emulator that this test needs"
            )
            .unwrap();
            return None;
        };
        let reply = http(
            &moto,
            "POST",
            "/_lane",
            &json!({
                "account": account,
                "faults": faults,
                "answers": answers.map_or(json!({}), |folder| json!({ (account): folder })),
            }),
        );
        let reply: Value = serde_json::from_str(&reply).unwrap();
        Some(Self {
            url: reply["url"].as_str().unwrap().to_owned(),
        })
    }

    /// Other faults from here on.
    pub(crate) fn now(&self, faults: Value) {
        http(&self.url, "PUT", "/_lane/faults", &faults);
    }

    /// Calls an operation of a service that speaks JSON, as AWS's own tools would.
    pub(crate) fn json(&self, service: &str, target: &str, input: &Value) -> Value {
        let head = format!(
            "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}\r\n{}",
            authorization(service)
        );
        let reply = send(&self.url, "POST", "/", &head, &input.to_string());
        serde_json::from_str(&reply).unwrap_or(Value::Null)
    }

    /// Calls an operation of a service that speaks forms; the reply is XML.
    pub(crate) fn form(&self, service: &str, members: &[(&str, &str)]) -> String {
        let pair = |(name, value): &(&str, &str)| format!("{name}={}", escaped(value));
        let body: Vec<String> = members.iter().map(pair).collect();
        let head = format!(
            "Content-Type: application/x-www-form-urlencoded\r\n{}",
            authorization(service)
        );
        send(&self.url, "POST", "/", &head, &body.join("&"))
    }

    /// One object a request that was answered, in order.
    pub(crate) fn log(&self) -> Vec<Value> {
        http(&self.url, "GET", "/_lane/log", &Value::Null)
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The most requests that were in flight at once.
    pub(crate) fn most_in_flight(&self) -> u64 {
        let reply: Value =
            serde_json::from_str(&http(&self.url, "GET", "/_lane/most", &Value::Null)).unwrap();
        reply["in_flight"].as_u64().unwrap()
    }

    /// The program, with this lane as AWS and a home of its own.
    pub(crate) fn palisade(&self, home: &Path) -> Command {
        let mut command = palisade(home);
        command
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing");
        command
    }

    /// Collects the whole catalogue's scope in one region.
    pub(crate) fn collect(&self, home: &Path, into: &Path, more: &[&str]) -> Output {
        self.palisade(home)
            .args(["collect", "--quiet", "--region", "us-east-1", "--out"])
            .arg(into)
            .args(more)
            .output()
            .unwrap()
    }

    /// Collects, and fails the test where the program does.
    pub(crate) fn collected(&self, home: &Path, into: &Path, more: &[&str]) {
        let output = self.collect(home, into, more);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// The program, with nothing of the caller's environment that reaches AWS.
pub(crate) fn palisade(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_palisade"));
    command
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// The JSON report on a snapshot.
pub(crate) fn report(home: &Path, snapshot: &Path) -> Value {
    let output = palisade(home)
        .args(["assess", "--quiet", "--format", "json", "--snapshot"])
        .arg(snapshot)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The findings of a report by id.
pub(crate) fn findings(report: &Value) -> BTreeMap<String, Seen> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let seen = Seen {
                control: text(finding, "control"),
                account: text(finding, "account_id"),
                region: text(finding, "region"),
                verdict: text(finding, "verdict"),
            };
            (text(finding, "id"), seen)
        })
        .collect()
}

/// The rows that a query gives, as JSON objects.
pub(crate) fn query(home: &Path, snapshot: &Path, sql: &str) -> Vec<Value> {
    let output = palisade(home)
        .args(["query", "--format", "json", "--snapshot"])
        .arg(snapshot)
        .arg(sql)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{sql}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    match serde_json::from_str(&text) {
        Ok(Value::Array(rows)) => rows,
        // One object a line.
        _ => text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    }
}

/// The emulator reads the service and the region, and checks no signature.
fn authorization(service: &str) -> String {
    format!(
        "Authorization: AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n"
    )
}

/// A form's value: every byte but the plain ones as `%XX`.
fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A request to the lane itself; the reply's body.
fn http(url: &str, method: &str, path: &str, body: &Value) -> String {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    send(url, method, path, "", &body)
}

/// A request over a plain connection; the reply's body.
fn send(url: &str, method: &str, path: &str, head: &str, body: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{head}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(
        reply.starts_with("HTTP/1.1 200"),
        "{method} {path}: {reply}"
    );
    reply.split_once("\r\n\r\n").unwrap().1.to_owned()
}

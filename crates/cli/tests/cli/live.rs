//! A run that AWS does not let come to its end.

use crate::support::Desk;
use insta::assert_snapshot;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

#[test]
fn no_credentials() {
    assert_snapshot!(Desk::new().show(&["assess", "--region", "eu-west-1"]));
}

#[test]
fn a_profile_that_is_none() {
    assert_snapshot!(Desk::new().show(&["assess", "--profile", "nope"]));
}

#[test]
fn aws_is_not_there_and_the_region_is_odd() {
    let desk = Desk::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let shown = desk.shown(&run(&desk, &url, &["assess", "--region", "eu-wst-1"]));
    assert!(shown.starts_with("exit 3"), "{shown}");
    assert!(shown.contains("did you mean `eu-west-1`?"), "{shown}");
    assert!(shown.contains("error: AWS can't be reached"), "{shown}");
}

#[test]
fn an_address_that_is_none_is_refused_at_once() {
    let shown = Desk::new().show(&["assess", "--endpoint-url", "nonsense"]);
    assert!(shown.starts_with("exit 2"), "{shown}");
    let said = "`nonsense` is no address: write `http://host:port`";
    assert!(shown.contains(said), "{shown}");
}

#[test]
fn credentials_that_have_expired() {
    let desk = Desk::new();
    let url = serve(|_| (403, expired("Error")));
    assert_snapshot!(desk.shown(&run(&desk, &url, ASSESS)));
}

const ASSESS: &[&str] = &[
    "assess",
    "--region",
    "us-east-1",
    "--control",
    "s3-bucket-versioning",
    "--quiet",
    "--now",
    "2026-11-01T00:00:00Z",
];

#[test]
fn credentials_that_expire_in_the_middle_leave_a_report_and_a_run_to_go_on_with() {
    let desk = Desk::new();
    let url = serve(|request| match request {
        r if r.contains("GetCallerIdentity") => (200, IDENTITY.to_owned()),
        r if r.contains("versioning") => (403, expired("S3")),
        _ => (200, BUCKETS.to_owned()),
    });
    let output = run(&desk, &url, ASSESS);
    assert_snapshot!(desk.shown(&output));

    let url = serve(|request| match request {
        r if r.contains("GetCallerIdentity") => (200, IDENTITY.to_owned()),
        r if r.contains("versioning") => (200, VERSIONING.to_owned()),
        // The buckets are known from the run before.
        _ => (500, String::new()),
    });
    let again: Vec<&str> = ASSESS.iter().copied().chain(["--resume"]).collect();
    assert_snapshot!(desk.shown(&run(&desk, &url, &again)));
}

#[test]
fn calls_are_told_with_v_and_no_secret_is() {
    let desk = Desk::new();
    let url = serve(|request| match request {
        r if r.contains("GetCallerIdentity") => (200, IDENTITY.to_owned()),
        r if r.contains("versioning") => (200, VERSIONING.to_owned()),
        _ => (200, BUCKETS.to_owned()),
    });
    for more in ["-v", "-vv"] {
        let arguments: Vec<&str> = ASSESS.iter().copied().chain([more]).collect();
        let output = run(&desk, &url, &arguments);
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(
            log.contains("s3:GetBucketVersioning {\"Bucket\":\"one\"} ok"),
            "{log}"
        );
        assert!(!log.contains("SECRET-MARK"), "{log}");
        assert!(!log.contains("TOKEN-MARK"), "{log}");
    }
}

const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/ada</Arn><UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
const BUCKETS: &str = "<ListAllMyBucketsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Buckets><Bucket><Name>one</Name><CreationDate>2026-01-01T00:00:00.000Z</CreationDate><BucketRegion>us-east-1</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>";
const VERSIONING: &str = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>";

fn expired(form: &str) -> String {
    let error = "<Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message>";
    match form {
        "S3" => format!("<Error>{error}</Error>"),
        _ => format!("<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"),
    }
}

/// Runs against a server, with a state folder of its own.
fn run(desk: &Desk, url: &str, arguments: &[&str]) -> Output {
    desk.palisade(arguments)
        .env("XDG_STATE_HOME", desk.path().join("state"))
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "SECRET-MARK")
        .env("AWS_SESSION_TOKEN", "TOKEN-MARK")
        .output()
        .unwrap()
}

/// Answers every request by its text; lives as long as the test's process.
fn serve(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // One that hangs up early is no matter.
            let _ = reply(stream, &answer);
        }
    });
    url
}

fn reply(mut stream: TcpStream, answer: impl Fn(&str) -> (u16, String)) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let n = stream.read(&mut buffer)?;
        request.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&request);
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|l| {
                l.to_lowercase()
                    .strip_prefix("content-length:")
                    .map(|v| v.trim().parse().unwrap())
            });
            body.len() >= length.unwrap_or(0)
        });
        if whole || n == 0 {
            break;
        }
    }
    let (status, body) = answer(&String::from_utf8_lossy(&request));
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

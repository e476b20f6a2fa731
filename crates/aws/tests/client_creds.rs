//! The chain of credentials. Each case runs in a process of its own, with an environment of its own.

#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "a test fails by panicking, helpers included"
)]

mod standin;

use palisade_aws::creds::{Options, Role, assume, load};
use palisade_aws::{Client, ClientConfig};
use serde_json::Value;
use standin::{Answer, Seen, Server, call, models, ok};
use std::io;
use std::process::{Command, Output};

/// What the child does: loads credentials as its environment says and calls once.
#[tokio::test]
#[ignore = "run by the other tests, in a process of its own"]
#[expect(
    clippy::disallowed_methods,
    reason = "the environment is what is tested"
)]
async fn child() {
    let wish = |name: &str| std::env::var(name).ok();
    let role = |arn: Option<String>| {
        arn.map(|arn| Role {
            arn,
            external_id: wish("T_EXTERNAL"),
            mfa_serial: wish("T_MFA"),
            session_name: None,
        })
    };
    let options = Options {
        profile: wish("T_PROFILE"),
        role: role(wish("T_ROLE")),
        ..Options::default()
    };
    let prompt = |device: &str| {
        let token = wish("T_TOKEN").ok_or_else(|| io::Error::other("nobody at the terminal"))?;
        assert!(device.contains("mfa/"), "{device}");
        Ok(token)
    };
    let mut sdk = match load(&options, &prompt).await {
        Ok(sdk) => sdk,
        Err(error) => return println!("CHILD {error:?} | {error} | {}", error.hint()),
    };
    if let Some(second) = role(wish("T_SECOND_ROLE")) {
        sdk = match assume(&sdk, &second).await {
            Ok(sdk) => sdk,
            Err(error) => return println!("CHILD {error:?} | {error} | {}", error.hint()),
        };
    }
    let region = sdk.region().map(ToString::to_string);
    let outcome = Client::new(ClientConfig::new(sdk, models()))
        .call(call("kms:ListKeys", &Value::Null))
        .await;
    println!(
        "CHILD region {region:?} outcome {:?}",
        outcome.map(|reply| reply.value)
    );
}

/// Runs the child with this environment, and no other AWS setting.
async fn run(config: &str, environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs_err::write(&file, config).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["child", "--exact", "--ignored", "--nocapture"])
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", "/usr/bin:/bin")
        .env("AWS_CONFIG_FILE", &file)
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join("none"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied());
    let Output { stdout, stderr, .. } = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let text = String::from_utf8_lossy(&stdout).into_owned();
    let line = text
        .lines()
        .find_map(|line| line.split_once("CHILD ").map(|(_, rest)| rest.to_owned()));
    line.unwrap_or_else(|| {
        format!(
            "no word of the child: {text} {}",
            String::from_utf8_lossy(&stderr)
        )
    })
}

/// KMS, and an STS that gives keys which name what it was asked for.
fn answer(seen: &Seen, _: usize) -> Answer {
    if !seen.body.contains("Action=AssumeRole") {
        return ok(r#"{"Keys":[]}"#);
    }
    if seen
        .body
        .contains("RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fclosed")
    {
        let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole\
                    </Message></Error></ErrorResponse>";
        return Answer::Reply(403, vec![], body.to_owned());
    }
    ok(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
        <SecretAccessKey>s</SecretAccessKey><SessionToken>the-session</SessionToken>\
        <Expiration>2049-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>\
        arn:aws:sts::111122223333:assumed-role/r/palisade</Arn><AssumedRoleId>A:p</AssumedRoleId></AssumedRoleUser>\
        </AssumeRoleResult></AssumeRoleResponse>",
    )
}

const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIAENV"),
    ("AWS_SECRET_ACCESS_KEY", "s"),
    ("AWS_REGION", "eu-west-1"),
];

/// The key that signed the request.
fn key(seen: &Seen) -> &str {
    let (_, rest) = seen
        .header("authorization")
        .split_once("Credential=")
        .unwrap_or_default();
    rest.split_once('/').unwrap_or_default().0
}

#[tokio::test]
async fn keys_of_the_environment_and_an_endpoint_for_all_services() {
    let server = Server::start(answer).await;
    let mut environment = KEYS.to_vec();
    environment.push(("AWS_ENDPOINT_URL", &server.url));
    let said = run("", &environment).await;
    assert!(
        said.contains("region Some(\"eu-west-1\") outcome Ok"),
        "{said}"
    );
    assert_eq!(key(&server.request(0)), "AKIAENV");
}

#[tokio::test]
async fn an_endpoint_for_one_service_goes_before_the_one_for_all() {
    let (all, one) = (Server::start(answer).await, Server::start(answer).await);
    let mut environment = KEYS.to_vec();
    environment.extend([
        ("AWS_ENDPOINT_URL", all.url.as_str()),
        ("AWS_ENDPOINT_URL_KMS", &one.url),
    ]);
    let said = run("", &environment).await;
    assert!(said.contains("outcome Ok"), "{said}");
    assert_eq!((all.count(), one.count()), (0, 1));
}

#[tokio::test]
async fn a_profile_with_keys_region_and_services() {
    let server = Server::start(answer).await;
    let config = format!(
        "[profile a]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\nregion = eu-north-1\nservices = local\n\
         [services local]\nkms =\n  endpoint_url = {}\n",
        server.url
    );
    let said = run(&config, &[("T_PROFILE", "a")]).await;
    assert!(
        said.contains("region Some(\"eu-north-1\") outcome Ok"),
        "{said}"
    );
    assert_eq!(key(&server.request(0)), "AKIAPROFILE");
}

#[tokio::test]
async fn a_process() {
    let server = Server::start(answer).await;
    let config = "[profile p]\nregion = eu-west-1\ncredential_process = \
                  echo '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS\",\"SecretAccessKey\":\"s\"}'\n";
    let said = run(
        config,
        &[("T_PROFILE", "p"), ("AWS_ENDPOINT_URL", &server.url)],
    )
    .await;
    assert!(said.contains("outcome Ok"), "{said}");
    assert_eq!(key(&server.request(0)), "AKIAPROCESS");
}

#[tokio::test]
async fn roles_one_after_the_other_with_an_external_id() {
    let server = Server::start(answer).await;
    let mut environment = KEYS.to_vec();
    environment.extend([
        ("AWS_ENDPOINT_URL", server.url.as_str()),
        ("T_ROLE", "arn:aws:iam::111122223333:role/first"),
        ("T_SECOND_ROLE", "arn:aws:iam::444455556666:role/second"),
        ("T_EXTERNAL", "shared-secret"),
    ]);
    let said = run("", &environment).await;
    assert!(said.contains("outcome Ok"), "{said}");
    let seen = server.seen.lock().unwrap().clone();
    let roles: Vec<&Seen> = seen
        .iter()
        .filter(|seen| seen.body.contains("AssumeRole"))
        .collect();
    assert_eq!(key(roles[0]), "AKIAENV");
    assert!(
        roles
            .iter()
            .all(|seen| seen.body.contains("ExternalId=shared-secret"))
    );
    assert!(
        roles
            .iter()
            .all(|seen| seen.body.contains("RoleSessionName=palisade"))
    );
    let second: Vec<&&Seen> = roles
        .iter()
        .filter(|seen| seen.body.contains("second"))
        .collect();
    assert!(!second.is_empty() && second.iter().all(|seen| key(seen) == "ASIAROLE"));
    let last = seen.last().unwrap();
    assert_eq!(
        (key(last), last.header("x-amz-security-token")),
        ("ASIAROLE", "the-session")
    );
}

#[tokio::test]
async fn a_role_that_is_refused_names_itself_and_the_reason() {
    let server = Server::start(answer).await;
    let mut environment = KEYS.to_vec();
    environment.extend([
        ("AWS_ENDPOINT_URL", server.url.as_str()),
        ("T_ROLE", "arn:aws:iam::111122223333:role/closed"),
    ]);
    let said = run("", &environment).await;
    assert!(
        said.contains("the role `arn:aws:iam::111122223333:role/closed` cannot be assumed"),
        "{said}"
    );
    assert!(
        said.contains("not authorized to perform: sts:AssumeRole"),
        "{said}"
    );
    assert!(said.contains("trust policy"), "{said}");
}

#[tokio::test]
async fn a_profile_behind_mfa_asks_for_the_token() {
    let server = Server::start(answer).await;
    let config = "[profile keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s\n\
                  [profile guarded]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = keys\n\
                  mfa_serial = arn:aws:iam::111122223333:mfa/me\nregion = eu-central-1\n";
    let base = [
        ("T_PROFILE", "guarded"),
        ("AWS_ENDPOINT_URL", server.url.as_str()),
    ];
    let with = |token| [base[0], base[1], ("T_TOKEN", token)];
    let said = run(config, &with("123456")).await;
    assert!(
        said.contains("region Some(\"eu-central-1\") outcome Ok"),
        "{said}"
    );
    let asked = server.request(0);
    assert_eq!(key(&asked), "AKIAKEYS");
    assert!(
        asked.body.contains("TokenCode=123456") && asked.body.contains("SerialNumber=arn"),
        "{asked:?}"
    );
    assert_eq!(key(&server.request(1)), "ASIAROLE");

    assert!(
        run(config, &with("12345x"))
            .await
            .contains("a token has six digits")
    );
    let alone = run(config, &base).await;
    assert!(
        alone.contains("no token of the MFA device") && alone.contains("nobody at the terminal"),
        "{alone}"
    );
    assert_eq!(server.count(), 2, "nothing was sent without a token");
}

#[tokio::test]
async fn no_credentials_and_no_such_profile_are_told_with_what_to_do() {
    let said = run("", &[("AWS_REGION", "eu-west-1")]).await;
    assert!(
        said.starts_with("None(") && said.contains("aws configure"),
        "{said}"
    );
    let said = run("[profile a]\nregion = x\n", &[("T_PROFILE", "b")]).await;
    assert!(
        said.contains("there is no profile `b`; there are `a`"),
        "{said}"
    );
}

//! A made-up estate of three accounts with names chosen to hurt, and its catalogue.

use palisade_core::assess::{
    Asked, Collection, Header, Summary, Tally, Waiver, roadmap, score_all, standings,
};
use palisade_core::catalog::{Attestations, Source, Text};
use palisade_core::finding::FindingSink;
use palisade_core::snapshot::AccountScope;
use palisade_core::{
    Accepted, CallRef, Catalog, Finding, Grounds, Measured, Outcome, Resource, Severity, Verdict,
};
use palisade_report::{Format, Options, writer};
use serde_json::{Map, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// Markup, a spreadsheet formula, a terminal escape, a right-to-left override and a line break.
pub(crate) const HOSTILE: [&str; 5] = [
    "</script><script>document.title='owned'</script>",
    "=cmd|'/c calc'!A1",
    "\u{1b}[2J\u{1b}[31mred",
    "evil\u{202e}gnp.exe",
    "two\nlines, \"quoted\" & <b>bold</b> ]]> --!>",
];

struct Files(BTreeMap<String, String>);

impl Source for Files {
    fn name(&self) -> String {
        "fixture".to_owned()
    }
    fn paths(&self) -> io::Result<Vec<String>> {
        Ok(self.0.keys().cloned().collect())
    }
    fn text(&self, path: &str) -> io::Result<Text> {
        Ok(self.0[path].clone().into())
    }
}

pub(crate) fn control(id: &str, severity: &str, answers: &str, title: &str, also: &str) -> String {
    let mut text = format!(
        "id = '{id}'\ntitle = '{title}'\nseverity = '{severity}'\nanswers = ['{answers}']\nalso = [{also}]\nsubject = 'aws_thing'\nrequire = 'good'\nreason = \"'it is'\"\nwhy = 'Because {id} keeps what is stored from people who should not read it, and costs nothing.'\nrepair = {{ text = 'Turn it on.', cli = 'aws thing put --on <name> && echo done', terraform = 'aws_thing.on = true', effort = 'minutes' }}\n"
    );
    for verdict in ["pass", "fail", "unknown"] {
        text.push_str(&format!("[[test]]\nname = '{verdict}'\ngiven.aws_thing = [{{ good = true }}]\nexpect = ['{verdict}']\n"));
    }
    text
}

fn recommendation(id: &str, title: &str, more: &str) -> String {
    format!(
        "id = '{id}'\ntitle = '{title}'\nkind = 'config'\nscope = 'account'\neffort = 'automatic'\nevidence = 'the flag is on'\nremedy = 'turn it on'\n{more}\n"
    )
}

/// Five controls, seven recommendations, two frameworks.
pub(crate) fn catalog() -> Catalog {
    catalog_with([])
}

/// The same with other files beside them, or in the place of some.
pub(crate) fn catalog_with<const N: usize>(more: [(&str, String); N]) -> Catalog {
    let mut files = BTreeMap::new();
    files.insert(
        "tables/thing.toml".to_owned(),
        "[aws_thing]\nabout = 'A thing.'\nscope = 'region'\nlist = { call = 'thing:ListThings', rows = 'Things' }\narn = '{arn}'\n[aws_thing.fill.flag]\ncall = 'thing:GetFlag'\nwith = { Name = '{name}' }\n".to_owned(),
    );
    for (id, severity, answers, title, also) in [
        (
            "root-mfa",
            "critical",
            "root-has-mfa",
            "The root user has MFA",
            "'securityhub:IAM.9', 'cis-aws-7.0:1.5'",
        ),
        (
            "bucket-private",
            "high",
            "buckets-private",
            "Buckets are not public",
            "'securityhub:S3.1'",
        ),
        (
            "bucket-encrypted",
            "medium",
            "data-encrypted",
            "Buckets encrypt what they store",
            "",
        ),
        (
            "queue-encrypted",
            "low",
            "data-encrypted",
            "Queues encrypt messages at rest",
            "",
        ),
        (
            "trail-on",
            "high",
            "trail-is-on",
            "A trail records every region",
            "",
        ),
    ] {
        files.insert(
            format!("controls/thing/{id}.toml"),
            control(id, severity, answers, title, also),
        );
    }
    for (id, title, more) in [
        (
            "root-has-mfa",
            "The root user of every account has MFA (or no credentials at all)",
            "",
        ),
        (
            "buckets-private",
            "Account-level S3 Block Public Access is on in every account not meant for public data",
            "",
        ),
        ("data-encrypted", "Data is encrypted where it is stored", ""),
        ("trail-is-on", "A trail records every region", ""),
        (
            "red-team",
            "An attacker point of view is exercised by a team",
            "attest = { expires_days = 365 }",
        ),
        (
            "drills",
            "Incidents are practised",
            "attest = { expires_days = 365 }",
        ),
        (
            "log-analysis",
            "Flow logs are analysed",
            "needs = 'the log engine'",
        ),
    ] {
        files.insert(
            format!("recommendations/{id}.toml"),
            recommendation(id, title, more),
        );
    }
    files.insert(
        "frameworks/aws-top-ten.toml".to_owned(),
        "id = 'aws-top-ten'\ntitle = 'Ten items to improve'\nedition = '2020'\nsource = 'https://example.com/ten'\n[[requirement]]\nid = '1'\ntitle = 'MFA'\nrecommendations = ['root-has-mfa']\n[[requirement]]\nid = '2'\ntitle = 'Data'\nrecommendations = ['buckets-private', 'data-encrypted']\n[[requirement]]\nid = '3'\ntitle = 'People'\nrecommendations = []\ngap = 'nothing can be read'\n".to_owned(),
    );
    files.insert(
        "frameworks/security-maturity-model.toml".to_owned(),
        "id = 'security-maturity-model'\ntitle = 'Security Maturity Model'\nedition = 'v1'\nsource = 'https://example.com/model'\n\
         [[requirement]]\nid = '1.1'\ntitle = 'MFA'\ngroup = 'Identity and access management'\nphase = 1\nrecommendations = ['root-has-mfa']\n\
         [[requirement]]\nid = '1.2'\ntitle = 'Buckets'\ngroup = 'Data protection'\nphase = 1\nrecommendations = ['buckets-private']\n\
         [[requirement]]\nid = '2.1'\ntitle = 'Encryption'\ngroup = 'Data protection'\nphase = 2\nrecommendations = ['data-encrypted']\n\
         [[requirement]]\nid = '2.2'\ntitle = 'Logs'\ngroup = 'Threat detection'\nphase = 2\nrecommendations = ['trail-is-on', 'log-analysis']\n\
         [[requirement]]\nid = '4.1'\ntitle = 'Red team'\ngroup = 'Threat detection'\nphase = 4\nrecommendations = ['red-team', 'drills']\n".to_owned(),
    );
    files.extend(more.map(|(path, text)| (path.to_owned(), text)));
    Catalog::load(&[&Files(files)]).unwrap_or_else(|errors| {
        let errors: Vec<String> = errors.iter().map(|e| e.one_line()).collect();
        panic!("{}", errors.join("\n"))
    })
}

fn call(operation: &str, outcome: Outcome) -> CallRef {
    CallRef {
        id: format!("call-{}", operation.len()),
        operation: operation.to_owned(),
        outcome,
        code: (outcome == Outcome::Denied).then(|| "AccessDenied".to_owned()),
    }
}

/// What a finding of the fixture says.
#[derive(Clone, Copy)]
pub(crate) enum Says {
    Pass,
    Fail,
    Denied,
    Nothing,
    Accepted,
}

pub(crate) fn finding(control: (&str, Severity), account: &str, name: &str, says: Says) -> Finding {
    let measured = || {
        Measured::new([
            call("thing:ListThings", Outcome::Ok),
            call("thing:GetFlag", Outcome::Absent),
        ])
        .unwrap()
    };
    let (verdict, reason) = match says {
        Says::Pass => (Verdict::Pass(measured()), format!("{name} is on")),
        Says::Fail => (Verdict::Fail(measured()), format!("{name} is off")),
        Says::Denied => (
            Verdict::Unknown(
                [
                    call("thing:ListThings", Outcome::Ok),
                    call("thing:GetFlag", Outcome::Denied),
                ]
                .into(),
            ),
            "thing:GetFlag was denied".to_owned(),
        ),
        Says::Nothing => (
            Verdict::NotApplicable([call("thing:ListThings", Outcome::Ok)].into()),
            "there is none".to_owned(),
        ),
        Says::Accepted => (
            Verdict::Excepted(
                measured(),
                Accepted {
                    owner: "ada@example.com".to_owned(),
                    reason: "=scratch data".to_owned(),
                    expires: "2026-12-31".parse().ok(),
                },
            ),
            "accepted: scratch data".to_owned(),
        ),
    };
    let mut values = Map::new();
    values.insert("on".to_owned(), json!(matches!(says, Says::Pass)));
    values.insert("name".to_owned(), json!(name));
    values.insert("tags".to_owned(), json!([{ "key": "team", "value": null }]));
    Finding::new(
        Arc::from(control.0),
        control.1,
        Resource {
            arn: format!("arn:aws:thing:eu-west-1:{account}:thing/{name}"),
            name: name.to_owned(),
            kind: "aws_thing".to_owned(),
            account_id: account.to_owned(),
            region: if control.0 == "root-mfa" {
                "global"
            } else {
                "eu-west-1"
            }
            .to_owned(),
        },
        verdict,
        Grounds::told(reason, values),
    )
}

pub(crate) const PROD: &str = "111122223333";
pub(crate) const DEV: &str = "222233334444";
pub(crate) const LOST: &str = "333344445555";

/// The findings, a control's together, in the order that the runner gives.
pub(crate) fn findings() -> Vec<Finding> {
    let mut all = Vec::new();
    let bucket = ("bucket-encrypted", Severity::Medium);
    all.push(finding(bucket, PROD, "logs", Says::Pass));
    all.push(finding(bucket, PROD, "漢字の-バケット-資料", Says::Fail));
    all.push(finding(bucket, DEV, "scratch", Says::Accepted));
    let private = ("bucket-private", Severity::High);
    for name in HOSTILE {
        all.push(finding(private, PROD, name, Says::Fail));
    }
    all.push(finding(private, DEV, &"long-".repeat(60), Says::Fail));
    let queue = ("queue-encrypted", Severity::Low);
    all.push(finding(queue, PROD, "orders", Says::Denied));
    all.push(finding(queue, PROD, "payments", Says::Denied));
    all.push(finding(queue, DEV, "", Says::Nothing));
    let root = ("root-mfa", Severity::Critical);
    all.push(finding(root, PROD, "<root_account>", Says::Pass));
    all.push(finding(root, DEV, "<root_account>", Says::Fail));
    let trail = ("trail-on", Severity::High);
    all.push(finding(trail, PROD, "main", Says::Pass));
    all.push(finding(trail, DEV, "main", Says::Pass));
    all
}

pub(crate) fn header() -> Header {
    let account = |id: &str, name: &str| AccountScope {
        id: id.to_owned(),
        name: name.to_owned(),
        regions: vec!["eu-west-1".to_owned(), "us-east-1".to_owned()],
        ..AccountScope::default()
    };
    let mut lost = account(LOST, "lost & <found>");
    lost.not_reached = Some("sts:AssumeRole was denied".to_owned());
    Header {
        palisade: "0.1.0".to_owned(),
        taken_at: "2026-01-01T12:30:00Z".parse().unwrap(),
        accounts: vec![account(PROD, "prod"), account(DEV, ""), lost],
        demo: false,
        controls: 5,
    }
}

/// The summary that the assessment would make of these findings.
pub(crate) fn summary(catalog: &Catalog, header: &Header, findings: &[Finding]) -> Summary {
    let mut tally = Tally::default();
    for finding in findings {
        tally.finding(finding).unwrap();
    }
    let accounts: Vec<String> = header.accounts.iter().map(|a| a.id.clone()).collect();
    let attestations = Attestations::parse(
        "attestations.toml",
        "[[attestation]]\nrecommendation = 'red-team'\nstatement = 'yearly'\nby = 'ada'\ndate = 2025-06-01\nexpires = 2026-06-01\nevidence = 'https://wiki/red'\n\
         [[attestation]]\nrecommendation = 'drills'\nstatement = 'yearly'\nby = 'ada'\ndate = 2024-06-01\nexpires = 2025-06-01\nevidence = 'https://wiki/drill'\n",
        "2026-01-01".parse().unwrap(),
        |_| true,
    )
    .unwrap();
    let asked = Asked {
        controls: catalog.controls.keys().cloned().collect(),
        recommendations: None,
    };
    let day = "2026-01-01".parse().unwrap();
    let standings = standings(catalog, &asked, &tally, &attestations, &accounts, day);
    Summary {
        scores: score_all(catalog, &asked, &standings, &tally, &accounts),
        roadmap: roadmap(catalog, &standings, &tally),
        collection: Collection {
            calls: 1204,
            outcomes: BTreeMap::from([
                (Outcome::Ok, 1190),
                (Outcome::Absent, 12),
                (Outcome::Denied, 2),
            ]),
            blind: tally.blind(),
            missing_actions: vec!["thing:GetFlag".to_owned()],
        },
        waivers: vec![Waiver {
            control: "bucket-private".to_owned(),
            resource: "arn:aws:s3:::gone-*".to_owned(),
            owner: "ada@example.com".to_owned(),
            problem: "matches nothing".to_owned(),
        }],
        standings,
        tally,
    }
}

/// A writer that the test can read afterwards.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The report of some findings.
pub(crate) fn report_of(
    format: Format,
    options: Options,
    header: &Header,
    findings: &[Finding],
) -> Vec<u8> {
    report_with(&catalog(), format, options, header, findings)
}

/// The report of some findings under another catalogue.
pub(crate) fn report_with(
    catalog: &Catalog,
    format: Format,
    options: Options,
    header: &Header,
    findings: &[Finding],
) -> Vec<u8> {
    let out = Shared::default();
    let mut report = writer(format, Box::new(out.clone()), catalog, options, None);
    report.begin(header).unwrap();
    for finding in findings {
        report.finding(finding).unwrap();
    }
    report.end(&summary(catalog, header, findings)).unwrap();
    drop(report);
    Arc::try_unwrap(out.0).unwrap().into_inner().unwrap()
}

/// The report of the whole fixture, as text.
pub(crate) fn report(format: Format) -> String {
    String::from_utf8(report_of(
        format,
        Options::default(),
        &header(),
        &findings(),
    ))
    .unwrap()
}

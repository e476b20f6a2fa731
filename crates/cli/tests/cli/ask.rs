//! explain, list, query, permissions, and words that mean nothing.

use crate::support::Desk;
use insta::assert_snapshot;

macro_rules! shows {
    ($($name:ident: $($argument:literal)+;)+) => {$(
        #[test]
        fn $name() {
            assert_snapshot!(stringify!($name), Desk::new().show(&[$($argument),+]));
        }
    )+};
}

shows! {
    list_of_an_unknown_kind: "list" "control";
    list_of_frameworks_as_json: "list" "frameworks" "--format" "json";
    explain_a_near_name_is_offered: "explain" "root-mfa-enable";
    explain_an_unknown_name: "explain" "zzzzzz";
    explain_a_finding_that_is_not_there: "explain" "--demo" "0123456789abcdef";
    query_an_unknown_column: "query" "--demo" "select nam from aws_s3_bucket";
    query_an_unknown_table: "query" "--demo" "select name from aws_s3_buckets";
    query_a_file_is_refused: "query" "--demo" "select * from '/etc/passwd'";
    query_a_write_is_refused: "query" "--demo" "copy aws_s3_bucket to '/tmp/x.csv'";
    query_table: "query" "--demo" "select name, region from aws_s3_bucket order by name limit 2";
    query_json: "query" "--demo" "--format" "json" "select name from aws_s3_bucket order by name limit 2";
    query_csv: "query" "--demo" "--format" "csv" "select name from aws_s3_bucket order by name limit 2";
    query_without_a_snapshot: "query" "--snapshot" "nowhere" "select 1";
    permissions_of_one_control: "permissions" "--control" "s3-bucket-versioning";
    permissions_of_an_unknown_framework: "permissions" "--framework" "aws-top-te";
    assess_with_an_unknown_control: "assess" "--demo" "--control" "s3-bucket-versionin";
    assess_with_an_unknown_recommendation: "assess" "--demo" "--recommendation" "zzzzzz";
    assess_in_an_unknown_format: "assess" "--demo" "--format" "xml";
    assess_in_what_is_no_region: "assess" "--region" "EU-WEST-1";
    diff_of_folders_that_are_no_snapshots: "diff" "a" "b";
    attest_without_saying_who: "attest" "red-team";
    completions_for_an_unknown_shell: "completions" "tcsh";
}

#[test]
fn a_control_is_explained_by_every_name_that_it_has() {
    let desk = Desk::new();
    let own = desk.run(&["explain", "s3-bucket-versioning"]);
    assert!(own.status.success());
    for name in [
        "securityhub:S3.14",
        "prowler:s3_bucket_object_versioning",
        "checkov:CKV_AWS_21",
    ] {
        assert_eq!(desk.run(&["explain", name]).stdout, own.stdout, "{name}");
    }
}

#[test]
fn every_kind_of_thing_is_explained() {
    let desk = Desk::new();
    let said = |id: &str| String::from_utf8(desk.run(&["explain", "--demo", id]).stdout).unwrap();
    assert!(said("aws_s3_bucket").contains("s3:ListBuckets"));
    assert!(said("aws-top-ten").contains("root"));
    assert!(said("red-team").contains("Frameworks"));
    assert!(said("_calls").contains("outcome text"));
    for (id, title) in [
        ("cis-aws-7.0:2.4", "cis-aws-7.0:2.4 ·"),
        ("pci-dss-4.0.1:8.3.6", "pci-dss-4.0.1:8.3.6 ·"),
        ("SEC03-BP07", "well-architected-security:SEC03-BP07 ·"),
        ("PR.AA-01", "nist-csf-2.0:PR.AA-01 ·"),
        ("aws-top-ten:1", "aws-top-ten:1 ·"),
        (
            "security-maturity-model-v2:mfa",
            "security-maturity-model-v2:mfa ·",
        ),
    ] {
        let text = said(id);
        assert!(text.contains(title), "{id}: {text}");
        let answered = text.contains("Answered by") || text.contains("Decided by");
        assert!(answered, "{id}: {text}");
    }
    // Two frameworks have it: both are offered.
    let several = desk.show(&["explain", "2.4"]);
    assert!(several.starts_with("exit 2"), "{several}");
    assert!(several.contains("explain cis-aws-7.0:2.4`"), "{several}");
    let tables = desk.run(&["list", "tables", "--format", "json"]).stdout;
    let tables: serde_json::Value = serde_json::from_slice(&tables).unwrap();
    assert!(tables.to_string().contains("\"_calls\""));
    let findings = desk.run(&crate::support::one(&["--format", "json"]));
    let report: serde_json::Value = serde_json::from_slice(&findings.stdout).unwrap();
    let id = report["findings"][0]["id"].as_str().unwrap();
    assert!(said(id).contains("Calls behind it"), "{id}");
}

#[test]
fn the_examples_of_the_help_work() {
    let desk = Desk::new();
    for command in ["explain", "permissions"] {
        let help = String::from_utf8(desk.run(&[command, "--help"]).stdout).unwrap();
        let examples = help.split("Examples:").nth(1).unwrap().lines();
        for example in examples
            .map(str::trim)
            .filter(|l| l.starts_with("palisade"))
        {
            let words: Vec<&str> = example
                .split(" >")
                .next()
                .unwrap()
                .split(' ')
                .skip(1)
                .collect();
            let output = desk.run(&words);
            assert!(
                output.status.success(),
                "{example}: {}",
                desk.shown(&output)
            );
        }
    }
}

#[test]
fn permissions_are_one_document_and_their_parts_are_files() {
    let desk = Desk::new();
    let actions = |bytes: &[u8]| -> Vec<serde_json::Value> {
        let policy: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        let list = &policy["Statement"][0]["Action"];
        list.as_array().unwrap().clone()
    };
    let printed = desk.run(&["permissions"]);
    let whole = actions(&printed.stdout);
    let told = String::from_utf8_lossy(&printed.stderr).into_owned();
    assert!(told.contains("a managed policy at most 6,144"), "{told}");
    let written = desk.run(&["permissions", "--out", "policy.json"]);
    assert!(written.status.success() && written.stdout.is_empty());
    let mut parts = Vec::new();
    for at in 1.. {
        let file = desk.path().join(format!("policy-{at}.json"));
        let Ok(text) = fs_err::read_to_string(file) else {
            break;
        };
        let counted: String = text.split_whitespace().collect();
        assert!(counted.len() <= 6_144, "{at}");
        parts.extend(actions(text.as_bytes()));
    }
    assert_eq!(parts, whole);
    // What fits is one file, under the name given.
    let one = [
        "permissions",
        "--control",
        "s3-bucket-versioning",
        "--out",
        "one.json",
    ];
    assert!(desk.run(&one).status.success());
    assert_eq!(
        actions(&fs_err::read(desk.path().join("one.json")).unwrap()).len(),
        2
    );
}

#[test]
fn all_shells_get_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = Desk::new().run(&["completions", shell]);
        assert!(output.status.success());
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("assess"),
            "{shell}"
        );
    }
}

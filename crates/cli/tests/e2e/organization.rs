//! `--org`: the accounts of an organization of the emulator, each entered through its role.

use crate::lane::{Lane, findings, palisade, query, report};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// An organization with a management account and three members.
struct Organization {
    lane: Lane,
    management: String,
    members: Vec<String>,
}

impl Organization {
    /// Makes one of its own for each test and each try; `None` where there is no emulator.
    fn found() -> Option<Self> {
        // Tests begin in the same millisecond.
        let number = now().as_microsecond() + i64::from(std::process::id());
        let management = format!("31{:010}", number % 10_000_000_000);
        let lane = Lane::into(&management, json!({}), None)?;
        let mut made = Self {
            lane,
            management,
            members: Vec::new(),
        };
        made.call("CreateOrganization", &json!({ "FeatureSet": "ALL" }));
        for name in ["alpha", "beta", "gamma"] {
            let input = json!({ "AccountName": name, "Email": format!("{name}@example.com") });
            let reply = made.call("CreateAccount", &input);
            let id = reply["CreateAccountStatus"]["AccountId"].as_str().unwrap();
            made.members.push(id.to_owned());
        }
        Some(made)
    }

    fn call(&self, operation: &str, input: &Value) -> Value {
        let target = format!("AWSOrganizationsV20161128.{operation}");
        self.lane.json("organizations", &target, input)
    }

    /// A service control policy on the root.
    fn guard(&self, statement: Value) {
        let content = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let input = json!({ "Name": "guard", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content });
        let policy = self.call("CreatePolicy", &input);
        let roots = self.call("ListRoots", &json!({}));
        let attach = json!({
            "PolicyId": policy["Policy"]["PolicySummary"]["Id"],
            "TargetId": roots["Roots"][0]["Id"],
        });
        self.call("AttachPolicy", &attach);
    }

    fn collect(&self, lane: &Lane, home: &Path, into: &Path, more: &[&str]) -> String {
        let output = lane
            .palisade(home)
            .args(["collect", "--org", "--region", "us-east-1", "--out"])
            .arg(into)
            .args(more)
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{told}");
        told
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an organization of its own for each run"
)]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn accounts(snapshot: &Path) -> BTreeMap<String, Value> {
    let text = fs_err::read_to_string(snapshot.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let accounts = manifest["accounts"].as_array().unwrap().clone();
    let by_id = |account: Value| (account["id"].as_str().unwrap().to_owned(), account);
    accounts.into_iter().map(by_id).collect()
}

/// One role can't be assumed, one account is suspended: both are listed with why, and unknown in every control.
#[test]
fn accounts_that_are_not_reached_are_listed_and_unknown() {
    let Some(organization) = Organization::found() else {
        return;
    };
    let [reached, refused, suspended] = &organization.members[..] else {
        panic!("three members");
    };
    organization.guard(
        json!({ "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*" }),
    );
    organization.call("CloseAccount", &json!({ "AccountId": suspended }));
    let faults = json!({ "deny_where": { "sts:AssumeRole": refused } });
    let lane = Lane::into(&organization.management, faults, None).unwrap();
    let home = tempfile::tempdir().unwrap();
    let snapshot = home.path().join("snapshot");
    let told = organization.collect(
        &lane,
        home.path(),
        &snapshot,
        &[
            "--control",
            "scp-denies-leaving-organization,scp-denies-regions,s3-account-public-access-blocked,account-created-centrally",
        ],
    );
    assert!(told.contains("2 of 4 accounts were read"), "{told}");
    for id in [refused, suspended] {
        assert!(told.contains(&format!("not reached: {id}")), "{told}");
    }

    let accounts = accounts(&snapshot);
    assert_eq!(accounts.len(), 4);
    let why = |id: &str| accounts[id]["not_reached"].as_str().unwrap_or_default();
    assert_eq!(why(reached), "");
    assert!(
        why(refused).contains("palisade-audit` cannot be assumed"),
        "{}",
        why(refused)
    );
    assert!(why(suspended).contains("SUSPENDED"), "{}", why(suspended));
    assert_eq!(
        accounts[&organization.management]["membership"],
        "management"
    );
    assert_eq!(accounts[reached]["membership"], "member");
    assert_eq!(accounts[reached]["name"], "alpha");

    // What is of the organization is asked once, by the account that answers for it.
    let asked = |operation: &str| -> BTreeSet<String> {
        let lines = lane.log().into_iter();
        lines
            .filter(|line| line["operation"] == operation)
            .map(|line| line["account"].as_str().unwrap().to_owned())
            .collect()
    };
    for operation in [
        "ListPolicies",
        "ListRoots",
        "DescribePolicy",
        "ListAccounts",
    ] {
        let only = BTreeSet::from([organization.management.clone()]);
        assert_eq!(asked(operation), only, "{operation}");
    }
    assert_eq!(asked("GetPublicAccessBlock").len(), 2);

    let report = report(home.path(), &snapshot);
    let verdicts = |control: &str| -> BTreeMap<String, String> {
        let findings = findings(&report).into_values();
        findings
            .filter(|one| one.control == control)
            .map(|one| (one.account, one.verdict))
            .collect()
    };
    let expected = |management: &str, member: &str| {
        BTreeMap::from([
            (organization.management.clone(), management.to_owned()),
            (reached.clone(), member.to_owned()),
            (refused.clone(), "unknown".to_owned()),
            (suspended.clone(), "unknown".to_owned()),
        ])
    };
    assert_eq!(
        verdicts("scp-denies-leaving-organization"),
        expected("not_applicable", "pass")
    );
    assert_eq!(
        verdicts("scp-denies-regions"),
        expected("not_applicable", "fail")
    );
    assert_eq!(
        verdicts("s3-account-public-access-blocked"),
        expected("fail", "fail")
    );
    // The rows are the management account's; a member that was not asked has none, and that is known.
    let central = verdicts("account-created-centrally");
    assert_eq!(central[&organization.management], "pass");
    assert_eq!(central[reached], "not_applicable");
    assert_eq!(central[refused], "unknown");
}

/// An account is closed while it is read: nothing is told of it, and why stands in the manifest.
#[test]
fn an_account_that_is_suspended_on_the_way_is_not_told_of() {
    let Some(organization) = Organization::found() else {
        return;
    };
    let faults = json!({ "latency_ms": 150 });
    let lane = Lane::into(&organization.management, faults, None).unwrap();
    let home = tempfile::tempdir().unwrap();
    let snapshot = home.path().join("snapshot");
    let gone = &organization.members[0];
    let child = lane
        .palisade(home.path())
        .args(["collect", "--org", "--region", "us-east-1", "--out"])
        .arg(&snapshot)
        .args(["--framework", "aws-top-ten"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let begun = || {
        let lines = lane.log().into_iter();
        let own = lines.filter(|line| line["account"] == gone.as_str() && line["service"] != "sts");
        own.count() > 3
    };
    let start = Instant::now();
    while !begun() && start.elapsed() < Duration::from_secs(60) {
        sleep(Duration::from_millis(20));
    }
    organization.call("CloseAccount", &json!({ "AccountId": gone }));
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("3 of 4 accounts were read"), "{told}");

    let accounts = accounts(&snapshot);
    let why = accounts[gone]["not_reached"].as_str().unwrap_or_default();
    assert!(why.contains("went away while it was read"), "{why}");
    let sql = |table: &str| format!("select account_id, count(*) as n from {table} group by 1");
    let rows = |table: &str| -> BTreeSet<String> {
        let rows = query(home.path(), &snapshot, &sql(table)).into_iter();
        rows.map(|row| row["account_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(rows("aws_account").len(), 3);
    assert!(!rows("aws_account").contains(gone));
    // That it was asked is not forgotten.
    assert!(rows("_calls").contains(gone));
}

/// The template, put into an account by the emulator's CloudFormation, makes a role with the very policy.
#[test]
fn the_template_makes_the_role() {
    let Some(organization) = Organization::found() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let printed = |more: &[&str]| -> Value {
        let output = palisade(home.path())
            .args(["permissions", "--quiet", "--framework", "aws-top-ten"])
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let template = printed(&["--org-template"]).to_string();
    let member = &organization.members[0];
    let lane = Lane::into(member, json!({}), None).unwrap();
    lane.form(
        "cloudformation",
        &[
            ("Action", "CreateStack"),
            ("Version", "2010-05-15"),
            ("StackName", "palisade"),
            ("TemplateBody", &template),
            ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
            ("Parameters.member.1.ParameterKey", "CallingAccount"),
            (
                "Parameters.member.1.ParameterValue",
                &organization.management,
            ),
            ("Parameters.member.2.ParameterKey", "ExternalId"),
            ("Parameters.member.2.ParameterValue", "seven-seas"),
        ],
    );
    let snapshot = home.path().join("snapshot");
    lane.collected(
        home.path(),
        &snapshot,
        &["--table", "aws_iam_role", "--table", "aws_iam_policy"],
    );
    let roles = query(
        home.path(),
        &snapshot,
        "select assume_role_policy_document as trust, attached_managed_policies as policies from aws_iam_role where role_name = 'palisade-audit'",
    );
    assert_eq!(roles.len(), 1);
    let trust = document(&roles[0]["trust"]);
    let statement = &trust["Statement"][0];
    assert_eq!(
        statement["Principal"]["AWS"],
        format!("arn:aws:iam::{}:root", organization.management)
    );
    assert_eq!(
        statement["Condition"]["StringEquals"]["sts:ExternalId"],
        "seven-seas"
    );
    assert_eq!(
        roles[0]["policies"][0]["policy_name"],
        "palisade-audit-reads-1"
    );
    let policies = query(
        home.path(),
        &snapshot,
        // The emulator leaves the policy's name out.
        "select policy_version_list from aws_iam_policy where arn like '%:policy/palisade-audit-reads-1'",
    );
    let version = &policies[0]["policy_version_list"][0];
    assert_eq!(document(&version["document"]), printed(&[]));
}

/// A document, told as text or as JSON.
fn document(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        other => other.clone(),
    }
}

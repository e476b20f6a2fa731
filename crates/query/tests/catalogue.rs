//! What the catalogue's checks tell, and what a run reads.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use palisade_core::catalog::Control;
use palisade_query::{check, fingerprint, reads};
use support::*;

const TESTS: &str = r#"
[[test]]
name = "encrypted"
given.aws_sqs_queue = [{ encrypted = true }]
expect = ["pass"]
[[test]]
name = "two, one of them plain"
given.aws_sqs_queue = [{ arn = "b", encrypted = false }, { arn = "a", encrypted = true }]
expect = ["pass", "fail"]
[[test]]
name = "attributes denied"
denied = ["sqs:GetQueueAttributes"]
given.aws_sqs_queue = [{ encrypted = true }]
expect = ["unknown"]
[[test]]
name = "list denied"
denied = ["sqs:ListQueues"]
given.aws_sqs_queue = [{ encrypted = true }]
expect = ["unknown"]
[[test]]
name = "none there"
expect = ["not_applicable"]
"#;

fn errors(body: &str) -> Vec<String> {
    let catalog = catalog(vec![control("c", body)]);
    check(&catalog, &schemas())
        .unwrap()
        .errors
        .iter()
        .map(|e| e.one_line())
        .collect()
}

#[test]
fn a_good_control_proves_itself() {
    let body =
        format!("subject = 'aws_sqs_queue'\nrequire = 'coalesce(encrypted, false)'\n{TESTS}");
    assert_eq!(errors(&body), [""; 0]);
}

#[test]
fn a_control_that_always_passes_is_found_out() {
    let body = format!("subject = 'aws_sqs_queue'\nrequire = 'encrypted or true'\n{TESTS}");
    let found = errors(&body);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains(
            "`two, one of them plain` expects [pass, fail], the control says [pass, pass]"
        ),
        "{found:?}"
    );
    assert!(
        found[1].contains("a row of which nothing was told passes"),
        "{found:?}"
    );
}

#[test]
fn sql_that_does_not_plan_is_told_with_its_place() {
    let body =
        |require: &str| format!("subject = 'aws_sqs_queue'\nrequire = \"{require}\"\n{TESTS}");
    for (require, said) in [
        (
            "encryptd",
            ":7:12: `require` does not plan: no column is called `encryptd` (hint: did you mean `encrypted`?)",
        ),
        ("encrypted and", "`require` does not plan: "),
        (
            "size",
            "`require` does not plan: it gives a number, not true or false",
        ),
        (
            "size = encrypted and size > created",
            "`require` does not plan: ",
        ),
        ("nosuch(size)", "no function is called `nosuch`"),
        (
            "now() > created",
            "hint: answers do not depend on the clock",
        ),
        (
            "exists (select 1 from aws_ecs_cluster)",
            "an expression can't hold a query",
        ),
        ("true) or (true", "`require` does not plan: "),
    ] {
        let found = errors(&body(require));
        assert_eq!(found.len(), 1, "{require}: {found:?}");
        assert!(found[0].contains(said), "{require}: {found:?}");
    }
    let found = errors(&format!(
        "subject = {{ sql = 'select 1 as x' }}\nrequire = 'x > 0'\n{TESTS}"
    ));
    assert!(
        found[0].contains("the subject gives no column `arn`"),
        "{found:?}"
    );
    let found = errors(&format!(
        "subject = {{ sql = 'drop table aws_sqs_queue' }}\nrequire = 'x > 0'\n{TESTS}"
    ));
    assert!(
        found[0].contains("only a single `select` is answered, not `drop`"),
        "{found:?}"
    );
}

#[test]
fn a_wrong_test_is_told() {
    let body = |test: &str| {
        format!(
            "subject = 'aws_sqs_queue'\nrequire = 'encrypted'\n[[test]]\nname = 'p'\nexpect = ['pass', 'fail', 'unknown']\n{test}"
        )
    };
    for (test, said) in [
        (
            "given.aws_sqs_queue = [{ encryptd = true }]",
            "`aws_sqs_queue` has no column `encryptd` (hint: did you mean `encrypted`?)",
        ),
        (
            "given.aws_sqs_queue = [{ size = 'big' }]",
            "`aws_sqs_queue.size` is int, not \"big\"",
        ),
        (
            "given.aws_sqs_que = [{ size = 1 }]",
            "no table is called `aws_sqs_que`",
        ),
        (
            "denied = ['sqs:GetQueueAttribute']",
            "`c` never calls `sqs:GetQueueAttribute` (hint: did you mean `sqs:GetQueueAttributes`?)",
        ),
    ] {
        let found = errors(&body(test));
        assert!(found[0].contains(said), "{test}: {found:?}");
    }
}

#[test]
fn reads_are_the_fills_behind_the_columns_and_no_others() {
    let of = |body: &str| {
        let catalog = catalog(vec![control("c", body)]);
        let controls: Vec<&Control> = catalog.controls.values().collect();
        let reads = reads(&catalog, &schemas(), &controls).unwrap();
        reads
            .into_iter()
            .map(|(t, f)| format!("{t}: {}", f.into_iter().collect::<Vec<_>>().join(" ")))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("subject = 'aws_sqs_queue'\nrequire = 'encrypted'"),
        ["aws_sqs_queue: attributes"]
    );
    assert_eq!(
        of("subject = 'aws_sqs_queue'\nrequire = 'queue_url is not null'\nreason = 'tags'"),
        ["aws_sqs_queue: tags"]
    );
    assert_eq!(
        of("subject = 'aws_sqs_queue'\nrequire = 'queue_url is not null'"),
        ["aws_sqs_queue: "]
    );
    assert_eq!(
        of("subject = 'aws_ecs_service'\nrequire = 'launch_type is not null'"),
        ["aws_ecs_cluster: ", "aws_ecs_service: "]
    );
    // The query's own arn does not force the fill behind it; what `require` never reads is not collected.
    assert_eq!(
        of(
            "subject = { sql = \"select a.arn, a.account_id, q.arn as q, q.tags from aws_account a join aws_sqs_queue q on q.account_id = a.account_id where q.queue_url <> ''\" }\nrequire = 'q is not null'"
        ),
        ["aws_account: ", "aws_sqs_queue: "]
    );
    assert_eq!(
        of(
            "subject = { sql = \"with t as (select * from aws_sqs_queue) select a.arn, a.account_id, count(t.size) as n from aws_account a left join t on t.account_id = a.account_id group by 1, 2\" }\nrequire = 'n > 0'"
        ),
        ["aws_account: ", "aws_sqs_queue: attributes"]
    );
}

#[test]
fn a_fingerprint_follows_the_catalogue() {
    let one = catalog(vec![control(
        "c",
        "subject = 'aws_sqs_queue'\nrequire = 'encrypted'",
    )]);
    let two = catalog(vec![control(
        "c",
        "subject = 'aws_sqs_queue'\nrequire = 'not encrypted'",
    )]);
    assert_eq!(fingerprint(&one, &schemas()), fingerprint(&one, &schemas()));
    assert_ne!(fingerprint(&one, &schemas()), fingerprint(&two, &schemas()));
    let mut fewer = schemas();
    fewer.remove("aws_ecs_service");
    assert_ne!(fingerprint(&one, &schemas()), fingerprint(&one, &fewer));
}

#[test]
fn a_pass_on_something_not_seen_is_found_out() {
    let found = errors(&format!(
        "subject = 'aws_sqs_queue'\nrequire = 'not coalesce(not encrypted, false)'\n{TESTS}"
    ));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("a row of which nothing was told passes")
            && found[0].contains("`documented = \"<API page>: <what it says>\"`"),
        "{found:?}"
    );
    // What a query's `coalesce` hides is found on rows that are there and say nothing.
    let query = "subject = { sql = 'select arn, account_id, region, coalesce(size, 0) as n from aws_sqs_queue' }\nrequire = 'n = 0'\n";
    let tests = "[[test]]\nname = 'p'\ngiven.aws_sqs_queue = [{ size = 0 }]\nexpect = ['pass']\n[[test]]\nname = 'f'\ngiven.aws_sqs_queue = [{ size = 1 }]\nexpect = ['fail']\n[[test]]\nname = 'u'\ndenied = ['sqs:ListQueues']\nexpect = ['unknown']\n";
    let found = errors(&format!("{query}{tests}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("a row of which nothing was told passes"),
        "{found:?}"
    );
}

#[test]
fn a_pass_on_nothing_needs_the_page_that_allows_it() {
    let body = |require: &str, passing: &str| {
        let tests = TESTS.replace(
            "name = \"encrypted\"\n",
            &format!("name = \"encrypted\"\n{passing}"),
        );
        format!("subject = 'aws_sqs_queue'\nrequire = '{require}'\n{tests}")
    };
    let page = "documented = \"SQS API, GetQueueAttributes: left out where it is on\"\n";
    assert_eq!(errors(&body("coalesce(encrypted, true)", page)), [""; 0]);
    for (require, documented, said) in [
        (
            "coalesce(encrypted, true)",
            "documented = \" \"\n",
            "a row of which nothing was told passes",
        ),
        ("encrypted", page, "`documented` is not needed"),
    ] {
        let found = errors(&body(require, documented));
        assert_eq!(found.len(), 1, "{require}: {found:?}");
        assert!(found[0].contains(said), "{require}: {found:?}");
    }
    let denied = TESTS.replace(
        "name = \"list denied\"\n",
        &format!("name = \"list denied\"\n{page}"),
    );
    let found = errors(&format!(
        "subject = 'aws_sqs_queue'\nrequire = 'coalesce(encrypted, true)'\n{denied}"
    ));
    assert!(
        found[0].contains("`documented` stands on a test that shows no pass"),
        "{found:?}"
    );
}

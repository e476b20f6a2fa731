//! Exceptions, mutelists and statements.

use crate::support::{Desk, one};
use insta::assert_snapshot;
use serde_json::Value;

fn excepted(text: &str) -> String {
    let desk = Desk::new();
    desk.file("exceptions.toml", text);
    desk.show(&one(&[]))
}

#[test]
fn an_exception_without_an_end() {
    assert_snapshot!(excepted(
        "[[exception]]\ncontrol = \"s3-bucket-versioning\"\nresource = \"*\"\nowner = \"ada\"\nreason = \"r\"\n"
    ));
}

#[test]
fn an_exception_for_an_unknown_control() {
    assert_snapshot!(excepted(
        "[[exception]]\ncontrol = \"s3-bucket-versionin\"\nresource = \"*\"\nowner = \"ada\"\nreason = \"r\"\nexpires = 2030-01-01\n"
    ));
}

#[test]
fn exceptions_that_count_that_ran_out_and_that_match_nothing() {
    let entry = |resource: &str, year: u16| {
        format!(
            "[[exception]]\ncontrol = \"securityhub:S3.14\"\nresource = \"{resource}\"\nowner = \"ada\"\nreason = \"r\"\nexpires = {year}-01-01\n"
        )
    };
    assert_snapshot!(excepted(
        &[
            entry("*invoices", 2030),
            entry("*orders", 2020),
            entry("no-such", 2030)
        ]
        .concat()
    ));
}

#[test]
fn an_exception_of_a_control_that_was_not_run_is_not_told_to_go() {
    let entry = |control: &str| {
        format!(
            "[[exception]]\ncontrol = \"{control}\"\nresource = \"no-such\"\nowner = \"ada\"\nreason = \"r\"\nexpires = 2030-01-01\n"
        )
    };
    let all = ["s3-bucket-versioning", "root-mfa-enabled", "*"];
    let shown = excepted(&all.map(entry).concat());
    assert!(shown.contains("s3-bucket-versioning on no-such"), "{shown}");
    assert_eq!(shown.matches("remove it").count(), 1, "{shown}");
}

#[test]
fn an_exceptions_file_that_is_missing() {
    assert_snapshot!(Desk::new().show(&one(&["--exceptions", "nope.toml"])));
}

#[test]
fn a_prowler_mutelist() {
    let desk = Desk::new();
    desk.file(
        "mutelist.yaml",
        "Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        s3_bucket_object_versioning:\n          Regions: ['*']\n          Resources: ['*']\n          Description: known\n        no_such_check:\n          Regions: ['*']\n          Resources: ['*']\n",
    );
    let shown = desk.show(&one(&["--exceptions", "mutelist.yaml", "--fail-on", "low"]));
    assert!(shown.starts_with("exit 0"), "{shown}");
    assert!(shown.contains("no_such_check"), "{shown}");
}

#[test]
fn a_statement_is_recorded_and_counts() {
    let desk = Desk::new();
    desk.file("minutes.txt", "held");
    let arguments = [
        "attest",
        "red-team",
        "--by",
        "ada",
        "--statement",
        "held in May",
        "--evidence",
        "minutes.txt",
        "--expires",
        "2027-01-01",
        "--now",
        "2026-11-01T00:00:00Z",
    ];
    assert_snapshot!(desk.show(&arguments));
    assert_snapshot!(fs_err::read_to_string(desk.path().join("attestations.toml")).unwrap());
    let now = "2026-11-02T00:00:00Z";
    let output = desk.run(&["assess", "--demo", "--format", "json", "--now", now]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let red_team = report["recommendations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["id"] == "red-team")
        .unwrap();
    assert_eq!(red_team["state"], "attested", "{red_team}");
}

#[test]
fn a_statement_about_what_is_no_recommendation() {
    assert_snapshot!(Desk::new().show(&[
        "attest",
        "red-tea",
        "--by",
        "ada",
        "--statement",
        "s",
        "--evidence",
        "https://x",
    ]));
}

#[test]
fn evidence_that_is_not_there() {
    assert_snapshot!(Desk::new().show(&[
        "attest",
        "red-team",
        "--by",
        "ada",
        "--statement",
        "s",
        "--evidence",
        "minutes.pdf",
    ]));
}

#[test]
fn a_file_of_statements_that_is_wrong_is_left_alone() {
    let desk = Desk::new();
    desk.file("attestations.toml", "x =\n");
    let arguments = [
        "attest",
        "red-team",
        "--by",
        "ada",
        "--statement",
        "s",
        "--evidence",
        "https://x",
    ];
    assert_snapshot!(desk.show(&arguments));
    assert_eq!(
        fs_err::read(desk.path().join("attestations.toml")).unwrap(),
        b"x =\n"
    );
}

/// What an assessment says of a file of statements, on 1 November 2026.
fn stated(date: &str, by: &str, recommendation: &str) -> String {
    let desk = Desk::new();
    desk.file(
        "attestations.toml",
        &format!(
            "[[attestation]]\nrecommendation = \"{recommendation}\"\nstatement = \"s\"\nby = \"{by}\"\ndate = {date}\nexpires = 2027-06-01\nevidence = \"https://x\"\n"
        ),
    );
    desk.show(&one(&["--now", "2026-11-01T12:00:00Z"]))
}

#[test]
fn a_statement_of_a_day_to_come() {
    assert_snapshot!(stated("2026-11-03", "ada", "red-team"));
    let shown = stated("2026-11-02", "ada", "red-team");
    assert!(shown.starts_with("exit 0"), "in the east it is: {shown}");
}

#[test]
fn a_statement_of_nobody() {
    assert_snapshot!(stated("2026-10-01", "", "red-team"));
}

#[test]
fn a_statement_in_a_file_about_what_is_no_recommendation() {
    assert_snapshot!(stated("2026-10-01", "ada", "red-tea"));
}

#[test]
fn a_statement_that_can_never_count_is_told() {
    let desk = Desk::new();
    let entry = |row: &str, account: &str| {
        format!(
            "[[attestation]]\nrecommendation = \"{row}\"\n{account}statement = \"s\"\nby = \"ada\"\ndate = 2026-10-01\nexpires = 2027-06-01\nevidence = \"https://x\"\n"
        )
    };
    let all = [
        entry("red-team", "account = \"12\"\n"),
        entry("red-team", "account = \"999999999999\"\n"),
        entry("s3-account-block-public-access", ""),
    ];
    desk.file("attestations.toml", &all.concat());
    let now = ["--now", "2026-11-01T12:00:00Z"];
    let assessed = desk.show(&one(&now));
    let due = desk.show(&[&["attest", "--due", "30d"][..], &now[..]].concat());
    for shown in [&assessed, &due] {
        assert!(shown.starts_with("exit 0"), "{shown}");
        assert!(
            shown.contains("attestations.toml:3:11: `12` is no account"),
            "{shown}"
        );
        assert!(
            shown.contains(
                "attestations.toml:18:18: nobody can attest `s3-account-block-public-access`"
            ),
            "{shown}"
        );
    }
    assert!(
        assessed
            .contains("attestations.toml:11:11: the account `999999999999` is not in the estate"),
        "{assessed}"
    );
}

/// A statement on 1 November 2026, with more arguments or others in the place of the usual ones.
fn attested(desk: &Desk, row: &str, evidence: &str, more: &[&str]) -> String {
    desk.file("minutes.txt", "held");
    desk.file("empty.txt", "");
    let usual = [
        "attest",
        row,
        "--by",
        "ada",
        "--statement",
        "s",
        "--evidence",
        evidence,
        "--now",
        "2026-11-01T00:00:00Z",
    ];
    desk.show(&[&usual[..], more].concat())
}

#[test]
fn what_no_person_can_state_is_refused_and_says_what_decides() {
    let shown = attested(
        &Desk::new(),
        "s3-account-block-public-access",
        "https://x",
        &[],
    );
    assert!(shown.starts_with("exit 2"), "{shown}");
    assert!(
        shown.contains("nobody can attest `s3-account-block-public-access`: the control"),
        "{shown}"
    );
}

#[test]
fn a_statement_needs_evidence_an_account_and_an_end_that_are_some() {
    let cases: [(&str, &[&str], &str); 3] = [
        ("empty.txt", &[], "`empty.txt` is empty"),
        ("minutes.txt", &["--account", "production"], "12 digits"),
        ("minutes.txt", &["--expires", "soon"], "`180d`"),
    ];
    for (evidence, more, said) in cases {
        let shown = attested(&Desk::new(), "red-team", evidence, more);
        assert!(shown.starts_with("exit 2"), "{shown}");
        assert!(shown.contains(said), "{shown}");
    }
    let account = ["--account", "111122223333", "--expires", "180d"];
    let shown = attested(&Desk::new(), "red-team", "minutes.txt", &account);
    assert!(shown.contains("until 2027-04-30"), "{shown}");
    assert!(!shown.contains("warning"), "{shown}");
    let long = attested(
        &Desk::new(),
        "red-team",
        "minutes.txt",
        &["--expires", "2030-01-01"],
    );
    assert!(long.starts_with("exit 0"), "{long}");
    assert!(long.contains("is to be made anew by 2027-11-01"), "{long}");
}

#[test]
fn what_runs_out_is_asked_in_days_and_weeks() {
    let desk = Desk::new();
    attested(&desk, "red-team", "minutes.txt", &["--expires", "20d"]);
    let due =
        |within: &str| desk.show(&["attest", "--due", within, "--now", "2026-11-01T00:00:00Z"]);
    for within in ["30", "30d", "4w"] {
        assert!(due(within).contains("red-team  runs out on 2026-11-21"));
    }
    assert!(due("2w").contains("no statement runs out within 14 days"));
    assert!(due("soon").starts_with("exit 2"));
}

/// The row `red-team` of the demo's assessment on 2 November 2026 (its state, and why in the first account), and what
/// was told beside it. The program runs in a folder of the desk.
fn red_team(desk: &Desk, from: &str, more: &[&str]) -> (String, String, String) {
    let now = "2026-11-02T00:00:00Z";
    let usual = ["assess", "--demo", "--format", "json", "--now", now];
    let mut command = desk.palisade(&[&usual[..], more].concat());
    let output = command
        .current_dir(desk.path().join(from))
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = report["recommendations"].as_array().unwrap();
    let row = rows.iter().find(|r| r["id"] == "red-team").unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (
        row["state"].as_str().unwrap().to_owned(),
        row.to_string(),
        told,
    )
}

#[test]
fn a_statement_whose_evidence_has_changed_does_not_count() {
    let desk = Desk::new();
    attested(&desk, "red-team", "minutes.txt", &[]);
    assert_eq!(red_team(&desk, "", &[]).0, "attested");
    desk.file("minutes.txt", "never held");
    let (state, why, told) = red_team(&desk, "", &[]);
    assert_eq!(state, "unknown");
    // The report says it too.
    assert!(
        why.contains("its evidence `minutes.txt` has changed since"),
        "{why}"
    );
    assert!(
        told.contains("`minutes.txt` of the statement on `red-team` has changed since"),
        "{told}"
    );
    fs_err::remove_file(desk.path().join("minutes.txt")).unwrap();
    let (state, _, told) = red_team(&desk, "", &[]);
    assert_eq!(state, "unknown");
    assert!(told.contains("is gone"), "{told}");
}

#[test]
fn evidence_that_shows_nothing_does_not_count() {
    let desk = Desk::new();
    desk.file("minutes.txt", "held");
    for (evidence, said) in [
        ("yes trust me", "is neither a link nor a file that is there"),
        ("minutes.txt", "is a file without its `sha256`"),
        ("https://", "is a link that names no host"),
    ] {
        desk.file(
            "attestations.toml",
            &format!(
                "[[attestation]]\nrecommendation = \"red-team\"\nstatement = \"s\"\nby = \"ada\"\ndate = 2026-10-01\nexpires = 2027-06-01\nevidence = \"{evidence}\"\n"
            ),
        );
        let (state, why, told) = red_team(&desk, "", &[]);
        assert_eq!(state, "unknown", "{evidence}");
        assert!(told.contains(said) && why.contains(said), "{told}{why}");
    }
    let shown = attested(&Desk::new(), "red-team", "https://", &[]);
    assert!(shown.starts_with("exit 2"), "{shown}");
    assert!(
        shown.contains("`https://` is a link that names no host"),
        "{shown}"
    );
}

#[test]
fn a_file_of_evidence_is_found_wherever_the_program_runs() {
    let desk = Desk::new();
    fs_err::create_dir_all(desk.path().join("team/deep")).unwrap();
    let file = ["--attestations", "team/attestations.toml"];
    attested(&desk, "red-team", "minutes.txt", &file);
    let text = fs_err::read_to_string(desk.path().join("team/attestations.toml")).unwrap();
    assert!(text.contains("evidence = \"../minutes.txt\""), "{text}");
    for (from, file) in [
        ("", "team/attestations.toml"),
        ("team/deep", "../attestations.toml"),
    ] {
        assert_eq!(
            red_team(&desk, from, &["--attestations", file]).0,
            "attested"
        );
    }
}

/// A limit on the size of files stands for a disk that is full: part of what is written fits, the rest does not.
#[test]
#[cfg(unix)]
fn a_full_disk_leaves_the_statements_as_they_were() {
    let desk = Desk::new();
    desk.file("minutes.txt", "held");
    let old = format!("# {}\n", "x".repeat(440));
    desk.file("attestations.toml", &old);
    let long = "x".repeat(1200);
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_palisade"))
        .args(["attest", "red-team", "--by", "ada", "--statement", &long])
        .args(["--evidence", "minutes.txt"])
        .current_dir(desk.path())
        .output()
        .unwrap();
    let shown = desk.shown(&output);
    assert!(shown.starts_with("exit 3"), "{shown}");
    assert!(
        shown.contains("attestations.toml` can't be written"),
        "{shown}"
    );
    let now = fs_err::read_to_string(desk.path().join("attestations.toml")).unwrap();
    assert_eq!(now, old);
    let mut names: Vec<_> = fs_err::read_dir(desk.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["attestations.toml", "minutes.txt"]);
}

//! The terminal report.

use crate::fixture::{findings, header, report_of};
use palisade_core::{CallRef, Finding, Outcome, Verdict};
use palisade_report::{Format, Options};
use std::collections::BTreeMap;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr as _;

fn terminal(options: Options) -> String {
    String::from_utf8(report_of(Format::Terminal, options, &header(), &findings())).unwrap()
}

fn at(width: usize) -> Options {
    Options {
        width,
        ..Options::default()
    }
}

#[test]
fn the_whole_report() {
    insta::assert_snapshot!(terminal(at(80)));
}

#[test]
fn a_narrow_terminal() {
    insta::assert_snapshot!(terminal(at(40)));
}

#[test]
fn every_finding_that_is_no_pass() {
    insta::assert_snapshot!(terminal(Options {
        verbose: true,
        quiet: true,
        ..at(80)
    }));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [30, 40, 59, 60, 80, 120, 200] {
        for line in terminal(Options {
            verbose: true,
            ..at(width)
        })
        .lines()
        {
            assert!(line.width() <= width, "{width}: {} {line}", line.width());
        }
    }
}

#[test]
fn the_first_screen_fits() {
    let first = terminal(Options {
        quiet: true,
        ..at(80)
    });
    assert!(first.lines().count() <= 24, "{first}");
}

#[test]
fn colour_changes_no_word_and_a_resource_cannot_steer_the_terminal() {
    let plain = terminal(Options {
        verbose: true,
        ..at(80)
    });
    assert!(!plain.contains('\u{1b}') && !plain.contains('\u{202e}'));
    let painted = terminal(Options {
        verbose: true,
        colour: true,
        ..at(80)
    });
    let mut stripped = String::new();
    let mut rest = painted.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    let trim = |s: &str| s.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert_eq!(trim(&stripped), trim(&plain));
}

#[test]
fn an_estate_that_could_not_be_read_is_not_good() {
    let text = String::from_utf8(report_of(Format::Terminal, at(80), &header(), &[])).unwrap();
    assert!(
        text.contains("Coverage           ░░░░░░░░░░░░░░░░   0 %"),
        "{text}"
    );
}

#[test]
fn calls_that_were_not_sent_are_told_from_those_that_failed() {
    let mut header = header();
    header.accounts[0].not_sent = BTreeMap::from([("BudgetExhausted".to_owned(), 327)]);
    let unsent = |mut finding: Finding| {
        if matches!(finding.verdict, Verdict::Unknown(_)) {
            finding.verdict = Verdict::Unknown(Arc::new([CallRef {
                id: "1".to_owned(),
                operation: "thing:GetFlag".to_owned(),
                outcome: Outcome::Failed,
                code: Some("BudgetExhausted".to_owned()),
            }]));
        }
        finding
    };
    let findings: Vec<Finding> = findings().into_iter().map(unsent).collect();
    let bytes = report_of(Format::Terminal, at(80), &header, &findings);
    let text = String::from_utf8(bytes).unwrap();
    for part in [
        "1,204 calls, 2 denied; 327 not sent",
        "327 calls not sent: the limit of --max-calls was reached",
        "thing:GetFlag not sent, hides 2 findings",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let json = report_of(Format::Json, at(80), &header, &findings);
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["collection"]["calls"], 1204);
    assert_eq!(json["collection"]["not_sent"], 327);
    assert_eq!(json["collection"]["not_seen"][0]["outcome"], "failed");
    let quiet = Options {
        quiet: true,
        ..at(80)
    };
    let first = String::from_utf8(report_of(Format::Terminal, quiet, &header, &findings)).unwrap();
    assert!(first.lines().count() <= 24, "{first}");
}

//! `roadmap`, `explain`, `list` and `diff`.

use crate::fixture::{PROD, Says, catalog, finding, findings, header, summary};
use palisade_core::assess::{Counts, Step};
use palisade_core::{Severity, State};
use palisade_report::{
    Changed, Difference, ListForm, NotAgain, Options, Unasked, diff_text, explain_control,
    explain_finding, explain_framework, explain_recommendation, explain_table, list_controls,
    list_frameworks, list_recommendations, list_tables, roadmap_text, roadmap_toml,
};
use std::io;
use unicode_width::UnicodeWidthStr as _;

fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn steps() -> Vec<Step> {
    summary(&catalog(), &header(), &findings()).roadmap
}

#[test]
fn a_roadmap() {
    let catalog = catalog();
    let steps = steps();
    insta::assert_snapshot!(text(|o| roadmap_text(
        o,
        &steps,
        steps.len(),
        &catalog,
        Options::default()
    )));
    let none = |open| text(|o| roadmap_text(o, &[], open, &catalog, Options::default()));
    assert_eq!(none(1204), "None of the 1,204 open steps match.\n");
    assert_eq!(none(0), "Nothing is open.\n");
}

#[test]
fn a_plan_is_toml() {
    let catalog = catalog();
    let plan = text(|o| roadmap_toml(o, &steps(), &catalog));
    insta::assert_snapshot!(plan);
    let parsed: toml::Table = toml::from_str(&plan).unwrap();
    assert_eq!(parsed["step"].as_array().unwrap().len(), steps().len());
}

#[test]
fn explanations() {
    let catalog = catalog();
    let options = Options::default();
    let mut all = String::new();
    all += &text(|o| explain_control(o, &catalog, &catalog.controls["root-mfa"], options));
    all += "\n--------\n";
    all += &text(|o| {
        explain_recommendation(
            o,
            &catalog,
            &catalog.recommendations["data-encrypted"],
            options,
        )
    });
    all += "\n--------\n";
    all += &text(|o| explain_framework(o, &catalog, &catalog.frameworks["aws-top-ten"], options));
    all += "\n--------\n";
    all += &text(|o| explain_table(o, &catalog, &catalog.tables["aws_thing"], None, options));
    all += "\n--------\n";
    let denied = finding(
        ("queue-encrypted", Severity::Low),
        PROD,
        "\u{1b}[2Jorders",
        Says::Denied,
    );
    all += &text(|o| explain_finding(o, &catalog, &denied, options));
    assert!(!all.contains('\u{1b}'));
    insta::assert_snapshot!(all);
}

#[test]
fn lists() {
    let catalog = catalog();
    for (form, width) in [
        (ListForm::Table, 80),
        (ListForm::Table, 40),
        (ListForm::Json, 80),
    ] {
        let options = Options {
            width,
            ..Options::default()
        };
        let all = [
            text(|o| list_controls(o, &catalog, form, options)),
            text(|o| list_tables(o, &catalog, form, options)),
            text(|o| list_frameworks(o, &catalog, form, options)),
            text(|o| list_recommendations(o, &catalog, form, options)),
        ];
        match form {
            ListForm::Table => {
                assert!(
                    all.iter()
                        .flat_map(|l| l.lines())
                        .all(|l| l.width() <= width)
                );
                insta::assert_snapshot!(format!("lists_{width}"), all.join("\n--------\n"));
            }
            ListForm::Json => {
                for list in all {
                    let entries: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap();
                    assert!(entries.iter().all(|e| e["id"].is_string()));
                }
            }
        }
    }
}

#[test]
fn a_difference() {
    let now = |name, says| finding(("bucket-private", Severity::High), PROD, name, says);
    let difference = Difference {
        new: vec![
            now("brand-new", Says::Fail),
            now("new-and-good", Says::Pass),
        ],
        gone: vec![now("removed", Says::Fail)],
        not_again: [("elsewhere", Says::Fail), ("elsewhere-too", Says::Pass)]
            .map(|(name, says)| {
                let finding = now(name, says);
                NotAgain {
                    before: finding.verdict.state(),
                    finding,
                    why: "`eu-west-2` is not in scope of the newer snapshot".to_owned(),
                }
            })
            .to_vec(),
        unasked: Unasked { before: 0, now: 12 },
        changed: vec![
            Changed {
                before: State::Fail,
                now: now("repaired", Says::Pass),
            },
            Changed {
                before: State::Pass,
                now: now("broken", Says::Fail),
            },
        ],
        still: Counts {
            pass: 10,
            fail: 3,
            unknown: 1,
            ..Counts::default()
        },
    };
    insta::assert_snapshot!(text(|o| diff_text(o, &difference, Options::default())));
}

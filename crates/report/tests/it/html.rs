//! The page. What a browser makes of it is tested in `tests/browser`, on the files that these tests leave behind.

use crate::fixture::{DEV, HOSTILE, PROD, Says, finding, findings, header, report, report_of};
use palisade_core::{Finding, Severity};
use palisade_report::{Format, Options};
use std::path::Path;

/// Where the browser's test finds the pages.
fn keep(name: &str, page: &[u8]) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs_err::write(path, page).unwrap();
}

#[test]
fn the_whole_page_without_its_assets() {
    let page = report(Format::Html);
    keep("report-small.html", page.as_bytes());
    // The assets are files of their own; what is left is what this program writes.
    let (before, after) = page.split_once("<style>").unwrap();
    let (_, after) = after.split_once("</style>").unwrap();
    let (data, _) = after.split_once("<script>\"use strict\"").unwrap();
    let (start, _) = before.split_once("sha256-").unwrap();
    let (_, rest) = before.split_once("base-uri").unwrap();
    insta::assert_snapshot!(format!("{start}[hashes]; base-uri{rest}{data}"));
}

#[test]
fn hostile_names_are_data() {
    let page = report(Format::Html);
    assert!(!page.contains("document.title='owned'</script>"));
    assert!(!page.contains("<b>bold"));
    assert!(page.contains("\\u003c/script\\u003e"));
    // Every element that the page has is one that this program wrote.
    let blocks = page.matches("<script type=\"application/json\"").count();
    assert_eq!(page.matches("<script").count(), blocks + 1);
    assert_eq!(page.matches("</script>").count(), blocks + 1);
    assert!(HOSTILE.len() > 4);
}

/// 30,000 findings over five controls and two accounts.
fn many() -> Vec<Finding> {
    let mut all = Vec::new();
    for control in [
        ("bucket-encrypted", Severity::Medium),
        ("bucket-private", Severity::High),
        ("queue-encrypted", Severity::Low),
        ("root-mfa", Severity::Critical),
        ("trail-on", Severity::High),
    ] {
        for at in 0..6000 {
            let account = if at % 3 == 0 { PROD } else { DEV };
            let says = match at % 7 {
                0 | 1 => Says::Fail,
                2 => Says::Denied,
                3 if at % 5 == 0 => Says::Accepted,
                _ => Says::Pass,
            };
            all.push(finding(control, account, &format!("thing-{at:05}"), says));
        }
    }
    all
}

#[test]
fn thirty_thousand_findings_stay_a_file_that_can_be_mailed() {
    let page = report_of(Format::Html, Options::default(), &header(), &many());
    keep("report-large.html", &page);
    assert!(page.len() < 20_000_000, "{}", page.len());
    let few = report_of(Format::Html, Options::default(), &header(), &findings());
    assert!(few.len() < 120_000, "{}", few.len());
}

//! The page. What a browser makes of it is tested in `tests/browser`, on the files that these tests leave behind.

use crate::fixture::{
    DEV, HOSTILE, PROD, Says, catalog, finding, findings, header, report, report_of, summary,
};
use palisade_core::assess::Header;
use palisade_core::snapshot::AccountScope;
use palisade_core::{Finding, Severity};
use palisade_report::{Format, Options, writer};
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

#[test]
fn a_page_takes_so_much_of_each_control_and_tells_what_is_left() {
    let mut findings = many();
    let fails = (0..400).map(|at| {
        finding(
            ("zone-signed", Severity::Low),
            PROD,
            &format!("zone-{at}"),
            Says::Fail,
        )
    });
    findings.extend(fails);
    let page = report_of(Format::Html, Options::default(), &header(), &findings);
    let page = String::from_utf8(page).unwrap();
    assert_eq!(page.matches("thing/zone-").count(), 100);
    let (_, tail) = page.split_once("id=\"tail\">").unwrap();
    let (tail, _) = tail.split_once("</script>").unwrap();
    let tail: serde_json::Value = serde_json::from_str(tail).unwrap();
    assert_eq!(tail["left"]["zone-signed"]["fail"], 300);
    assert!(tail["left"].get("trail-on").is_none());
}

/// The reports of an estate of so many accounts, in a folder.
fn of_accounts(folder: &Path, count: usize) -> std::io::Result<String> {
    let catalog = catalog();
    let id = |at: usize| format!("{at:012}");
    let accounts = (1..=count).map(|at| AccountScope {
        id: id(at),
        ..AccountScope::default()
    });
    let header = Header {
        accounts: accounts.collect(),
        ..header()
    };
    let file = folder.join("report.html");
    let out = fs_err::File::create(&file)?;
    let options = Options::default();
    let mut report = writer(Format::Html, Box::new(out), &catalog, options, Some(&file));
    report.begin(&header)?;
    let mut findings: Vec<Finding> = (1..=count)
        .flat_map(|at| [("root-mfa", Says::Fail), ("trail-on", Says::Pass)].map(|of| (at, of)))
        .map(|(at, (control, says))| finding((control, Severity::High), &id(at), "thing", says))
        .collect();
    findings.push(finding(
        ("root-mfa", Severity::High),
        "../../escaped",
        "thing",
        Says::Fail,
    ));
    for finding in &findings {
        report.finding(finding)?;
    }
    report.end(&summary(&catalog, &header, &findings))?;
    drop(report);
    fs_err::read_to_string(file)
}

#[test]
fn many_accounts_have_a_page_each_beside_the_overview() {
    let folder = tempfile::tempdir().unwrap();
    let page = of_accounts(folder.path(), 25).unwrap();
    assert!(page.contains("class=\"findings\""));
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);

    // Made twice: the pages of a report before are replaced.
    for _ in 0..2 {
        let page = of_accounts(folder.path(), 26).unwrap();
        assert!(!page.contains("class=\"findings\""));
        assert!(page.contains("\"pages\":\"report.accounts\""));
    }
    let pages = folder.path().join("report.accounts");
    let mut names: Vec<_> = fs_err::read_dir(&pages)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort();
    // What is no account of the estate has its findings in a file of the folder all the same.
    assert_eq!(names.len(), 27, "{names:?}");
    assert!(names.contains(&"______escaped.html".into()), "{names:?}");
    let one = fs_err::read_to_string(pages.join("000000000007.html")).unwrap();
    assert!(one.contains("\"overview\":\"../report.html\""));
    assert!(one.contains("000000000007") && !one.contains("000000000008"));
    assert!(one.trim_end().ends_with("</html>"));

    // A folder with something of the user's is not replaced.
    fs_err::write(pages.join("notes.txt"), "mine").unwrap();
    let error = of_accounts(folder.path(), 26).unwrap_err().to_string();
    assert!(error.contains("has other files in it"), "{error}");
    assert!(pages.join("notes.txt").is_file());
}

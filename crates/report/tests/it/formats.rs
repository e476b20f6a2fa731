//! The formats for other programs: whole outputs, and whether they fit what is published about them.

use crate::fixture::{DEV, Says, finding, findings, header, report, report_of};
use arrow::array::{Array as _, AsArray as _};
use palisade_core::{Grounds, Severity, State, Verdict};
use palisade_report::{Format, Options};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

/// Every violation of a schema, with its place.
fn violations(schema: &str, instance: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator
        .iter_errors(instance)
        .map(|e| format!("{}: {e}", e.instance_path))
        .collect()
}

const ASSESSMENT: &str = include_str!("../../../../docs/formats/assessment-v1.schema.json");
const OCSF: &str = include_str!("schemas/ocsf-compliance-finding.json");
const ASFF: &str = include_str!("schemas/asff.json");
const SARIF: &str = include_str!("schemas/sarif-2.1.0.json");

fn json(format: Format) -> Value {
    serde_json::from_str(&report(format)).unwrap()
}

#[test]
fn the_assessment_fits_its_schema() {
    let document = json(Format::Json);
    assert_eq!(violations(ASSESSMENT, &document), Vec::<String>::new());
    assert_eq!(
        document["findings"].as_array().unwrap().len(),
        findings().len()
    );
}

#[test]
fn a_pass_that_was_not_measured_breaks_the_schema() {
    let mut document = json(Format::Json);
    document["findings"][0]["evidence"]["calls"][0]["outcome"] = "denied".into();
    assert_eq!(violations(ASSESSMENT, &document).len(), 1);
    document["findings"][0]["evidence"]["calls"] = Value::Array(vec![]);
    assert_eq!(violations(ASSESSMENT, &document).len(), 1);
}

/// What nobody told is not seen either, though no call failed.
#[test]
fn all_reports_tell_all_reasons_why_something_was_not_seen() {
    let mut all = findings();
    let mut silent = finding(("trail-on", Severity::High), DEV, "odd", Says::Pass);
    silent.verdict = Verdict::Unknown(silent.verdict.calls().into());
    let values = silent.values().into_owned();
    silent.grounds = Grounds::told("the answers hold no value for `class`", values);
    all.push(silent);
    let text = |format| {
        let report = report_of(format, Options::default(), &header(), &all);
        String::from_utf8(report).unwrap()
    };
    let document: Value = serde_json::from_str(&text(Format::Json)).unwrap();
    assert_eq!(violations(ASSESSMENT, &document), Vec::<String>::new());
    assert_eq!(
        document["collection"]["unanswered"],
        serde_json::json!([{ "reason": "the answers hold no value for `class`", "findings": 1 }])
    );
    let page = text(Format::Html);
    let (_, tail) = page.split_once("id=\"tail\">").unwrap();
    let (tail, _) = tail.split_once("</script>").unwrap();
    let tail: Value = serde_json::from_str(tail).unwrap();
    assert_eq!(
        tail["collection"]["unanswered"],
        serde_json::json!([["the answers hold no value for `class`", 1]])
    );
    assert!(text(Format::Terminal).contains("hold no value for `class`: 1 finding"));
    assert!(text(Format::Sarif).contains("hold no value for `class`: 1 findings are unknown"));
}

#[test]
fn csv() {
    let text = report(Format::Csv);
    insta::assert_snapshot!(text.replace("\r\n", "␍␊\n"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().len();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), findings().len());
    for cell in rows.iter().flat_map(csv::StringRecord::iter) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
    assert!(rows.iter().all(|r| r.len() == columns));
}

#[test]
fn ocsf() {
    let text = report(Format::Ocsf);
    insta::assert_snapshot!(text);
    assert_eq!(text.lines().count(), findings().len());
    for (line, finding) in text.lines().zip(findings()) {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(violations(OCSF, &event), Vec::<String>::new(), "{line}");
        let status = event["compliance"]["status_id"].as_u64().unwrap();
        let expected = match finding.verdict.state() {
            State::Pass => 1,
            State::Unknown => 2,
            State::Fail | State::Excepted => 3,
            State::NotApplicable => 99,
        };
        assert_eq!(status, expected);
    }
}

#[test]
fn asff() {
    insta::assert_snapshot!(report(Format::Asff));
    let array = json(Format::Asff);
    assert_eq!(violations(ASFF, &array), Vec::<String>::new());
    assert_eq!(array.as_array().unwrap().len(), findings().len());
}

#[test]
fn sarif() {
    insta::assert_snapshot!(report(Format::Sarif));
    let log = json(Format::Sarif);
    assert_eq!(violations(SARIF, &log), Vec::<String>::new());
    let run = &log["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    }
}

#[test]
fn a_requirement_that_a_control_names_itself_is_one_tag() {
    let mut catalog = crate::fixture::catalog();
    // The framework's own row points at the control, too.
    let control = catalog.controls.get_mut("root-mfa").unwrap();
    control.also.push("aws-top-ten:1".to_owned());
    let bytes = crate::fixture::report_with(
        &catalog,
        Format::Sarif,
        Options::default(),
        &header(),
        &findings(),
    );
    let log: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(violations(SARIF, &log), Vec::<String>::new());
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    let rule = rules.iter().find(|r| r["id"] == "root-mfa").unwrap();
    assert_eq!(
        rule["properties"]["tags"],
        serde_json::json!([
            "security",
            "aws",
            "securityhub:IAM.9",
            "cis-aws-7.0:1.5",
            "aws-top-ten:1",
            "security-maturity-model:1.1"
        ])
    );
}

#[test]
fn what_an_exception_says_reaches_every_format_of_text() {
    for format in [
        Format::Json,
        Format::Csv,
        Format::Ocsf,
        Format::Asff,
        Format::Sarif,
        Format::JUnit,
        Format::Html,
    ] {
        let text = report(format);
        for part in ["ada@example.com", "=scratch data", "2026-12-31"] {
            assert!(text.contains(part), "{format}: {part}");
        }
    }
}

#[test]
fn junit() {
    let text = report(Format::JUnit);
    insta::assert_snapshot!(text);
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut counts = std::collections::BTreeMap::new();
    loop {
        use quick_xml::events::Event;
        match reader.read_event().unwrap() {
            Event::Start(e) | Event::Empty(e) => {
                for attribute in e.attributes() {
                    attribute
                        .unwrap()
                        .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                        .unwrap();
                }
                let name = e.name().as_ref().to_owned();
                *counts.entry(name).or_insert(0) += 1;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(counts["testsuite"], 5);
    assert_eq!(counts["testcase"], findings().len());
    assert_eq!(
        (counts["failure"], counts["error"], counts["skipped"]),
        (8, 2, 2)
    );
    let illegal = |c: char| c.is_control() && c != '\n';
    assert!(!text.contains(illegal), "XML 1.0 has no such character");
}

#[test]
fn parquet() {
    let bytes = report_of(Format::Parquet, Options::default(), &header(), &findings());
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("findings.parquet");
    fs_err::write(&path, bytes).unwrap();
    let file = fs_err::File::open(&path).unwrap().into_parts().0;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    let rows: usize = batches.iter().map(|b| b.num_rows()).sum();
    assert_eq!(rows, findings().len());
    let ids = batches[0].column_by_name("id").unwrap().as_string::<i32>();
    let verdicts = batches[0]
        .column_by_name("verdict")
        .unwrap()
        .as_string::<i32>();
    for (at, finding) in findings().iter().enumerate() {
        assert_eq!(ids.value(at), finding.id());
        assert_eq!(verdicts.value(at), finding.verdict.state().as_str());
    }
    let moments = batches[0]
        .column_by_name("taken_at")
        .unwrap()
        .as_primitive::<arrow::datatypes::TimestampMicrosecondType>();
    assert_eq!(moments.value(0), 1_767_270_600_000_000);
    assert_eq!(moments.null_count(), 0);
}

#[test]
fn a_word_that_is_no_format_is_told_the_formats() {
    for format in Format::ALL {
        assert_eq!(format.as_str().parse::<Format>(), Ok(format));
    }
    let error = "xml".parse::<Format>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`xml` is no format: use one of table, json, csv, ocsf, asff, sarif, junit, html, parquet"
    );
}

#[test]
fn the_same_findings_give_the_same_bytes() {
    for format in Format::ALL {
        let write = || report_of(format, Options::default(), &header(), &findings());
        assert!(write() == write(), "{format}");
    }
}

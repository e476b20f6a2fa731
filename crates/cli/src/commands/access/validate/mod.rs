//! `palisade access validate`

mod sarif;
mod span;
mod text;

use super::documents::{self, Text};
use crate::args::Validate;
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_iam::validate::{Issue, Paths, PolicyType, Step, Weight, guess, validate};
use serde_json::{Value, json};
use span::Places;

/// A document and what was found in it.
struct Checked {
    document: Text,
    kind: PolicyType,
    issues: Vec<Issue>,
}

/// Checks every policy named.
pub(crate) fn run(args: &Validate, terminal: &Terminal) -> Result<Done, Failure> {
    let data = palisade_query::authorization()?;
    let service = args.service.as_deref();
    if let Some(service) = service
        && data.service(service).is_none()
    {
        return Err(
            Failure::usage(format!("no service has the prefix `{service}`")).hint(
                "`--service` takes what stands before the colon of its actions: s3, kms, sqs",
            ),
        );
    }
    let told = args.kind.as_deref().map(kind_named);
    let mut all = Vec::new();
    for document in documents::texts(&args.paths)? {
        let kind = told.unwrap_or_else(|| guess(&document.text).unwrap_or(PolicyType::Identity));
        let issues = validate(&document.text, kind, service, &data);
        all.push(Checked {
            document,
            kind,
            issues,
        });
    }
    let mut output = terminal.output(args.out.as_deref())?;
    match args.format.as_str() {
        "json" => {
            let value: Vec<Value> = all.iter().map(answer).collect();
            output.json(&value)?;
        }
        "sarif" => output.json(&sarif::log(&all))?,
        _ => text::write(&all, terminal, args.out.is_none(), &mut output)?,
    }
    output.finish()?;
    let limit = match args.fail_on.as_str() {
        "error" => Weight::Error,
        "security-warning" => Weight::SecurityWarning,
        "warning" => Weight::Warning,
        "suggestion" => Weight::Suggestion,
        _ => return Ok(Done::Clean),
    };
    let mut issues = all.iter().flat_map(|checked| &checked.issues);
    // The heaviest comes first in the order of weights.
    Ok(if issues.any(|issue| issue.code.weight() <= limit) {
        Done::Found
    } else {
        Done::Clean
    })
}

fn kind_named(name: &str) -> PolicyType {
    match name {
        "resource" => PolicyType::Resource,
        "trust" => PolicyType::Trust,
        "scp" => PolicyType::ServiceControl,
        "rcp" => PolicyType::ResourceControl,
        _ => PolicyType::Identity,
    }
}

/// As `ValidatePolicy` of Access Analyzer answers, with the place and a suggestion of ours.
fn answer(checked: &Checked) -> Value {
    let places = Places::new(&checked.document.text);
    let paths = Paths::new(&checked.document.text);
    let findings: Vec<Value> = checked
        .issues
        .iter()
        .map(|issue| {
            json!({
                "findingType": issue.code.weight().name(),
                "issueCode": issue.code.name(),
                "findingDetails": issue.message,
                "suggestion": issue.suggestion,
                "learnMoreLink": link(issue),
                "statementIndex": issue.statement,
                "line": issue.at.line,
                "column": issue.at.column,
                "locations": [{
                    "path": paths.path(issue.at).iter().map(step).collect::<Vec<_>>(),
                    "span": places.json(places.span(issue.at)),
                }],
            })
        })
        .collect();
    json!({
        "file": checked.document.name,
        "policyType": checked.kind.words(),
        "findings": findings,
    })
}

/// A `PathElement` of Access Analyzer.
fn step(step: &Step) -> Value {
    match step {
        Step::Index(index) => json!({ "index": index }),
        Step::Key(name) => json!({ "key": name }),
        Step::Value(name) => json!({ "value": name }),
    }
}

/// The entry of the reference.
fn link(issue: &Issue) -> String {
    let section = match issue.code.weight() {
        Weight::Error => "error",
        Weight::SecurityWarning => "security-warning",
        Weight::Warning => "general-warning",
        Weight::Suggestion => "suggestion",
    };
    let anchor = issue.code.name().to_lowercase().replace('_', "-");
    format!(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-{section}-{anchor}"
    )
}

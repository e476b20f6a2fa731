//! Requirements in the auditor's pack, and in the formats that tell them with each finding.

use crate::fixture::{DEV, PROD, catalog_with, control, findings, header, report_with, summary};
use palisade_core::Catalog;
use palisade_core::assess::StandingState;
use palisade_core::catalog::Attestations;
use palisade_report::pack::{FileOf, RequirementOf, Shown};
use palisade_report::{Format, Options};
use serde_json::Value;
use std::collections::BTreeMap;

/// The fixture with a framework by whose ids a tool knows a control: one row, and two ids that it is mapped to.
fn catalog() -> Catalog {
    let framework = "id = 'hub'\ntitle = 'Hub'\nedition = '1'\nsource = 'https://example.com/hub'\nalso = 'securityhub'\n\
         [[requirement]]\nid = 'SQS.1'\ntitle = 'Queues'\nrecommendations = ['data-encrypted']\n\
         [[requirement]]\nid = 'S3.4'\ntitle = 'Buckets'\nrecommendations = ['data-encrypted']\n\
         [[requirement]]\nid = 'IAM.9'\ntitle = 'The root user'\npartly = true\nrecommendations = ['root-has-mfa', 'drills']\n";
    let queues = control(
        "queue-encrypted",
        "low",
        "data-encrypted",
        "Queues encrypt messages at rest",
        "'securityhub:SQS.1'",
    );
    catalog_with([
        ("frameworks/hub.toml", framework.to_owned()),
        ("controls/thing/queue-encrypted.toml", queues),
    ])
}

fn requirements(catalog: &Catalog) -> Vec<RequirementOf> {
    let (header, findings) = (header(), findings());
    let file = |name: &str| (format!("evidence/{name}.json"), FileOf::default());
    Shown {
        catalog,
        summary: &summary(catalog, &header, &findings),
        accounts: &header.accounts,
        attestations: &Attestations::default(),
        files: &BTreeMap::from(["queue-encrypted", "bucket-encrypted"].map(file)),
    }
    .requirements(&catalog.frameworks["hub"])
}

#[test]
fn the_controls_of_its_name_decide_a_requirement() {
    let [queues, buckets, root] = requirements(&catalog()).try_into().unwrap();
    // A bucket of the row fails; of the queues nothing is known in one account, and there is none in another.
    assert_eq!(queues.state, StandingState::Unknown);
    assert_eq!(
        queues.why,
        "queue-encrypted: 2 findings could not be decided"
    );
    assert_eq!(queues.named_by, ["queue-encrypted"]);
    let controls = |one: &RequirementOf| -> Vec<String> {
        one.evidence.iter().map(|e| e.control.clone()).collect()
    };
    assert_eq!(controls(&queues), ["queue-encrypted"]);
    let state = |account: &str| {
        let mut accounts = queues.accounts.iter();
        accounts.find(|a| a.account_id == account).unwrap().state
    };
    assert_eq!(state(PROD), StandingState::Unknown);
    assert_eq!(state(DEV), StandingState::NotApplicable);
    // An id that no control is named after takes the state of its row.
    assert_eq!(buckets.state, StandingState::NotMet);
    assert!(
        buckets.why.starts_with("data-encrypted: 1 resource of"),
        "{}",
        buckets.why
    );
    assert_eq!(controls(&buckets), ["bucket-encrypted", "queue-encrypted"]);
    assert!(buckets.named_by.is_empty() && buckets.accounts.is_empty());
    // One that its controls see a part of is as good as its rows, too.
    assert_eq!(root.state, StandingState::NotMet);
    assert_eq!(root.named_by, ["root-mfa"]);
    assert_eq!(root.kinds.len(), 2);
}

#[test]
fn a_finding_is_told_with_the_ids_that_its_control_carries() {
    let text = report_with(
        &catalog(),
        Format::Asff,
        Options::default(),
        &header(),
        &findings(),
    );
    let all: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let told = |control: &str| -> Vec<String> {
        let id = format!("palisade/{control}");
        let one = all
            .iter()
            .find(|f| f["GeneratorId"] == id.as_str())
            .unwrap();
        let ids = one["Compliance"]["RelatedRequirements"].as_array().unwrap();
        let ids = ids.iter().map(|id| id.as_str().unwrap());
        ids.filter(|id| id.starts_with("hub:"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(told("queue-encrypted"), ["hub:SQS.1"]);
    assert_eq!(told("bucket-encrypted"), ["hub:S3.4"]);
    assert_eq!(told("root-mfa"), ["hub:IAM.9"]);
}

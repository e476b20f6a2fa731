//! Whatever is denied, nothing that failed passes, nothing vanishes and nothing is decided that was not before.
#![allow(
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use palisade_core::State;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use support::*;

const BODIES: [&str; 4] = [
    "subject = 'aws_sqs_queue'\nrequire = 'coalesce(encrypted, false)'",
    "subject = 'aws_sqs_queue'\nrequire = 'not coalesce(encrypted, false)'",
    "subject = 'aws_sqs_queue'\napplies = 'coalesce(size, 0) > 3'\nrequire = 'encrypted'",
    "subject = { sql = \"select a.arn, a.account_id, a.region, count(q.arn) filter (where q.encrypted) as bad from aws_account a left join aws_sqs_queue q on q.account_id = a.account_id group by 1, 2, 3\" }\nrequire = 'bad = 0'",
];

/// The estate of some queues; those whose number is in `denied` could not be read, nor could regions listed there.
fn estate(queues: &[(bool, i64)], denied: &[usize], no_list: bool) -> Estate {
    let mut estate = Estate::new(&[account(ONE, &["eu-west-1", "us-east-1"])]);
    estate.call(ONE, "us-east-1", "sts:GetCallerIdentity", "{}", "ok");
    estate.row(
        "aws_account",
        "sts:GetCallerIdentity",
        json!({ "account_id": ONE, "region": "us-east-1", "arn": "root" }),
    );
    estate.call(ONE, "us-east-1", "sqs:ListQueues", "{}", "ok");
    let outcome = if no_list { "denied" } else { "ok" };
    estate.call(ONE, "eu-west-1", "sqs:ListQueues", "{}", outcome);
    for (n, (encrypted, size)) in queues.iter().enumerate() {
        let region = if n % 2 == 0 { "eu-west-1" } else { "us-east-1" };
        if no_list && n % 2 == 0 {
            continue;
        }
        let name = format!("q{n}");
        if denied.contains(&n) {
            estate.queue(ONE, region, &name, "denied", &json!({}));
        } else {
            estate.queue(
                ONE,
                region,
                &name,
                "ok",
                &json!({ "encrypted": encrypted, "size": size }),
            );
        }
    }
    estate
}

fn by_resource(estate: &Estate) -> BTreeMap<(String, String), State> {
    let controls = BODIES
        .iter()
        .enumerate()
        .map(|(n, body)| control(&format!("c{n}"), body))
        .collect();
    ask(estate, &catalog(controls))
        .into_iter()
        .map(|f| {
            (
                (f.control.to_string(), f.resource.arn.clone()),
                f.verdict.state(),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_denied_call_decides_nothing(
        queues in prop::collection::vec((any::<bool>(), 0..8_i64), 0..8),
        denied in prop::collection::vec(0..8_usize, 0..4),
        no_list in any::<bool>(),
    ) {
        let whole = by_resource(&estate(&queues, &[], false));
        let partial = by_resource(&estate(&queues, &denied, no_list));
        for (key, before) in &whole {
            let after = partial.get(key);
            let unlisted = no_list && after.is_none();
            if unlisted {
                // Its region could not be listed: that is told in its place.
                let told = partial.iter().any(|((control, arn), state)| {
                    *control == key.0 && *state == State::Unknown && arn.contains(" in ")
                });
                prop_assert!(told || *before == State::NotApplicable, "{key:?} vanished: {partial:?}");
                continue;
            }
            let same_or_unknown = after == Some(before) || after == Some(&State::Unknown);
            prop_assert!(same_or_unknown, "{key:?}: {before} became {after:?}");
        }
        for (key, after) in &partial {
            prop_assert!(whole.contains_key(key) || *after == State::Unknown, "{key:?} was invented: {after}");
        }
    }
}

//! Policies and cases that anybody wrote: read in both modes, as every kind; decided; compared with themselves.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_iam::parse::{Mode, PolicyKind, json, policy_from_node};
use palisade_iam::{Comparison, Grammar, compare, simulate};

fuzz_target!(|data: &[u8]| {
    let answer = simulate(data);
    assert!(!answer.line.contains('\n'));
    let Ok(node) = json::read_bytes(data) else {
        return;
    };
    for kind in [
        PolicyKind::Identity,
        PolicyKind::Resource,
        PolicyKind::Trust,
        PolicyKind::ServiceControl,
        PolicyKind::ResourceControl,
        PolicyKind::Endpoint,
    ] {
        let strict = policy_from_node(&node, kind, Mode::Strict);
        let lenient = policy_from_node(&node, kind, Mode::Lenient);
        // What IAM takes, the lenient mode takes without a remark and in the same meaning.
        if let Ok(strict) = strict {
            assert_eq!(Ok(strict), lenient);
        }
    }
    if let Ok(policy) = policy_from_node(&node, PolicyKind::Identity, Mode::Lenient) {
        let same = compare(&policy.policy, &policy.policy, Grammar::Identity);
        assert!(!matches!(same, Comparison::NewAccess(_)));
    }
});

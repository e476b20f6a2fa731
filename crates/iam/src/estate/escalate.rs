//! The estate as escalation looks at it.

use super::admin::all_cover;
use super::{Estate, Seen, Subject, administrators};
use crate::escalation::{Field, Group, Node};
use crate::model::NamedPolicy;
use std::collections::BTreeMap;

/// The principals with what bears on escalation. Boundaries are told by whether they leave everything.
#[must_use]
pub fn field(estate: &Estate) -> Field {
    let trusts: BTreeMap<&str, Option<&NamedPolicy>> = estate
        .resources
        .iter()
        .filter(|found| found.kind == "AWS::IAM::Role")
        .filter_map(|found| match &found.policy {
            Seen::Told(policy) => Some((found.arn.as_str(), policy.as_ref())),
            Seen::Unseen(_) => None,
        })
        .collect();
    let nodes = administrators(estate)
        .into_iter()
        .map(|found| {
            let subject = found.subject;
            let trust = trusts.get(subject.arn.as_str()).copied().flatten();
            node(estate, subject, trust, found.everything)
        })
        .collect();
    let groups = estate
        .groups
        .iter()
        .map(|group| Group {
            arn: group.arn.clone(),
            account: group.account.clone(),
            administrator: match &group.unseen {
                Some(unseen) => Err(unseen.clone()),
                None => {
                    let member = format!("arn:aws:iam::{}:user/palisade-probe", group.account);
                    all_cover(&[&group.identity], "*", &member, &group.account)
                }
            },
        })
        .collect();
    let rcps = estate.accounts.iter();
    Field {
        nodes,
        groups,
        rcps: rcps
            .map(|(id, account)| (id.clone(), account.rcps.clone()))
            .collect(),
    }
}

fn node(
    estate: &Estate,
    subject: &Subject,
    trust: Option<&NamedPolicy>,
    administrator: Result<bool, String>,
) -> Node {
    let boundaries: Vec<&[NamedPolicy]> = subject
        .boundaries
        .iter()
        .map(std::slice::from_ref)
        .collect();
    let (context, domains) = estate.requests_of(subject, None);
    Node {
        arn: subject.arn.clone(),
        account: subject.account.clone(),
        layers: estate.layers(subject, None),
        trust: trust.cloned(),
        groups: subject.groups.clone(),
        attached: subject
            .identity
            .iter()
            .filter(|policy| policy.name.starts_with("arn:"))
            .map(|policy| policy.name.clone())
            .collect(),
        administrator,
        bounded: if boundaries.is_empty() {
            Ok(false)
        } else {
            all_cover(&boundaries, "*", &subject.arn, &subject.account).map(|whole| !whole)
        },
        context,
        domains,
    }
}

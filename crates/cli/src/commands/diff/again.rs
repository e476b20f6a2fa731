//! Whether a newer snapshot has looked where an older one has found something: what it has not looked at is not gone.

use palisade_core::catalog::{Catalog, Subject};
use palisade_core::finding::GLOBAL;
use palisade_core::snapshot::Manifest;
use palisade_core::{Finding, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the newer snapshot has looked at.
pub(super) struct Again<'c> {
    catalog: &'c Catalog,
    before: Scope,
    now: Scope,
    /// Tables that only the older one has.
    dropped: BTreeSet<String>,
    /// By control and account the regions of which nothing whole was seen, and why.
    blind: BTreeMap<(Arc<str>, String), BTreeMap<String, String>>,
}

/// The regions of each account in scope.
type Scope = BTreeMap<String, BTreeSet<String>>;

/// Whether a finding says only that nothing was asked: a table or a column that was not collected, an account that was not
/// reached.
pub(super) fn was_not_asked(finding: &Finding) -> bool {
    matches!(&finding.verdict, Verdict::Unknown(calls) if calls.is_empty())
}

/// Whether calls behind a finding were not answered, or not made.
fn was_not_measured(finding: &Finding) -> bool {
    let Verdict::Unknown(calls) = &finding.verdict else {
        return false;
    };
    calls.is_empty() || calls.iter().any(|call| !call.outcome.is_measured())
}

impl<'c> Again<'c> {
    pub(super) fn new(catalog: &'c Catalog, before: &Manifest, now: &Manifest) -> Self {
        let scope = |snapshot: &Manifest| -> Scope {
            let accounts = snapshot.accounts.iter();
            accounts
                .map(|account| {
                    (
                        account.id.clone(),
                        account.regions.iter().cloned().collect(),
                    )
                })
                .collect()
        };
        let tables = before.tables.keys();
        Self {
            catalog,
            before: scope(before),
            now: scope(now),
            dropped: tables
                .filter(|table| !now.tables.contains_key(*table))
                .cloned()
                .collect(),
            blind: BTreeMap::new(),
        }
    }

    /// Takes note of a finding of the newer snapshot. Rows of a table are listed or not: then a place stands for them. Rows
    /// of a query may be missing beside one of which not all is known.
    pub(super) fn take(&mut self, finding: &Finding) {
        if was_not_measured(finding)
            && (finding.resource.is_place() || self.asks_a_query(&finding.control))
        {
            let resource = &finding.resource;
            let key = (Arc::clone(&finding.control), resource.account_id.clone());
            let regions = self.blind.entry(key).or_default();
            regions
                .entry(resource.region.clone())
                .or_insert_with(|| finding.reason().into_owned());
        }
    }

    /// Why the newer snapshot says nothing of a finding that it lacks; nothing where it has looked.
    pub(super) fn why_not(&self, finding: &Finding) -> Option<String> {
        let (account, region) = (&finding.resource.account_id, &finding.resource.region);
        let Some(regions) = self.now.get(account) else {
            return Some(format!(
                "the account {account} is not in scope of the newer snapshot"
            ));
        };
        let was_in_scope = |scope: &BTreeSet<String>| scope.contains(region);
        if self.before.get(account).is_some_and(was_in_scope) && !regions.contains(region) {
            return Some(format!("{region} is not in scope of the newer snapshot"));
        }
        if let Some(table) = self.engine_lacks(&finding.resource.kind) {
            return Some(format!("`{table}` was not collected"));
        }
        let key = (Arc::clone(&finding.control), account.clone());
        let blind = self.blind.get(&key)?;
        let why = blind.get(region).or_else(|| blind.get(GLOBAL));
        // What has no region is seen by looking at all of them.
        let why = why.or_else(|| blind.values().next().filter(|_| region == GLOBAL));
        why.cloned()
    }

    /// A table that the engine of a derived table reads and only the older snapshot has.
    fn engine_lacks(&self, table: &str) -> Option<&String> {
        let derived = self.catalog.derived.get(table)?;
        derived
            .reads
            .keys()
            .find(|base| self.dropped.contains(*base))
    }

    fn asks_a_query(&self, control: &str) -> bool {
        let control = self.catalog.controls.get(control);
        control.is_some_and(|c| matches!(c.subject, Subject::Query(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use palisade_core::{CallRef, Grounds, Measured, Outcome, Resource, Severity};

    const HERE: &str = "111122223333";
    const THERE: &str = "222233334444";

    fn call(outcome: Outcome) -> CallRef {
        CallRef {
            id: "0".to_owned(),
            operation: "sqs:ListQueues".to_owned(),
            outcome,
            code: None,
        }
    }

    fn finding(resource: Resource, verdict: Verdict, reason: &str) -> Finding {
        let (control, severity) = ("sqs-queue-encrypted".into(), Severity::Low);
        let grounds = Grounds::unseen(reason.to_owned());
        Finding::new(control, severity, resource, verdict, grounds)
    }

    fn queue(account: &str, region: &str) -> Finding {
        let resource = Resource {
            arn: format!("arn:aws:sqs:{region}:{account}:q"),
            name: "q".to_owned(),
            ..Resource::place("aws_sqs_queue", account, region)
        };
        let measured = Measured::new([call(Outcome::Ok)]).unwrap();
        finding(resource, Verdict::Fail(measured), "")
    }

    fn snapshot(accounts: &[(&str, &[&str])], tables: &[&str]) -> Manifest {
        let accounts: Vec<_> = accounts
            .iter()
            .map(|(id, regions)| serde_json::json!({ "id": id, "regions": regions }))
            .collect();
        let file = serde_json::json!({ "rows": 0, "sha256": "" });
        let tables = tables
            .iter()
            .map(|table| ((*table).to_owned(), file.clone()));
        let tables: serde_json::Map<_, _> = tables.collect();
        serde_json::from_value(serde_json::json!({
            "format": 1, "palisade": "0.1.0", "taken_at": "2026-01-01T00:00:00Z",
            "accounts": accounts, "tables": tables, "ledger": file,
        }))
        .unwrap()
    }

    #[test]
    fn what_was_not_looked_at_is_not_gone() {
        let catalog = Catalog::embedded().unwrap();
        let all = ["eu-west-1", "eu-west-2", "us-east-1"];
        let mut again = Again::new(
            &catalog,
            &snapshot(
                &[(HERE, &all), (THERE, &all)],
                &["aws_sqs_queue", "aws_s3_bucket"],
            ),
            &snapshot(&[(HERE, &["eu-west-1", "us-east-1"])], &["aws_s3_bucket"]),
        );
        // An engine that had queues to look at has none now.
        let mut outside = queue(HERE, "eu-west-1");
        Arc::make_mut(&mut outside.resource).kind = "iam_external_access".to_owned();
        assert_eq!(
            again.why_not(&outside).unwrap(),
            "`aws_sqs_queue` was not collected"
        );
        Arc::make_mut(&mut outside.resource).kind = "iam_unused".to_owned();
        assert_eq!(again.why_not(&outside), None);
        let why = |again: &Again<'_>, account, region| again.why_not(&queue(account, region));
        assert_eq!(why(&again, HERE, "eu-west-1"), None);
        assert_eq!(
            why(&again, HERE, "eu-west-2").unwrap(),
            "eu-west-2 is not in scope of the newer snapshot"
        );
        assert!(
            why(&again, THERE, "eu-west-1")
                .unwrap()
                .contains("222233334444 is not in scope")
        );
        // A region that was never in scope is that of a resource which is told of wherever it lies.
        assert_eq!(why(&again, HERE, "ap-south-1"), None);

        let place = Resource::place("aws_sqs_queue", HERE, "us-east-1");
        let denied = Verdict::Unknown([call(Outcome::Denied)].into());
        again.take(&finding(place, denied, "sqs:ListQueues was denied"));
        assert_eq!(
            why(&again, HERE, "us-east-1").unwrap(),
            "sqs:ListQueues was denied"
        );
        assert_eq!(why(&again, HERE, "eu-west-1"), None);
        // Of one queue the attributes were denied: the others were listed.
        let mut one = queue(HERE, "eu-west-1");
        one.verdict = Verdict::Unknown([call(Outcome::Denied)].into());
        again.take(&one);
        assert_eq!(why(&again, HERE, "eu-west-1"), None);

        let place = Resource::place("aws_sqs_queue", HERE, GLOBAL);
        let silent = finding(
            place,
            Verdict::Unknown([].into()),
            "`aws_sqs_queue` was not collected",
        );
        assert!(was_not_asked(&silent));
        again.take(&silent);
        assert_eq!(
            why(&again, HERE, "eu-west-1").unwrap(),
            "`aws_sqs_queue` was not collected"
        );
    }
}

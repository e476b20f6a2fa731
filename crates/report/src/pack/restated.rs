//! What has become of the statements of an earlier pack.

use super::Manifest;
use super::changes::{Restated, Restatement};
use jiff::tz::Offset;
use palisade_core::catalog::Attestation;

/// The statements of a pack, each once: several requirements may rest on one.
fn of(manifest: &Manifest) -> Vec<&Attestation> {
    let mut all: Vec<&Attestation> = Vec::new();
    for statement in manifest.requirements.iter().flat_map(|r| &r.statements) {
        if !all.contains(&statement) {
            all.push(statement);
        }
    }
    all
}

/// What has become of them.
pub(super) fn statements(before: &Manifest, now: &Manifest) -> Vec<Restated> {
    let day = |manifest: &Manifest| Offset::UTC.to_datetime(manifest.taken_at).date();
    let (then, today) = (day(before), day(now));
    let (mut old, new) = (of(before), of(now));
    let mut changes = Vec::new();
    let mut fresh = Vec::new();
    for statement in new {
        let Some(at) = old.iter().position(|o| *o == statement) else {
            fresh.push(statement);
            continue;
        };
        old.remove(at);
        if statement.expires >= then && statement.expires < today {
            changes.push(Restated {
                change: Restatement::Expired,
                statement: statement.clone(),
                before: None,
            });
        }
    }
    // What is left of the old ones was replaced, or is gone.
    for statement in fresh {
        let about = |a: &Attestation| (a.recommendation.clone(), a.account.clone());
        let replaced = old.iter().position(|o| about(o) == about(statement));
        let replaced = replaced.map(|at| old.remove(at).clone());
        changes.push(Restated {
            change: match replaced {
                Some(_) => Restatement::Changed,
                None => Restatement::New,
            },
            statement: statement.clone(),
            before: replaced,
        });
    }
    changes.extend(old.into_iter().map(|statement| Restated {
        change: Restatement::Gone,
        statement: statement.clone(),
        before: None,
    }));
    changes
}

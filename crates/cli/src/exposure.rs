//! What can be reached from outside, as the engines tell it.

use crate::terminal::Terminal;
use palisade_core::assess::Exposure;
use palisade_query::{QueryError, Session};
use serde_json::Value;

/// What the internet reaches, with the groups that let it in.
const REACHED: &str = "select account_id, arn, interface_id, resource_id, security_groups \
                       from network_exposure where verdict = 'reachable'";
/// What somebody outside the organization can use.
const USED: &str =
    "select distinct arn from iam_external_access where unknown is null and principal is not null";

/// Asks both engines. Without an answer nothing counts as exposed, and the user hears why: the order of steps is then
/// by severity and number alone.
pub(crate) fn exposure(session: &Session, terminal: &Terminal) -> Exposure {
    let mut found = Exposure::default();
    let asked = |sql: &str, take: &mut dyn FnMut(&Value)| -> Result<(), QueryError> {
        session.rows(sql)?.iter().for_each(take);
        Ok(())
    };
    let text = |row: &Value, name: &str| -> String {
        let value = row.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let reached = asked(REACHED, &mut |row| {
        let account = text(row, "account_id");
        found.arn(text(row, "arn"));
        let groups = row.get("security_groups").and_then(Value::as_array);
        let groups = groups.into_iter().flatten().filter_map(Value::as_str);
        for id in groups.chain(
            ["interface_id", "resource_id"]
                .map(|n| row.get(n).and_then(Value::as_str).unwrap_or_default()),
        ) {
            if !id.is_empty() {
                found.id(&account, id);
            }
        }
    });
    let used = asked(USED, &mut |row| found.arn(text(row, "arn")));
    for error in [reached.err(), used.err()].into_iter().flatten() {
        terminal.note(&format!("what is exposed is not known: {error}"));
    }
    found
}

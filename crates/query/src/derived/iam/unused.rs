//! What is unused, from what IAM's lists and its credential report tell.

use super::super::Inputs;
use super::answers::{Row as Answer, last, row};
use super::estate::{Row, text};
use jiff::Timestamp;
use palisade_iam::unused::{
    AccessKeyUse, PasswordUse, Report, RoleUse, Unused, Use, UserUse, Window, roles, users,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The period of the table, in days: the one that most guidance asks for.
const DAYS: u16 = 90;

/// Rows of `iam_unused`.
pub(super) fn rows(inputs: &Inputs) -> Result<Vec<Answer>, String> {
    let window = Window::new(inputs.now(), DAYS)?;
    let report = report(inputs, &window);
    let found = report.findings.iter().filter_map(|found| {
        let key = match &found.unused {
            Unused::AccessKey(id) => Some(id.as_str()),
            _ => None,
        };
        row(json!({
            "account_id": found.account,
            "arn": found.resource,
            "name": last(&found.resource),
            "finding_type": found.unused.name(),
            "access_key_id": key,
            "last_used": found.last.map(|at| at.to_string()),
            "days": DAYS,
        }))
    });
    let open = report.unknown.iter().filter_map(|open| {
        row(json!({
            "account_id": open.account,
            "arn": open.resource,
            "name": last(&open.resource),
            "finding_type": open.finding_type,
            "days": DAYS,
            "unknown": open.reason,
        }))
    });
    Ok(found.chain(open).collect())
}

/// Roles, users, passwords and keys that were not used in the period.
pub(super) fn report(inputs: &Inputs, window: &Window) -> Report {
    let mut report = roles(&all_roles(inputs), window);
    report.extend(users(&all_users(inputs), window));
    report
}

fn moment(row: &Row, name: &str) -> Option<Timestamp> {
    text(row, name)?.parse().ok()
}

fn owned(row: &Row, name: &str) -> String {
    text(row, name).unwrap_or_default().to_owned()
}

fn all_roles(inputs: &Inputs) -> Vec<RoleUse> {
    let role = |row: Row| {
        let used = row.get("role_last_used").and_then(Value::as_object);
        RoleUse {
            arn: owned(&row, "arn"),
            account: owned(&row, "account_id"),
            created: moment(&row, "create_date"),
            // An empty member, or none: the role was never used in the time that IAM keeps.
            last: Use::told(used.and_then(|used| moment(used, "last_used_date"))),
        }
    };
    let columns = &["arn", "account_id", "create_date", "role_last_used"];
    inputs.rows("aws_iam_role", columns).map(role).collect()
}

/// What is read of the credential report.
const REPORTED: &[&str] = &[
    "arn",
    "password_enabled",
    "password_last_changed",
    "password_last_used",
];

/// What is read of an access key.
const KEY: &[&str] = &[
    "account_id",
    "user_name",
    "access_key_id",
    "status",
    "create_date",
    "access_key_last_used_date",
];

fn all_users(inputs: &Inputs) -> Vec<UserUse> {
    let mut reported: BTreeMap<String, Row> = BTreeMap::new();
    for row in inputs.rows("aws_iam_credential_report", REPORTED) {
        reported.insert(owned(&row, "arn"), row);
    }
    let mut keys: BTreeMap<(String, String), Vec<AccessKeyUse>> = BTreeMap::new();
    for row in inputs.rows("aws_iam_access_key", KEY) {
        let account = owned(&row, "account_id");
        let key = access_key(inputs, &account, &row);
        let user = owned(&row, "user_name");
        keys.entry((account, user)).or_default().push(key);
    }
    let user = |row: Row| {
        let (arn, account) = (owned(&row, "arn"), owned(&row, "account_id"));
        let unlisted = |table: &str| inputs.unlisted(table, &account);
        let password = match (reported.get(&arn), unlisted("aws_iam_credential_report")) {
            (Some(line), _) => password(line),
            (None, Some(why)) => Err(why),
            (None, None) => Err("the credential report has no line of the user".to_owned()),
        };
        let own = keys.remove(&(account.clone(), owned(&row, "user_name")));
        let keys = match unlisted("aws_iam_access_key") {
            Some(why) if own.is_none() => Err(why),
            _ => Ok(own.unwrap_or_default()),
        };
        UserUse {
            created: moment(&row, "create_date"),
            arn,
            account,
            password,
            keys,
        }
    };
    let columns = &["arn", "account_id", "user_name", "create_date"];
    inputs.rows("aws_iam_user", columns).map(user).collect()
}

fn password(line: &Map<String, Value>) -> Result<Option<PasswordUse>, String> {
    match text(line, "password_enabled") {
        Some("true") => Ok(Some(PasswordUse {
            created: moment(line, "password_last_changed"),
            last: Use::reported(text(line, "password_last_used").unwrap_or_default()),
        })),
        Some("false" | "not_supported" | "N/A") => Ok(None),
        other => Err(format!(
            "the credential report says `{}` of the password",
            other.unwrap_or_default()
        )),
    }
}

fn access_key(inputs: &Inputs, account: &str, row: &Row) -> AccessKeyUse {
    let used = moment(row, "access_key_last_used_date");
    let untold = inputs.missing("iam:GetAccessKeyLastUsed", account, None);
    AccessKeyUse {
        id: owned(row, "access_key_id"),
        active: text(row, "status") != Some("Inactive"),
        created: moment(row, "create_date"),
        last: match (used, untold) {
            (Some(at), _) => Use::At(at),
            (None, Some(why)) => Use::NotTold(why),
            (None, None) => Use::Never,
        },
    }
}

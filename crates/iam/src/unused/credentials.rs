//! Roles, users and their credentials.

use jiff::Timestamp;

use super::{Judged, Report, Unused, Use, Window};

/// A role.
#[derive(Debug, Clone)]
pub struct RoleUse {
    /// Its ARN.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// `CreateDate`
    pub created: Option<Timestamp>,
    /// `RoleLastUsed`: IAM keeps it for 400 days (IAM API Reference, RoleLastUsed).
    pub last: Use,
}

/// A user.
#[derive(Debug, Clone)]
pub struct UserUse {
    /// Its ARN.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// `CreateDate`
    pub created: Option<Timestamp>,
    /// Its console password; an error says why it is not known whether it has one.
    pub password: Result<Option<PasswordUse>, String>,
    /// Its access keys; an error says why they are not known.
    pub keys: Result<Vec<AccessKeyUse>, String>,
}

/// A console password.
#[derive(Debug, Clone)]
pub struct PasswordUse {
    /// When it was made: the login profile's `CreateDate`, or the report's `password_last_changed`, which is no earlier.
    pub created: Option<Timestamp>,
    /// `PasswordLastUsed`
    pub last: Use,
}

/// An access key.
#[derive(Debug, Clone)]
pub struct AccessKeyUse {
    /// `AKIA...`; the credential report tells none: `access_key_1`.
    pub id: String,
    /// Whether it is active: one that is not signs nothing.
    pub active: bool,
    /// `CreateDate`
    pub created: Option<Timestamp>,
    /// `LastUsedDate` of `GetAccessKeyLastUsed`.
    pub last: Use,
}

/// Roles without a use in the period. Service-linked roles are left out: only their service can do without them
/// ("Create a service-linked role", IAM User Guide).
#[must_use]
pub fn roles(roles: &[RoleUse], window: &Window) -> Report {
    let mut report = Report::default();
    for role in roles {
        if role.arn.contains(":role/aws-service-role/") {
            continue;
        }
        let judged = window.judge(role.created, &role.last);
        report.add(&role.arn, &role.account, Unused::Role, judged);
    }
    report
}

/// Users, passwords and active access keys without a use in the period.
#[must_use]
pub fn users(users: &[UserUse], window: &Window) -> Report {
    let mut report = Report::default();
    for user in users {
        let mut all = Vec::new();
        match &user.password {
            Ok(None) => {}
            Ok(Some(password)) => {
                let judged = window.judge(password.created, &password.last);
                all.push(judged.clone());
                report.add(&user.arn, &user.account, Unused::Password, judged);
            }
            Err(reason) => {
                let judged = Judged::Unknown(reason.clone());
                all.push(judged.clone());
                report.add(&user.arn, &user.account, Unused::Password, judged);
            }
        }
        match &user.keys {
            Ok(keys) => {
                for key in keys {
                    let judged = window.judge(key.created, &key.last);
                    all.push(judged.clone());
                    if key.active {
                        let unused = Unused::AccessKey(key.id.clone());
                        report.add(&user.arn, &user.account, unused, judged);
                    }
                }
            }
            Err(reason) => {
                let judged = Judged::Unknown(reason.clone());
                all.push(judged.clone());
                let unused = Unused::AccessKey(String::new());
                report.add(&user.arn, &user.account, unused, judged);
            }
        }
        let judged = together(&all, window.judge(user.created, &Use::Never));
        report.add(&user.arn, &user.account, Unused::User, judged);
    }
    report
}

/// A user is used with any of its credentials, and unused with none of them. `without`: what it is with none at all.
fn together(credentials: &[Judged], without: Judged) -> Judged {
    if without == Judged::Used || credentials.contains(&Judged::Used) {
        return Judged::Used;
    }
    let unknown = credentials
        .iter()
        .find(|judged| matches!(judged, Judged::Unknown(_)));
    if let Some(unknown) = unknown {
        return unknown.clone();
    }
    let last = credentials.iter().filter_map(|judged| match judged {
        Judged::Unused(last) => *last,
        Judged::Used | Judged::Unknown(_) => None,
    });
    match last.max() {
        Some(last) => Judged::Unused(Some(last)),
        None => without,
    }
}

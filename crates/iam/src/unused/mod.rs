//! What has not been used for a while: roles, users, passwords, access keys, and permissions, in the words of IAM Access
//! Analyzer's unused access findings ("Findings for unused access", IAM User Guide).
//!
//! IAM tells a last use for 400 days back ("Refine permissions in AWS using last accessed information"), so a period of
//! up to 365 days is decided by what it tells. What was created within the period is not unused, and what was not told
//! is unknown, with the reason.

mod credentials;
mod document;
mod permissions;
mod read;

pub use credentials::{AccessKeyUse, PasswordUse, RoleUse, UserUse, roles, users};
pub use permissions::{
    ActionAccessed, Events, LastAccessed, ServiceAccessed, UnusedAction, UnusedService, permissions,
};
pub use read::last_accessed;

use jiff::{SignedDuration, Timestamp};

/// The longest period that IAM's records cover whole: Access Analyzer takes no longer one either.
pub const LONGEST: u16 = 365;

/// The period that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    days: u16,
    since: Timestamp,
    until: Timestamp,
}

impl Window {
    /// The `days` before the moment at which the data was collected.
    ///
    /// # Errors
    /// No days, or more than IAM's records cover.
    pub fn new(until: Timestamp, days: u16) -> Result<Self, String> {
        if days == 0 || days > LONGEST {
            return Err(format!("a period has 1 to {LONGEST} days, not {days}"));
        }
        let since = until
            .checked_sub(SignedDuration::from_hours(24 * i64::from(days)))
            .map_err(|_| format!("there are no {days} days before {until}"))?;
        Ok(Self { days, since, until })
    }

    /// How many days.
    #[must_use]
    pub fn days(&self) -> u16 {
        self.days
    }

    /// Its first moment.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Its last moment.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }
}

/// What is known of the last use of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// It was used then, and not later.
    At(Timestamp),
    /// IAM has no use on record.
    Never,
    /// This was not told, and why.
    NotTold(String),
}

impl Use {
    /// A moment that may be missing where it was told that there is none.
    #[must_use]
    pub fn told(last: Option<Timestamp>) -> Self {
        last.map_or(Self::Never, Self::At)
    }

    /// A cell of the credential report: a moment, `N/A` or `no_information`
    /// ("Get credential reports for your AWS account", IAM User Guide).
    #[must_use]
    pub fn reported(text: &str) -> Self {
        match text.trim() {
            "N/A" | "no_information" => Self::Never,
            other => other.parse().map_or_else(
                |_| Self::NotTold(format!("the credential report says `{other}`")),
                Self::At,
            ),
        }
    }
}

/// What is unused.
#[derive(Debug, Clone)]
pub enum Unused {
    /// A role.
    Role,
    /// A user with all credentials. Access Analyzer has no finding of this type.
    User,
    /// A user's access key: its id.
    AccessKey(String),
    /// A user's console password.
    Password,
    /// Permissions, service by service.
    Permissions(Vec<UnusedService>),
}

impl Unused {
    /// `UnusedIAMRole`, `UnusedIAMUserAccessKey`, ...
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Role => "UnusedIAMRole",
            Self::User => "UnusedIAMUser",
            Self::AccessKey(_) => "UnusedIAMUserAccessKey",
            Self::Password => "UnusedIAMUserPassword",
            Self::Permissions(_) => "UnusedPermission",
        }
    }
}

/// A finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The ARN of the user or role.
    pub resource: String,
    /// Its account.
    pub account: String,
    /// What of it.
    pub unused: Unused,
    /// Its last use, before the period; `None`: none on record. Permissions tell theirs one by one.
    pub last: Option<Timestamp>,
}

/// What could not be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The ARN of the user or role.
    pub resource: String,
    /// Its account.
    pub account: String,
    /// The type that a finding would have.
    pub finding_type: &'static str,
    /// Why.
    pub reason: String,
}

/// The answer.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What is unused.
    pub findings: Vec<Finding>,
    /// What is not known.
    pub unknown: Vec<Open>,
}

impl Report {
    /// Adds another's.
    pub fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.unknown.extend(other.unknown);
    }

    fn add(&mut self, resource: &str, account: &str, unused: Unused, judged: Judged) {
        match judged {
            Judged::Used => {}
            Judged::Unused(last) => self.findings.push(Finding {
                resource: resource.to_owned(),
                account: account.to_owned(),
                unused,
                last,
            }),
            Judged::Unknown(reason) => self.unknown.push(Open {
                resource: resource.to_owned(),
                account: account.to_owned(),
                finding_type: unused.name(),
                reason,
            }),
        }
    }
}

/// What becomes of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Judged {
    /// Used within the period, or too young to be unused.
    Used,
    Unused(Option<Timestamp>),
    Unknown(String),
}

impl Window {
    fn judge(&self, created: Option<Timestamp>, last: &Use) -> Judged {
        let young = created.is_some_and(|created| created > self.since);
        match last {
            Use::At(moment) if *moment >= self.since => Judged::Used,
            Use::At(moment) => Judged::Unused(Some(*moment)),
            _ if young => Judged::Used,
            Use::NotTold(reason) => Judged::Unknown(reason.clone()),
            Use::Never if created.is_some() => Judged::Unused(None),
            Use::Never => Judged::Unknown(format!(
                "no use is on record, but when it was created was not told, and what is younger than {} days is not unused",
                self.days
            )),
        }
    }
}

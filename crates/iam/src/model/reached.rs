//! Which accounts a policy can let in: those of all others need not be asked.

use super::{Condition, Effect, Policy, PrincipalEntry, Statement};
use std::collections::BTreeSet;

/// Keys that tell the caller's account ("AWS global condition context keys"; "kms:CallerAccount", KMS Developer Guide).
const ACCOUNT_KEYS: [&str; 2] = ["aws:principalaccount", "kms:calleraccount"];

/// The accounts whose principals a policy can let in; more may stand there than it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// Principals of any account.
    Anywhere,
    /// Those of these accounts alone.
    Accounts(BTreeSet<String>),
}

impl Policy {
    /// The accounts that the statements name.
    #[must_use]
    pub fn reached(&self) -> Reached {
        let mut accounts = BTreeSet::new();
        for statement in &self.statements {
            if statement.effect == Effect::Allow && !statement.reached(&mut accounts) {
                return Reached::Anywhere;
            }
        }
        Reached::Accounts(accounts)
    }
}

impl Statement {
    /// Whether only the accounts that were added are let in.
    fn reached(&self, accounts: &mut BTreeSet<String>) -> bool {
        if let Some(fixed) = self.conditions.iter().find_map(fixed) {
            accounts.extend(fixed.iter().cloned());
            return true;
        }
        let Some(clause) = self.principal.as_ref().filter(|clause| !clause.negated) else {
            return false;
        };
        clause.entries.iter().all(|entry| match entry {
            PrincipalEntry::Account(text) | PrincipalEntry::Arn(text) => {
                let account = text.split(':').nth(4).unwrap_or(text);
                accounts.insert(account.to_owned());
                super::is_account(account)
            }
            PrincipalEntry::Service(_) | PrincipalEntry::Federated(_) => true,
            PrincipalEntry::Everyone
            | PrincipalEntry::UniqueId(_)
            | PrincipalEntry::CanonicalUser(_) => false,
        })
    }
}

/// The accounts that a condition leaves, where it tells them by name.
fn fixed(condition: &Condition) -> Option<&[String]> {
    let named = condition.operator_text.eq_ignore_ascii_case("StringEquals")
        && ACCOUNT_KEYS.contains(&condition.key.as_str())
        && condition.values.iter().all(|id| super::is_account(id));
    named.then_some(condition.values.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Mode, PolicyKind, read_policy};

    fn of(principal: &str, condition: &str) -> Reached {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}},
                {{"Effect":"Allow","Principal":{principal},"Action":"kms:*","Resource":"*","Condition":{condition}}}]}}"#
        );
        read_policy(&text, PolicyKind::Resource, Mode::Lenient)
            .unwrap()
            .policy
            .reached()
    }

    #[test]
    fn the_accounts_that_are_named() {
        let one = Reached::Accounts(BTreeSet::from(["111122223333".to_owned()]));
        for principal in [
            r#"{"AWS":"111122223333"}"#,
            r#"{"AWS":"arn:aws:iam::111122223333:root"}"#,
            r#"{"AWS":["arn:aws:iam::111122223333:role/a/b"],"Service":"s3.amazonaws.com"}"#,
        ] {
            assert_eq!(of(principal, "{}"), one, "{principal}");
        }
        let everyone = r#"{"AWS":"*"}"#;
        let by = r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#;
        assert_eq!(of(everyone, by), one);
        for open in [
            "{}",
            r#"{"StringEqualsIfExists":{"kms:CallerAccount":"111122223333"}}"#,
            r#"{"StringEquals":{"kms:CallerAccount":"${aws:username}"}}"#,
            r#"{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}"#,
            r#"{"StringLike":{"aws:PrincipalAccount":"1111*"}}"#,
        ] {
            assert_eq!(of(everyone, open), Reached::Anywhere, "{open}");
        }
        assert_eq!(
            of(r#"{"AWS":"AROAEXAMPLEID12345678"}"#, "{}"),
            Reached::Anywhere
        );
    }
}

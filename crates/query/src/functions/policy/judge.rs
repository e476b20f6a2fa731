//! A policy's text to a word: the access engine's check for public access.

use palisade_iam::checks::{Outcome, no_public_access};
use palisade_iam::model::{Effect, Policy, PrincipalEntry};
use palisade_iam::parse::{Mode, PolicyKind, read_policy};

/// How open a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Openness {
    /// Only named principals, or nobody.
    Closed,
    /// Everyone, but each on conditions that no stranger fulfils, or less what other statements deny.
    Bound,
    /// A stranger has a request that is allowed.
    Open,
}

impl Openness {
    /// The word in SQL.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Bound => "bound",
            Self::Open => "open",
        }
    }
}

/// The openness of a policy document ("The meaning of public", S3 User Guide); `None` where the text is no policy, or
/// the engine does not decide it.
pub(super) fn openness(text: &str) -> Option<Openness> {
    let policy = read_policy(text, PolicyKind::Resource, Mode::Lenient)
        .ok()?
        .policy;
    match no_public_access(&policy) {
        Outcome::Pass if names_everyone(&policy) => Some(Openness::Bound),
        Outcome::Pass => Some(Openness::Closed),
        Outcome::Fail(_) => Some(Openness::Open),
        Outcome::Unknown(_) => None,
    }
}

/// Whether a statement lets everyone in, but for its conditions. `NotPrincipal` does: all but the few that it names.
fn names_everyone(policy: &Policy) -> bool {
    let mut allows = policy
        .statements
        .iter()
        .filter(|s| s.effect == Effect::Allow);
    allows.any(|statement| {
        statement
            .principal
            .as_ref()
            .is_some_and(|p| p.negated || p.entries.contains(&PrincipalEntry::Everyone))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(statements: &str) -> Option<&'static str> {
        let text = format!("{{\"Version\":\"2012-10-17\",\"Statement\":{statements}}}");
        openness(&text).map(Openness::as_str)
    }

    fn allow(principal: &str) -> String {
        format!(r#"{{"Effect":"Allow",{principal},"Action":"s3:GetObject","Resource":"*"}}"#)
    }

    fn everyone_if(condition: &str) -> Option<&'static str> {
        of(&format!(
            r#"[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{condition}}}]"#
        ))
    }

    #[test]
    fn everyone_in_every_spelling() {
        for principal in [
            r#""*""#,
            r#"{"AWS":"*"}"#,
            r#"{"AWS":["111122223333","*"]}"#,
        ] {
            let statement = allow(&format!("\"Principal\":{principal}"));
            assert_eq!(of(&statement), Some("open"), "{statement}");
            assert_eq!(of(&format!("[{statement}]")), Some("open"));
        }
        let all_but = allow(r#""NotPrincipal":{"AWS":"111122223333"}"#);
        assert_eq!(of(&all_but), Some("open"));
        assert_eq!(everyone_if("{}"), Some("open"));
    }

    #[test]
    fn named_principals_are_closed() {
        let service = allow(r#""Principal":{"Service":"s3.amazonaws.com"}"#);
        assert_eq!(of(&service), Some("closed"));
        let nobody = r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#;
        assert_eq!(of(nobody), Some("closed"));
    }

    #[test]
    fn conditions_that_strangers_fulfil_bind_nobody() {
        for condition in [
            r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#,
            r#"{"StringLike":{"aws:PrincipalOrgID":"*"}}"#,
            r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a"}}"#,
        ] {
            assert_eq!(everyone_if(condition), Some("open"), "{condition}");
        }
        for condition in [
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}"#,
            r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:t"}}"#,
        ] {
            assert_eq!(everyone_if(condition), Some("bound"), "{condition}");
        }
    }

    #[test]
    fn the_widest_statement_counts_less_what_is_denied() {
        let open = allow(r#""Principal":"*""#);
        let bound = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}}"#;
        let strangers = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}}"#;
        let no_tls = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
        assert_eq!(of(&format!("[{bound},{open}]")), Some("open"));
        assert_eq!(of(&format!("[{open},{strangers}]")), Some("bound"));
        assert_eq!(of(&format!("[{open},{no_tls}]")), Some("open"));
    }

    #[test]
    fn what_is_no_policy_is_no_verdict() {
        for text in [
            "",
            "<html>",
            "null",
            "[]",
            "7",
            r#"{"Statement":"x"}"#,
            r#"{"Statement":[7]}"#,
            r#"{"Statement":[{"Effect":"maybe","Principal":"*","Action":"*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":7,"Action":"*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":"x"}]}"#,
        ] {
            assert_eq!(openness(text), None, "{text}");
        }
        assert_eq!(openness(&"[".repeat(100_000)), None);
        // The engine reads an effect in any letters: what AWS would not take is not called closed.
        let small =
            r#"{"Statement":[{"Effect":"allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
        assert_eq!(openness(small), Some(Openness::Open));
    }
}

//! Statements to a verdict.

use super::bind;
use serde_json::{Map, Value};

/// How open a policy is, from the narrowest to the widest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Openness {
    /// Only named principals, or nobody.
    Closed,
    /// Everyone, but each on a condition that binds the caller to an account, organization or source.
    Bound,
    /// Everyone on some other condition, or everyone with a deny against strangers.
    Conditional,
    /// Everyone.
    Open,
}

impl Openness {
    /// The word in SQL.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Bound => "bound",
            Self::Conditional => "conditional",
            Self::Open => "open",
        }
    }
}

/// The openness of a policy document; `None` if it can't be read whole and what can be read is not open.
///
/// The rules: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
/// A service principal is a named principal.
pub(super) fn openness(text: &str) -> Option<Openness> {
    let document: Value = serde_json::from_str(text).ok()?;
    let statements = match document.get("Statement")? {
        Value::Array(list) => list.as_slice(),
        one @ Value::Object(_) => std::slice::from_ref(one),
        _ => return None,
    };
    let mut worst = Openness::Closed;
    let mut readable = true;
    let mut guarded = false;
    for statement in statements {
        match read(statement) {
            Some(Door::Allow(openness)) => worst = worst.max(openness),
            Some(Door::DenyStrangers) => guarded = true,
            Some(Door::DenySome) => {}
            None => readable = false,
        }
    }
    match worst {
        // Whether the deny covers the same actions and resources is the access engine's question.
        Openness::Open if guarded => readable.then_some(Openness::Conditional),
        Openness::Open => Some(Openness::Open),
        other => readable.then_some(other),
    }
}

enum Door {
    Allow(Openness),
    DenyStrangers,
    DenySome,
}

fn read(statement: &Value) -> Option<Door> {
    let statement = statement.as_object()?;
    let everyone = names_everyone(statement)?;
    let condition = match statement.get("Condition") {
        None | Some(Value::Null) => None,
        Some(Value::Object(members)) if members.is_empty() => None,
        Some(Value::Object(members)) => Some(members),
        Some(_) => return None,
    };
    match statement.get("Effect")?.as_str()? {
        "Allow" => Some(Door::Allow(match (everyone, condition) {
            (false, _) => Openness::Closed,
            (true, None) => Openness::Open,
            (true, Some(c)) if bind::binds(c) => Openness::Bound,
            (true, Some(_)) => Openness::Conditional,
        })),
        "Deny" => Some(match (everyone, condition) {
            (true, None) => Door::DenyStrangers,
            (true, Some(c)) if bind::excludes_strangers(c) => Door::DenyStrangers,
            _ => Door::DenySome,
        }),
        _ => None,
    }
}

/// Whether the statement speaks of everyone. `NotPrincipal` does: all but the few that it names.
fn names_everyone(statement: &Map<String, Value>) -> Option<bool> {
    if statement.contains_key("NotPrincipal") {
        return Some(true);
    }
    match statement.get("Principal")? {
        Value::String(name) => Some(name == "*"),
        Value::Object(kinds) => {
            let mut everyone = false;
            for names in kinds.values() {
                everyone |= has_star(names)?;
            }
            Some(everyone)
        }
        names @ Value::Array(_) => has_star(names),
        _ => None,
    }
}

fn has_star(names: &Value) -> Option<bool> {
    let mut star = false;
    for name in bind::texts(names)? {
        star |= name == "*";
    }
    Some(star)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(statements: &str) -> Option<&'static str> {
        openness(&format!("{{\"Statement\":{statements}}}")).map(Openness::as_str)
    }

    fn everyone_if(condition: &str) -> Option<&'static str> {
        of(&format!(
            r#"[{{"Effect":"Allow","Principal":"*","Action":"x:Y","Condition":{condition}}}]"#
        ))
    }

    #[test]
    fn everyone_in_every_spelling() {
        for principal in [
            r#""*""#,
            r#"{"AWS":"*"}"#,
            r#"{"AWS":["111122223333","*"]}"#,
            r#"["*"]"#,
        ] {
            let statement = format!(r#"{{"Effect":"Allow","Principal":{principal}}}"#);
            assert_eq!(of(&statement), Some("open"), "{statement}");
            assert_eq!(of(&format!("[{statement}]")), Some("open"));
        }
        assert_eq!(
            of(r#"{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"}}"#),
            Some("open")
        );
        assert_eq!(everyone_if("{}"), Some("open"));
        assert_eq!(everyone_if("null"), Some("open"));
    }

    #[test]
    fn named_principals_are_closed() {
        assert_eq!(of("[]"), Some("closed"));
        assert_eq!(
            of(r#"{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"}}"#),
            Some("closed")
        );
        assert_eq!(
            of(r#"{"Effect":"Deny","Principal":"*","Action":"*"}"#),
            Some("closed")
        );
    }

    #[test]
    fn the_widest_statement_counts() {
        let bound = r#"{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}}"#;
        let open = r#"{"Effect":"Allow","Principal":"*"}"#;
        assert_eq!(of(&format!("[{bound}]")), Some("bound"));
        assert_eq!(of(&format!("[{bound},{open}]")), Some("open"));
        assert_eq!(of(&format!("[{open},{bound}]")), Some("open"));
    }

    #[test]
    fn conditions_that_bind_nobody_are_no_answer() {
        for condition in [
            r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
            r#"{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}"#,
            r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}"#,
            r#"{"StringLike":{"aws:PrincipalOrgID":"*"}}"#,
        ] {
            assert_eq!(everyone_if(condition), Some("conditional"), "{condition}");
        }
    }

    #[test]
    fn a_deny_against_strangers_makes_open_a_question() {
        let open = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*"}"#;
        let strangers = r#"{"Effect":"Deny","Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a"}}}"#;
        let no_tls = r#"{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
        assert_eq!(of(&format!("[{open},{strangers}]")), Some("conditional"));
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
            "{}",
            r#"{"Statement":"x"}"#,
            r#"{"Statement":[7]}"#,
            r#"{"Statement":[{"Effect":"Allow"}]}"#,
            r#"{"Statement":[{"Principal":"*"}]}"#,
            r#"{"Statement":[{"Effect":"allow","Principal":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":7}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":[7]}}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Condition":"x"}]}"#,
        ] {
            assert_eq!(openness(text), None, "{text}");
        }
        // One open door is enough, whatever the rest says.
        assert_eq!(
            of(r#"[{"Effect":"Allow","Principal":"*"},7]"#),
            Some("open")
        );
        assert_eq!(openness(&"[".repeat(100_000)), None);
    }
}

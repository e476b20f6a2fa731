//! What a secret looks like. A small recogniser: it says why a value deserves a look, not that it is live.

/// The kinds of secrets that a text holds, sorted. The name is that of the variable or member the text belongs to.
///
/// `aws_access_key_id`, `aws_secret_access_key`, `connection_string`, `password`, `private_key`, `token`.
#[must_use]
pub fn kinds(name: &str, text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    if has_access_key(text) {
        found.push("aws_access_key_id");
    }
    if has_secret_key(name, text) {
        found.push("aws_secret_access_key");
    }
    if has_connection_string(text) {
        found.push("connection_string");
    }
    if is_password(name, text) || has_password(text) {
        found.push("password");
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        found.push("private_key");
    }
    if has_token(text) {
        found.push("token");
    }
    found
}

/// Words of a text: runs of what keys and tokens are made of.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=_-.".contains(c)))
        .filter(|w| !w.is_empty())
}

/// Prefixes and length: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
fn has_access_key(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| {
        w.len() == 20
            && (w.starts_with("AKIA") || w.starts_with("ASIA"))
            && w.bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    })
}

fn has_secret_key(name: &str, text: &str) -> bool {
    let near = |t: &str| {
        let t = t.to_ascii_lowercase();
        t.contains("secret")
            || t.contains("aws")
            || t.contains("access_key")
            || t.contains("accesskey")
    };
    if !near(name) && !near(text) {
        return false;
    }
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '+' || c == '/'))
        .any(|w| w.len() == 40 && is_random(w))
}

/// Upper, lower and digits, and at least 4 bits for each character: no word, no hexadecimal hash.
fn is_random(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.bytes().any(|b| test(&b));
    if !(has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)) {
        return false;
    }
    let mut counts = [0u32; 128];
    let mut total = 0.0f64;
    for byte in word.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
            total += 1.0;
        }
    }
    let entropy: f64 = counts
        .iter()
        .filter(|c| **c > 0)
        .map(|c| {
            let share = f64::from(*c) / total;
            -share * share.log2()
        })
        .sum();
    entropy >= 4.0
}

fn has_token(text: &str) -> bool {
    const PREFIXES: [(&str, usize); 12] = [
        ("ghp_", 30),
        ("gho_", 30),
        ("ghs_", 30),
        ("github_pat_", 30),
        ("glpat-", 20),
        ("xoxb-", 20),
        ("xoxp-", 20),
        ("sk_live_", 20),
        ("rk_live_", 20),
        ("npm_", 30),
        ("SG.", 40),
        ("AIza", 35),
    ];
    words(text).any(|word| {
        // `key=token` is one word by its letters.
        let word = word.rsplit('=').find(|w| !w.is_empty()).unwrap_or(word);
        let known = PREFIXES
            .iter()
            .any(|(prefix, length)| word.starts_with(prefix) && word.len() >= *length);
        // A signed JSON web token: three parts, the first is base64 of `{"`.
        known || (word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() > 40)
    })
}

/// `scheme://user:password@host`
fn has_connection_string(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let rest = text.get(at + 3..).unwrap_or_default();
        let authority = rest
            .split(|c: char| c.is_whitespace() || "/?#\"'<>`".contains(c))
            .next()
            .unwrap_or_default();
        let Some((user, _host)) = authority.rsplit_once('@') else {
            return false;
        };
        matches!(user.split_once(':'), Some((_, password)) if is_value(password))
    })
}

const NAMES: [&str; 7] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "api_key",
    "apikey",
];

/// A variable whose name says that its value is secret.
fn is_password(name: &str, text: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let named = NAMES.iter().any(|n| name.contains(n)) || name.ends_with("_token");
    // `SECRET_ARN`, `PASSWORD_PARAMETER`: the name of where the secret is kept.
    let pointer = [
        "_arn",
        "_name",
        "_id",
        "_parameter",
        "_path",
        "_file",
        "_key_id",
    ]
    .iter()
    .any(|end| name.ends_with(end));
    named && !pointer && is_value(text) && !text.contains(char::is_whitespace)
}

/// `PASSWORD=value`, `passwd: value`, `"password": "value"` inside a text.
fn has_password(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    NAMES.iter().take(5).any(|name| {
        lower.match_indices(name).any(|(at, _)| {
            let rest = text.get(at + name.len()..).unwrap_or_default();
            let rest = rest.trim_start_matches(['"', '\'', ' ']);
            let Some(rest) = rest.strip_prefix(['=', ':']) else {
                return false;
            };
            let rest = rest.trim_start_matches(['"', '\'', ' ']);
            let value = rest
                .split(|c: char| c.is_whitespace() || "\"',;&".contains(c))
                .next()
                .unwrap_or_default();
            is_value(value)
        })
    })
}

/// Not empty, no reference to where the secret is kept, no placeholder.
fn is_value(text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    const REFERENCES: [&str; 9] = [
        "$",
        "{{",
        "<",
        "arn:",
        "ssm:",
        "secretsmanager:",
        "%",
        "{resolve",
        "vault:",
    ];
    const PLACEHOLDERS: [&str; 14] = [
        "changeme",
        "example",
        "none",
        "null",
        "true",
        "false",
        "password",
        "secret",
        "placeholder",
        "redacted",
        "xxx",
        "todo",
        "dummy",
        "undefined",
    ];
    text.len() >= 4
        && !REFERENCES.iter().any(|r| lower.starts_with(r))
        && !PLACEHOLDERS.contains(&lower.as_str())
        && !lower.bytes().all(|b| b == b'*' || b == b'x')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_recognised() {
        for (name, text, kind) in [
            ("", "key AKIAIOSFODNN7EXAMPLE here", "aws_access_key_id"),
            (
                "AWS_SECRET_ACCESS_KEY",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "aws_secret_access_key",
            ),
            ("", "-----BEGIN RSA PRIVATE KEY-----\nMIIE", "private_key"),
            ("", "export PASSWORD=hunter22", "password"),
            ("", "passwd: hunter22", "password"),
            ("", "{\"password\": \"hunter22\"}", "password"),
            ("DB_PASSWORD", "hunter22", "password"),
            (
                "",
                "token ghp_abcdefghijklmnopqrstuvwxyz0123456789",
                "token",
            ),
            ("SLACK", "xoxb-123456789012-abcdefghijkl", "token"),
            (
                "DATABASE_URL",
                "postgres://app:s3cret99@db.internal:5432/app",
                "connection_string",
            ),
        ] {
            assert!(
                kinds(name, text).contains(&kind),
                "{name} {text}: {:?}",
                kinds(name, text)
            );
        }
    }

    #[test]
    fn references_and_plain_words_are_not() {
        for (name, text) in [
            (
                "DB_PASSWORD",
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x",
            ),
            ("DB_PASSWORD", "{{resolve:ssm:/db/password}}"),
            ("DB_PASSWORD", "${DB_PASSWORD}"),
            ("PASSWORD_PARAMETER", "/app/db"),
            ("", "PASSWORD=$(aws ssm get-parameter)"),
            ("STAGE", "production"),
            ("", "https://example.com/a:b@c"),
            ("AWS_HASH", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("", ""),
        ] {
            assert!(
                kinds(name, text).is_empty(),
                "{name} {text}: {:?}",
                kinds(name, text)
            );
        }
    }
}

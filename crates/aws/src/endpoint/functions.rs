//! The functions of the rule language, as the
//! [standard library](https://smithy.io/2.0/additional-specs/rules-engine/standard-library.html) and the
//! [AWS library](https://smithy.io/2.0/aws/rules-engine/library-functions.html) define them.

use super::EndpointError;
use super::eval::{Scope, malformed};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// What a path keeps.
const PATH: &AsciiSet = &RESERVED.remove(b'/');

pub(super) fn call(name: &str, argv: &[Value], scope: &Scope<'_>) -> Result<Value, EndpointError> {
    Ok(match (name, argv) {
        ("isSet", [value]) => Value::Bool(!value.is_null()),
        ("not", [value]) => Value::Bool(matches!(value, Value::Null | Value::Bool(false))),
        ("booleanEquals" | "stringEquals", [one, other]) => Value::Bool(one == other),
        ("getAttr", [value, Value::String(path)]) => attribute(value, path),
        ("aws.partition", [Value::String(region)]) => scope.partitions.outputs(region),
        ("parseURL", [Value::String(url)]) => url_parts(url),
        ("uriEncode", [Value::String(text)]) => {
            Value::String(utf8_percent_encode(text, RESERVED).to_string())
        }
        ("isValidHostLabel", [Value::String(label), Value::Bool(dots)]) => {
            Value::Bool(is_host_label(label, *dots))
        }
        ("aws.isVirtualHostableS3Bucket", [Value::String(bucket), Value::Bool(dots)]) => {
            Value::Bool(is_bucket(bucket, *dots))
        }
        ("aws.parseArn", [Value::String(arn)]) => arn_parts(arn),
        ("substring", [Value::String(text), start, stop, Value::Bool(reverse)]) => {
            substring(text, start, stop, *reverse).map_or(Value::Null, Value::String)
        }
        // Nothing in, nothing out: conditions take null for "does not hold".
        (
            "parseURL"
            | "uriEncode"
            | "aws.parseArn"
            | "aws.partition"
            | "isValidHostLabel"
            | "aws.isVirtualHostableS3Bucket"
            | "substring",
            [Value::Null, ..],
        ) => Value::Null,
        _ => {
            return Err(malformed(&format!(
                "`{name}` with {} arguments",
                argv.len()
            )));
        }
    })
}

/// `a.b`, `a[0]`, `[0]`.
fn attribute(value: &Value, path: &str) -> Value {
    let mut here = value;
    for part in path.split('.') {
        let (name, index) = match part.split_once('[') {
            Some((name, rest)) => (
                name,
                rest.strip_suffix(']')
                    .and_then(|at| at.parse::<usize>().ok()),
            ),
            None => (part, None),
        };
        if !name.is_empty() {
            here = here.get(name).unwrap_or(&Value::Null);
        }
        if part.contains('[') {
            here = index.and_then(|at| here.get(at)).unwrap_or(&Value::Null);
        }
    }
    here.clone()
}

fn url_parts(url: &str) -> Value {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Value::Null;
    };
    if !matches!(scheme, "http" | "https") || rest.contains(['?', '#', ' ']) {
        return Value::Null;
    }
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(at).unwrap_or((rest, ""));
    let Some(host) = host_of(authority) else {
        return Value::Null;
    };
    let mut normalized = utf8_percent_encode(path, PATH).to_string();
    if !normalized.ends_with('/') {
        normalized.push('/');
    }
    json!({
        "scheme": scheme,
        "authority": authority,
        "path": path,
        "normalizedPath": normalized,
        "isIp": is_ip(host),
    })
}

/// The host of an authority; none if its port is not a number.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return None;
    }
    Some(host)
}

fn is_ip(host: &str) -> bool {
    let six = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    host.parse::<Ipv4Addr>().is_ok() || six.is_some_and(|six| six.parse::<Ipv6Addr>().is_ok())
}

/// RFC 1123, 2.1.
fn is_host_label(label: &str, dots: bool) -> bool {
    if dots {
        return label.split('.').all(|label| is_host_label(label, false));
    }
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>, as far as host names go.
fn is_bucket(bucket: &str, dots: bool) -> bool {
    let upper = bucket.bytes().any(|byte| byte.is_ascii_uppercase());
    bucket.len() >= 3
        && !upper
        && bucket.parse::<Ipv4Addr>().is_err()
        && is_host_label(bucket, dots)
}

fn arn_parts(arn: &str) -> Value {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [scheme, partition, service, region, account, resource] = parts.as_slice() else {
        return Value::Null;
    };
    if *scheme != "arn" || partition.is_empty() || service.is_empty() || resource.is_empty() {
        return Value::Null;
    }
    json!({
        "partition": partition,
        "service": service,
        "region": region,
        "accountId": account,
        "resourceId": resource.split([':', '/']).collect::<Vec<_>>(),
    })
}

fn substring(text: &str, start: &Value, stop: &Value, reverse: bool) -> Option<String> {
    let start = usize::try_from(start.as_u64()?).ok()?;
    let stop = usize::try_from(stop.as_u64()?).ok()?;
    if start >= stop || text.len() < stop || !text.is_ascii() {
        return None;
    }
    let range = if reverse {
        text.len() - stop..text.len() - start
    } else {
        start..stop
    };
    text.get(range).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_with_a_query_a_wrong_port_or_another_scheme_are_none() {
        for url in [
            "https://a.b?c",
            "ftp://a",
            "a.b",
            "https://a:b",
            "https://",
            "https://a:99999",
        ] {
            assert_eq!(url_parts(url), Value::Null, "{url}");
        }
        let parts = url_parts("http://[::1]:8000/a b/c");
        assert_eq!(parts, Value::Null);
        let parts = url_parts("http://[::1]:8000/a/c");
        assert_eq!(parts["isIp"], json!(true));
        assert_eq!(parts["normalizedPath"], json!("/a/c/"));
        assert_eq!(parts["authority"], json!("[::1]:8000"));
    }

    #[test]
    fn substrings_of_short_or_foreign_text_are_none() {
        let take = |text, start: u64, stop: u64, reverse| {
            substring(text, &json!(start), &json!(stop), reverse)
        };
        assert_eq!(take("abcde", 1, 3, false).unwrap(), "bc");
        assert_eq!(take("abcde", 0, 2, true).unwrap(), "de");
        assert_eq!(take("ab", 0, 3, false), None);
        assert_eq!(take("äbc", 0, 2, false), None);
        assert_eq!(take("abc", 2, 2, false), None);
    }
}

//! The values of a condition.

use super::statement::{Condition, wrong_type};
use super::{Code, Findings};
use crate::model::scalar::{Decimal, Instant};
use crate::model::{Operator, Position, SetOperator, Test, TextTest};
use crate::parse::json::{Json, Node};
use ipnet::IpNet;
use std::net::IpAddr;

pub(super) fn check(condition: &Condition<'_>, operator: &Operator, found: &mut Findings<'_>) {
    types(condition, found);
    if condition.values.is_empty() {
        empty(condition, operator, found);
        return;
    }
    match operator.test {
        Test::Bool | Test::Null => flags(condition, found),
        Test::Number(_) => each(condition, Code::TypeMismatchNumber, found, |text| {
            Decimal::parse(text).is_some()
        }),
        Test::Date(_) => dates(condition, found),
        Test::Binary => each(condition, Code::TypeMismatchString, found, is_base64),
        Test::Address => addresses(condition, operator, found),
        Test::Text(TextTest::Equals | TextTest::EqualsIgnoreCase) => wildcards(condition, found),
        Test::Text(TextTest::Like) | Test::Arn => {}
    }
    if !matches!(operator.test, Test::Null | Test::Bool) {
        known_keys(condition, found);
    }
}

/// Strings, numbers and booleans, but of one kind.
fn types(condition: &Condition<'_>, found: &mut Findings<'_>) {
    for value in condition.values {
        if matches!(value.value, Json::Null | Json::List(_) | Json::Object(_)) {
            wrong_type(value, "a string, a number or a boolean", found);
        }
    }
    let kind = |node: &Node| node.value.kind();
    if let [first, rest @ ..] = condition.values
        && let Some(other) = rest.iter().find(|other| kind(other) != kind(first))
    {
        found.suggest(
            Code::InvalidConditionDataType,
            other.at,
            format!(
                "this is {}, and the value before is {}",
                kind(other),
                kind(first)
            ),
            "write every value as a string",
        );
    }
}

fn empty(condition: &Condition<'_>, operator: &Operator, found: &mut Findings<'_>) {
    let key = condition.key;
    let at = condition.values_at;
    let (code, message) = match (operator.set, operator.if_exists) {
        (Some(SetOperator::ForAllValues), _) => (
            Code::EmptyArrayConditionForallvalues,
            format!("`{key}` has no values: this is true only where a request has none"),
        ),
        (Some(SetOperator::ForAnyValue), _) => (
            Code::EmptyArrayConditionForanyvalue,
            format!("`{key}` has no values: this is never true"),
        ),
        (None, true) => (
            Code::EmptyArrayConditionIfexists,
            format!("`{key}` has no values: this is true only where a request has none"),
        ),
        (None, false) => (
            Code::EmptyArrayCondition,
            format!("`{key}` has no values to compare with"),
        ),
    };
    found.suggest(code, at, message, "write values, or ask with `Null`");
}

/// A value as the text that IAM makes of it.
fn written(node: &Node) -> Option<String> {
    match &node.value {
        Json::Text(text) | Json::Number(text) => Some(text.clone()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Null | Json::List(_) | Json::Object(_) => None,
    }
}

/// Every value that is no variable passes.
fn each(condition: &Condition<'_>, code: Code, found: &mut Findings<'_>, fits: fn(&str) -> bool) {
    for node in condition.values {
        let Some(text) = written(node) else { continue };
        if !text.contains("${") && !fits(&text) {
            let what = match code {
                Code::TypeMismatchNumber => "no number",
                Code::TypeMismatchBoolean => "neither `true` nor `false`",
                Code::TypeMismatchString => "no base64 text",
                _ => "no value of this operator",
            };
            found.add(code, node.at, format!("`{text}` is {what}"));
        }
    }
}

fn flags(condition: &Condition<'_>, found: &mut Findings<'_>) {
    each(condition, Code::TypeMismatchBoolean, found, |text| {
        text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
    });
    if condition.values.len() > 1 {
        found.suggest(
            Code::InvalidConditionMultipleBoolean,
            condition.values_at,
            format!("`{}` takes one boolean", condition.key),
            "write `true` or `false` alone",
        );
    }
}

fn dates(condition: &Condition<'_>, found: &mut Findings<'_>) {
    for node in condition.values {
        let Some(text) = written(node) else { continue };
        if text.contains("${") {
            continue;
        }
        if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
            found.suggest(
                Code::InvalidDateValue,
                node.at,
                format!("`{text}` is read as seconds since 1970, which is easily wrong"),
                "write the day: YYYY-MM-DD",
            );
        } else if Instant::parse(&text).is_none() {
            found.suggest(
                Code::TypeMismatchDate,
                node.at,
                format!("`{text}` is no date"),
                "write YYYY-MM-DD, or a time of ISO 8601",
            );
        }
    }
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - body.len() < 3
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// "IP address condition operators": a range in CIDR form. `aws:SourceIp` is a public address: private ones never match.
fn addresses(condition: &Condition<'_>, operator: &Operator, found: &mut Findings<'_>) {
    let (mut private, mut public) = (None, false);
    for node in condition.values {
        let Some(text) = written(node) else { continue };
        if text.contains("${") {
            continue;
        }
        let range = match text.parse::<IpNet>() {
            Ok(range) => range,
            Err(_) => match text.parse::<IpAddr>() {
                Ok(address) => IpNet::from(address),
                Err(_) => {
                    found.suggest(
                        Code::TypeMismatchIpRange,
                        node.at,
                        format!("`{text}` is no address range"),
                        "write it as 203.0.113.0/24",
                    );
                    continue;
                }
            },
        };
        if range.trunc() != range {
            found.suggest(
                Code::ImproveIpRange,
                node.at,
                format!("the bits of `{text}` behind its prefix do not count"),
                format!("write {}", range.trunc()),
            );
        }
        if is_private(&range) {
            private = private.or(Some(node.at));
        } else {
            public = true;
        }
    }
    if condition.lower != "aws:sourceip" {
        return;
    }
    if let Some(at) = private {
        private_addresses(at, public, operator.negated, found);
    }
}

fn private_addresses(at: Position, public: bool, negated: bool, found: &mut Findings<'_>) {
    let (code, message) = match (public, negated) {
        (false, false) => (
            Code::PrivateIpAddress,
            "`aws:SourceIp` is a public address: this is never true",
        ),
        (false, true) => (
            Code::PrivateNotIpAddress,
            "`aws:SourceIp` is a public address: this is always true",
        ),
        (true, false) => (
            Code::PrivateIpAddressSubset,
            "`aws:SourceIp` is a public address: the private ranges never match",
        ),
        (true, true) => (
            Code::PrivateNotIpAddressSubset,
            "`aws:SourceIp` is a public address: the private ranges exclude nothing",
        ),
    };
    found.suggest(
        code,
        at,
        message,
        "use `aws:VpcSourceIp` for private addresses",
    );
}

/// RFC 1918, RFC 6598, RFC 4193, RFC 3927 and loopback.
fn is_private(range: &IpNet) -> bool {
    const PRIVATE: [&str; 8] = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
    ];
    PRIVATE
        .iter()
        .filter_map(|text| text.parse::<IpNet>().ok())
        .any(|private| private.contains(range))
}

fn wildcards(condition: &Condition<'_>, found: &mut Findings<'_>) {
    let like = if condition.operator.to_lowercase().contains("not") {
        "StringNotLike"
    } else {
        "StringLike"
    };
    for (at, text) in condition.texts() {
        // What is inside a variable is no wildcard.
        let mut outside = text.to_owned();
        for literal in ["${*}", "${?}", "${$}"] {
            outside = outside.replace(literal, "");
        }
        if outside.contains(['*', '?']) {
            found.suggest(
                Code::WildcardWithoutLikeOperator,
                at,
                format!("`{}` takes `{text}` to the letter", condition.operator),
                format!("use {like} if a wildcard is meant"),
            );
        }
    }
}

/// Values of keys whose form is known.
fn known_keys(condition: &Condition<'_>, found: &mut Findings<'_>) {
    for (at, text) in condition.texts() {
        if text.contains(['*', '?', '$']) {
            continue;
        }
        match condition.lower.as_str() {
            "aws:requestedregion" => region(text, at, found),
            "aws:sourcevpc" if !is_id(text, "vpc-") => found.suggest(
                Code::InvalidVpcFormat,
                at,
                format!("`{text}` is no VPC"),
                "write `vpc-` and 8 or 17 letters and digits",
            ),
            "aws:sourcevpce" if !is_id(text, "vpce-") => found.suggest(
                Code::InvalidVpceFormat,
                at,
                format!("`{text}` is no VPC endpoint"),
                "write `vpce-` and 8 or 17 letters and digits",
            ),
            "iam:passedtoservice"
            | "iam:awsservicename"
            | "aws:calledvia"
            | "aws:calledviafirst"
            | "aws:calledvialast"
            | "aws:principalservicename"
            | "aws:principalservicenameslist"
                if !is_service(text) =>
            {
                found.suggest(
                    Code::InvalidServicePrincipalFormat,
                    at,
                    format!("`{text}` is no service principal"),
                    "write `service.amazonaws.com`, in lower case",
                );
            }
            "kms:viaservice" if !is_regional_service(text) => found.suggest(
                Code::InvalidServicePrincipalFormat,
                at,
                format!("`{text}` is no service in a region"),
                "write `service.region.amazonaws.com`, in lower case",
            ),
            _ => {}
        }
    }
}

fn region(text: &str, at: Position, found: &mut Findings<'_>) {
    let regions = &found.data.source().regions;
    if regions.iter().any(|known| known == text) {
        return;
    }
    let message = format!("`{text}` is no region that is known");
    match super::near::nearest(text, regions.iter().map(String::as_str)) {
        Some(near) => {
            let near = format!("did you mean `{near}`?");
            found.suggest(Code::InvalidRegion, at, message, near);
        }
        None => found.add(Code::InvalidRegion, at, message),
    }
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|id| {
        matches!(id.len(), 8 | 17) && id.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// The endings that the service's own message names.
const ENDINGS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"];

pub(super) fn is_service(text: &str) -> bool {
    ENDINGS.iter().any(|end| {
        text.strip_suffix(end).is_some_and(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b))
        })
    })
}

fn is_regional_service(text: &str) -> bool {
    is_service(text) && text.split('.').count() >= 4
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;

    #[test]
    fn every_line_of_the_global_keys_is_read() {
        let text = include_str!("../../data/global-keys.txt");
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(keys::global().len(), lines.count());
    }

    #[test]
    fn service_principals() {
        assert!(is_service("ec2.amazonaws.com") && is_service("ec2.amazonaws.com.cn"));
        assert!(is_service("lex.amazonaws.com") && is_service("edgelambda.amazonaws.com"));
        assert!(
            !is_service("EC2.amazonaws.com") && !is_service("amazonaws.com") && !is_service("ec2")
        );
        assert!(is_regional_service("s3.eu-west-1.amazonaws.com"));
        assert!(!is_regional_service("s3.amazonaws.com"));
    }
}

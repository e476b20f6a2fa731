//! Condition operators, one table: operator, values in the policy, value in the request, whether it is met.
//! "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys".
#![cfg(test)]

mod support;

use support::case;

fn met(operator: &str, policy: &str, request: Option<&str>) -> bool {
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"x:Key":{policy}}}}}}}}}"#
    );
    let mut case = case("arn:aws:iam::111122223333:user/ann", "x:Do", "*").identity(document);
    if let Some(value) = request {
        case = case.context("X:KEY", value);
    }
    case.context("aws:username2", "\"ann\"").answer()["decision"] == "Allowed"
}

#[test]
fn operators() {
    let table: &[(&str, &str, Option<&str>, bool)] = &[
        // Text: with case, without, with wildcards; values are alternatives, negation wants none.
        ("StringEquals", r#"["a","b"]"#, Some(r#""b""#), true),
        ("StringEquals", r#""a""#, Some(r#""A""#), false),
        ("StringEquals", r#""a*""#, Some(r#""ab""#), false),
        ("StringEquals", r#""a*""#, Some(r#""a*""#), true),
        ("StringEquals", r#""a""#, None, false),
        ("StringEqualsIfExists", r#""a""#, None, true),
        ("StringEqualsIfExists", r#""a""#, Some(r#""b""#), false),
        ("StringNotEquals", r#"["a","b"]"#, Some(r#""b""#), false),
        ("StringNotEquals", r#"["a","b"]"#, Some(r#""c""#), true),
        ("StringNotEquals", r#""a""#, None, true),
        ("StringNotEqualsIfExists", r#""a""#, None, true),
        (
            "StringEqualsIgnoreCase",
            r#""straße""#,
            Some(r#""STRAßE""#),
            true,
        ),
        (
            "StringEqualsIgnoreCase",
            "\"k\"",
            Some("\"\u{212a}\""),
            true,
        ),
        ("StringNotEqualsIgnoreCase", r#""a""#, Some(r#""A""#), false),
        ("StringLike", r#""a*c?""#, Some(r#""abbcd""#), true),
        ("StringLike", r#""a""#, Some(r#""A""#), false),
        ("StringLike", r#""a${*}""#, Some(r#""ab""#), false),
        ("StringNotLike", r#""a*""#, Some(r#""ab""#), false),
        ("StringNotLike", r#""a*""#, None, true),
        (
            "StringEquals",
            r#""${aws:username}""#,
            Some(r#""ann""#),
            true,
        ),
        (
            "StringEquals",
            r#""${aws:missing}""#,
            Some(r#""ann""#),
            false,
        ),
        (
            "StringNotEquals",
            r#""${aws:missing}""#,
            Some(r#""ann""#),
            true,
        ),
        (
            "StringEquals",
            r#""${aws:missing, 'ann'}""#,
            Some(r#""ann""#),
            true,
        ),
        // Numbers are exact, in BigDecimal's syntax; what is none meets nothing.
        ("NumericEquals", "10", Some(r#""1e1""#), true),
        ("NumericEquals", r#""1e1""#, Some("10"), true),
        ("NumericNotEquals", "10", Some("10.0"), false),
        ("NumericNotEquals", "10", Some(r#""ten""#), false),
        ("NumericNotEquals", "10", None, true),
        ("NumericLessThan", r#"["1","5"]"#, Some("3"), true),
        ("NumericLessThanEquals", "3", Some("3"), true),
        ("NumericGreaterThan", "3", Some("3"), false),
        ("NumericGreaterThanEquals", "-3", Some("-2.99"), true),
        ("NumericEquals", r#""x""#, Some(r#""x""#), false),
        // Dates in any zone, or seconds.
        (
            "DateEquals",
            r#""2020-01-01T00:00:00Z""#,
            Some(r#""1577836800""#),
            true,
        ),
        (
            "DateLessThan",
            r#""2020-01-01T00:00:00Z""#,
            Some(r#""2019-12-31T23:59:59Z""#),
            true,
        ),
        (
            "DateGreaterThan",
            r#""2020-01-01T00:00:00Z""#,
            Some(r#""2020-01-01T00:30:00+01:00""#),
            false,
        ),
        (
            "DateGreaterThanEquals",
            r#""2020-01-01""#,
            Some(r#""2020-01-01T00:00:00Z""#),
            true,
        ),
        (
            "DateNotEquals",
            r#""2020-01-01""#,
            Some(r#""never""#),
            false,
        ),
        // Bool: true, ignoring case, or not.
        ("Bool", r#""true""#, Some(r#""TRUE""#), true),
        ("Bool", "true", Some("true"), true),
        ("Bool", r#""false""#, Some(r#""maybe""#), true),
        ("Bool", r#""true""#, None, false),
        ("BoolIfExists", r#""true""#, None, true),
        // Base64 text is compared as text.
        ("BinaryEquals", r#""QQ==""#, Some(r#""QQ==""#), true),
        ("BinaryEquals", r#""QQ==""#, Some(r#""QQ""#), false),
        // Addresses.
        ("IpAddress", r#""10.0.0.0/8""#, Some(r#""10.9.9.9""#), true),
        (
            "IpAddress",
            r#"["10.0.0.0/8","192.0.2.1"]"#,
            Some(r#""192.0.2.1""#),
            true,
        ),
        (
            "NotIpAddress",
            r#""10.0.0.0/8""#,
            Some(r#""11.0.0.1""#),
            true,
        ),
        (
            "NotIpAddress",
            r#""10.0.0.0/8""#,
            Some(r#""::ffff:10.0.0.1""#),
            false,
        ),
        (
            "IpAddress",
            r#""2001:db8::/32""#,
            Some(r#""2001:db8::1""#),
            true,
        ),
        (
            "IpAddress",
            r#""0.0.0.0/0""#,
            Some(r#""2001:db8::1""#),
            false,
        ),
        ("NotIpAddress", r#""10.0.0.0/8""#, None, true),
        // ARNs, part by part; ArnEquals is ArnLike.
        (
            "ArnEquals",
            r#""arn:aws:sns:*:111122223333:t*""#,
            Some(r#""arn:aws:sns:eu-west-1:111122223333:topic""#),
            true,
        ),
        (
            "ArnLike",
            r#""arn:aws:sns:*:topic""#,
            Some(r#""arn:aws:sns:eu-west-1:111122223333:topic""#),
            false,
        ),
        (
            "ArnNotLike",
            r#""arn:aws:sns:*:*:t""#,
            Some(r#""arn:aws:sns:eu-west-1:111122223333:t""#),
            false,
        ),
        ("ArnNotEquals", r#""arn:aws:sns:*:*:t""#, None, true),
        // Null: whether the key is absent.
        ("Null", r#""true""#, None, true),
        ("Null", r#""false""#, None, false),
        ("Null", "false", Some(r#""x""#), true),
        ("Null", r#""false""#, Some(r#"["x"]"#), true),
        ("Null", r#""true""#, Some("[]"), true),
        // Multivalued keys need a set operator.
        ("StringEquals", r#""a""#, Some(r#"["a","b"]"#), false),
        (
            "ForAnyValue:StringEquals",
            r#"["a","z"]"#,
            Some(r#"["a","b"]"#),
            true,
        ),
        (
            "ForAnyValue:StringEquals",
            r#""a""#,
            Some(r#"["b"]"#),
            false,
        ),
        ("ForAnyValue:StringEquals", r#""a""#, None, false),
        ("ForAnyValue:StringEquals", r#""a""#, Some("[]"), false),
        ("ForAnyValue:StringEquals", r#""a""#, Some(r#""a""#), true),
        (
            "ForAnyValue:StringNotEquals",
            r#""a""#,
            Some(r#"["a","b"]"#),
            true,
        ),
        (
            "ForAnyValue:StringNotEquals",
            r#""a""#,
            Some(r#"["a"]"#),
            false,
        ),
        ("ForAnyValue:StringNotEquals", r#""a""#, None, false),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, None, true),
        (
            "ForAllValues:StringEquals",
            r#"["a","b"]"#,
            Some(r#"["a"]"#),
            true,
        ),
        (
            "ForAllValues:StringEquals",
            r#"["a","b"]"#,
            Some(r#"["a","c"]"#),
            false,
        ),
        ("ForAllValues:StringEquals", r#""a""#, None, true),
        ("ForAllValues:StringEquals", r#""a""#, Some(r#""""#), true),
        (
            "ForAllValues:StringNotLike",
            r#""a*""#,
            Some(r#"["b","c"]"#),
            true,
        ),
        (
            "ForAllValues:StringNotLike",
            r#""a*""#,
            Some(r#"["b","ab"]"#),
            false,
        ),
        ("ForAllValues:NumericLessThan", "5", Some("[1,2]"), true),
        // Operators have no case; unknown ones are never met.
        ("stringequals", r#""a""#, Some(r#""a""#), true),
        ("StringMatches", r#""a""#, Some(r#""a""#), false),
    ];
    let wrong: Vec<_> = table
        .iter()
        .filter(|(operator, policy, request, expected)| {
            met(operator, policy, *request) != *expected
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

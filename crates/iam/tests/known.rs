//! Requests that other engines are known to answer wrongly or not at all, each with the source of the right answer.
#![cfg(test)]

mod support;

use support::{GET, ROLE, SESSION, USER, allow, case, deny, level, resource_allow};

const ROOT: &str = "arn:aws:iam::111122223333:root";
const OBJECT: &str = "arn:aws:s3:::b/o";

fn when(operator: &str, key: &str, value: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"{key}":{value}}}}}}}}}"#
    )
}

fn everyone(effect: &str, action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Principal":"*","Action":"{action}","Resource":"*"}}}}"#
    )
}

/// "IAM JSON policy evaluation logic" (IAM User Guide): by default all requests are implicitly denied, except the
/// account root user's, which has full access.
#[test]
fn the_root_user_needs_no_policy() {
    case(ROOT, GET, OBJECT).is("Allowed");
    case(
        ROOT,
        "kms:Decrypt",
        "arn:aws:kms:eu-west-1:111122223333:key/k",
    )
    .resource(resource_allow("111122223333", "kms:*"))
    .is("Allowed");
    case(
        ROOT,
        "kms:Decrypt",
        "arn:aws:kms:eu-west-1:111122223333:key/k",
    )
    .resource(resource_allow(USER, "kms:*"))
    .is("ImplicitlyDenied");
}

/// "SCP effects on permissions" (Organizations User Guide): the root user of a member account is restricted too.
#[test]
fn scps_restrict_the_root_user_of_a_member() {
    let levels = || level("root", &[allow("*", "*"), deny("s3:*", "*")]);
    case(ROOT, GET, OBJECT).scp(levels()).is("ExplicitlyDenied");
    case(ROOT, GET, OBJECT)
        .scp(levels())
        .member("managementAccount", "\"111122223333\"")
        .is("Allowed");
}

/// "Policies and permissions in IAM", session policies: the permissions of a resource policy that names the session's
/// ARN are not limited by the session policy; those that name the role's are.
#[test]
fn a_grant_to_the_session_is_not_capped_by_the_session_policy() {
    let narrow = || allow("ec2:*", "*");
    case(SESSION, GET, OBJECT)
        .session(narrow())
        .resource(resource_allow(SESSION, GET))
        .is("Allowed");
    case(SESSION, GET, OBJECT)
        .session(narrow())
        .resource(resource_allow(ROLE, GET))
        .is("ImplicitlyDenied");
    // An explicit deny in the session policy still decides.
    case(SESSION, GET, OBJECT)
        .session(deny(GET, "*"))
        .resource(resource_allow(SESSION, GET))
        .is("ExplicitlyDenied");
    // Across accounts the session policy is part of what the caller's account allows.
    case(SESSION, GET, OBJECT)
        .resource_account("444455556666")
        .identity(allow("*", "*"))
        .session(narrow())
        .resource(resource_allow(SESSION, GET))
        .is("ImplicitlyDenied");
}

/// "Service control policies", tasks and entities not restricted (Organizations User Guide); "Resource control
/// policies", the same: service-linked roles, by the path of the role or the reserved name of a session.
#[test]
fn guardrails_spare_service_linked_roles() {
    let scp = || level("root", &[allow("*", "*"), deny("*", "*")]);
    let rcp = || level("root", &[everyone("Deny", "*")]);
    for linked in [
        "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForECS/x",
    ] {
        case(linked, GET, OBJECT)
            .identity(allow("*", "*"))
            .scp(scp())
            .rcp(rcp())
            .is("Allowed");
    }
    // The name alone makes no service-linked role where the role's path is known.
    case(
        "arn:aws:iam::111122223333:role/AWSServiceRoleForECS",
        GET,
        OBJECT,
    )
    .identity(allow("*", "*"))
    .scp(scp())
    .is("ExplicitlyDenied");
}

/// "Resource control policies" (Organizations User Guide): they restrict only services that support them, they spare
/// the management account's resources, kms:RetireGrant and AWS managed keys; they restrict AWS services too.
#[test]
fn rcps_only_where_they_apply() {
    let rcp = || level("root", &[everyone("Deny", "*")]);
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
    let with_key = |action: &str| {
        case(USER, action, key)
            .resource(resource_allow(USER, "kms:*"))
            .rcp(rcp())
    };
    case(
        USER,
        "ec2:StopInstances",
        "arn:aws:ec2:eu-west-1:111122223333:instance/i-1",
    )
    .identity(allow("ec2:*", "*"))
    .rcp(rcp())
    .is("Allowed");
    with_key("kms:RetireGrant").is("Allowed");
    with_key("kms:Decrypt").is("ExplicitlyDenied");
    with_key("kms:Decrypt")
        .member("kms", r#"{"awsManaged": true}"#)
        .is("Allowed");
    with_key("kms:Decrypt")
        .member("managementAccount", "\"111122223333\"")
        .is("Allowed");
    let service = r#"{"type":"Service","service":"cloudtrail.amazonaws.com"}"#;
    case(service, "s3:PutObject", OBJECT)
        .resource(r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"*"}}"#)
        .rcp(rcp())
        .is("ExplicitlyDenied");
    // An RCP binds by the resource's account: who asks from elsewhere is bound too.
    case("arn:aws:iam::444455556666:user/eve", GET, OBJECT)
        .resource_account("111122223333")
        .identity(allow("*", "*"))
        .resource(everyone("Allow", GET))
        .rcp(rcp())
        .is("ExplicitlyDenied");
}

/// "IAM JSON policy elements: Version" (IAM User Guide): in 2008-10-17 `${aws:username}` is that text itself.
#[test]
fn variables_are_text_in_the_old_version() {
    let policy = |version: &str| {
        format!(
            r#"{{"Version":"{version}","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${{aws:username}}/*"}}}}"#
        )
    };
    let own = "arn:aws:s3:::b/ann/x";
    case(USER, GET, own)
        .identity(policy("2012-10-17"))
        .is("Allowed");
    case(USER, GET, own)
        .identity(policy("2008-10-17"))
        .is("ImplicitlyDenied");
    case(USER, GET, "arn:aws:s3:::b/${aws:username}/x")
        .identity(policy("2008-10-17"))
        .is("Allowed");
}

/// "Available keys for AWS web identity federation" and "... SAML-based federation" (IAM User Guide): the provider's keys.
#[test]
fn providers_bring_their_keys() {
    let trust = |provider: &str, action: &str, key: &str, value: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"{action}","Condition":{{"StringLike":{{"{key}":"{value}"}}}}}}}}"#
        )
    };
    let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let key = "token.actions.githubusercontent.com:sub";
    let web = "sts:AssumeRoleWithWebIdentity";
    let at_github = |sub: &str| {
        case(github, web, ROLE)
            .resource(trust(github, web, key, "repo:acme/*:ref:refs/heads/main"))
            .context(key, sub)
    };
    at_github("\"repo:acme/shop:ref:refs/heads/main\"").is("Allowed");
    at_github("\"repo:acme/shop:ref:refs/heads/x\"").is("ImplicitlyDenied");
    at_github("\"repo:eve/shop:ref:refs/heads/main\"").is("ImplicitlyDenied");
    for name in [
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
        "graph.facebook.com",
    ] {
        case(
            &format!(r#"{{"type":"Federated","provider":"{name}"}}"#),
            web,
            ROLE,
        )
        .resource(trust(name, web, &format!("{name}:aud"), "app"))
        .context(&format!("{name}:aud"), "\"app\"")
        .is("Allowed");
    }
    let saml = "arn:aws:iam::111122223333:saml-provider/idp";
    let with_saml = "sts:AssumeRoleWithSAML";
    let trust = trust(
        saml,
        with_saml,
        "SAML:aud",
        "https://signin.aws.amazon.com/saml",
    );
    case(saml, with_saml, ROLE)
        .resource(trust.clone())
        .is("ImplicitlyDenied");
    case(saml, with_saml, ROLE)
        .resource(trust.clone())
        .context("saml:aud", "\"https://signin.aws.amazon.com/saml\"")
        .is("Allowed");
    // A trust in the provider is none in the account's own users.
    case(USER, with_saml, ROLE)
        .identity(allow("*", "*"))
        .resource(trust)
        .context("saml:aud", "\"https://signin.aws.amazon.com/saml\"")
        .is("ImplicitlyDenied");
}

/// "Condition operators: IP address" (IAM User Guide), and as measured on AWS: an IPv4-mapped address is the IPv4
/// address that it carries; a range of one family holds no address of the other.
#[test]
fn mapped_addresses() {
    let from = |range: &str, source: &str| {
        case(USER, GET, OBJECT)
            .identity(when("IpAddress", "aws:SourceIp", &format!("\"{range}\"")))
            .context("aws:SourceIp", &format!("\"{source}\""))
    };
    from("10.0.0.0/8", "::ffff:10.1.2.3").is("Allowed");
    from("0.0.0.0/0", "2001:db8::1").is("ImplicitlyDenied");
    from("::/0", "10.1.2.3").is("ImplicitlyDenied");
    from("2001:DB8::/32", "2001:db8:0:1::5").is("Allowed");
    from("10.0.0.0/8", "10.1.2").is("ImplicitlyDenied");
}

/// "Numeric condition operators" (IAM User Guide), and as measured on AWS: the syntax is that of Java's BigDecimal;
/// a request's value that is no number meets no numeric operator, negated ones neither.
#[test]
fn numbers() {
    let with = |operator: &str, wanted: &str, told: &str| {
        case(USER, GET, OBJECT)
            .identity(when(operator, "s3:max-keys", wanted))
            .context("s3:max-keys", told)
    };
    with("NumericEquals", "\"1e1\"", "10").is("Allowed");
    with("NumericEquals", "10", "\"10.0\"").is("Allowed");
    with("NumericLessThanEquals", "\"+010\"", "\"9.999\"").is("Allowed");
    with("NumericNotEquals", "10", "\"ten\"").is("ImplicitlyDenied");
    with("NumericEquals", "\"ten\"", "\"ten\"").is("ImplicitlyDenied");
    with(
        "NumericGreaterThan",
        "\"9007199254740992\"",
        "\"9007199254740993\"",
    )
    .is("Allowed");
}

/// "Boolean condition operators" and "StringEqualsIgnoreCase" (IAM User Guide), as measured on AWS.
#[test]
fn booleans_text_and_binaries() {
    let with = |operator: &str, wanted: &str, told: &str| {
        case(USER, GET, OBJECT)
            .identity(when(operator, "x:y", wanted))
            .context("x:y", told)
    };
    with("Bool", "\"TRUE\"", "true").is("Allowed");
    with("Bool", "\"no\"", "\"anything\"").is("Allowed");
    with("Bool", "\"true\"", "\"1\"").is("ImplicitlyDenied");
    with("StringEqualsIgnoreCase", "\"Ä\"", "\"ä\"").is("Allowed");
    with("BinaryEquals", "\"QQ==\"", "\"QQ==\"").is("Allowed");
    with("BinaryEquals", "\"QQ==\"", "\"QR==\"").is("ImplicitlyDenied");
    with("Null", "\"false\"", "\"\"").is("Allowed");
}

/// "Set operators for multivalued context keys" (IAM User Guide): ForAllValues holds where the key is missing, so that
/// an Allow with it alone is open to all; ForAnyValue does not.
#[test]
fn sets() {
    let with = |operator: &str| {
        case(USER, GET, OBJECT).identity(when(operator, "aws:TagKeys", r#"["a","b"]"#))
    };
    with("ForAllValues:StringEquals").is("Allowed");
    with("ForAnyValue:StringEquals").is("ImplicitlyDenied");
    let told = |operator: &str, keys: &str| with(operator).context("aws:TagKeys", keys);
    told("ForAllValues:StringEquals", r#"["a","c"]"#).is("ImplicitlyDenied");
    told("ForAnyValue:StringEquals", r#"["a","c"]"#).is("Allowed");
    told("ForAllValues:StringNotEquals", r#"["c"]"#).is("Allowed");
    told("ForAnyValue:StringNotEquals", r#"["a","c"]"#).is("Allowed");
    told("ForAnyValue:StringNotEquals", r#"["a","b"]"#).is("ImplicitlyDenied");
    told("ForAnyValue:StringNotEquals", "[]").is("ImplicitlyDenied");
}

/// "Condition operators: ...IfExists" and "negated matching" (IAM User Guide): a missing key meets both.
#[test]
fn missing_keys() {
    for (operator, expected) in [
        ("StringEqualsIfExists", "Allowed"),
        ("StringNotEquals", "Allowed"),
        ("StringNotLikeIfExists", "Allowed"),
        ("ArnNotLike", "Allowed"),
        ("NotIpAddress", "Allowed"),
        ("NumericNotEquals", "Allowed"),
        ("DateNotEquals", "Allowed"),
        ("StringEquals", "ImplicitlyDenied"),
        ("StringLike", "ImplicitlyDenied"),
        ("Bool", "ImplicitlyDenied"),
        ("BoolIfExists", "Allowed"),
        ("NumericLessThan", "ImplicitlyDenied"),
        ("ForAnyValue:StringEqualsIfExists", "Allowed"),
    ] {
        case(USER, GET, OBJECT)
            .identity(when(operator, "x:y", "\"1\""))
            .is(expected);
    }
}

/// "IAM JSON policy elements: NotPrincipal" (IAM User Guide): with an IAM boundary, Deny with NotPrincipal always denies.
#[test]
fn not_principal_and_a_boundary() {
    let only = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","NotPrincipal":{{"AWS":["{ROLE}","111122223333"]}},"Action":"*","Resource":"*"}}}}"#
    );
    let base = || {
        case(SESSION, GET, OBJECT)
            .identity(allow("*", "*"))
            .resource(only.clone())
    };
    base().is("Allowed");
    base().boundary(allow("*", "*")).is("ExplicitlyDenied");
}

/// STS API Reference, GetCallerIdentity: no permissions are needed, and a deny does not count.
#[test]
fn get_caller_identity() {
    case(SESSION, "sts:GetCallerIdentity", "*")
        .identity(deny("*", "*"))
        .boundary(deny("*", "*"))
        .scp(level("root", &[deny("*", "*")]))
        .is("Allowed");
}

/// "Cross-account policy evaluation logic" (IAM User Guide): without a resource policy nothing is allowed across accounts.
#[test]
fn across_accounts_without_a_resource_policy() {
    case("arn:aws:iam::444455556666:user/eve", GET, OBJECT)
        .resource_account("111122223333")
        .identity(allow("*", "*"))
        .is("ImplicitlyDenied");
    case("arn:aws:iam::444455556666:root", GET, OBJECT)
        .resource_account("111122223333")
        .is("ImplicitlyDenied");
}

/// "Grants in AWS KMS" (KMS Developer Guide): a grant allows without any policy; a deny still decides.
#[test]
fn kms_grants() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
    let grants = |constraint: &str| {
        format!(
            r#"{{"grants":[{{"GrantId":"g","GranteePrincipal":"{USER}","RetiringPrincipal":"{ROLE}","Operations":["Decrypt"]{constraint}}}]}}"#
        )
    };
    case(USER, "kms:Decrypt", key)
        .member("kms", &grants(""))
        .is("Allowed");
    case(USER, "kms:Encrypt", key)
        .member("kms", &grants(""))
        .is("ImplicitlyDenied");
    case(USER, "kms:Decrypt", key)
        .member("kms", &grants(""))
        .identity(deny("kms:*", "*"))
        .is("ExplicitlyDenied");
    case(SESSION, "kms:RetireGrant", key)
        .member("kms", &grants(""))
        .is("Allowed");
    let whole = grants(r#","Constraints":{"EncryptionContextEquals":{"a":"1"}}"#);
    let with = |pairs: &[(&str, &str)]| {
        pairs.iter().fold(
            case(USER, "kms:Decrypt", key).member("kms", &whole),
            |case, (name, value)| {
                case.context(
                    &format!("kms:EncryptionContext:{name}"),
                    &format!("\"{value}\""),
                )
            },
        )
    };
    with(&[("a", "1")]).is("Allowed");
    with(&[("a", "1"), ("b", "2")]).is("ImplicitlyDenied");
    with(&[]).is("ImplicitlyDenied");
}

/// "Key policies in AWS KMS" (KMS Developer Guide): IAM policies count only where the key policy delegates to the account.
#[test]
fn kms_key_policies() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
    let base = || case(USER, "kms:Decrypt", key).identity(allow("kms:*", "*"));
    base().is("ImplicitlyDenied");
    base()
        .resource(resource_allow(ROLE, "kms:*"))
        .is("ImplicitlyDenied");
    base()
        .resource(resource_allow("111122223333", "kms:*"))
        .is("Allowed");
    base()
        .resource(resource_allow("111122223333", "kms:Encrypt"))
        .is("ImplicitlyDenied");
    // Another account's key: both.
    let other = || case("arn:aws:iam::444455556666:user/eve", "kms:Decrypt", key);
    other()
        .resource(resource_allow("444455556666", "kms:*"))
        .is("ImplicitlyDenied");
    other()
        .resource(resource_allow("444455556666", "kms:*"))
        .identity(allow("kms:Decrypt", key))
        .is("Allowed");
}

/// "Blocking public access to your Amazon S3 storage" (S3 User Guide): RestrictPublicBuckets leaves a public bucket to
/// the owner's account and AWS services; fixed values of the listed keys keep a policy from being public.
#[test]
fn restrict_public_buckets() {
    let eve = "arn:aws:iam::444455556666:user/eve";
    let blocked = r#"{"restrictPublicBuckets":true}"#;
    let from = |caller: &str, policy: String| {
        case(caller, GET, OBJECT)
            .resource_account("111122223333")
            .identity(allow("*", "*"))
            .resource(policy)
            .member("s3", blocked)
    };
    from(eve, everyone("Allow", GET)).is("ImplicitlyDenied");
    from(r#"{"type":"Anonymous"}"#, everyone("Allow", GET)).is("ImplicitlyDenied");
    from(USER, everyone("Allow", GET)).is("Allowed");
    let narrowed = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}}}"#;
    from(eve, narrowed.to_owned()).is("Allowed");
    from(eve, resource_allow("444455556666", GET)).is("Allowed");
}

/// "AWS JSON policy elements: Principal" (IAM User Guide): a user's ARN never matches by wildcard; `*` is everyone.
#[test]
fn principals_have_no_wildcards() {
    case(USER, GET, OBJECT)
        .resource(resource_allow("arn:aws:iam::111122223333:user/*", GET))
        .is("ImplicitlyDenied");
    case(USER, GET, OBJECT)
        .resource(resource_allow("*", GET))
        .is("Allowed");
}

//! Rules for kinds of principals: the root user, roles, providers, services, nobody.
//! Pages are of the IAM User Guide unless another guide is named.
#![cfg(test)]

mod support;

use support::{BUCKET, GET, ROLE, USER, allow, case, deny, level, resource_allow};

/// "AWS account root user": every permission of its account; no boundary, no identity policy.
#[test]
fn root_user() {
    let root = "arn:aws:iam::111122223333:root";
    case(root, GET, BUCKET).is("Allowed");
    case(root, GET, BUCKET)
        .resource_account("444455556666")
        .is("ImplicitlyDenied");
    case(root, GET, BUCKET)
        .resource_account("444455556666")
        .resource(resource_allow("111122223333", GET))
        .is("Allowed");
    case(root, "sts:AssumeRole", ROLE)
        .resource(resource_allow("111122223333", "sts:AssumeRole"))
        .is("ImplicitlyDenied");
    let deny_all = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
    case(root, GET, BUCKET)
        .resource(deny_all)
        .is("ExplicitlyDenied");
    case(root, "s3:DeleteBucketPolicy", "arn:aws:s3:::b")
        .resource(deny_all)
        .is("Allowed");
}

/// "How to use trust policies": the trust policy always has a say; naming the caller itself is enough within an account.
#[test]
fn role_trust() {
    let base = || case(USER, "sts:AssumeRole", ROLE);
    base().identity(allow("*", "*")).is("ImplicitlyDenied");
    let trust = |principal: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}}}"#
        )
    };
    base().resource(trust(USER)).is("Allowed");
    base()
        .resource(trust("111122223333"))
        .is("ImplicitlyDenied");
    base()
        .resource(trust("111122223333"))
        .identity(allow("sts:*", "*"))
        .is("Allowed");
    case(USER, "sts:AssumeRole", "arn:aws:iam::444455556666:role/x")
        .resource(trust("111122223333"))
        .is("ImplicitlyDenied");
}

/// "Creating a role for web identity": the provider is the principal, and its keys are conditions.
#[test]
fn federated() {
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity",
        "Condition":{{"StringEquals":{{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}}}}}}}"#
    );
    let base = || case(provider, "sts:AssumeRoleWithWebIdentity", ROLE).resource(trust.clone());
    base().is("ImplicitlyDenied");
    base()
        .context(
            "token.actions.githubusercontent.com:aud",
            "\"sts.amazonaws.com\"",
        )
        .is("Allowed");
    base()
        .context("token.actions.githubusercontent.com:aud", "\"other\"")
        .is("ImplicitlyDenied");
    let google = r#"{"Statement":{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}"#;
    case("accounts.google.com", "sts:AssumeRoleWithWebIdentity", ROLE)
        .resource(google)
        .is("Allowed");
    case(
        r#"{"type":"Federated","provider":"www.amazon.com"}"#,
        "sts:AssumeRoleWithWebIdentity",
        ROLE,
    )
    .resource(google)
    .is("ImplicitlyDenied");
}

/// STS API Reference, GetFederationToken: without a session policy only resource policies grant.
#[test]
fn federated_users() {
    let user = "arn:aws:sts::111122223333:federated-user/bob";
    let base = || case(user, GET, BUCKET).identity(allow("s3:*", "*"));
    base().is("ImplicitlyDenied");
    base().session(allow(GET, "*")).is("Allowed");
    case(user, GET, BUCKET)
        .resource(resource_allow(user, GET))
        .session(allow("ec2:*", "*"))
        .is("Allowed");
}

/// "AWS JSON policy elements: Principal": services, and the anonymous, who are allowed by `*` alone.
#[test]
fn services_and_anonymous() {
    let anonymous = r#"{"type":"Anonymous"}"#;
    case(anonymous, GET, BUCKET)
        .resource(resource_allow("*", GET))
        .is("Allowed");
    case(anonymous, GET, BUCKET)
        .resource(resource_allow(USER, GET))
        .is("ImplicitlyDenied");
    case(anonymous, GET, BUCKET)
        .identity(allow("*", "*"))
        .is("ImplicitlyDenied");
    case(anonymous, GET, BUCKET)
        .resource(resource_allow("*", GET))
        .scp(level("r", &[deny("*", "*")]))
        .is("Allowed");
}

/// "AWS JSON policy elements: NotPrincipal": with a boundary attached, Deny always denies.
#[test]
fn not_principal() {
    let policy = |listed: &str| {
        format!(
            r#"{{"Statement":{{"Effect":"Deny","NotPrincipal":{{"AWS":["{listed}","111122223333"]}},"Action":"*","Resource":"*"}}}}"#
        )
    };
    let only = format!(
        r#"{{"Statement":{{"Effect":"Deny","NotPrincipal":{{"AWS":"{USER}"}},"Action":"*","Resource":"*"}}}}"#
    );
    let base = || case(USER, GET, BUCKET).identity(allow("*", "*"));
    base().resource(policy(USER)).is("Allowed");
    base().resource(only.clone()).is("Allowed");
    base()
        .resource(only.clone())
        .boundary(allow("*", "*"))
        .is("ExplicitlyDenied");
    case("arn:aws:iam::111122223333:user/bob", GET, BUCKET)
        .identity(allow("*", "*"))
        .resource(only)
        .is("ExplicitlyDenied");
}

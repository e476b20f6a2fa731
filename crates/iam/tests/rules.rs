//! Each rule of a decision, with the page that it comes from.
//! Pages are of the IAM User Guide unless another guide is named.
#![cfg(test)]

mod support;

use support::{allow, case, deny, level, resource_allow};

const USER: &str = "arn:aws:iam::111122223333:user/ann";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/s1";
const BUCKET: &str = "arn:aws:s3:::b/o";
const GET: &str = "s3:GetObject";

/// "Policy evaluation logic": by default requests are denied; an explicit deny beats any allow.
#[test]
fn implicit_and_explicit_deny() {
    case(USER, GET, BUCKET).is("ImplicitlyDenied");
    case(USER, GET, BUCKET)
        .identity(allow("s3:*", "*"))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(allow("s3:*", "*"))
        .identity(deny("s3:Get*", "arn:aws:s3:::b/*"))
        .is("ExplicitlyDenied");
}

/// "IAM JSON policy elements: Action": actions have no case; NotAction and NotResource are all but what is named.
#[test]
fn not_elements() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"IAM:*","NotResource":"arn:aws:s3:::x/*"}}"#;
    case(USER, "S3:GETOBJECT", BUCKET)
        .identity(policy)
        .is("Allowed");
    case(USER, GET, "arn:aws:s3:::x/o")
        .identity(policy)
        .is("ImplicitlyDenied");
    case(USER, "iam:GetUser", "arn:aws:iam::111122223333:user/x")
        .identity(policy)
        .is("ImplicitlyDenied");
}

/// "IAM JSON policy elements: Resource": resources have case; an incomplete ARN is completed with wildcards.
#[test]
fn resources() {
    case(USER, GET, BUCKET)
        .identity(allow(GET, "arn:aws:s3:::B/o"))
        .is("ImplicitlyDenied");
    case(USER, GET, BUCKET)
        .identity(allow(GET, "arn:aws:s3"))
        .is("Allowed");
    case(USER, "s3:ListAllMyBuckets", "*")
        .identity(allow("s3:*", "arn:aws:s3:::*"))
        .is("ImplicitlyDenied");
    case(USER, "s3:ListAllMyBuckets", "*")
        .identity(allow("s3:*", "*"))
        .is("Allowed");
}

/// "Permissions boundaries": identity policy and boundary both have to allow.
#[test]
fn boundary_limits_identity() {
    let base = || case(USER, GET, BUCKET).identity(allow("*", "*"));
    base().boundary(allow("s3:*", "*")).is("Allowed");
    base().boundary(allow("ec2:*", "*")).is("ImplicitlyDenied");
    base().boundary(deny("s3:*", "*")).is("ExplicitlyDenied");
}

/// "Policy evaluation logic", session policies: the intersection of both.
#[test]
fn session_limits_identity() {
    let base = || case(SESSION, GET, BUCKET).identity(allow("*", "*"));
    base().session(allow("s3:*", "*")).is("Allowed");
    base().session(allow("ec2:*", "*")).is("ImplicitlyDenied");
}

/// "Policy evaluation logic: resource-based policies": within an account, how the principal is named decides
/// whether an implicit deny in a boundary or session policy limits the grant.
#[test]
fn resource_policies_within_an_account() {
    let narrow = || allow("ec2:*", "*");
    // An IAM user's ARN, a session's ARN and everyone: not limited.
    case(USER, GET, BUCKET)
        .resource(resource_allow(USER, GET))
        .boundary(narrow())
        .is("Allowed");
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(SESSION, GET))
        .boundary(narrow())
        .session(narrow())
        .is("Allowed");
    case(SESSION, GET, BUCKET)
        .resource(resource_allow("*", GET))
        .boundary(narrow())
        .session(narrow())
        .is("Allowed");
    // A role's ARN: limited by both.
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(ROLE, GET))
        .is("Allowed");
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(ROLE, GET))
        .boundary(narrow())
        .is("ImplicitlyDenied");
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(ROLE, GET))
        .session(narrow())
        .is("ImplicitlyDenied");
    case(ROLE, GET, BUCKET)
        .resource(resource_allow(ROLE, GET))
        .boundary(narrow())
        .is("ImplicitlyDenied");
    // The account: only delegates to identity policies.
    case(USER, GET, BUCKET)
        .resource(resource_allow("111122223333", GET))
        .is("ImplicitlyDenied");
    case(USER, GET, BUCKET)
        .resource(resource_allow("arn:aws:iam::111122223333:root", GET))
        .identity(allow(GET, "*"))
        .is("Allowed");
    // A deny on the account denies all of it.
    let deny_account = r#"{"Statement":{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}}"#;
    case(USER, GET, BUCKET)
        .identity(allow("*", "*"))
        .resource(deny_account)
        .is("ExplicitlyDenied");
}

/// A session's ARN has no path; role names are unique in an account ("IAM identifiers").
#[test]
fn sessions_of_roles_with_paths() {
    let pathed = "arn:aws:iam::111122223333:role/team/app";
    case(SESSION, GET, BUCKET)
        .resource(resource_allow(pathed, GET))
        .is("Allowed");
    case(ROLE, GET, BUCKET)
        .resource(resource_allow(pathed, GET))
        .is("ImplicitlyDenied");
    case(SESSION, GET, BUCKET)
        .context(
            "aws:PrincipalArn",
            "\"arn:aws:iam::111122223333:role/other/app\"",
        )
        .resource(resource_allow(pathed, GET))
        .is("ImplicitlyDenied");
}

/// "Cross-account policy evaluation logic": both accounts have to allow.
#[test]
fn across_accounts() {
    let base = || case(USER, GET, BUCKET).resource_account("444455556666");
    base().identity(allow("*", "*")).is("ImplicitlyDenied");
    base()
        .resource(resource_allow(USER, GET))
        .is("ImplicitlyDenied");
    base()
        .resource(resource_allow(USER, GET))
        .identity(allow("s3:*", "*"))
        .is("Allowed");
    base()
        .resource(resource_allow("111122223333", GET))
        .identity(allow("s3:*", "*"))
        .is("Allowed");
    base()
        .resource(resource_allow("*", GET))
        .identity(allow("s3:*", "*"))
        .is("Allowed");
    base()
        .resource(resource_allow(USER, GET))
        .identity(allow("s3:*", "*"))
        .boundary(allow("ec2:*", "*"))
        .is("ImplicitlyDenied");
}

/// "SCP evaluation" (Organizations User Guide): every level has to allow; any deny decides; also for the root user.
#[test]
fn scps() {
    let full = || level("root", &[allow("*", "*")]);
    let base = || case(USER, GET, BUCKET).identity(allow("*", "*"));
    base().scp(full()).scp(full()).is("Allowed");
    base()
        .scp(full())
        .scp(level("ou", &[allow("ec2:*", "*")]))
        .is("ImplicitlyDenied");
    base()
        .scp(full())
        .scp(level("ou", &[]))
        .is("ImplicitlyDenied");
    base()
        .scp(level("ou", &[allow("*", "*"), deny("s3:*", "*")]))
        .is("ExplicitlyDenied");
    let root = "arn:aws:iam::111122223333:root";
    case(root, GET, BUCKET)
        .scp(level("r", &[allow("*", "*"), deny("s3:*", "*")]))
        .is("ExplicitlyDenied");
    case(USER, GET, BUCKET)
        .resource(resource_allow(USER, GET))
        .scp(level("r", &[allow("ec2:*", "*")]))
        .is("ImplicitlyDenied");
}

/// "Service control policies", tasks and entities not restricted: service-linked roles, the management account.
#[test]
fn scps_spare() {
    let denied = || level("root", &[deny("*", "*")]);
    let linked =
        "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
    case(linked, GET, BUCKET)
        .identity(allow("*", "*"))
        .scp(denied())
        .rcp(denied())
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(allow("*", "*"))
        .scp(denied())
        .member("managementAccount", "\"111122223333\"")
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(allow("*", "*"))
        .scp(denied())
        .member("managementAccount", "\"999999999999\"")
        .is("ExplicitlyDenied");
}

/// "Resource control policies" (Organizations User Guide): they only deny, only where the service supports them,
/// services and the anonymous too; kms:RetireGrant is exempt.
#[test]
fn rcps() {
    let denied = || {
        level("root", &[r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#.to_owned()])
    };
    let base = || case(USER, GET, BUCKET).identity(allow("*", "*"));
    base().rcp(denied()).is("ExplicitlyDenied");
    base().rcp(level("root", &[])).is("Allowed");
    let instance = "arn:aws:ec2:eu-west-1:111122223333:instance/i-1";
    case(USER, "ec2:StopInstances", instance)
        .identity(allow("*", "*"))
        .rcp(denied())
        .is("Allowed");
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
    case(USER, "kms:RetireGrant", key)
        .resource(resource_allow(USER, "kms:*"))
        .rcp(denied())
        .is("Allowed");
    case(r#"{"type":"Service","service":"logging.s3.amazonaws.com"}"#, "s3:PutObject", BUCKET)
        .resource(r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:*","Resource":"*"}}"#)
        .rcp(denied())
        .is("ExplicitlyDenied");
}

/// "Control access to VPC endpoints using endpoint policies" (AWS PrivateLink): the endpoint has to allow too.
#[test]
fn endpoints() {
    let base = || case(USER, GET, BUCKET).identity(allow("*", "*"));
    base().endpoint(resource_allow("*", GET)).is("Allowed");
    base()
        .endpoint(resource_allow("*", "ec2:*"))
        .is("ImplicitlyDenied");
    base()
        .endpoint(resource_allow("arn:aws:iam::111122223333:user/bob", GET))
        .is("ImplicitlyDenied");
    base()
        .endpoint(resource_allow("111122223333", GET))
        .is("Allowed");
}

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

/// "Key policies in AWS KMS" (KMS Developer Guide): without the key policy, IAM policies have no effect.
#[test]
fn kms() {
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
    let base = || case(USER, "kms:Decrypt", key);
    base().identity(allow("*", "*")).is("ImplicitlyDenied");
    base()
        .identity(allow("*", "*"))
        .resource(resource_allow("111122223333", "kms:*"))
        .is("Allowed");
    base()
        .resource(resource_allow("111122223333", "kms:*"))
        .is("ImplicitlyDenied");
    base().resource(resource_allow(USER, "kms:*")).is("Allowed");
    base()
        .identity(allow("*", "*"))
        .resource(resource_allow(
            "arn:aws:iam::111122223333:user/bob",
            "kms:*",
        ))
        .is("ImplicitlyDenied");
    case(USER, "kms:ListKeys", "*")
        .identity(allow("kms:*", "*"))
        .is("Allowed");
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3";
    case(USER, "kms:DeleteAlias", alias)
        .identity(allow("*", "*"))
        .is("ImplicitlyDenied");
    let grant = format!(
        r#"{{"grants":[{{"GranteePrincipal":"{ROLE}","Operations":["Decrypt"],"Constraints":{{"EncryptionContextSubset":{{"app":"x"}}}}}}]}}"#
    );
    case(SESSION, "kms:Decrypt", key)
        .member("kms", &grant)
        .is("ImplicitlyDenied");
    case(SESSION, "kms:Decrypt", key)
        .member("kms", &grant)
        .context("kms:EncryptionContext:app", "\"x\"")
        .is("Allowed");
    case(SESSION, "kms:Encrypt", key)
        .member("kms", &grant)
        .context("kms:EncryptionContext:app", "\"x\"")
        .is("ImplicitlyDenied");
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

/// S3 User Guide: Block Public Access, ACLs, the ABAC switch.
#[test]
fn s3() {
    let anonymous = r#"{"type":"Anonymous"}"#;
    case(anonymous, GET, BUCKET)
        .resource(resource_allow("*", GET))
        .member("s3", r#"{"restrictPublicBuckets":true}"#)
        .is("ImplicitlyDenied");
    let acl = r#"{"acl":[{"grantee":"http://acs.amazonaws.com/groups/global/AllUsers","permission":"READ"}]}"#;
    case(anonymous, GET, BUCKET).member("s3", acl).is("Allowed");
    case(anonymous, "s3:PutObject", BUCKET)
        .member("s3", acl)
        .is("ImplicitlyDenied");
    let tagged = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"}}}}"#;
    let base = || {
        case(USER, GET, BUCKET)
            .identity(tagged)
            .context("aws:ResourceTag/a", "\"b\"")
    };
    base().is("Allowed");
    base().member("s3", r#"{"abac":true}"#).is("Allowed");
    base()
        .member("s3", r#"{"abac":false}"#)
        .is("ImplicitlyDenied");
}

/// STS API Reference: GetCallerIdentity cannot be denied; IAM: what AWS owns cannot be changed.
#[test]
fn operations_with_rules_of_their_own() {
    case(USER, "sts:GetCallerIdentity", "*")
        .identity(deny("*", "*"))
        .is("Allowed");
    case(
        USER,
        "iam:CreatePolicyVersion",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    .identity(allow("*", "*"))
    .is("ImplicitlyDenied");
    case(
        USER,
        "iam:GetPolicy",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    .identity(allow("*", "*"))
    .is("Allowed");
    let reserved = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x";
    case(USER, "iam:AttachRolePolicy", reserved)
        .identity(allow("*", "*"))
        .is("ImplicitlyDenied");
}

/// Keys that principal and resource fix are in the request without being told ("AWS global condition context keys").
#[test]
fn derived_keys() {
    let with = |operator: &str, key: &str, value: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"{operator}":{{"{key}":"{value}"}}}}}}}}"#
        )
    };
    case(SESSION, GET, BUCKET)
        .identity(with("ArnEquals", "aws:PrincipalArn", ROLE))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(with("StringEquals", "aws:username", "ann"))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(with("StringEquals", "AWS:PRINCIPALACCOUNT", "111122223333"))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .identity(with("Bool", "aws:PrincipalIsAWSService", "false"))
        .is("Allowed");
    case(USER, GET, BUCKET)
        .resource_account("111122223333")
        .identity(with("StringEquals", "aws:ResourceAccount", "111122223333"))
        .is("Allowed");
    case(
        USER,
        "sqs:SendMessage",
        "arn:aws:sqs:eu-west-1:111122223333:q",
    )
    .identity(with("StringEquals", "aws:RequestedRegion", "eu-west-1"))
    .is("Allowed");
    case(SESSION, GET, BUCKET)
        .identity(with("Null", "aws:username", "true"))
        .is("Allowed");
}

/// A key that is not told is decided as absent, and the residual says what it would have to be.
#[test]
fn residual_conditions() {
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},
        {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#;
    let answer = case(USER, GET, BUCKET).identity(policy).answer();
    assert_eq!(answer["decision"], "ExplicitlyDenied");
    let expected = serde_json::json!({"all": [
        {"operator": "Bool", "key": "aws:MultiFactorAuthPresent", "values": ["true"]},
        {"not": {"operator": "NotIpAddress", "key": "aws:SourceIp", "values": ["10.0.0.0/8"]}},
    ]});
    assert_eq!(answer["residual"], expected);
    let told = case(USER, GET, BUCKET)
        .identity(policy)
        .context("aws:MultiFactorAuthPresent", "true")
        .context("aws:SourceIp", "\"10.1.1.1\"");
    let answer = told.answer();
    assert_eq!(answer["decision"], "Allowed");
    assert!(answer["residual"].is_null());
}

/// "IAM policy elements: Variables and tags": only in 2012-10-17; a variable without value matches nothing.
#[test]
fn variables() {
    let home = |version: &str, resource: &str| {
        format!(
            r#"{{{version}"Statement":{{"Effect":"Allow","Action":"*","Resource":"{resource}"}}}}"#
        )
    };
    let new = "\"Version\":\"2012-10-17\",";
    let own = "arn:aws:s3:::b/${aws:username}/*";
    case(USER, GET, "arn:aws:s3:::b/ann/x")
        .identity(home(new, own))
        .is("Allowed");
    case(USER, GET, "arn:aws:s3:::b/bob/x")
        .identity(home(new, own))
        .is("ImplicitlyDenied");
    case(USER, GET, "arn:aws:s3:::b/ann/x")
        .identity(home("\"Version\":\"2008-10-17\",", own))
        .is("ImplicitlyDenied");
    case(USER, GET, "arn:aws:s3:::b/ann/x")
        .identity(home("", own))
        .is("ImplicitlyDenied");
    case(ROLE, GET, "arn:aws:s3:::b/ann/x")
        .identity(home(new, own))
        .is("ImplicitlyDenied");
    case(ROLE, GET, "arn:aws:s3:::b/all/x")
        .identity(home(new, "arn:aws:s3:::b/${aws:username, 'all'}/*"))
        .is("Allowed");
    case(USER, GET, "arn:aws:s3:::b/*")
        .identity(home(new, "arn:aws:s3:::b/${*}"))
        .is("Allowed");
    case(USER, GET, "arn:aws:s3:::b/x")
        .identity(home(new, "arn:aws:s3:::b/${*}"))
        .is("ImplicitlyDenied");
    case(USER, GET, "arn:aws:s3:::b/x")
        .identity(home(new, "arn:aws:s3:::b/${aws:TagKeys}"))
        .context("aws:TagKeys", "[\"x\"]")
        .is("ImplicitlyDenied");
}

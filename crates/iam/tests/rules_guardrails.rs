//! Rules of guardrails: service and resource control policies, endpoint policies.
//! Pages are of the IAM User Guide unless another guide is named.
#![cfg(test)]

mod support;

use support::{BUCKET, GET, USER, allow, case, deny, level, resource_allow};

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

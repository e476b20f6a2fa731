//! The words of random cases: few enough that they meet.
#![allow(
    unreachable_pub,
    dead_code,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason
)]

pub const ACTIONS: [&str; 9] = [
    "s3:GetObject",
    "s3:PutObject",
    "kms:Decrypt",
    "sts:AssumeRole",
    "ec2:StopInstances",
    "sqs:SendMessage",
    "sts:GetCallerIdentity",
    "kms:RetireGrant",
    "kms:DescribeKey",
];
pub const PATTERNS: [&str; 9] = [
    "*",
    "s3:*",
    "s3:Get*",
    "S3:?etObject",
    "kms:*",
    "sts:*",
    "*:*e*",
    "ec2:StopInstances",
    "sqs:SendMessage",
];
pub const RESOURCES: [&str; 9] = [
    "arn:aws:s3:::b/ann/o",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::c/o",
    "arn:aws:kms:eu-west-1:111122223333:key/k",
    "arn:aws:kms:eu-west-1:444455556666:key/k",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::444455556666:role/app",
    "arn:aws:sqs:eu-west-1:111122223333:q",
    "*",
];
pub const RESOURCE_PATTERNS: [&str; 11] = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::?/o",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:iam::*:role/app",
    "arn:aws:s3:::b/${*}",
    "arn:*:*:*:444455556666:*",
    "arn:aws:s3:::*/${x:Text, 'ann'}/*",
    "arn:aws:s3:::${x:Many}/o",
    "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:q",
];
pub const CALLERS: [&str; 10] = [
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/s",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::111122223333:federated-user/fred",
    "arn:aws:iam::444455556666:user/team/bob",
    "arn:aws:iam::444455556666:role/path/app",
    "arn:aws:sts::444455556666:assumed-role/other/s",
    "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann",
    "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
];
pub const NAMED: [&str; 12] = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:role/team/app",
    "arn:aws:sts::111122223333:assumed-role/app/s",
    "arn:aws:sts::111122223333:federated-user/fred",
    "444455556666",
    "arn:aws:iam::444455556666:role/path/app",
    "arn:aws:iam::444455556666:user/team/bob",
    "AROAEXAMPLEID",
];
pub const TEXTS: [&str; 10] = [
    "a",
    "A",
    "ann",
    "a*",
    "*",
    "",
    "true",
    "10.1.2.3",
    "3",
    "arn:aws:iam::111122223333:role/app",
];
pub const VALUES: [&str; 18] = [
    "a",
    "A",
    "a*",
    "?",
    "*",
    "true",
    "false",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "3",
    "2.5",
    "${aws:username}",
    "${x:Many}",
    "${x:Text, 'a'}",
    "arn:aws:iam::*:role/*",
    "arn:aws:iam::111122223333:*",
    "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_*",
    "10.0.0.0/99",
];
pub const OPERATORS: [&str; 17] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "Bool",
    "IpAddress",
    "NotIpAddress",
    "ArnLike",
    "ArnNotLike",
    "StringLike",
    "Null",
];
pub const KEYS: [&str; 9] = [
    "x:Text",
    "X:TEXT",
    "x:Many",
    "x:Missing",
    "aws:TagKeys",
    "aws:username",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:ResourceAccount",
];
/// Who can be named by a grant.
pub const GRANTEES: [&str; 4] = [
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/s",
    "arn:aws:iam::444455556666:root",
];
/// Constraints of grants, as JSON.
pub const CONSTRAINTS: [&str; 4] = [
    "{}",
    r#"{"EncryptionContextSubset":{"Dept":"IT"}}"#,
    r#"{"EncryptionContextEquals":{"Dept":"IT"}}"#,
    r#"{"EncryptionContextEquals":{"a":"1","Dept":"IT"}}"#,
];
/// Names of an encryption context; two differ in case alone and never meet.
pub const PAIRS: [&str; 3] = ["Dept", "dept", "a"];
pub const PERMISSIONS: [&str; 4] = ["READ", "WRITE", "READ_ACP", "FULL_CONTROL"];
pub const GROUPS: [&str; 2] = [
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
];

//! Every type of resource with a policy: found public where it is, with actions of its own service.
#![cfg(test)]

use std::{collections::BTreeSet, sync::Arc};

use palisade_iam::{
    Authorization, Verdict,
    estate::{Estate, ExternalTo, KINDS, Kind, Resource, Seen, Zone, external},
    model::{Facts, Layers, NamedPolicy},
    parse::{Mode, PolicyKind, read_policy},
    verdict,
};
use serde_json::{Value, json};

/// The types of `CheckNoPublicAccess` (IAM Access Analyzer API Reference, AccessCheckResourceType).
const CHECKED: [&str; 26] = [
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::Stream",
    "AWS::EFS::FileSystem",
    "AWS::OpenSearchService::Domain",
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::StreamConsumer",
    "AWS::KMS::Key",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::S3::AccessPoint",
    "AWS::S3Express::DirectoryBucket",
    "AWS::S3::Glacier",
    "AWS::S3Outposts::Bucket",
    "AWS::S3Outposts::AccessPoint",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::IAM::AssumeRolePolicyDocument",
    "AWS::S3Tables::TableBucket",
    "AWS::ApiGateway::RestApi",
    "AWS::CodeArtifact::Domain",
    "AWS::Backup::BackupVault",
    "AWS::CloudTrail::Dashboard",
    "AWS::CloudTrail::EventDataStore",
    "AWS::S3Tables::Table",
    "AWS::S3Express::AccessPoint",
];

fn arn(kind: &Kind) -> String {
    match kind.name {
        "AWS::ApiGateway::RestApi" => "arn:aws:apigateway:eu-west-1::/restapis/a1".to_owned(),
        "AWS::IAM::Role" => "arn:aws:iam::111122223333:role/r".to_owned(),
        "AWS::KMS::Key" => "arn:aws:kms:eu-west-1:111122223333:key/k".to_owned(),
        "AWS::S3::Bucket" => "arn:aws:s3:::b".to_owned(),
        _ => format!("arn:aws:{}:eu-west-1:111122223333:x/y", kind.prefix),
    }
}

fn resource(kind: &Kind, statement: &Value) -> Resource {
    let (as_what, statement) = if kind.name == "AWS::IAM::Role" {
        let mut trust = statement.clone();
        trust.as_object_mut().unwrap().remove("Resource");
        (PolicyKind::Trust, trust)
    } else {
        (PolicyKind::Resource, statement.clone())
    };
    let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    Resource {
        arn: arn(kind),
        kind: kind.name,
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        policy: Seen::Told(Some(NamedPolicy {
            name: "policy".to_owned(),
            policy: Arc::new(read_policy(&text, as_what, Mode::Lenient).unwrap().policy),
        })),
        facts: Facts::default(),
        unseen: None,
    }
}

fn findings(kind: &Kind, statement: &Value) -> Vec<ExternalTo> {
    let estate = Estate {
        resources: vec![resource(kind, statement)],
        ..Estate::default()
    };
    let found: Vec<_> = external(&estate, &Zone::default()).collect();
    found.into_iter().map(|found| found.to).collect()
}

#[test]
fn the_types_are_those_that_access_analyzer_checks_and_more() {
    let checked: BTreeSet<&str> = KINDS.iter().filter_map(|kind| kind.check).collect();
    assert_eq!(checked, BTreeSet::from(CHECKED));
    assert!(KINDS.is_sorted_by(|one, other| one.name < other.name));
}

#[test]
fn each_prefix_is_a_service() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../catalog/authorization/services.jsonl.zst"
    );
    let authorization = Authorization::packed(fs_err::read(file).unwrap().into()).unwrap();
    authorization.check().unwrap();
    for kind in KINDS {
        assert!(authorization.service(kind.prefix).is_some(), "{kind:?}");
    }
}

#[test]
fn what_is_open_to_everybody_is_public_and_the_witness_is_of_the_service() {
    for kind in KINDS {
        for actions in ["*", &format!("{}:*", kind.prefix)] {
            let statement =
                json!({"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": "*"});
            let found = findings(&kind, &statement);
            let [
                ExternalTo::Somebody {
                    public: true,
                    actions,
                    ..
                },
            ] = found.as_slice()
            else {
                panic!("{}: {found:?}", kind.name);
            };
            let [(_, witness)] = actions.iter().collect::<Vec<_>>()[..] else {
                panic!("{}", kind.name);
            };
            assert!(
                witness
                    .request
                    .action
                    .starts_with(&format!("{}:", kind.prefix))
            );
            // A caller from another account may do anything there.
            let everything = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
            let everything =
                read_policy(&everything.to_string(), PolicyKind::Identity, Mode::Strict);
            let Seen::Told(policy) = resource(&kind, &statement).policy else {
                panic!()
            };
            let layers = Layers {
                identity: vec![NamedPolicy {
                    name: "caller".to_owned(),
                    policy: Arc::new(everything.unwrap().policy),
                }],
                resource: policy,
                ..Layers::default()
            };
            assert_eq!(verdict(&witness.request, &layers), Verdict::Allowed);
        }
    }
}

#[test]
fn nobody_outside_is_no_finding() {
    for kind in KINDS {
        for (principal, actions) in [
            (json!({"AWS": "111122223333"}), "*"),
            (json!({"Service": "x.amazonaws.com"}), "*"),
            // Actions of other services are never about it.
            (json!("*"), "organizations:*"),
        ] {
            let statement = json!({"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"});
            let found = findings(&kind, &statement);
            assert!(found.is_empty(), "{}: {found:?}", kind.name);
        }
    }
}

#[test]
fn what_a_policy_names_inside_a_resource_counts() {
    for (name, resource) in [
        (
            "AWS::OpenSearchService::Domain",
            "arn:aws:es:eu-west-1:111122223333:x/y/*",
        ),
        (
            "AWS::DynamoDB::Table",
            "arn:aws:dynamodb:eu-west-1:111122223333:x/y/index/*",
        ),
        (
            "AWS::S3Tables::TableBucket",
            "arn:aws:s3tables:eu-west-1:111122223333:x/y/table/*",
        ),
        (
            "AWS::S3Outposts::Bucket",
            "arn:aws:s3-outposts:eu-west-1:111122223333:x/y/object/*",
        ),
        (
            "AWS::ApiGateway::RestApi",
            "arn:aws:execute-api:eu-west-1:111122223333:a1/prod/GET/*",
        ),
        ("AWS::S3::Bucket", "arn:aws:s3:::b/public/*"),
    ] {
        let kind = KINDS.iter().find(|kind| kind.name == name).unwrap();
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": format!("{}:*", kind.prefix), "Resource": resource});
        let found = findings(kind, &statement);
        let [
            ExternalTo::Somebody {
                principal,
                public: false,
                ..
            },
        ] = found.as_slice()
        else {
            panic!("{name}: {found:?}");
        };
        assert_eq!(principal.1, "444455556666");
        let mut elsewhere = statement.clone();
        elsewhere["Resource"] = "arn:aws:other:eu-west-1:111122223333:z".into();
        assert!(findings(kind, &elsewhere).is_empty());
    }
}

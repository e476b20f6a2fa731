//! Resources that have a say in who may use them.

use super::super::Inputs;
use super::estate::{Documents, Row, list, text};
use palisade_iam::estate::{Estate, Gap, Resource, Seen};
use palisade_iam::model::{Acl, Facts, KmsGrant};
use palisade_iam::parse::PolicyKind;
use serde_json::Value;
use std::collections::BTreeMap;

/// A table of resources with a `policy` column: the type that CloudFormation calls it, and the call that tells the policy.
const TABLES: [(&str, &str, &str); 15] = [
    ("aws_s3_bucket", "AWS::S3::Bucket", "s3:GetBucketPolicy"),
    (
        "aws_s3_access_point",
        "AWS::S3::AccessPoint",
        "s3control:GetAccessPointPolicy",
    ),
    ("aws_sqs_queue", "AWS::SQS::Queue", "sqs:GetQueueAttributes"),
    ("aws_sns_topic", "AWS::SNS::Topic", "sns:GetTopicAttributes"),
    ("aws_kms_key", "AWS::KMS::Key", "kms:GetKeyPolicy"),
    (
        "aws_lambda_function",
        "AWS::Lambda::Function",
        "lambda:GetPolicy",
    ),
    (
        "aws_secretsmanager_secret",
        "AWS::SecretsManager::Secret",
        "secretsmanager:GetResourcePolicy",
    ),
    (
        "aws_ecr_repository",
        "AWS::ECR::Repository",
        "ecr:GetRepositoryPolicy",
    ),
    (
        "aws_efs_file_system",
        "AWS::EFS::FileSystem",
        "efs:DescribeFileSystemPolicy",
    ),
    (
        "aws_dynamodb_table",
        "AWS::DynamoDB::Table",
        "dynamodb:GetResourcePolicy",
    ),
    (
        "aws_backup_vault",
        "AWS::Backup::BackupVault",
        "backup:GetBackupVaultAccessPolicy",
    ),
    (
        "aws_iam_role",
        "AWS::IAM::Role",
        "iam:GetAccountAuthorizationDetails",
    ),
    (
        "aws_opensearch_domain",
        "AWS::OpenSearchService::Domain",
        "opensearch:DescribeDomain",
    ),
    (
        "aws_api_gateway_rest_api",
        "AWS::ApiGateway::RestApi",
        "apigateway:GetRestApis",
    ),
    (
        "aws_eventbridge_bus",
        "AWS::Events::EventBus",
        "events:ListEventBuses",
    ),
];

/// The same, of types that are collected where somebody asks for them.
const SELDOM: [(&str, &str, &str); 16] = [
    (
        "aws_cloudtrail_lake_event_data_store",
        "AWS::CloudTrail::EventDataStore",
        "cloudtrail:GetResourcePolicy",
    ),
    (
        "aws_cloudtrail_dashboard",
        "AWS::CloudTrail::Dashboard",
        "cloudtrail:GetResourcePolicy",
    ),
    (
        "aws_cloudtrail_channel",
        "AWS::CloudTrail::Channel",
        "cloudtrail:GetResourcePolicy",
    ),
    (
        "aws_codeartifact_domain",
        "AWS::CodeArtifact::Domain",
        "codeartifact:GetDomainPermissionsPolicy",
    ),
    (
        "aws_codeartifact_repository",
        "AWS::CodeArtifact::Repository",
        "codeartifact:GetRepositoryPermissionsPolicy",
    ),
    (
        "aws_dynamodb_stream",
        "AWS::DynamoDB::Stream",
        "dynamodb:GetResourcePolicy",
    ),
    (
        "aws_kinesis_stream",
        "AWS::Kinesis::Stream",
        "kinesis:GetResourcePolicy",
    ),
    (
        "aws_kinesis_consumer",
        "AWS::Kinesis::StreamConsumer",
        "kinesis:GetResourcePolicy",
    ),
    (
        "aws_lambda_layer_version",
        "AWS::Lambda::LayerVersion",
        "lambda:GetLayerVersionPolicy",
    ),
    (
        "aws_glacier_vault",
        "AWS::S3::Glacier",
        "glacier:GetVaultAccessPolicy",
    ),
    (
        "aws_s3_directory_bucket",
        "AWS::S3Express::DirectoryBucket",
        "s3:GetBucketPolicy",
    ),
    (
        "aws_s3_directory_access_point",
        "AWS::S3Express::AccessPoint",
        "s3control:GetAccessPointPolicy",
    ),
    (
        "aws_s3_outpost_bucket",
        "AWS::S3Outposts::Bucket",
        "s3control:GetBucketPolicy",
    ),
    (
        "aws_s3_outpost_access_point",
        "AWS::S3Outposts::AccessPoint",
        "s3control:GetAccessPointPolicy",
    ),
    (
        "aws_s3tables_table_bucket",
        "AWS::S3Tables::TableBucket",
        "s3tables:GetTableBucketPolicy",
    ),
    (
        "aws_s3tables_table",
        "AWS::S3Tables::Table",
        "s3tables:GetTablePolicy",
    ),
];

pub(super) fn resources(inputs: &Inputs, documents: &mut Documents, estate: &mut Estate) {
    let settings = account_settings(inputs);
    let grants = grants(inputs);
    let (seen, unasked): (Vec<_>, Vec<_>) = SELDOM.into_iter().partition(|s| inputs.has(s.0));
    estate.unasked = unasked.into_iter().map(|(_, kind, _)| kind).collect();
    for (table, kind, call) in TABLES.into_iter().chain(seen) {
        for account in inputs.accounts() {
            if let Some(call) = inputs.unlisted(table, &account.id) {
                estate.unlisted.push(Gap {
                    account: account.id.clone(),
                    what: kind,
                    call,
                });
            }
        }
        let columns = columns(kind);
        for row in inputs.rows(table, &columns) {
            let (Some(arn), Some(account)) = (text(&row, "arn"), text(&row, "account_id")) else {
                continue;
            };
            let region = text(&row, "region").unwrap_or_default();
            // A bucket's calls go to its own region, and the ledger may know them by another.
            let place = (kind != "AWS::S3::Bucket" && kind != "AWS::IAM::Role").then_some(region);
            let column = document_of(kind);
            let policy_kind = match kind {
                "AWS::IAM::Role" => PolicyKind::Trust,
                _ => PolicyKind::Resource,
            };
            let document = document(&row, column).map(|document| match kind {
                "AWS::ApiGateway::RestApi" => expanded(&document, arn, account, region),
                _ => document,
            });
            let policy = match document {
                Some(document) => match documents.policy(column, &document, policy_kind) {
                    Ok(policy) => Seen::Told(Some(policy)),
                    Err(why) => Seen::Unseen(why),
                },
                None => match inputs.missing(call, account, place) {
                    Some(call) => Seen::Unseen(call),
                    None => Seen::Told(None),
                },
            };
            let mut facts = Facts::default();
            let mut unseen = None;
            match kind {
                "AWS::S3::Bucket" => {
                    // Buckets are listed to their owner's account, so that their owner's id is the account's.
                    if let (Some(id), Some(known)) = (owner(&row), estate.accounts.get_mut(account))
                    {
                        known.canonical_user = Some(id.to_owned());
                    }
                    unseen = bucket(inputs, &row, account, &settings, &mut facts);
                }
                "AWS::KMS::Key" => {
                    facts.aws_managed_key = text(&row, "key_manager") == Some("AWS");
                    facts.kms_grants = grants.get(arn).cloned().unwrap_or_default();
                    unseen = inputs.missing("kms:ListGrants", account, Some(region));
                }
                _ => {}
            }
            estate.resources.push(Resource {
                arn: arn.to_owned(),
                kind,
                account: account.to_owned(),
                region: region.to_owned(),
                policy,
                facts,
                unseen,
            });
        }
    }
    estate
        .resources
        .sort_by(|a, b| (a.kind, &a.arn).cmp(&(b.kind, &b.arn)));
}

/// The column that holds the policy.
fn document_of(kind: &str) -> &'static str {
    match kind {
        "AWS::IAM::Role" => "assume_role_policy_document",
        "AWS::OpenSearchService::Domain" => "access_policies",
        _ => "policy",
    }
}

/// What is read of a resource.
fn columns(kind: &str) -> Vec<&'static str> {
    let mut columns = vec!["arn", "account_id", "region", document_of(kind)];
    match kind {
        "AWS::S3::Bucket" => {
            columns.extend(SWITCHES);
            columns.extend(["acl_owner", "acl_grants", "object_ownership_rules"]);
        }
        "AWS::KMS::Key" => columns.push("key_manager"),
        _ => {}
    }
    columns
}

/// The switches of Block Public Access that are read.
const SWITCHES: [&str; 2] = ["restrict_public_buckets", "ignore_public_acls"];

/// What is read of a grant.
const GRANT: &[&str] = &[
    "key_arn",
    "grantee_principal",
    "constraints",
    "operations",
    "grant_id",
    "retiring_principal",
];

/// A document as text, whichever way the column holds it; an empty one is none: Kinesis may tell `{}` of a stream
/// without a policy.
fn document(row: &Row, column: &str) -> Option<String> {
    match row.get(column)? {
        Value::String(text) if matches!(text.as_str(), "" | "null" | "{}") => None,
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        Value::Object(members) if members.is_empty() => None,
        other => Some(other.to_string()),
    }
}

/// A REST API's policy: GetRestApis tells it with its quotes escaped, and resources may be written without the API's own
/// ARN ("Control access to a REST API with API Gateway resource policies", API Gateway Developer Guide).
fn expanded(document: &str, arn: &str, account: &str, region: &str) -> String {
    let plain = if document.starts_with("{\\\"") {
        document.replace("\\\"", "\"").replace("\\/", "/")
    } else {
        document.to_owned()
    };
    let partition = arn.split(':').nth(1).unwrap_or("aws");
    let id = arn.rsplit('/').next().unwrap_or_default();
    let own = format!("\"arn:{partition}:execute-api:{region}:{account}:{id}/");
    plain.replace("\"execute-api:/", &own)
}

/// By account: its Block Public Access, or the call that did not tell it.
fn account_settings(inputs: &Inputs) -> BTreeMap<String, Row> {
    let [restrict, ignore] = SWITCHES;
    inputs
        .rows("aws_s3_account_settings", &["account_id", restrict, ignore])
        .filter_map(|row| Some((text(&row, "account_id")?.to_owned(), row)))
        .collect()
}

/// The canonical user id of a bucket's owner.
fn owner(row: &Row) -> Option<&str> {
    text(row.get("acl_owner")?.as_object()?, "id")
}

/// A bucket's switches and ACL; what of them was not seen.
fn bucket(
    inputs: &Inputs,
    row: &Row,
    account: &str,
    settings: &BTreeMap<String, Row>,
    facts: &mut Facts,
) -> Option<String> {
    let flag = |name: &str| {
        row.get(name) == Some(&Value::Bool(true))
            || settings
                .get(account)
                .is_some_and(|row| row.get(name) == Some(&Value::Bool(true)))
    };
    let [restrict, ignore] = SWITCHES.map(flag);
    facts.s3.restrict_public_buckets = restrict;
    facts.s3.ignore_public_acls = ignore;
    let ownership = list(row, "object_ownership_rules")
        .find_map(|rule| text(rule, "object_ownership"))
        .unwrap_or_default();
    if ownership != "BucketOwnerEnforced" {
        facts.s3.acl = list(row, "acl_grants")
            .filter_map(|grant| {
                let grantee = grant.get("grantee")?.as_object()?;
                let id = text(grantee, "uri").or_else(|| text(grantee, "id"))?;
                (Some(id) != owner(row)).then(|| Acl {
                    grantee: id.to_owned(),
                    permission: text(grant, "permission").unwrap_or_default().to_owned(),
                })
            })
            .collect();
    }
    let blocks = !facts.s3.restrict_public_buckets || !facts.s3.ignore_public_acls;
    let calls = [
        "s3:GetPublicAccessBlock",
        "s3:GetBucketAcl",
        "s3:GetBucketOwnershipControls",
    ];
    // Switches that block all the same need not be seen twice.
    calls
        .into_iter()
        .filter(|_| blocks)
        .find_map(|call| inputs.missing(call, account, None))
}

fn grants(inputs: &Inputs) -> BTreeMap<String, Vec<KmsGrant>> {
    let mut all: BTreeMap<String, Vec<KmsGrant>> = BTreeMap::new();
    for row in inputs.rows("aws_kms_grant", GRANT) {
        let (Some(key), Some(grantee)) = (text(&row, "key_arn"), text(&row, "grantee_principal"))
        else {
            continue;
        };
        let constraints = row.get("constraints").and_then(Value::as_object);
        let pairs = |name: &str| -> Option<Vec<(String, String)>> {
            let found = constraints?.get(name).filter(|v| !v.is_null())?;
            let parsed: Value = match found {
                Value::String(text) => serde_json::from_str(text).ok()?,
                other => other.clone(),
            };
            let pairs = parsed.as_object()?.iter();
            Some(
                pairs
                    .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                    .collect(),
            )
        };
        let operations = row.get("operations").and_then(Value::as_array);
        all.entry(key.to_owned()).or_default().push(KmsGrant {
            name: text(&row, "grant_id").unwrap_or_default().to_owned(),
            grantee: grantee.to_owned(),
            retiring: text(&row, "retiring_principal").map(str::to_owned),
            operations: operations
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            context_equals: pairs("encryption_context_equals"),
            context_subset: pairs("encryption_context_subset").unwrap_or_default(),
        });
    }
    all
}

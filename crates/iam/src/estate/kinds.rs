//! Types of resources that have a policy of their own: those that Access Analyzer checks for public access
//! (IAM Access Analyzer API Reference, CheckNoPublicAccess) and others of which it reports external access.

use super::Resource;
use crate::model::{Context, Template};

/// A type of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// As CloudFormation calls it: `AWS::S3::Bucket`.
    pub name: &'static str,
    /// As `CheckNoPublicAccess` calls it, where it checks it.
    pub check: Option<&'static str>,
    /// The prefix of the actions that its policy can allow.
    pub prefix: &'static str,
    /// What follows its ARN in the ARNs that its policy governs besides its own.
    pub inside: &'static [&'static str],
    /// Whether the service answers requests without a signature.
    pub anonymous: bool,
}

const fn kind(name: &'static str, prefix: &'static str, inside: &'static [&'static str]) -> Kind {
    Kind {
        name,
        check: Some(name),
        prefix,
        inside,
        anonymous: false,
    }
}

impl Kind {
    const fn open(mut self) -> Self {
        self.anonymous = true;
        self
    }

    const fn checked_as(mut self, check: Option<&'static str>) -> Self {
        self.check = check;
        self
    }
}

/// All types, by name.
pub const KINDS: [Kind; 31] = [
    // Resources of its policy are ARNs of `execute-api`: see `governs`.
    kind("AWS::ApiGateway::RestApi", "execute-api", &[]).open(),
    kind("AWS::Backup::BackupVault", "backup", &[]),
    kind("AWS::CloudTrail::Channel", "cloudtrail-data", &[]).checked_as(None),
    kind("AWS::CloudTrail::Dashboard", "cloudtrail", &[]),
    kind("AWS::CloudTrail::EventDataStore", "cloudtrail", &[]),
    kind("AWS::CodeArtifact::Domain", "codeartifact", &[]),
    kind("AWS::CodeArtifact::Repository", "codeartifact", &[]).checked_as(None),
    kind("AWS::DynamoDB::Stream", "dynamodb", &[]),
    kind("AWS::DynamoDB::Table", "dynamodb", &["/index/*"]),
    kind("AWS::ECR::Repository", "ecr", &[]).checked_as(None),
    kind("AWS::EFS::FileSystem", "elasticfilesystem", &[]).open(),
    kind("AWS::Events::EventBus", "events", &[]).checked_as(None),
    kind("AWS::IAM::Role", "sts", &[]).checked_as(Some("AWS::IAM::AssumeRolePolicyDocument")),
    kind("AWS::KMS::Key", "kms", &[]),
    kind("AWS::Kinesis::Stream", "kinesis", &[]),
    kind("AWS::Kinesis::StreamConsumer", "kinesis", &[]),
    kind("AWS::Lambda::Function", "lambda", &[]).open(),
    kind("AWS::Lambda::LayerVersion", "lambda", &[]).checked_as(None),
    kind("AWS::OpenSearchService::Domain", "es", &["/*"]).open(),
    kind("AWS::S3::AccessPoint", "s3", &["/object/*"]).open(),
    kind("AWS::S3::Bucket", "s3", &["/*"]).open(),
    kind("AWS::S3::Glacier", "glacier", &[]),
    kind("AWS::S3Express::AccessPoint", "s3express", &[]),
    kind("AWS::S3Express::DirectoryBucket", "s3express", &[]),
    kind(
        "AWS::S3Outposts::AccessPoint",
        "s3-outposts",
        &["/object/*"],
    ),
    kind("AWS::S3Outposts::Bucket", "s3-outposts", &["/object/*"]),
    kind("AWS::S3Tables::Table", "s3tables", &[]),
    kind("AWS::S3Tables::TableBucket", "s3tables", &["/table/*"]),
    kind("AWS::SNS::Topic", "sns", &[]).open(),
    kind("AWS::SQS::Queue", "sqs", &[]).open(),
    kind("AWS::SecretsManager::Secret", "secretsmanager", &[]),
];

impl Resource {
    /// Its type, if it is one that is known.
    pub(super) fn of_kind(&self) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == self.kind)
    }

    /// The prefix of the actions on it.
    pub(super) fn prefix(&self) -> &str {
        self.of_kind().map_or_else(
            || self.arn.split(':').nth(2).unwrap_or_default(),
            |kind| kind.prefix,
        )
    }

    /// Patterns of the ARNs that its policy governs.
    pub(super) fn governs(&self) -> Vec<String> {
        // "arn:aws:apigateway:region::/restapis/id" is called at "arn:aws:execute-api:region:account:id/stage/GET/path"
        // ("Control access to a REST API with API Gateway resource policies", API Gateway Developer Guide).
        if self.kind == "AWS::ApiGateway::RestApi"
            && let Some((_, id)) = self.arn.rsplit_once("/restapis/")
        {
            let partition = self.arn.split(':').nth(1).unwrap_or("aws");
            let (region, account) = (&self.region, &self.account);
            return vec![format!(
                "arn:{partition}:execute-api:{region}:{account}:{id}/*"
            )];
        }
        let inside = self.of_kind().map_or(&[][..], |kind| kind.inside);
        let inside = inside.iter().map(|more| format!("{}{more}", self.arn));
        std::iter::once(self.arn.clone()).chain(inside).collect()
    }

    /// The actions of a pattern as far as they can be on it: those of its service. `None`: none is.
    pub(super) fn actions(&self, pattern: &Template) -> Option<Template> {
        of_service(self.prefix(), pattern)
    }
}

impl Kind {
    /// The same of all resources of the type.
    pub(super) fn actions(&self, pattern: &Template) -> Option<Template> {
        of_service(self.prefix, pattern)
    }
}

fn of_service(own: &str, pattern: &Template) -> Option<Template> {
    let (prefix, rest) = match pattern.text().split_once(':') {
        Some((prefix, rest)) => (prefix, rest),
        None if pattern.is_everything() => ("*", "*"),
        None => return None,
    };
    let is_own = Template::new(prefix, true, false).matches(own, &Context::new()) == Some(true);
    is_own.then(|| Template::new(&format!("{own}:{rest}"), true, false))
}

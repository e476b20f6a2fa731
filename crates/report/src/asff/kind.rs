//! The resource types that Security Hub knows by name.
//!
//! <https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html>

/// Table and type; every other table is `Other`.
const TYPES: [(&str, &str); 42] = [
    ("aws_account", "AwsAccount"),
    ("aws_acm_certificate", "AwsCertificateManagerCertificate"),
    ("aws_api_gateway_rest_api", "AwsApiGatewayRestApi"),
    ("aws_api_gateway_stage", "AwsApiGatewayStage"),
    ("aws_backup_plan", "AwsBackupBackupPlan"),
    ("aws_backup_vault", "AwsBackupBackupVault"),
    ("aws_cloudfront_distribution", "AwsCloudFrontDistribution"),
    ("aws_cloudtrail_trail", "AwsCloudTrailTrail"),
    ("aws_cloudwatch_alarm", "AwsCloudWatchAlarm"),
    ("aws_codebuild_project", "AwsCodeBuildProject"),
    ("aws_dynamodb_table", "AwsDynamoDbTable"),
    ("aws_ebs_volume", "AwsEc2Volume"),
    ("aws_ec2_classic_load_balancer", "AwsElbLoadBalancer"),
    ("aws_ec2_instance", "AwsEc2Instance"),
    ("aws_ec2_load_balancer", "AwsElbv2LoadBalancer"),
    ("aws_ec2_network_interface", "AwsEc2NetworkInterface"),
    ("aws_ec2_transit_gateway", "AwsEc2TransitGateway"),
    ("aws_ecr_repository", "AwsEcrRepository"),
    ("aws_ecs_cluster", "AwsEcsCluster"),
    ("aws_ecs_service", "AwsEcsService"),
    ("aws_ecs_task_definition", "AwsEcsTaskDefinition"),
    ("aws_efs_access_point", "AwsEfsAccessPoint"),
    ("aws_eks_cluster", "AwsEksCluster"),
    ("aws_iam_access_key", "AwsIamAccessKey"),
    ("aws_iam_group", "AwsIamGroup"),
    ("aws_iam_policy", "AwsIamPolicy"),
    ("aws_iam_role", "AwsIamRole"),
    ("aws_iam_user", "AwsIamUser"),
    ("aws_kms_key", "AwsKmsKey"),
    ("aws_lambda_function", "AwsLambdaFunction"),
    ("aws_rds_db_cluster", "AwsRdsDbCluster"),
    ("aws_rds_db_instance", "AwsRdsDbInstance"),
    ("aws_redshift_cluster", "AwsRedshiftCluster"),
    ("aws_s3_bucket", "AwsS3Bucket"),
    ("aws_secretsmanager_secret", "AwsSecretsManagerSecret"),
    ("aws_sns_topic", "AwsSnsTopic"),
    ("aws_sqs_queue", "AwsSqsQueue"),
    ("aws_vpc", "AwsEc2Vpc"),
    ("aws_vpc_network_acl", "AwsEc2NetworkAcl"),
    ("aws_vpc_route_table", "AwsEc2RouteTable"),
    ("aws_vpc_security_group", "AwsEc2SecurityGroup"),
    ("aws_vpc_subnet", "AwsEc2Subnet"),
];

/// The type of a table's rows.
#[must_use]
pub(super) fn resource_type(table: &str) -> &'static str {
    TYPES
        .binary_search_by_key(&table, |(name, _)| name)
        .ok()
        .and_then(|at| TYPES.get(at))
        .map_or("Other", |(_, ty)| ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_found() {
        assert!(TYPES.is_sorted());
        for (table, ty) in TYPES {
            assert_eq!(resource_type(table), ty);
        }
        assert_eq!(resource_type("aws_region"), "Other");
    }
}

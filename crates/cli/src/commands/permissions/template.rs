//! The role that `--org` assumes, as a CloudFormation template that a StackSet can put into every account.

use crate::live::ROLE;
use serde_json::{Map, Value, json};

/// A template of the role with the policies given; it needs `CAPABILITY_NAMED_IAM`.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts.html>
pub(super) fn template(policies: &[Value]) -> Value {
    let mut resources = Map::new();
    let trust = |condition: Option<Value>| {
        let mut statement = json!({
            "Sid": "CallingAccount",
            "Effect": "Allow",
            "Principal": { "AWS": { "Fn::Sub": "arn:${AWS::Partition}:iam::${CallingAccount}:root" } },
            "Action": "sts:AssumeRole",
        });
        if let (Some(condition), Value::Object(members)) = (condition, &mut statement) {
            members.insert("Condition".to_owned(), condition);
        }
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    };
    let with_id = json!({ "StringEquals": { "sts:ExternalId": { "Ref": "ExternalId" } } });
    resources.insert(
        "Role".to_owned(),
        json!({
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": { "Ref": "RoleName" },
                "Description": "Palisade reads the configuration of this account",
                "MaxSessionDuration": 3600,
                "AssumeRolePolicyDocument": { "Fn::If": ["HasExternalId", trust(Some(with_id)), trust(None)] },
            },
        }),
    );
    for (at, policy) in policies.iter().enumerate() {
        resources.insert(
            format!("Reads{}", at + 1),
            json!({
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "ManagedPolicyName": { "Fn::Sub": format!("${{RoleName}}-reads-{}", at + 1) },
                    "Description": "Exactly the reads that Palisade plans",
                    "PolicyDocument": policy,
                    "Roles": [{ "Ref": "Role" }],
                },
            }),
        );
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The role that `palisade assess --org` assumes in each account: it may read what the controls ask, and nothing else",
        "Parameters": {
            "CallingAccount": {
                "Type": "String",
                "Description": "The account whose credentials run Palisade: the management account or a delegated administrator",
                "AllowedPattern": "[0-9]{12}",
            },
            "ExternalId": {
                "Type": "String",
                "Description": "The external id that the caller has to tell (--external-id); empty for none",
                "Default": "",
                // What STS takes: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
                "AllowedPattern": "[A-Za-z0-9_+=,.@:/-]{0,1224}",
            },
            "RoleName": {
                "Type": "String",
                "Description": "The name of the role (--org-role)",
                "Default": ROLE,
                "AllowedPattern": "[A-Za-z0-9_+=,.@-]{1,54}",
            },
        },
        "Conditions": {
            "HasExternalId": { "Fn::Not": [{ "Fn::Equals": [{ "Ref": "ExternalId" }, ""] }] },
        },
        "Resources": resources,
        "Outputs": {
            "RoleArn": { "Description": "What Palisade assumes", "Value": { "Fn::GetAtt": ["Role", "Arn"] } },
        },
    })
}

/// What to do with it.
pub(super) fn hint() -> String {
    format!(
        "a StackSet with service-managed permissions makes the role in every account but the management account, which \
         `--org` reads with its own credentials:\n\
         aws cloudformation create-stack-set --stack-set-name {ROLE} --template-body file://role.json \
         --permission-model SERVICE_MANAGED --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false \
         --capabilities CAPABILITY_NAMED_IAM --parameters ParameterKey=CallingAccount,ParameterValue=<account>\n\
         aws cloudformation create-stack-instances --stack-set-name {ROLE} --regions us-east-1 \
         --deployment-targets OrganizationalUnitIds=<root>\n\
         the caller needs sts:AssumeRole on the role, and organizations:DescribeOrganization, ListAccounts and \
         ListDelegatedAdministrators"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_holds_the_policies_as_they_are() {
        let policy = json!({ "Version": "2012-10-17", "Statement": [] });
        let made = template(&[policy.clone(), policy.clone()]);
        for name in ["Reads1", "Reads2"] {
            let reads = &made["Resources"][name]["Properties"];
            assert_eq!(reads["PolicyDocument"], policy);
            assert_eq!(reads["Roles"][0]["Ref"], "Role");
        }
        // What may be given to CloudFormation without a bucket between.
        assert!(made.to_string().len() < 51_200);
    }
}

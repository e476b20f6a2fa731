//! Names and ids of the services' own kinds, as policies name them.
#![cfg(test)]

mod support;

use palisade_iam::generate::generate;
use serde_json::json;
use support::trail::{AUTHORIZATION, HERE, allows, call, from, grants, needs, read, record};

#[test]
fn ecs_names_clusters_beside_what_is_in_them() {
    for (given, expected) in [("td:1", "td:1"), ("td", "td:*")] {
        let expected = format!("ecs:RunTask ecs:task-definition/{expected}");
        needs(
            "ecs",
            "RunTask",
            json!({ "taskDefinition": given }),
            &[&expected],
        );
        let arn = format!("arn:aws:ecs:{HERE}:task-definition/{given}");
        needs(
            "ecs",
            "RunTask",
            json!({ "taskDefinition": arn }),
            &[&expected],
        );
    }
    let cluster = format!("arn:aws:ecs:{HERE}:cluster/c");
    needs(
        "ecs",
        "UpdateService",
        json!({"cluster": cluster, "service": "s"}),
        &["ecs:UpdateService ecs:service/c/s"],
    );
    needs(
        "ecs",
        "CreateService",
        json!({"serviceName": "s"}),
        &["ecs:CreateService ecs:service/default/s"],
    );
    needs(
        "ecs",
        "DescribeTasks",
        json!({"cluster": "c", "tasks": ["x", format!("arn:aws:ecs:{HERE}:task/c/y")]}),
        &["ecs:DescribeTasks ecs:task/c/x ecs:task/c/y"],
    );
}

#[test]
fn iam_names_lack_paths() {
    needs(
        "iam",
        "CreateRole",
        json!({"roleName": "r"}),
        &["iam:CreateRole iam::role/r"],
    );
    needs(
        "iam",
        "CreateRole",
        json!({"roleName": "r", "path": "/team/"}),
        &["iam:CreateRole iam::role/team/r"],
    );
    let told = record(
        "iam",
        "CreateRole",
        json!({"requestParameters": {"roleName": "r"},
        "responseElements": {"role": {"arn": "arn:aws:iam::111122223333:role/x/r"}}}),
    );
    assert_eq!(
        grants(&from(&[told])),
        ["iam:CreateRole arn:aws:iam::111122223333:role/x/r"]
    );
    needs(
        "iam",
        "DeleteRole",
        json!({"roleName": "r"}),
        &["iam:DeleteRole iam::role/*/r iam::role/r"],
    );
    let deleted = from(&[call("iam", "DeleteRole", json!({"roleName": "r"}))]).document;
    for (role, is_allowed) in [
        ("r", true),
        ("a/b/r", true),
        ("xr", false),
        ("a/xr", false),
        ("r/x", false),
    ] {
        let role = format!("arn:aws:iam::111122223333:role/{role}");
        assert_eq!(
            allows(&deleted, "iam:DeleteRole", &role),
            is_allowed,
            "{role}"
        );
    }
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    needs(
        "iam",
        "AttachRolePolicy",
        json!({"roleName": "r", "policyArn": policy}),
        &["iam:AttachRolePolicy iam::role/*/r iam::role/r"],
    );
    needs(
        "iam",
        "AddUserToGroup",
        json!({"groupName": "g", "userName": "u"}),
        &["iam:AddUserToGroup iam::group/*/g iam::group/g"],
    );
    needs(
        "iam",
        "CreatePolicy",
        json!({"policyName": "p"}),
        &["iam:CreatePolicy iam::policy/p"],
    );
    // Who names no user means themselves; a role is none.
    let user = "arn:aws:iam::111122223333:user/staff/ann";
    let own = record(
        "iam",
        "ListAccessKeys",
        json!({"userIdentity": {"type": "IAMUser", "arn": user}}),
    );
    let own = generate(&read(&[own]), user, None, &AUTHORIZATION);
    assert_eq!(grants(&own), [format!("iam:ListAccessKeys {user}")]);
    needs(
        "iam",
        "ListAccessKeys",
        json!({}),
        &["iam:ListAccessKeys iam::user/*"],
    );
}

#[test]
fn other_services_name_what_they_are_about() {
    let queue = "https://sqs.eu-west-1.amazonaws.com/444455556666/q";
    needs(
        "sqs",
        "SendMessage",
        json!({ "queueUrl": queue }),
        &["sqs:SendMessage sqs:eu-west-1:444455556666:q"],
    );
    needs(
        "sqs",
        "CreateQueue",
        json!({"queueName": "q"}),
        &["sqs:CreateQueue sqs:q"],
    );
    needs(
        "sns",
        "CreateTopic",
        json!({"name": "t"}),
        &["sns:CreateTopic sns:t"],
    );
    needs(
        "sns",
        "Unsubscribe",
        json!({"subscriptionArn": format!("arn:aws:sns:{HERE}:t:6b0e")}),
        &["sns:Unsubscribe sns:t"],
    );
    needs(
        "sns",
        "Publish",
        json!({"phoneNumber": "x"}),
        &["sns:Publish *"],
    );
    let table = format!("arn:aws:dynamodb:{HERE}:table/t");
    for name in ["t", &table] {
        needs(
            "dynamodb",
            "Query",
            json!({"tableName": name, "indexName": "i"}),
            &["dynamodb:Query dynamodb:table/t dynamodb:table/t/index/i"],
        );
    }
    for name in [
        "f",
        "111122223333:function:f",
        &format!("arn:aws:lambda:{HERE}:function:f"),
    ] {
        needs(
            "lambda",
            "GetFunction20150331v2",
            json!({ "functionName": name }),
            &["lambda:GetFunction lambda:function:f"],
        );
        needs(
            "lambda",
            "Invoke",
            json!({ "functionName": format!("{name}:live") }),
            &["lambda:InvokeFunction lambda:function:f lambda:function:f:live"],
        );
    }
    needs(
        "kms",
        "Decrypt",
        json!({"keyId": "k"}),
        &["kms:Decrypt kms:key/k"],
    );
    needs(
        "kms",
        "Decrypt",
        json!({"keyId": "alias/a"}),
        &["kms:Decrypt kms:key/*"],
    );
    needs(
        "kms",
        "CreateAlias",
        json!({"aliasName": "alias/a", "targetKeyId": "k"}),
        &["kms:CreateAlias kms:alias/a kms:key/k"],
    );
    needs(
        "ecr",
        "DescribeImages",
        json!({"repositoryName": "a/b"}),
        &["ecr:DescribeImages ecr:repository/a/b"],
    );
    needs(
        "events",
        "PutRule",
        json!({"name": "r"}),
        &["events:PutRule events:rule/r"],
    );
    needs(
        "events",
        "PutTargets",
        json!({"rule": "r", "eventBusName": "b"}),
        &["events:PutTargets events:rule/b/r"],
    );
    needs(
        "events",
        "DeleteRule",
        json!({"name": "r", "eventBusName": format!("arn:aws:events:{HERE}:event-bus/default")}),
        &["events:DeleteRule events:rule/r"],
    );
    let machine = format!("arn:aws:states:{HERE}:stateMachine:m");
    needs(
        "states",
        "StartExecution",
        json!({ "stateMachineArn": machine }),
        &["states:StartExecution states:stateMachine:m"],
    );
    needs(
        "states",
        "StartExecution",
        json!({ "stateMachineArn": format!("{machine}:live") }),
        &["states:StartExecution states:stateMachine:m states:stateMachine:m:live"],
    );
    needs(
        "states",
        "DescribeExecution",
        json!({"executionArn": format!("arn:aws:states:{HERE}:execution:m:e")}),
        &["states:DescribeExecution states:execution:m:e"],
    );
    needs(
        "kinesis",
        "PutRecord",
        json!({"streamName": "s"}),
        &["kinesis:PutRecord kinesis:stream/s"],
    );
    needs(
        "cloudformation",
        "DeleteStack",
        json!({"stackName": "s"}),
        &["cloudformation:DeleteStack cloudformation:stack/s/*"],
    );
    needs(
        "cloudformation",
        "DeleteStack",
        json!({"stackName": format!("arn:aws:cloudformation:{HERE}:stack/s/1-2")}),
        &["cloudformation:DeleteStack cloudformation:stack/s/1-2"],
    );
    needs(
        "rds",
        "RebootDBInstance",
        json!({"dBInstanceIdentifier": "Db"}),
        &["rds:RebootDBInstance rds:db:db"],
    );
    needs(
        "rds",
        "CreateDBSnapshot",
        json!({"dBInstanceIdentifier": "d", "dBSnapshotIdentifier": "s"}),
        &["rds:CreateDBSnapshot rds:db:d rds:snapshot:s"],
    );
    needs(
        "eks",
        "DescribeCluster",
        json!({"name": "c"}),
        &["eks:DescribeCluster eks:cluster/c"],
    );
    needs(
        "codebuild",
        "StartBuild",
        json!({"projectName": "p"}),
        &["codebuild:StartBuild codebuild:project/p"],
    );
    needs(
        "codebuild",
        "BatchGetProjects",
        json!({"names": ["p", "q"]}),
        &["codebuild:BatchGetProjects codebuild:project/p codebuild:project/q"],
    );
}

#[test]
fn ids_of_ec2_tell_their_type() {
    needs(
        "ec2",
        "StopInstances",
        json!({"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}),
        &["ec2:StopInstances ec2:instance/i-1 ec2:instance/i-2"],
    );
    needs(
        "ec2",
        "AttachVolume",
        json!({"instanceId": "i-1", "volumeId": "vol-1"}),
        &["ec2:AttachVolume ec2:instance/i-1 ec2:volume/vol-1"],
    );
    let resources = json!([{"resourceId": "i-1"}, {"resourceId": "sg-1"}]);
    needs(
        "ec2",
        "CreateTags",
        json!({"resourcesSet": {"items": resources}, "tagSet": {"items": [{"key": "k", "value": "i-9"}]}}),
        &["ec2:CreateTags ec2:instance/i-1 ec2:security-group/sg-1"],
    );
    needs(
        "ec2",
        "AuthorizeSecurityGroupIngress",
        json!({"groupId": "sg-1", "ipPermissions": {"items": [{"groups": {"items": [{"groupId": "sg-2"}]}}]}}),
        &["ec2:AuthorizeSecurityGroupIngress ec2:security-group/sg-1"],
    );
}

//! Who outside an account, or its organization, can use its resources.
#![cfg(test)]

mod support;

use std::sync::Arc;
use support::accounts::{ONE, TWO, estate, named, resource};

use palisade_iam::{
    estate::{Estate, ExternalTo, Seen, Zone, external},
    model::{Acl, KmsGrant, Level},
    parse::PolicyKind,
};
use serde_json::{Value, json};

fn outside(estate: &Estate, organization: bool) -> Vec<String> {
    let zone = Zone {
        organization,
        ..Zone::default()
    };
    external(estate, &zone)
        .collect::<Vec<_>>()
        .iter()
        .map(|found| match &found.to {
            ExternalTo::Somebody {
                principal,
                public,
                actions,
                source,
            } => format!(
                "{} {} {} {}{}",
                found.resource.rsplit([':', '/']).next().unwrap(),
                principal.1,
                actions.keys().cloned().collect::<Vec<_>>().join(","),
                source,
                if *public { " public" } else { "" }
            ),
            ExternalTo::Unknown(why) => format!("{} unknown {why}", found.resource),
        })
        .collect()
}

#[test]
fn external_by_zone_of_trust() {
    assert_eq!(outside(&estate(), true), [""; 0]);
    assert_eq!(
        outside(&estate(), false),
        ["payroll 444455556666 s3:getobject POLICY"]
    );
    let mut open = estate();
    let everyone = |condition: Value| {
        named(
            "p",
            json!([{"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::payroll", "arn:aws:s3:::payroll/*"], "Condition": condition}]),
            PolicyKind::Resource,
        )
    };
    open.resources[0].policy = Seen::Told(Some(everyone(json!({}))));
    assert_eq!(
        outside(&open, true),
        ["payroll * s3:getobject,s3:listbucket POLICY public"]
    );
    // Block Public Access, or an RCP, takes it away.
    open.resources[0].facts.s3.restrict_public_buckets = true;
    assert_eq!(outside(&open, true), [""; 0]);
    open.resources[0].facts.s3.restrict_public_buckets = false;
    let only_own = |condition: Value| {
        vec![Level {
            name: "root".to_owned(),
            policies: vec![named(
                "own",
                json!([{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}]),
                PolicyKind::ResourceControl,
            )],
        }]
    };
    // Who has no organization is not of this one, unless the key has to be there.
    open.accounts.get_mut(ONE).unwrap().rcps = only_own(json!({
        "StringNotEquals": {"aws:PrincipalOrgID": "o-own"}, "Null": {"aws:PrincipalOrgID": "false"}
    }));
    assert_eq!(
        outside(&open, true),
        ["payroll * s3:getobject,s3:listbucket POLICY public"]
    );
    open.accounts.get_mut(ONE).unwrap().rcps =
        only_own(json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-own"}}));
    assert_eq!(outside(&open, true), [""; 0]);
    open.resources[0].policy = Seen::Told(Some(everyone(
        json!({"StringEquals": {"aws:PrincipalAccount": "777788889999"}}),
    )));
    assert_eq!(outside(&open, true), [""; 0]);
    open.accounts.get_mut(ONE).unwrap().rcps.clear();
    assert_eq!(
        outside(&open, true),
        ["payroll 777788889999 s3:getobject,s3:listbucket POLICY"]
    );
    open.resources[0].policy = Seen::Told(Some(everyone(
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-own"}}),
    )));
    assert_eq!(outside(&open, true), [""; 0]);
    open.resources[0].policy = Seen::Unseen("s3:GetBucketPolicy: denied".to_owned());
    assert_eq!(
        outside(&open, true),
        ["arn:aws:s3:::payroll unknown s3:GetBucketPolicy: denied"]
    );
}

#[test]
fn canonical_users_and_federated_sessions() {
    let id = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
    let to = |who: Value, condition: Value| {
        let mut estate = estate();
        let statement = json!([{"Effect": "Allow", "Principal": who, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::payroll/*", "Condition": condition}]);
        estate.resources[0].policy = Seen::Told(Some(named("p", statement, PolicyKind::Resource)));
        estate
    };
    let canonical = to(json!({"CanonicalUser": id}), json!({}));
    let open =
        format!("arn:aws:s3:::payroll unknown whose the canonical user id {id} is was not seen");
    assert_eq!(outside(&canonical, false), [open]);
    let mut told = canonical.clone();
    told.accounts.get_mut(ONE).unwrap().canonical_user = Some("own".to_owned());
    assert_eq!(
        outside(&told, false),
        [format!("payroll {id} s3:getobject POLICY")]
    );
    told.accounts.get_mut(ONE).unwrap().canonical_user = Some(id.to_owned());
    assert_eq!(outside(&told, false), [""; 0]);
    told.accounts.get_mut(ONE).unwrap().canonical_user = Some("own".to_owned());
    told.accounts.get_mut(TWO).unwrap().canonical_user = Some(id.to_owned());
    assert_eq!(
        outside(&told, false),
        ["payroll 444455556666 s3:getobject POLICY"]
    );
    assert_eq!(outside(&told, true), [""; 0]);
    let session = "arn:aws:sts::777788889999:federated-user/bob";
    assert_eq!(
        outside(&to(json!({"AWS": session}), json!({})), true),
        [format!("payroll {session} s3:getobject POLICY")]
    );
    let kind = json!({"StringEquals": {"aws:PrincipalType": "FederatedUser"}});
    assert_eq!(
        outside(&to(json!("*"), kind), true),
        ["payroll * s3:getobject POLICY public"]
    );
    let name = json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}});
    assert_eq!(
        outside(&to(json!("*"), name), true),
        ["payroll * s3:getobject POLICY public"]
    );
}

#[test]
fn acls_and_grants_and_trust() {
    let mut estate = estate();
    estate.resources[0].facts.s3.acl = vec![Acl {
        grantee: "http://acs.amazonaws.com/groups/global/AllUsers".to_owned(),
        permission: "READ".to_owned(),
    }];
    estate.resources[1].facts.kms_grants = vec![KmsGrant {
        name: "g".to_owned(),
        grantee: "arn:aws:iam::777788889999:role/x".to_owned(),
        retiring: None,
        operations: vec!["Decrypt".to_owned()],
        context_equals: None,
        context_subset: vec![("app".to_owned(), "y".to_owned())],
    }];
    estate.resources[2].policy = Seen::Told(Some(named(
        "trust",
        json!([
        {"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
         "Action": "sts:AssumeRoleWithWebIdentity"},
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]),
        PolicyKind::Trust,
    )));
    assert_eq!(
        outside(&estate, true),
        [
            "payroll * s3:listbucket,s3:listbucketmultipartuploads,s3:listbucketversions BUCKET_ACL public",
            "k arn:aws:iam::777788889999:role/x kms:decrypt KMS_GRANT",
            "admin arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com sts:assumerolewithwebidentity POLICY",
        ]
    );
}

/// An ACL names accounts by their canonical user ids.
#[test]
fn an_acl_that_names_an_account() {
    let mut estate = estate();
    estate.resources.truncate(1);
    estate.resources[0].policy = Seen::Told(None);
    estate.resources[0].facts.s3.acl = vec![Acl {
        grantee: "c0ffee".to_owned(),
        permission: "READ_ACP".to_owned(),
    }];
    let open = "arn:aws:s3:::payroll unknown whose the canonical user id c0ffee is was not seen";
    assert_eq!(outside(&estate, true), [open]);
    for (account, id) in [(ONE, "own"), (TWO, "other")] {
        estate.accounts.get_mut(account).unwrap().canonical_user = Some(id.to_owned());
    }
    assert_eq!(
        outside(&estate, true),
        ["payroll c0ffee s3:getbucketacl BUCKET_ACL"]
    );
    estate.accounts.get_mut(TWO).unwrap().canonical_user = Some("c0ffee".to_owned());
    assert_eq!(outside(&estate, true), [""; 0]);
    assert_eq!(
        outside(&estate, false),
        ["payroll 444455556666 s3:getbucketacl BUCKET_ACL"]
    );
}

/// "Access control list (ACL) overview" (S3 User Guide): a bucket's ACL lets objects be listed and put, and says nothing
/// of reading them or of their ACLs.
#[test]
fn a_buckets_acl_is_not_its_objects() {
    let mut estate = estate();
    let mut with = |permission: &str| {
        estate.resources[0].facts.s3.acl = vec![Acl {
            grantee: "http://acs.amazonaws.com/groups/global/AllUsers".to_owned(),
            permission: permission.to_owned(),
        }];
        let found = outside(&estate, true);
        found
            .into_iter()
            .filter(|row| row.contains("BUCKET_ACL"))
            .collect::<Vec<_>>()
    };
    assert_eq!(with("WRITE"), ["payroll * s3:putobject BUCKET_ACL public"]);
    assert_eq!(
        with("FULL_CONTROL"),
        [
            "payroll * s3:getbucketacl,s3:listbucket,s3:listbucketmultipartuploads,s3:listbucketversions,s3:putbucketacl,s3:putobject BUCKET_ACL public"
        ]
    );
}

/// The policy that SNS gives a new topic lets in its owner, by `aws:SourceOwner`.
#[test]
fn a_topic_with_its_first_policy_is_not_shared() {
    let topic = "arn:aws:sns:eu-central-1:111122223333:alarms";
    let mut estate = estate();
    let shared = |owner: &str| {
        resource(
            topic,
            "AWS::SNS::Topic",
            json!([{
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["SNS:GetTopicAttributes", "SNS:Publish", "SNS:Subscribe"],
                "Resource": topic,
                "Condition": {"StringEquals": {"AWS:SourceOwner": owner}}
            }]),
        )
    };
    estate.resources = vec![shared(ONE)];
    assert_eq!(outside(&estate, false), [""; 0]);
    assert_eq!(outside(&estate, true), [""; 0]);
    estate.resources = vec![shared("999988887777")];
    let found = outside(&estate, true);
    assert!(
        found.iter().all(|found| !found.contains("unknown")),
        "{found:?}"
    );
}

/// Access Analyzer's spelling, where it is known.
#[test]
fn findings_spell_actions_and_keys() {
    let known = support::authorization();
    assert_eq!(known.spelled_action("s3:get*"), "s3:Get*");
    assert_eq!(known.spelled_action("new:get*"), "new:get*");
    assert_eq!(
        known.spelled_key("aws:principalorgid"),
        "aws:PrincipalOrgID"
    );
    assert_eq!(
        known.spelled_key("aws:principaltag/a"),
        "aws:PrincipalTag/a"
    );
    assert_eq!(known.spelled_key("s3:prefix"), "s3:prefix");
    assert_eq!(known.spelled_key("x:y"), "x:y");
    let mut estate = estate();
    estate.authorization = Some(Arc::new(known));
    estate.resources = vec![resource(
        "arn:aws:iam::111122223333:role/admin",
        "AWS::IAM::Role",
        json!([{
            "Effect": "Allow",
            "Principal": {"AWS": "999988887777"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-other"}}
        }]),
    )];
    let found: Vec<_> = external(&estate, &Zone::default()).collect();
    let ExternalTo::Somebody { actions, .. } = &found[0].to else {
        panic!("{found:?}")
    };
    let (action, request) = actions.first_key_value().unwrap();
    assert_eq!(action, "sts:AssumeRole");
    assert_eq!(request.chosen[0].0, "aws:PrincipalOrgID");
}

use super::super::ReplyError;
use super::super::testing::{model, read, read_with, request};
use serde_json::json;

#[test]
fn iam_policy_documents_are_decoded_wherever_they_stand() {
    let model = model(
        "iam",
        "query",
        json!({"name": "GetRole", "output": {"shape": "Out", "resultWrapper": "GetRoleResult"}}),
        json!({
            "Out": {"type": "structure", "members": {"Role": {"shape": "Role"}, "All": {"shape": "Roles"}}},
            "Role": {"type": "structure", "members": {"Path": {"shape": "String"}, "Policy": {"shape": "policyDocumentType"}}},
            "Roles": {"type": "list", "member": {"shape": "Role"}},
            "String": {"type": "string"},
            "policyDocumentType": {"type": "string"},
        }),
    );
    let encoded = "%7B%22Sid%22%3A%22a+b%20%25%22%7D";
    let body = format!(
        "<GetRoleResponse><GetRoleResult><Role><Path>%2F</Path><Policy>{encoded}</Policy></Role>\
         <All><member><Policy>{encoded}</Policy></member>\
         <member><Policy>{{\"Resource\": \"%20\"}}</Policy></member></All></GetRoleResult></GetRoleResponse>"
    );
    assert_eq!(
        read(&model, 200, &body).unwrap(),
        json!({
            "Role": {"Path": "%2F", "Policy": r#"{"Sid":"a+b %"}"#},
            "All": [{"Policy": r#"{"Sid":"a+b %"}"#}, {"Policy": r#"{"Resource": "%20"}"#}],
        })
    );
}

#[test]
fn the_location_of_a_bucket_is_the_text_of_the_root() {
    let model = model(
        "s3",
        "rest-xml",
        json!({"name": "GetBucketLocation", "http": {"method": "GET", "requestUri": "/{Bucket}?location"},
            "input": {"shape": "In"}, "output": {"shape": "Out"}}),
        json!({
            "In": {"type": "structure", "required": ["Bucket"], "members": {
                "Bucket": {"shape": "String", "location": "uri", "locationName": "Bucket"}}},
            "Out": {"type": "structure", "members": {"LocationConstraint": {"shape": "String"}}},
            "String": {"type": "string"},
        }),
    );
    let name = "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    let at = |body: &str| read(&model, 200, body).unwrap();
    assert_eq!(
        at(&format!(
            "<?xml version=\"1.0\"?>\n{name}>eu-west-1</LocationConstraint>"
        )),
        json!({"LocationConstraint": "eu-west-1"})
    );
    assert_eq!(at(&format!("{name}/>")), json!({}));
    // The endpoint rules of S3 put the bucket where it belongs.
    assert_eq!(
        request(&model, json!({"Bucket": "a"})).unwrap().uri,
        "/?location"
    );
}

#[test]
fn an_error_of_s3_inside_a_success_is_an_error() {
    let shapes = json!({"Out": {"type": "structure", "members": {"A": {"shape": "String"}}}, "String": {"type": "string"}});
    let op = json!({"name": "CopyObject", "output": {"shape": "Out"}});
    let body =
        "<Error><Code>SlowDown</Code><Message>later</Message><RequestId>1</RequestId></Error>";
    let Err(ReplyError::Service(error)) = read(
        &model("s3", "rest-xml", op.clone(), shapes.clone()),
        200,
        body,
    ) else {
        panic!("taken for a success")
    };
    assert_eq!(
        (
            error.code.as_str(),
            error.status,
            error.request_id.as_deref()
        ),
        ("SlowDown", 500, Some("1"))
    );
    let other = read(
        &model("cloudfront", "rest-xml", op, shapes),
        200,
        "<Error><A>data</A></Error>",
    );
    assert_eq!(other.unwrap(), json!({"A": "data"}));
}

#[test]
fn the_keys_of_a_listing_are_asked_for_encoded_and_decoded() {
    let model = model(
        "s3",
        "rest-xml",
        json!({"name": "ListObjectsV2", "http": {"method": "GET", "requestUri": "/{Bucket}?list-type=2"},
            "input": {"shape": "In"}, "output": {"shape": "Out"}}),
        json!({
            "In": {"type": "structure", "members": {
                "Bucket": {"shape": "String", "location": "uri", "locationName": "Bucket"},
                "EncodingType": {"shape": "String", "location": "querystring", "locationName": "encoding-type"}}},
            "Out": {"type": "structure", "members": {
                "Prefix": {"shape": "String"}, "EncodingType": {"shape": "String"}, "Contents": {"shape": "Objects"}}},
            "Objects": {"type": "list", "member": {"shape": "Object"}, "flattened": true},
            "Object": {"type": "structure", "members": {"Key": {"shape": "String"}}},
            "String": {"type": "string"},
        }),
    );
    let uri = |input| request(&model, input).unwrap().uri;
    assert_eq!(
        uri(json!({"Bucket": "b"})),
        "/?list-type=2&encoding-type=url"
    );
    let body = |kind: &str| {
        format!(
            "<L><Prefix>a%2F</Prefix>{kind}<Contents><Key>a%2F%01</Key></Contents><Contents/></L>"
        )
    };
    assert_eq!(
        read(&model, 200, &body("<EncodingType>url</EncodingType>")).unwrap(),
        json!({"Prefix": "a/", "EncodingType": "url", "Contents": [{"Key": "a/\u{1}"}, {}]})
    );
    assert_eq!(
        read(&model, 200, &body("")).unwrap()["Contents"][0]["Key"],
        "a%2F%01"
    );
}

#[test]
fn an_expires_header_that_is_no_date_is_kept_as_text() {
    let op = json!({"name": "HeadObject", "http": {"method": "HEAD", "requestUri": "/"}, "output": {"shape": "Out"}});
    let shapes = json!({
        "Out": {"type": "structure", "members": {"Expires": {"shape": "Time", "location": "header", "locationName": "Expires"}}},
        "Time": {"type": "timestamp"},
    });
    let at = |service, text| {
        read_with(
            &model(service, "rest-xml", op.clone(), shapes.clone()),
            200,
            &[("expires", text)],
            "",
        )
    };
    assert_eq!(
        at("s3", "never").unwrap(),
        json!({"ExpiresString": "never"})
    );
    assert_eq!(
        at("s3", "Tue, 29 Apr 2014 18:30:38 GMT").unwrap(),
        json!({"Expires": "2014-04-29T18:30:38Z"})
    );
    assert_eq!(
        at("other", "never").unwrap_err().to_string(),
        "HeadObject: unreadable reply: header `Expires`: `never` is not a timestamp"
    );
}

#[test]
fn api_gateway_is_asked_for_json() {
    let model = model(
        "apigateway",
        "rest-json",
        json!({"name": "GetRestApis", "http": {"method": "GET", "requestUri": "/restapis"}}),
        json!({}),
    );
    let request = request(&model, json!({})).unwrap();
    assert_eq!(
        request.headers,
        [("Accept".to_owned(), "application/json".to_owned())]
    );
}

#[test]
fn route_53_takes_the_ids_that_it_gives() {
    let model = model(
        "route53",
        "rest-xml",
        json!({"name": "GetHostedZone", "http": {"method": "GET", "requestUri": "/2013-04-01/hostedzone/{Id}"}, "input": {"shape": "In"}}),
        json!({
            "In": {"type": "structure", "required": ["Id"], "members": {"Id": {"shape": "ResourceId", "location": "uri", "locationName": "Id"}}},
            "ResourceId": {"type": "string"},
        }),
    );
    for id in ["/hostedzone/Z1", "Z1"] {
        assert_eq!(
            request(&model, json!({"Id": id})).unwrap().uri,
            "/2013-04-01/hostedzone/Z1"
        );
    }
}

#[test]
fn the_console_output_of_an_instance_is_text() {
    let model = model(
        "ec2",
        "ec2",
        json!({"name": "GetConsoleOutput", "output": {"shape": "Out"}}),
        json!({
            "Out": {"type": "structure", "members": {"Output": {"shape": "String", "locationName": "output"}}},
            "String": {"type": "string"},
        }),
    );
    let body = "<GetConsoleOutputResponse><output>aGkK/w==</output></GetConsoleOutputResponse>";
    assert_eq!(
        read(&model, 200, body).unwrap(),
        json!({"Output": "hi\n\u{fffd}"})
    );
}

#[test]
fn the_account_of_s3_control_is_put_into_the_host_by_the_endpoint_rules() {
    let op = json!({"name": "GetPublicAccessBlock", "http": {"method": "GET", "requestUri": "/v20180820/x"},
        "input": {"shape": "In"}, "endpoint": {"hostPrefix": "{AccountId}."}});
    let shapes = json!({
        "In": {"type": "structure", "members": {"AccountId": {"shape": "String", "hostLabel": true, "location": "header", "locationName": "x-amz-account-id"}}},
        "String": {"type": "string"},
    });
    let prefix = |service| {
        let model = model(service, "rest-xml", op.clone(), shapes.clone());
        request(&model, json!({"AccountId": "111122223333"}))
            .unwrap()
            .host_prefix
    };
    assert_eq!(prefix("s3control"), None);
    assert_eq!(prefix("other").as_deref(), Some("111122223333."));
}

#[test]
fn an_arn_of_an_outpost_becomes_a_bare_name_an_account_and_a_header() {
    let op = json!({"name": "GetBucketPolicy", "http": {"method": "GET", "requestUri": "/v20180820/bucket/{name}/policy"}, "input": {"shape": "In"}});
    let shapes = json!({
        "In": {"type": "structure", "members": {
            "AccountId": {"shape": "String", "location": "header", "locationName": "x-amz-account-id"},
            "Bucket": {"shape": "String", "location": "uri", "locationName": "name"},
        }},
        "String": {"type": "string"},
    });
    let model = model("s3control", "rest-xml", op, shapes);
    let asked = |bucket: &str| {
        let input = json!({"AccountId": "111122223333", "Bucket": bucket});
        let request = request(&model, input).unwrap();
        let header = |name: &str| {
            let found = request.headers.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        (
            request.uri.clone(),
            header("x-amz-account-id"),
            header("x-amz-outpost-id"),
        )
    };
    let told = |uri: &str, account: &str, outpost: &str| {
        (uri.to_owned(), account.to_owned(), outpost.to_owned())
    };
    for arn in [
        "arn:aws:s3-outposts:eu-west-1:444455556666:outpost/op-1/bucket/sales",
        "arn:aws:s3-outposts:eu-west-1:444455556666:outpost:op-1:bucket:sales",
    ] {
        assert_eq!(
            asked(arn),
            told("/v20180820/bucket/sales/policy", "444455556666", "op-1")
        );
    }
    assert_eq!(
        asked("sales"),
        told("/v20180820/bucket/sales/policy", "111122223333", "")
    );
    // An ARN of another kind is a name like any other, and the service says what it thinks of it.
    for other in [
        "arn:aws:s3-outposts:eu-west-1:444455556666:outpost/op-1/accesspoint/a",
        "arn:aws:s3:eu-west-1:444455556666:accesspoint/a",
        "arn:aws:s3-outposts:eu-west-1:444455556666:outpost/op-1/bucket/",
        "arn:aws:s3-outposts:eu-west-1:444455556666:outpost/op-1/bucket/a/b",
        "arn:",
    ] {
        assert_eq!(asked(other).2, "", "{other}");
    }
}

#[test]
fn glacier_takes_the_signing_account_and_wants_its_version() {
    let model = model(
        "glacier",
        "rest-json",
        json!({"name": "ListVaults", "http": {"method": "GET", "requestUri": "/{accountId}/vaults"}, "input": {"shape": "In"}}),
        json!({
            "In": {"type": "structure", "required": ["accountId"], "members": {"accountId": {"shape": "String", "location": "uri", "locationName": "accountId"}}},
            "String": {"type": "string"},
        }),
    );
    let request = request(&model, json!({})).unwrap();
    assert_eq!(request.uri, "/-/vaults");
    assert_eq!(
        request.headers,
        [("x-amz-glacier-version".to_owned(), "2020-01-01".to_owned())]
    );
}

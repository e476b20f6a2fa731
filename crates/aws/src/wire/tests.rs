//! Inputs and replies that are wrong.

use super::testing::{model, read, read_with, request};
use super::{MAX_BODY, MAX_VALUES, ReplyError, ServiceError};
use crate::model::Model;
use serde_json::{Value, json};

const PROTOCOLS: [&str; 5] = ["json", "rest-json", "rest-xml", "query", "ec2"];

fn demo(protocol: &str) -> Model {
    model(
        "demo",
        protocol,
        json!({"name": "Get", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "In"},
            "output": {"shape": "Out", "resultWrapper": "GetResult"}}),
        json!({
            "In": {"type": "structure", "required": ["Name"], "members": {
                "Name": {"shape": "String"}, "Max": {"shape": "Integer"}, "Filters": {"shape": "Filters"}}},
            "Filters": {"type": "list", "member": {"shape": "Filter"}},
            "Filter": {"type": "structure", "members": {
                "Values": {"shape": "Strings"}, "At": {"shape": "Time"}, "Data": {"shape": "Blob"}, "On": {"shape": "Boolean"}}},
            "Strings": {"type": "list", "member": {"shape": "String"}},
            "Out": {"type": "structure", "members": {
                "Name": {"shape": "String"}, "Count": {"shape": "Integer"}, "Next": {"shape": "Out"}}},
            "Gone": {"type": "structure", "error": {"code": "No.Such", "httpStatusCode": 404}, "exception": true,
                "members": {"Name": {"shape": "String"}}},
            "String": {"type": "string"}, "Integer": {"type": "integer"}, "Time": {"type": "timestamp"},
            "Blob": {"type": "blob"}, "Boolean": {"type": "boolean"},
        }),
    )
}

#[test]
fn a_wrong_input_is_told_by_member() {
    let model = demo("json");
    let fault = |input: Value| request(&model, input).unwrap_err().to_string();
    for (input, words) in [
        (json!({}), "Get: `Name`: required, but missing"),
        (json!({"Name": null}), "Get: `Name`: required, but missing"),
        (json!([]), "Get: the input is not an object"),
        (
            json!({"Name": "a", "Size": 1}),
            "Get: `Size`: there is no such member",
        ),
        (
            json!({"Name": 1}),
            "Get: `Name`: must be a string, not a number",
        ),
        (
            json!({"Name": "a", "Max": 1.5}),
            "Get: `Max`: must be a integer, not a number",
        ),
        (
            json!({"Name": "a", "Filters": {}}),
            "Get: `Filters`: must be a list, not an object",
        ),
        (
            json!({"Name": "a", "Filters": [{}, {"Values": ["x", true]}]}),
            "Get: `Filters[1].Values[1]`: must be a string, not a boolean",
        ),
        (
            json!({"Name": "a", "Filters": [{"At": "soon"}]}),
            "Get: `Filters[0].At`: must be a timestamp (RFC 3339 text or seconds), not text",
        ),
        (
            json!({"Name": "a", "Filters": [{"Data": "?"}]}),
            "Get: `Filters[0].Data`: must be a blob (base64 text), not text",
        ),
    ] {
        assert_eq!(fault(input), words);
    }
}

#[test]
fn a_path_label_is_never_empty_and_never_a_path() {
    let model = model(
        "demo",
        "rest-json",
        json!({"name": "Get", "http": {"method": "GET", "requestUri": "/a/{Name}/b"}, "input": {"shape": "In"}}),
        json!({
            "In": {"type": "structure", "members": {"Name": {"shape": "String", "location": "uri", "locationName": "Name"}}},
            "String": {"type": "string"},
        }),
    );
    let uri = |name: &str| request(&model, json!({"Name": name})).map(|request| request.uri);
    assert_eq!(uri("x/../y?z#ä").unwrap(), "/a/x%2F..%2Fy%3Fz%23%C3%A4/b");
    assert_eq!(
        uri("").unwrap_err().to_string(),
        "Get: `Name`: part of the path, but empty"
    );
    assert_eq!(
        request(&model, json!({})).unwrap_err().to_string(),
        "Get: `Name`: part of the path, but missing"
    );
}

fn body(protocol: &str) -> &'static str {
    match protocol {
        "json" | "rest-json" => r#"{"Name": "a", "Count": 3, "Next": {"Name": "b"}, "More": [1]}"#,
        "query" => {
            "<GetResponse><GetResult><Name>a</Name><Count>3</Count><Next><Name>b</Name></Next><More/></GetResult></GetResponse>"
        }
        _ => {
            "<GetResponse><Name>a</Name><Count>3</Count><Next><Name>b</Name></Next><More/></GetResponse>"
        }
    }
}

#[test]
fn every_cut_of_a_reply_is_an_error() {
    for protocol in PROTOCOLS {
        let model = demo(protocol);
        let whole = body(protocol);
        assert_eq!(
            read(&model, 200, whole).unwrap(),
            json!({"Name": "a", "Count": 3, "Next": {"Name": "b"}})
        );
        for cut in 1..whole.len() {
            let result = read(&model, 200, whole.get(..cut).unwrap());
            let Err(ReplyError::Wire(error)) = result else {
                panic!("{protocol} {cut}: {result:?}")
            };
            let words = error.to_string();
            assert!(words.contains("line 1"), "{protocol} {cut}: {words}");
        }
        assert!(
            read(&model, 200, &format!("{whole}x")).is_err(),
            "{protocol}"
        );
    }
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_its_place() {
    for protocol in PROTOCOLS {
        let wrong = body(protocol)
            .replace('3', "\"three\"")
            .replace(">\"three\"<", ">three<");
        let words = read(&demo(protocol), 200, &wrong).unwrap_err().to_string();
        assert!(
            words.contains("`Count`: `three` is not a integer at "),
            "{words}"
        );
    }
}

#[test]
fn deep_replies_are_refused() {
    let nested =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    for (protocol, body) in [
        (
            "json",
            format!("{{\"Next\":{}}}", nested("{\"Next\":", "}")),
        ),
        ("rest-xml", nested("<Next>", "</Next>")),
        (
            "rest-xml",
            format!("<R>{}</R>", nested("<More>", "</More>")),
        ),
        (
            "rest-xml",
            format!("<R><Name>{}</Name></R>", nested("<b>", "</b>")),
        ),
    ] {
        let result = read(&demo(protocol), 200, &body);
        assert!(
            matches!(result, Err(ReplyError::Wire(_))),
            "{protocol}: {result:?}"
        );
        let Err(ReplyError::Service(error)) = read(&demo(protocol), 400, &body) else {
            panic!()
        };
        assert_eq!(error.code, "400");
    }
    // In JSON the unknown is passed over without recursion.
    let unknown = format!("{{\"More\":{}}}", nested("[", "]"));
    assert_eq!(read(&demo("json"), 200, &unknown).unwrap(), json!({}));
}

#[test]
fn what_is_not_the_reply_of_the_service_is_refused() {
    let page = "<html><body>Log in to the network</body></html>";
    for protocol in PROTOCOLS {
        assert!(
            matches!(read(&demo(protocol), 200, page), Err(ReplyError::Wire(_))),
            "{protocol}"
        );
    }
    for body in [
        "<!DOCTYPE x [<!ENTITY a \"b\">]><R><Name>&a;</Name></R>",
        "<R><Name>&a;</Name></R>",
        "<R><Name>&#xD800;</Name></R>",
        "<R><Name>a</Count></R>",
        "<R/><R/>",
        "text",
    ] {
        assert!(
            matches!(read(&demo("rest-xml"), 200, body), Err(ReplyError::Wire(_))),
            "{body}"
        );
    }
    for body in [
        "[]",
        "null",
        "\"a\"",
        "{} {}",
        "{\"Name\": {}}",
        "{\"Name\": \"\u{1}\"}",
    ] {
        assert!(
            matches!(read(&demo("json"), 200, body), Err(ReplyError::Wire(_))),
            "{body}"
        );
    }
}

#[test]
fn entities_and_cdata_are_text() {
    let body = "<R><Name>a&amp;b&#x20AC;<![CDATA[<c>]]><!-- no -->&lt;</Name></R>";
    assert_eq!(
        read(&demo("rest-xml"), 200, body).unwrap(),
        json!({"Name": "a&b€<c><"})
    );
}

#[test]
fn a_body_beyond_the_limit_is_not_read() {
    let body = " ".repeat(MAX_BODY + 1);
    let words = read(&demo("json"), 200, &body).unwrap_err().to_string();
    assert_eq!(
        words,
        format!(
            "Get: the reply has {} bytes, more than the limit of {MAX_BODY}",
            MAX_BODY + 1
        )
    );
}

#[test]
fn a_reply_of_too_many_values_is_refused() {
    let model = |protocol| {
        model(
            "demo",
            protocol,
            json!({"name": "Get", "output": {"shape": "Out"}}),
            json!({
                "Out": {"type": "structure", "members": {"List": {"shape": "List"}, "Any": {"shape": "Any"}}},
                "List": {"type": "list", "member": {"shape": "Item"}},
                "Item": {"type": "structure", "members": {}},
                "Any": {"type": "structure", "members": {}, "document": true},
            }),
        )
    };
    let many = MAX_VALUES + 1;
    for (protocol, body) in [
        ("json", format!("{{\"List\":[{}{{}}]}}", "{},".repeat(many))),
        ("json", format!("{{\"Any\":[{}[]]}}", "[],".repeat(many))),
        (
            "rest-xml",
            format!("<R><List>{}</List></R>", "<a/>".repeat(many)),
        ),
    ] {
        let words = read(&model(protocol), 200, &body).unwrap_err().to_string();
        assert!(
            words.contains(&format!("more than {MAX_VALUES} ")),
            "{words}"
        );
    }
}

fn error(protocol: &str, status: u16, headers: &[(&str, &str)], body: &str) -> ServiceError {
    match read_with(&demo(protocol), status, headers, body) {
        Err(ReplyError::Service(error)) => *error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn errors_of_every_protocol() {
    for (protocol, body) in [
        (
            "json",
            r#"{"__type": "com.amazonaws.demo#No.Such", "message": "gone", "Name": "a"}"#,
        ),
        (
            "rest-json",
            r#"{"code": "No.Such:http://x/", "Message": "gone", "Name": "a"}"#,
        ),
        (
            "rest-xml",
            "<Error><Code>No.Such</Code><Message>gone</Message><Name>a</Name></Error>",
        ),
        (
            "query",
            "<ErrorResponse><Error><Type>Sender</Type><Code>No.Such</Code><Message>gone</Message><Name>a</Name></Error><RequestId>r</RequestId></ErrorResponse>",
        ),
        (
            "ec2",
            "<Response><Errors><Error><Code>No.Such</Code><Message>gone</Message><Name>a</Name></Error></Errors><RequestID>r</RequestID></Response>",
        ),
    ] {
        let error = error(protocol, 404, &[("X-Amzn-RequestId", "r")], body);
        assert_eq!(error.to_string(), "No.Such: gone", "{protocol}");
        assert_eq!(error.detail, json!({"Name": "a"}), "{protocol}");
        assert_eq!(
            (error.status, error.request_id.as_deref()),
            (404, Some("r")),
            "{protocol}"
        );
    }
}

#[test]
fn errors_without_words_go_by_their_status() {
    for protocol in PROTOCOLS {
        for body in [
            "",
            "<html>Bad gateway</html>",
            "<Error><Code>",
            "{\"__type\":",
            "\u{fffd}",
        ] {
            let error = error(protocol, 502, &[], body);
            assert_eq!(error.code, "502", "{protocol} {body}");
        }
        assert_eq!(error(protocol, 404, &[], "").to_string(), "404: Not Found");
        assert_eq!(error(protocol, 799, &[], "").to_string(), "799");
    }
}

#[test]
fn the_code_of_the_old_protocol_goes_first() {
    let headers = [("x-amzn-query-error", "AWS.Old;Sender")];
    assert_eq!(
        error("json", 400, &headers, r#"{"__type": "New"}"#).code,
        "AWS.Old"
    );
}

use super::super::{Kind, Model, ModelError, Protocol, TimestampFormat};
use serde_json::{Value, json};

fn model(shapes: Value) -> Result<Model, ModelError> {
    let document = json!({
        "service": "demo",
        "metadata": {"protocol": "json", "protocols": ["smithy-rpc-v2-cbor", "json", "query"]},
        "operations": {"Get": {"http": {"method": "POST", "requestUri": "/"}, "output": {"shape": "Out"}}},
        "shapes": shapes,
        "paginators": {"Get": {"input_token": ["A", "B"], "output_token": "C", "result_key": "D"}},
    });
    Model::from_json(document.to_string().as_bytes())
}

#[test]
fn recursion_is_linked_and_the_traits_of_the_use_go_first() {
    let model = model(json!({
        "Out": {"type": "structure", "required": ["At"], "members": {
            "Next": {"shape": "Out"},
            "At": {"shape": "Time", "timestampFormat": "rfc822"},
            "Else": {"shape": "Time", "locationName": "other"}}},
        "Time": {"type": "timestamp", "timestampFormat": "iso8601", "locationName": "time"},
    }))
    .unwrap();
    assert_eq!(model.protocol, Protocol::Json);
    let output = model.operation("Get").unwrap().output.as_ref().unwrap();
    let out = model.structure(output).unwrap();
    assert_eq!(out.members["Next"].target.shape, output.shape);
    let at = &out.members["At"];
    assert!(at.required && matches!(model.kind(&at.target), Kind::Timestamp));
    assert_eq!(
        at.target.traits.timestamp_format,
        Some(TimestampFormat::Rfc822)
    );
    assert_eq!(at.target.traits.location_name.as_deref(), Some("time"));
    assert_eq!(
        out.members["Else"].target.traits.location_name.as_deref(),
        Some("other")
    );
    assert_eq!(model.paginators["Get"].input_token, ["A", "B"]);
    assert_eq!(model.paginators["Get"].output_token, ["C"]);
}

#[test]
fn a_wrong_model_is_refused_with_its_place() {
    let fault = |shapes| model(shapes).unwrap_err().to_string();
    assert_eq!(
        fault(json!({"Out": {"type": "structure", "members": {"X": {"shape": "Gone"}}}})),
        "`demo`: `Out.X` refers to the shape `Gone`, which the model does not have"
    );
    assert_eq!(
        fault(json!({"Out": {"type": "structure", "required": ["X"], "members": {}}})),
        "`demo`: `Out`: requires unknown `X`"
    );
    assert_eq!(
        fault(json!({"Out": {"type": "structure", "payload": "X", "members": {}}})),
        "`demo`: `Out`: the payload `X` is not a member"
    );
    assert_eq!(
        fault(json!({"Out": {"type": "list"}})),
        "`demo`: `Get.output`: `Out` is not a structure"
    );
    assert_eq!(
        fault(json!({"Out": {"type": "structure"}, "L": {"type": "list"}})),
        "`demo`: `L.member`: missing"
    );
    assert_eq!(
        fault(json!({"Out": {"type": "structure"}, "L": {"type": "tuple"}})),
        "`demo`: `L`: unknown type `tuple`"
    );
}

#[test]
fn errors_are_found_by_their_code() {
    let model = model(json!({
        "Out": {"type": "structure"},
        "NoSuch": {"type": "structure", "error": {"code": "No.Such", "httpStatusCode": 404}, "exception": true},
        "Plain": {"type": "structure", "exception": true},
    }))
    .unwrap();
    assert_eq!(
        model
            .error_shape("No.Such")
            .unwrap()
            .error
            .as_ref()
            .unwrap()
            .http_status_code,
        Some(404)
    );
    assert!(model.error_shape("Plain").is_some() && model.error_shape("NoSuch").is_none());
}

#[test]
fn a_service_with_an_unknown_protocol_is_refused() {
    let document = json!({"service": "demo", "metadata": {"protocol": "smithy-rpc-v2-cbor"}, "operations": {}, "shapes": {}});
    let error = Model::from_json(document.to_string().as_bytes())
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        r#"`demo` speaks ["smithy-rpc-v2-cbor"], none of which is known"#
    );
}

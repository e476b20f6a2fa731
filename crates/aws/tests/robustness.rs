//! Replies from a hostile or broken peer: whatever comes, there is a value or an error, no panic, and
//! the value is not much larger than what was sent.

#[cfg(test)]
mod tests {
    use palisade_aws::model::Model;
    use palisade_aws::wire::{self, Reply, ReplyError};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const PROTOCOLS: [&str; 5] = ["json", "rest-json", "rest-xml", "query", "ec2"];

    /// The fuzzer's model; `PROTOCOL` is replaced.
    const EVERY_SHAPE: &str = include_str!("../../../fuzz/models/every-shape.json");

    /// Every kind of shape, recursion, flattened lists and maps, attributes and headers.
    fn model(protocol: &str) -> Model {
        let document = EVERY_SHAPE.replace("PROTOCOL", protocol);
        Model::from_json(document.as_bytes()).unwrap()
    }

    fn valid(protocol: &str) -> String {
        if protocol.ends_with("json") {
            return json!({
                "__type": "x#Gone", "Text": "a", "Number": 9_007_199_254_740_993_i64, "Float": 1.5, "On": true, "At": 1.5e9,
                "Bytes": "aGk=", "List": [{"Text": "b"}, null], "Flat": ["c"], "Map": {"d": {"Number": 1}},
                "FlatMap": {"e": 2}, "Next": {"Next": {"At": "2014-04-29T18:30:38Z"}}, "Any": {"f": [1, {}]}, "More": [[[]]],
            })
            .to_string();
        }
        let inner = "<Text>a&amp;b</Text><Number>1</Number><Float>NaN</Float><On>true</On><At>2014-04-29T18:30:38Z</At>\
            <Bytes>aGk=</Bytes><List><member xsi:type=\"t\"><Text/></member></List><Flat>c</Flat><Flat>d</Flat>\
            <Map><entry><key>k</key><value><Number>2</Number></value></entry></Map>\
            <FlatMap><key>e</key><value>3</value></FlatMap><Next><Next/></Next><More><![CDATA[x]]></More>";
        match protocol {
            "query" => format!("<GetResponse><GetResult>{inner}</GetResult></GetResponse>"),
            _ => format!("<GetResponse>{inner}</GetResponse>"),
        }
    }

    fn size(value: &Value) -> usize {
        1 + match value {
            Value::String(text) => text.len(),
            Value::Array(list) => list.iter().map(size).sum(),
            Value::Object(map) => map.iter().map(|(key, value)| key.len() + size(value)).sum(),
            _ => 0,
        }
    }

    fn feed(protocol: &str, status: u16, header: &str, body: &[u8]) {
        let model = model(protocol);
        let headers = [
            ("x-head", header),
            ("x-json", header),
            ("expires", header),
            ("x-amzn-errortype", header),
            ("x-amzn-query-error", header),
        ];
        let sent = body.len() + 6 * header.len() + 200;
        let reply = Reply {
            status,
            headers: &headers,
            body,
        };
        let got = match wire::read(&model, &model.operations[0], reply) {
            Ok(value) => size(&value),
            Err(ReplyError::Service(error)) => {
                error.code.len() + error.message.len() + size(&error.detail)
            }
            Err(ReplyError::Wire(error)) => error.to_string().len(),
        };
        assert!(got <= 16 * sent, "{got} from {sent}");
    }

    fn status() -> impl Strategy<Value = u16> {
        prop_oneof![Just(200_u16), Just(404), Just(500), any::<u16>()]
    }

    /// A valid body with pieces of it cut, doubled, moved or overwritten.
    fn mutated() -> impl Strategy<Value = (usize, Vec<u8>)> {
        let edit = (
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
            0..5_u8,
            any::<u8>(),
        );
        (0..PROTOCOLS.len(), prop::collection::vec(edit, 1..6)).prop_map(|(protocol, edits)| {
            let mut body = valid(PROTOCOLS[protocol]).into_bytes();
            for (from, to, kind, byte) in edits {
                if body.is_empty() {
                    break;
                }
                let (one, two) = (from.index(body.len()), to.index(body.len()));
                let (from, to) = (one.min(two), one.max(two));
                match kind {
                    0 => body.truncate(from),
                    1 => body[from] = byte,
                    2 => drop(body.drain(from..to)),
                    3 => {
                        let piece = body[from..to].to_vec();
                        body.splice(from..from, piece);
                    }
                    _ => body.insert(from, byte),
                }
            }
            (protocol, body)
        })
    }

    #[test]
    fn the_valid_replies_are_valid() {
        for protocol in PROTOCOLS {
            let model = model(protocol);
            let body = valid(protocol);
            let reply = Reply {
                status: 200,
                headers: &[],
                body: body.as_bytes(),
            };
            let value = wire::read(&model, &model.operations[0], reply).unwrap();
            assert!(
                value.as_object().unwrap().len() >= 11,
                "{protocol}: {value}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn arbitrary_bytes(protocol in 0..PROTOCOLS.len(), status in status(), header in ".{0,40}", body in prop::collection::vec(any::<u8>(), 0..400)) {
            feed(PROTOCOLS[protocol], status, &header, &body);
        }

        #[test]
        fn arbitrary_markup(protocol in 0..PROTOCOLS.len(), status in status(), body in "([<>/&;\"'=\\[\\]{}:,!?# -]|GetResponse|GetResult|Text|Next|List|member|Map|entry|key|value|Error|Code|[a-z0-9]){0,60}") {
            feed(PROTOCOLS[protocol], status, "", body.as_bytes());
        }

        #[test]
        fn mutated_replies((protocol, body) in mutated(), status in status(), header in "[A-Za-z0-9,:\" \\\\-]{0,40}") {
            feed(PROTOCOLS[protocol], status, &header, &body);
        }
    }
}

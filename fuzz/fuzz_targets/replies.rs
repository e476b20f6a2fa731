//! Replies of every protocol. The first byte chooses protocol and status, the next gives the length
//! of the headers' value, the rest is that value and the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_aws::model::Model;
use palisade_aws::wire::{self, Reply};
use std::sync::OnceLock;

const PROTOCOLS: [&str; 5] = ["json", "rest-json", "rest-xml", "query", "ec2"];
const STATUS: [u16; 4] = [200, 301, 404, 503];
/// Every kind of shape; `PROTOCOL` is replaced.
const MODEL: &str = include_str!("../models/every-shape.json");

static MODELS: OnceLock<Vec<Model>> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let models = MODELS.get_or_init(|| {
        let model = |name: &&str| Model::from_json(MODEL.replace("PROTOCOL", name).as_bytes());
        PROTOCOLS.iter().map(|name| model(name).unwrap()).collect()
    });
    let [choice, length, rest @ ..] = data else { return };
    let model = &models[usize::from(*choice) % models.len()];
    let status = STATUS[usize::from(*choice >> 4) % STATUS.len()];
    let (header, body) = rest.split_at(usize::from(*length).min(rest.len()));
    let header = String::from_utf8_lossy(header);
    let names = ["x-head", "x-json", "expires", "x-amzn-errortype", "x-amzn-query-error"];
    let headers = names.map(|name| (name, &*header));
    let reply = Reply { status, headers: &headers, body };
    let _ = wire::read(model, &model.operations[0], reply);
});

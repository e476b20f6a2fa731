//! Descriptions of networks as `aws ... describe-*` prints them, and every question about what they say; intent files
//! behind a zero byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_network::ask::{GraphFormat, Intents, PathQuestion, diff, path_graph, vpc_graph};
use palisade_network::model::Place;
use palisade_network::{Document, Network, from_dump};

fuzz_target!(|data: &[u8]| {
    let (description, intent) = match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[][..]),
    };
    let Ok(json) = serde_json::from_slice(description) else {
        return;
    };
    let document = Document { name: "fuzz".to_owned(), place: Place::default(), json };
    let network = Network::new(from_dump([&document]).0);
    let _ = network.exposed();
    let _ = network.egress();
    let ends: Vec<String> = network.estate.interfaces.keys().take(3).cloned().collect();
    for to in &ends {
        for from in ends.iter().map(String::as_str).chain(["internet"]) {
            let question = PathQuestion { from: from.to_owned(), to: to.clone(), ..PathQuestion::default() };
            if let Ok(answer) = network.path(&question) {
                let _ = path_graph(&answer, GraphFormat::Svg);
            }
        }
    }
    for vpc in network.estate.vpcs.keys().take(2) {
        let _ = vpc_graph(&network, vpc, GraphFormat::Svg);
    }
    let _ = diff(&network, &network);
    if let Ok(text) = std::str::from_utf8(intent)
        && let Ok(intents) = Intents::parse("intent.toml", text)
    {
        let _ = network.check("intent.toml", text, &intents);
    }
});

//! The network engine's tables: `network_exposure` and `network_egress`, a row for each interface.

mod answers;
mod estate;

use super::Inputs;
use palisade_network::{Network, Warning};
use serde_json::{Map, Value};

/// The rows of `network_exposure`.
pub(super) fn exposure(inputs: &Inputs) -> Result<Vec<Map<String, Value>>, String> {
    Ok(answers::exposure(inputs, &network(inputs).0))
}

/// The rows of `network_egress`.
pub(super) fn egress(inputs: &Inputs) -> Result<Vec<Map<String, Value>>, String> {
    Ok(answers::egress(inputs, &network(inputs).0))
}

/// The network that a snapshot describes, with what of it could not be read.
pub(crate) fn network(inputs: &Inputs) -> (Network, Vec<Warning>) {
    let documents = estate::documents(inputs);
    let (estate, warnings) = palisade_network::from_dump(&documents);
    (Network::new(estate), warnings)
}

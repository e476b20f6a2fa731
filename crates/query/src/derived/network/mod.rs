//! The network engine's tables: `network_exposure` and `network_egress`, a row for each interface.

mod answers;
mod estate;

use super::{Inputs, Made};
use palisade_network::{Network, Warning};
use std::sync::Arc;

/// The rows of `network_exposure`.
pub(super) fn exposure(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    answers::exposure(inputs, &shared(inputs), made);
    Ok(())
}

/// The rows of `network_egress`.
pub(super) fn egress(inputs: &Inputs, made: &mut Made) -> Result<(), String> {
    answers::egress(inputs, &shared(inputs), made);
    Ok(())
}

/// The network, which is built once for both tables.
fn shared(inputs: &Inputs) -> Arc<Network> {
    let built = || Arc::new(network(inputs).0);
    Arc::clone(inputs.shared().network.get_or_init(built))
}

/// The network that a snapshot describes, with what of it could not be read.
pub(crate) fn network(inputs: &Inputs) -> (Network, Vec<Warning>) {
    let (estate, warnings) = palisade_network::from_dump(estate::documents(inputs));
    (Network::new(estate), warnings)
}

//! What can leave for the internet.

use super::Resource;
use super::path::{Verdict, verdict};
use crate::eval::{Beam, End, Network, Origin};
use crate::explain::Gap;
use crate::headers::{Address, Flows, Traffic, internet_of};
use crate::model::Role;
use serde::Serialize;

/// One way out of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EgressRow {
    /// The interface.
    pub interface: String,
    /// What it belongs to.
    pub resource: Resource,
    /// Owner.
    pub account: String,
    /// Region.
    pub region: String,
    /// VPC.
    pub vpc: String,
    /// Subnet.
    pub subnet: String,
    /// Its address.
    pub address: String,
    /// The gateway or edge where packets leave.
    pub by: String,
    /// Reachable, or unknown.
    pub verdict: Verdict,
    /// What leaves and is answered, with the destinations.
    pub traffic: Vec<Traffic>,
    /// The hops.
    pub path: Vec<String>,
    /// What could change the row.
    pub not_modelled: Vec<Gap>,
}

/// The answer, shape `palisade.network.egress/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EgressAnswer {
    /// `palisade.network.egress/1`.
    pub format: &'static str,
    /// By interface, address, way out.
    pub rows: Vec<EgressRow>,
    /// Parts that were not read, by place, and what was taken for granted instead.
    pub not_described: Vec<Gap>,
}

impl Network {
    /// Every way from an interface to addresses of the internet.
    #[must_use]
    pub fn egress(&self) -> EgressAnswer {
        let mut rows = Vec::new();
        let sends = |role: &Role| matches!(role, Role::Plain | Role::Lambda | Role::Service(_));
        for interface in self
            .estate
            .interfaces
            .values()
            .filter(|eni| sends(&eni.role) && !self.index.nat_of.contains_key(&eni.id))
        {
            for own in &interface.addresses {
                let own = Address::from(own.address);
                let beam = Beam::new(
                    Some(own),
                    None,
                    Flows::all(internet_of(own.is_v4())),
                    Origin::Interface(interface),
                );
                let mut out = Vec::new();
                self.engine(false).leave(
                    interface,
                    Beam {
                        sender: Some(interface),
                        ..beam
                    },
                    &mut out,
                );
                for beam in out.iter().filter(|beam| !beam.flows.is_empty()) {
                    let (End::Internet(by) | End::Edge(by) | End::Service(by, _)) = beam.end else {
                        continue;
                    };
                    let nat = beam
                        .hops
                        .iter()
                        .find(|hop| hop.kind == crate::explain::HopKind::NatGateway);
                    rows.push(EgressRow {
                        interface: interface.id.clone(),
                        resource: self.resource_of(interface),
                        account: interface.place.account.clone(),
                        region: interface.place.region.clone(),
                        vpc: interface.vpc.clone(),
                        subnet: interface.subnet.clone(),
                        address: own.to_string(),
                        by: nat.map_or(by, |hop| hop.id).to_owned(),
                        verdict: verdict(beam),
                        traffic: beam.flows.traffic(),
                        path: beam.hops.iter().map(|hop| hop.id.to_owned()).collect(),
                        not_modelled: beam.gaps.iter().cloned().collect(),
                    });
                }
            }
        }
        rows.sort_by(|a, b| {
            (&a.interface, &a.address, &a.by).cmp(&(&b.interface, &b.address, &b.by))
        });
        EgressAnswer {
            format: "palisade.network.egress/1",
            not_described: self.estate.not_described(),
            rows,
        }
    }
}

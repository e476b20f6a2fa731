//! What the internet can reach.

use super::path::{Verdict, verdict};
use super::{Resource, resource_of};
use crate::eval::{Beam, End, Network, Origin};
use crate::explain::{Gap, group_rules};
use crate::headers::{Address, Flows, Kind, Traffic, internet};
use crate::model::{Interface, Role};
use serde::Serialize;
use std::collections::BTreeMap;

/// One way from the internet to an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExposureRow {
    /// The interface that packets end at.
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
    /// The address that packets are sent to.
    pub address: String,
    /// The load balancer's interface that they come by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// Reachable, or unknown.
    pub verdict: Verdict,
    /// What passes both ways, with the sources.
    pub traffic: Vec<Traffic>,
    /// What arrives and is not answered.
    pub one_way: Vec<Traffic>,
    /// The hops.
    pub path: Vec<String>,
    /// Security group rules that let a sample packet in.
    pub allowed_by: Vec<String>,
    /// What could change the row.
    pub not_modelled: Vec<Gap>,
    #[serde(skip)]
    pub(crate) flows: Flows,
}

/// The answer, shape `palisade.network.exposed/1`. Every interface without a row is not reachable from the internet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExposureAnswer {
    /// `palisade.network.exposed/1`.
    pub format: &'static str,
    /// Interfaces that were looked at.
    pub interfaces: usize,
    /// Interfaces with a row.
    pub exposed: usize,
    /// By interface, then address.
    pub rows: Vec<ExposureRow>,
    /// Constructs of the estate that the engine does not model and that might let packets in.
    pub not_modelled: Vec<Gap>,
    /// Parts that were not read, by place, and what was taken for granted instead.
    pub not_described: Vec<Gap>,
}

#[derive(Debug, Clone)]
struct Class {
    flows: Flows,
    delivered: Flows,
    verdict: Verdict,
    traffic: Vec<Traffic>,
    one_way: Vec<Traffic>,
    gaps: Vec<Gap>,
}

impl Network {
    /// Everything that the internet can reach.
    #[must_use]
    pub fn exposed(&self) -> ExposureAnswer {
        let mut classes: BTreeMap<(&[String], &str, bool), Option<Class>> = BTreeMap::new();
        let mut rows = Vec::new();
        for (public, (id, _)) in &self.index.public {
            let Some(interface) = self.estate.interfaces.get(id) else {
                continue;
            };
            if !self.alike(interface) {
                rows.extend(
                    self.entered(*public)
                        .iter()
                        .filter_map(|beam| self.row(beam, interface, *public)),
                );
                continue;
            }
            let key = (
                interface.groups.as_slice(),
                interface.subnet.as_str(),
                public.is_v4(),
            );
            let class = classes
                .entry(key)
                .or_insert_with(|| self.entered(*public).first().map(Class::of));
            rows.extend(class.as_ref().and_then(|class| {
                self.class_row(
                    class,
                    interface,
                    interface,
                    *public,
                    self.usual_path(interface),
                )
            }));
        }
        rows.sort_by(|a, b| {
            (&a.interface, &a.address, &a.through).cmp(&(&b.interface, &b.address, &b.through))
        });
        let mut exposed: Vec<&str> = rows.iter().map(|row| row.interface.as_str()).collect();
        exposed.dedup();
        let gaps = self.estate.not_modelled.iter().map(|(kind, id)| Gap {
            construct: kind.clone(),
            component: id.clone(),
            detail: "not modelled: packets that it brings are not in the answer".to_owned(),
        });
        ExposureAnswer {
            format: "palisade.network.exposed/1",
            interfaces: self.estate.interfaces.len(),
            exposed: exposed.len(),
            not_modelled: gaps.collect(),
            not_described: self.estate.not_described(),
            rows,
        }
    }

    fn entered(&self, public: Address) -> Vec<Beam<'_>> {
        let mut out = Vec::new();
        self.engine(false).enter(
            "",
            Beam::new(None, Some(public), Flows::all(internet()), Origin::Internet),
            &mut out,
        );
        out
    }

    /// True if the answer depends only on groups and subnet: then interfaces of a class share it.
    fn alike(&self, interface: &Interface) -> bool {
        let edge = self
            .index
            .igw_of
            .get(&interface.vpc)
            .is_some_and(|igw| self.index.edge_table.contains_key(igw));
        !edge
            && matches!(
                interface.role,
                Role::Plain | Role::Lambda | Role::Service(_)
            )
            && !self.index.nat_of.contains_key(&interface.id)
    }

    fn usual_path(&self, interface: &Interface) -> Vec<String> {
        let igw = self.index.igw_of.get(&interface.vpc).cloned();
        let rest = [
            interface.vpc.clone(),
            interface.subnet.clone(),
            interface.id.clone(),
        ];
        std::iter::once("internet".to_owned())
            .chain(igw)
            .chain(rest)
            .collect()
    }

    fn row(&self, beam: &Beam<'_>, entry: &Interface, public: Address) -> Option<ExposureRow> {
        let End::Interface(end) = beam.end else {
            return None;
        };
        let path = beam.hops.iter().map(|hop| hop.id.to_owned()).collect();
        self.class_row(&Class::of(beam), end, entry, public, path)
    }

    fn class_row(
        &self,
        class: &Class,
        end: &Interface,
        entry: &Interface,
        public: Address,
        path: Vec<String>,
    ) -> Option<ExposureRow> {
        if class.delivered.is_empty() {
            return None;
        }
        let sample = if class.flows.is_empty() {
            class.delivered.sample()
        } else {
            class.flows.sample()
        };
        let allowed =
            |(kind, far, port, _)| group_rules(&self.estate, entry, true, (kind, far, port), None);
        Some(ExposureRow {
            interface: end.id.clone(),
            resource: resource_of(&self.estate, end),
            account: end.place.account.clone(),
            region: end.place.region.clone(),
            vpc: end.vpc.clone(),
            subnet: end.subnet.clone(),
            address: public.to_string(),
            through: (end.id != entry.id).then(|| entry.id.clone()),
            verdict: class.verdict,
            traffic: class.traffic.clone(),
            one_way: class.one_way.clone(),
            path,
            allowed_by: sample.map(allowed).unwrap_or_default(),
            not_modelled: class.gaps.clone(),
            flows: class.flows.clone(),
        })
    }
}

impl ExposureRow {
    /// True if this packet from the internet passes, and its answer does. For ICMP the port is `type * 256 + code`.
    #[must_use]
    pub fn contains(
        &self,
        kind: Kind,
        source: std::net::IpAddr,
        port: u16,
        source_port: u16,
    ) -> bool {
        self.flows.contains(kind, source.into(), port, source_port)
    }
}

impl Class {
    fn of(beam: &Beam<'_>) -> Self {
        Self {
            verdict: verdict(beam),
            traffic: beam.flows.traffic(),
            one_way: beam.delivered.lost(&beam.flows).traffic(),
            gaps: beam.gaps.iter().cloned().collect(),
            flows: beam.flows.clone(),
            delivered: beam.delivered.clone(),
        }
    }
}

//! What the internet can reach.

use super::Resource;
use super::path::{Verdict, verdict};
use crate::eval::{Beam, End, Engine, Network, Origin};
use crate::explain::{Gap, group_rules};
use crate::headers::{Address, Flows, Kind, Traffic, internet_of};
use crate::model::{Interface, Role};
use serde::Serialize;
use std::cell::RefCell;
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
    #[serde(skip)]
    pub(crate) public: Address,
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
        super::Exposure::of(self).into_answer()
    }

    /// Public addresses in groups whose answers are alike: one walk gives the rows of all of a group.
    pub(super) fn public_groups(&self) -> Vec<Vec<Address>> {
        let mut at: BTreeMap<(&[String], &str, bool, usize), usize> = BTreeMap::new();
        let mut groups: Vec<Vec<Address>> = Vec::new();
        for (public, (id, private)) in &self.index.public {
            let Some(interface) = self.estate.interfaces.get(id) else {
                continue;
            };
            let new = groups.len();
            let place = if self.alike(interface) {
                let (of, subnet) = (interface.groups.as_slice(), interface.subnet.as_str());
                // Rules of firewalls may tell addresses of a subnet apart.
                let cuts = &self.index.firewall_cuts;
                let atom = cuts.partition_point(|cut| cut <= private);
                *at.entry((of, subnet, public.is_v4(), atom)).or_insert(new)
            } else {
                new
            };
            match groups.get_mut(place) {
                Some(group) => group.push(*public),
                None => groups.push(vec![*public]),
            }
        }
        groups
    }

    /// The rows of public addresses that are alike, and the filters that they depend on.
    pub(super) fn public_rows(&self, publics: &[Address]) -> (Vec<ExposureRow>, Vec<String>) {
        let asked = RefCell::default();
        let engine = Engine {
            asked: Some(&asked),
            ..self.engine(false)
        };
        let (mut rows, mut beams, mut class) = (Vec::new(), Vec::new(), None);
        for (nth, public) in publics.iter().enumerate() {
            let entry = self.index.public.get(public);
            let Some(entry) = entry.and_then(|(id, _)| self.estate.interfaces.get(id)) else {
                continue;
            };
            if nth == 0 {
                let flows = Flows::all(internet_of(public.is_v4()));
                let beam = Beam::new(None, Some(*public), flows, Origin::Internet);
                engine.enter("", beam, &mut beams);
                class = beams.first().map(Class::of);
            }
            if self.alike(entry) {
                rows.extend(class.as_ref().and_then(|class| {
                    self.class_row(class, entry, entry, *public, self.usual_path(entry))
                }));
            } else {
                rows.extend(
                    beams
                        .iter()
                        .filter_map(|beam| self.row(beam, entry, *public)),
                );
            }
        }
        let asked = asked.borrow().iter().map(|id| (*id).to_owned()).collect();
        (rows, asked)
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
            resource: self.resource_of(end),
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
            public,
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

//! Packets come to a network firewall, and to the appliances behind a Gateway Load Balancer, by a route to an endpoint.

use super::firewall_rules::{Policy, View};
use super::{Beam, End, Engine, Link, Positions, Side};
use crate::explain::{Code, HopKind};
use crate::headers::{Flows, Kind, PortSet, Way};
use crate::model::{Estate, Part};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An endpoint of a network firewall.
#[derive(Debug, Clone)]
pub(crate) struct Inspector {
    firewall: String,
    subnet: Option<String>,
    working: bool,
    pub(crate) policy: Option<Arc<Policy>>,
}

/// What a firewall made of packets that asked: their answers are measured by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inspected {
    /// The stateless engine let them pass: the stateful one never saw them.
    Stateless,
    /// A stateful rule let them pass: the flow is not looked at any more.
    Told,
    /// No stateful rule decided.
    Unmatched,
    /// It is not known what became of them.
    Unsure,
}

/// The endpoints of all firewalls: as the firewall tells, as the endpoint's tag tells, or by the one endpoint in a subnet of the firewall.
pub(super) fn inspectors(estate: &Estate, positions: &Positions) -> BTreeMap<String, Inspector> {
    let mut out = BTreeMap::new();
    for firewall in estate.firewalls.firewalls.values() {
        let policy = Policy::of(estate, firewall).map(Arc::new);
        for at in &firewall.endpoints {
            let inside = positions.inspecting.get(&at.subnet).into_iter().flatten();
            let mut inside = inside.filter_map(|at| Some(estate.endpoints.get_index(*at)?.1));
            let id = match (at.id.as_str(), inside.next(), inside.next()) {
                ("", Some(one), None) => one.id.clone(),
                ("", ..) => continue,
                (id, ..) => id.to_owned(),
            };
            let inspector = Inspector {
                firewall: firewall.id.clone(),
                subnet: Some(at.subnet.clone()).filter(|id| !id.is_empty()),
                working: at.working,
                policy: policy.clone(),
            };
            out.insert(id, inspector);
        }
    }
    for endpoint in estate.endpoints.values() {
        let Some(arn) = &endpoint.firewall else {
            continue;
        };
        let firewall = estate.firewalls.firewalls.get(arn);
        out.entry(endpoint.id.clone()).or_insert_with(|| Inspector {
            firewall: arn.clone(),
            subnet: endpoint.subnets.first().cloned(),
            working: endpoint.working,
            policy: firewall
                .and_then(|firewall| Policy::of(estate, firewall))
                .map(Arc::new),
        });
    }
    out
}

impl<'n> Engine<'n> {
    /// Packets come to an endpoint of a firewall and, if they pass, go on from its subnet (Network Firewall guide, "Firewall endpoints").
    pub(crate) fn inspect(
        &self,
        id: &'n str,
        inspector: &'n Inspector,
        from: Option<&str>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let firewall = inspector.firewall.as_str();
        if !inspector.working
            && !self.stop(&mut beam, Code::BadState, id, |_| {
                "the firewall's endpoint is not ready".to_owned()
            })
        {
            return;
        }
        let Some(mut beam) = self.enter_endpoint(id, inspector.subnet.as_deref(), from, beam)
        else {
            return;
        };
        beam.hop(HopKind::Firewall, firewall);
        let near = match beam.far {
            Side::Source => beam.address(Side::Destination),
            Side::Destination => beam.address(Side::Source),
        };
        let (Some(policy), Some(near)) = (&inspector.policy, near) else {
            beam.gap(
                "network_firewall",
                firewall,
                "its policy is not described; taken to pass everything",
            );
            beam.inspected.push((id, Inspected::Unsure));
            return self.leave_endpoint(id, inspector.subnet.as_deref(), beam, out);
        };
        let view = View {
            far_is_source: beam.far == beam.behind(),
            near,
            answers: beam.way == Way::Return,
        };
        let parts = match beam.way {
            Way::Forward => self.asking(id, policy, view, &beam),
            Way::Return => self.answering(id, firewall, policy, view, &beam),
        };
        if parts.is_empty() {
            let detail = |_: &Beam<'n>| {
                "no rule and no default action of its policy lets these packets pass".to_owned()
            };
            if self.stop(&mut beam, Code::FirewallRulesRestriction, firewall, detail) {
                beam.inspected.push((id, Inspected::Unsure));
                self.leave_endpoint(id, inspector.subnet.as_deref(), beam, out);
            }
            return;
        }
        for part in parts {
            self.leave_endpoint(id, inspector.subnet.as_deref(), part, out);
        }
    }

    /// Packets that ask, by what becomes of them.
    fn asking(&self, id: &'n str, policy: &Policy, view: View, beam: &Beam<'n>) -> Vec<Beam<'n>> {
        let judge = |hope: bool| {
            let (pass, forward) = policy.stateless(&beam.flows, view, hope);
            let (told, unmatched) = policy.stateful(forward, view, hope);
            [pass, told, unmatched]
        };
        let [pass, told, unmatched] = judge(false);
        let mut rest = join(judge(true));
        for sure in [&pass, &told, &unmatched] {
            rest = rest.without(sure);
        }
        let parts = [
            (pass, Inspected::Stateless),
            (told, Inspected::Told),
            (unmatched, Inspected::Unmatched),
            (rest, Inspected::Unsure),
        ];
        let open = parts.into_iter().filter(|(flows, _)| !flows.is_empty());
        open.map(|(flows, inspected)| {
            let mut part = Beam {
                flows,
                ..beam.clone()
            };
            if inspected == Inspected::Unsure {
                part.gaps.extend(policy.gaps.iter().cloned());
            }
            part.inspected.push((id, inspected));
            part
        })
        .collect()
    }

    /// Packets that answer: the stateless engine asks anew, the stateful one knows the flow.
    fn answering(
        &self,
        id: &'n str,
        firewall: &str,
        policy: &Policy,
        view: View,
        beam: &Beam<'n>,
    ) -> Vec<Beam<'n>> {
        let known = beam.inspected.iter().find(|(at, _)| *at == id);
        let known = known.map(|(_, inspected)| *inspected);
        // Messages that ask for no answer have none to be dropped.
        let (queries, silent) = beam.flows.split(queries);
        let judge = |hope: bool| {
            let (pass, forward) = policy.stateless(&queries, view, hope);
            let seen = !forward.is_empty();
            let forward = match known {
                Some(Inspected::Unmatched) => join(policy.stateful(forward, view, hope).into()),
                _ => forward,
            };
            (pass, forward, seen)
        };
        let (pass, forward, _) = judge(false);
        let sure = join([pass, forward]);
        let (pass, forward, seen) = judge(true);
        let odd = match known {
            Some(Inspected::Told | Inspected::Unmatched) => !pass.is_empty(),
            Some(Inspected::Stateless) | None => !forward.is_empty(),
            Some(Inspected::Unsure) => false,
        };
        let maybe = join([pass, forward]).without(&sure);
        let mut part = beam.clone();
        if !maybe.is_empty() {
            part.gaps.extend(policy.gaps.iter().cloned());
        }
        if odd {
            asymmetric(&mut part, firewall);
        }
        if seen {
            part.answered_by.push(id);
        }
        part.flows = join([silent, sure, maybe]);
        if part.flows.is_empty() {
            Vec::new()
        } else {
            vec![part]
        }
    }

    /// Answers that do not come back by the stateful engine that the packets went through.
    pub(crate) fn missed(&self, walked: &Beam<'n>, asked: &mut Beam<'n>) {
        for (id, inspected) in asked.inspected.clone() {
            let stateful = matches!(inspected, Inspected::Told | Inspected::Unmatched);
            if stateful && !walked.answered_by.contains(&id) {
                let firewall = self.net.index.inspectors.get(id);
                asymmetric(asked, firewall.map_or(id, |at| at.firewall.as_str()));
            }
        }
    }

    /// Packets come to appliances behind a Gateway Load Balancer (Elastic Load Balancing, "What is a Gateway Load Balancer?").
    pub(crate) fn appliances(
        &self,
        id: &'n str,
        subnet: Option<&'n str>,
        from: Option<&str>,
        beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let Some(mut beam) = self.enter_endpoint(id, subnet, from, beam) else {
            return;
        };
        beam.gap(
            "gateway_load_balancer",
            id,
            "the appliances behind it are not modelled: they may drop, change or answer packets; taken to pass all as they are",
        );
        self.leave_endpoint(id, subnet, beam, out);
    }

    /// Into the subnet of an endpoint. Behind it security groups are no longer known by name (VPC guide, "Security group rules").
    fn enter_endpoint(
        &self,
        id: &'n str,
        subnet: Option<&str>,
        from: Option<&str>,
        mut beam: Beam<'n>,
    ) -> Option<Beam<'n>> {
        let again = beam.hops.iter().filter(|hop| hop.id == id).count() > 1;
        if again {
            let detail = |_: &Beam<'n>| "packets go in a circle".to_owned();
            self.stop(&mut beam, Code::CannotRoute, id, detail);
            return None;
        }
        let subnet = subnet.and_then(|id| self.net.estate.subnets.get(id));
        if let Some(subnet) = subnet
            && from != Some(subnet.id.as_str())
            && !self.acl(&mut beam, subnet, false)
        {
            return None;
        }
        beam.link = Link::Lost;
        Some(beam)
    }

    /// On from the subnet of an endpoint.
    fn leave_endpoint(
        &self,
        id: &'n str,
        subnet: Option<&str>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        match subnet.and_then(|id| self.net.estate.subnets.get(id)) {
            Some(subnet) => self.within_or_out(subnet, beam, out),
            None => {
                beam.gap(
                    &Part::Subnets.word(),
                    id,
                    "the endpoint's subnet is not described",
                );
                self.finish(End::Edge(id), beam, out);
            }
        }
    }
}

fn asymmetric(beam: &mut Beam<'_>, firewall: &str) {
    beam.gap(
        "network_firewall_asymmetric_routing",
        firewall,
        "packets and their answers do not both come to its stateful engine, which it does not support; they may be dropped",
    );
}

fn join<const N: usize>(parts: [Flows; N]) -> Flows {
    parts.into_iter().fold(Flows::default(), Flows::join)
}

/// Packets that ask for an answer: of ICMP and ICMPv6 the queries (RFC 792, RFC 4443 §4).
fn queries(kind: Kind) -> Option<crate::headers::Slice<'static>> {
    let types: &[u16] = match kind {
        Kind::Icmp => &[8, 13, 15, 17],
        Kind::Icmp6 => &[128],
        Kind::Tcp | Kind::Udp | Kind::Other => &[],
    };
    let ports = match kind {
        Kind::Tcp | Kind::Udp | Kind::Other => PortSet::full(),
        Kind::Icmp | Kind::Icmp6 => {
            PortSet::of(types.iter().map(|kind| (kind * 256, kind * 256 + 255)))
        }
    };
    Some(crate::headers::Slice {
        addresses: crate::headers::everywhere(),
        ports,
        replies: PortSet::full(),
    })
}

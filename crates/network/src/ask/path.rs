//! Can A reach B: the hops there and back, or everything in the way.

use super::place::Spot;
use crate::error::Error;
use crate::eval::{Beam, End, Hop, Network, Origin, Side};
use crate::explain::{Blocker, Gap, HopKind, group_rules};
use crate::headers::{Address, AddressSet, Flows, Kind, PortSet, Traffic, internet};
use crate::model::Interface;
use serde::Serialize;
use std::net::IpAddr;

/// A question. Fields left out are open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathQuestion {
    /// Where packets come from.
    pub from: String,
    /// Where they should go.
    pub to: String,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, or a number.
    pub protocol: Option<String>,
    /// Destination port.
    pub port: Option<u16>,
    /// Source port.
    pub source_port: Option<u16>,
    /// The source address, if it is not the source's own; `from` may then be a subnet or VPC, whose router the packets start at.
    pub source_address: Option<IpAddr>,
}

/// The three answers. `Unknown`: it depends on something that is not described or not modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Packets arrive, and answers come back.
    Reachable,
    /// It depends on what is listed under `not_modelled`.
    Unknown,
    /// No packet arrives, or no answer comes back.
    Blocked,
}

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Packet {
    /// Class.
    pub protocol: Kind,
    /// Source address.
    pub source: String,
    /// Source port, for TCP and UDP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_port: Option<u16>,
    /// Destination address.
    pub destination: String,
    /// Destination port; ICMP `type * 256 + code`; or the protocol's number.
    pub port: u16,
}

/// A hop with the addresses of the witness packet there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HopAnswer {
    /// Kind.
    pub kind: HopKind,
    /// The resource.
    pub id: String,
    /// The route that was taken from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Source and destination address of the packet here.
    pub source: String,
    /// Destination address.
    pub destination: String,
    /// The port that a load balancer put in place of the one that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// The answer, shape `palisade.network.path/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathAnswer {
    /// `palisade.network.path/1`.
    pub format: &'static str,
    /// As asked.
    pub from: String,
    /// As asked.
    pub to: String,
    /// Verdict.
    pub verdict: Verdict,
    /// What passes both ways; addresses are those of the far side.
    pub traffic: Vec<Traffic>,
    /// What arrives and is not answered.
    pub one_way: Vec<Traffic>,
    /// A packet that passes, or one that was followed until it was stopped.
    pub packet: Option<Packet>,
    /// Hops to the destination. When blocked: of the best path, as if nothing stopped the packet.
    pub forward: Vec<HopAnswer>,
    /// Other ways that packets can take, by the ids of their hops; at most 16.
    pub also: Vec<Vec<String>>,
    /// Hops of the answer.
    pub r#return: Vec<HopAnswer>,
    /// Everything that stops packets on that path.
    pub blockers: Vec<Blocker>,
    /// Security group rules at the destination that let the packet in.
    pub allowed_by: Vec<String>,
    /// What could change the answer and was taken for granted.
    pub not_modelled: Vec<Gap>,
}

impl Network {
    /// Answers a question; of several pairs of ends the best path counts.
    ///
    /// # Errors
    /// If a place or protocol is not known, or neither end is in the estate.
    pub fn path(&self, question: &PathQuestion) -> Result<PathAnswer, Error> {
        let beams = self.beams(question, true)?;
        let best = beams
            .iter()
            .min_by_key(|beam| (verdict(beam), beam.blockers.len(), beam.hops.len()));
        let mut answer = PathAnswer {
            format: "palisade.network.path/1",
            from: question.from.clone(),
            to: question.to.clone(),
            verdict: Verdict::Blocked,
            traffic: Vec::new(),
            one_way: Vec::new(),
            packet: None,
            forward: Vec::new(),
            also: Vec::new(),
            r#return: Vec::new(),
            blockers: Vec::new(),
            allowed_by: Vec::new(),
            not_modelled: Vec::new(),
        };
        let Some(beam) = best else { return Ok(answer) };
        answer.verdict = verdict(beam);
        let others = beams
            .iter()
            .filter(|other| !std::ptr::eq(*other, beam) && verdict(other) == Verdict::Reachable);
        answer.also = others
            .take(16)
            .map(|other| other.hops.iter().map(|hop| hop.id.to_owned()).collect())
            .collect();
        let open = answer.verdict != Verdict::Blocked;
        if open {
            answer.traffic = beam.flows.traffic();
        }
        if beam
            .blockers
            .iter()
            .all(|blocker| blocker.direction == crate::explain::Direction::Return)
        {
            answer.one_way = if open {
                beam.delivered.lost(&beam.flows).traffic()
            } else {
                beam.delivered.traffic()
            };
        }
        let sample = if beam.flows.is_empty() {
            beam.delivered.sample()
        } else {
            beam.flows.sample()
        };
        if let Some(sample) = sample {
            answer.packet = Some(packet(beam, sample));
            let far = sample.1;
            answer.forward = beam.hops.iter().map(|hop| hop_answer(hop, far)).collect();
            answer.r#return = beam.back.iter().map(|hop| hop_answer(hop, far)).collect();
            if let (true, End::Interface(end)) = (open, beam.end) {
                answer.allowed_by = group_rules(
                    &self.estate,
                    end,
                    true,
                    (
                        sample.0,
                        beam.source.unwrap_or(far),
                        beam.port.unwrap_or(sample.2),
                    ),
                    beam.sender,
                );
            }
        } else {
            answer.forward = beam
                .hops
                .iter()
                .map(|hop| hop_answer(hop, Address(0)))
                .collect();
        }
        answer.blockers.clone_from(&beam.blockers);
        answer.not_modelled = beam.gaps.iter().cloned().collect();
        Ok(answer)
    }

    /// All ways that packets of a question take.
    pub(crate) fn beams(
        &self,
        question: &PathQuestion,
        explain: bool,
    ) -> Result<Vec<Beam<'_>>, Error> {
        let asked = Asked::of(question)?;
        let engine = self.engine(explain);
        let mut out = Vec::new();
        let to = self.spot(&question.to)?;
        if let Some(source) = question
            .source_address
            .filter(|_| question.from != "internet")
        {
            let targets = self.targets(&to, false);
            for (address, set) in targets {
                let source = Address::from(source);
                if let Some(subnet) = self.estate.subnets.get(&question.from) {
                    engine.subnet_out(
                        subnet,
                        Beam::new(
                            Some(source),
                            address,
                            asked.flows(&set),
                            Origin::Subnet(subnet),
                        ),
                        &mut out,
                    );
                } else if let Some(vpc) = self.estate.vpcs.get(&question.from) {
                    let beam = Beam::new(
                        Some(source),
                        address,
                        asked.flows(&set),
                        Origin::Edge(&vpc.id),
                    );
                    engine.local(&vpc.id, None, beam, &mut out);
                } else if let Spot::Interfaces(all) = self.spot(&question.from)? {
                    for eni in all {
                        let beam = Beam::new(
                            Some(source),
                            address,
                            asked.flows(&set),
                            Origin::Interface(eni),
                        );
                        engine.leave(
                            eni,
                            Beam {
                                sender: Some(eni),
                                ..beam
                            },
                            &mut out,
                        );
                    }
                }
            }
            return Ok(out);
        }
        match (self.spot(&question.from)?, &to) {
            (Spot::Interfaces(all), _) => {
                let targets = self.targets(&to, false);
                for eni in all {
                    for own in &eni.addresses {
                        for (address, set) in &targets {
                            self.one(
                                eni,
                                own.address.into(),
                                *address,
                                set,
                                &asked,
                                explain,
                                &mut out,
                            );
                        }
                    }
                }
            }
            (Spot::Edge(id), _) => {
                for (address, _) in self.targets(&to, false) {
                    let Some(address) = address else { continue };
                    let beam = Beam::new(
                        None,
                        Some(address),
                        asked.flows(&AddressSet::full()),
                        Origin::Edge(id),
                    );
                    engine.enter_edge(id, beam, &mut out);
                }
            }
            (from @ (Spot::Internet | Spot::Addresses(_)), _) => {
                let set = match (&from, question.source_address) {
                    (_, Some(ip)) => AddressSet::one(ip.into()),
                    (Spot::Addresses(set), None) => set.clone(),
                    _ => internet().clone(),
                };
                let written = question.to.parse::<IpAddr>().ok().map(Address::from);
                let targets = match written {
                    Some(address) => vec![(Some(address), AddressSet::one(address))],
                    None => self.targets(&to, true),
                };
                if !matches!(to, Spot::Interfaces(_))
                    && targets.iter().all(|(address, _)| address.is_none())
                {
                    return Err(Error::NoEnd(question.from.clone(), question.to.clone()));
                }
                for (address, _) in targets {
                    let Some(address) = address else { continue };
                    engine.enter(
                        "",
                        Beam::new(None, Some(address), asked.flows(&set), Origin::Internet),
                        &mut out,
                    );
                }
            }
        }
        Ok(out)
    }

    fn one<'n>(
        &'n self,
        eni: &'n Interface,
        own: Address,
        to: Option<Address>,
        set: &AddressSet,
        asked: &Asked,
        explain: bool,
        out: &mut Vec<Beam<'n>>,
    ) {
        let set = AddressSet::of(
            set.ranges()
                .iter()
                .copied()
                .filter(|range| range.0.is_v4() == own.is_v4()),
        );
        if set.is_empty() || to == Some(own) {
            return;
        }
        let beam = Beam::new(Some(own), to, asked.flows(&set), Origin::Interface(eni));
        self.engine(explain).leave(
            eni,
            Beam {
                sender: Some(eni),
                ..beam
            },
            out,
        );
    }

    /// Destinations: one address, or many at once.
    fn targets(&self, to: &Spot<'_>, from_outside: bool) -> Vec<(Option<Address>, AddressSet)> {
        let one = |address: Address| (Some(address), AddressSet::one(address));
        match to {
            Spot::Interfaces(all) => {
                let addresses = all.iter().flat_map(|eni| &eni.addresses);
                let seen = addresses.map(|address| {
                    if from_outside {
                        address.public.unwrap_or(address.address)
                    } else {
                        address.address
                    }
                });
                seen.map(|ip| one(ip.into())).collect()
            }
            Spot::Addresses(set) => match set.ranges() {
                [(low, high)] if low == high => vec![one(*low)],
                _ => vec![(None, set.clone())],
            },
            Spot::Internet => vec![(None, internet().clone())],
            Spot::Edge(_) => vec![(None, AddressSet::full())],
        }
    }
}

/// The headers that are asked for.
#[derive(Debug)]
struct Asked {
    kind: Option<Kind>,
    ports: PortSet,
    sources: PortSet,
}

impl Asked {
    fn of(question: &PathQuestion) -> Result<Self, Error> {
        let number = match question.protocol.as_deref() {
            None if question.port.is_some() => Some(6),
            None => None,
            Some("tcp") => Some(6),
            Some("udp") => Some(17),
            Some("icmp") => Some(1),
            Some("icmpv6") => Some(58),
            Some(other) => Some(
                other
                    .parse::<u8>()
                    .map_err(|_| Error::Protocol(other.to_owned()))?,
            ),
        };
        let kind = number.map(Kind::of);
        let ports = match (kind, number) {
            (Some(Kind::Other), Some(number)) => PortSet::one(number.into()),
            (Some(kind), _) => question.port.map_or_else(|| kind.all_ports(), PortSet::one),
            (None, _) => PortSet::full(),
        };
        Ok(Self {
            kind,
            ports,
            sources: question
                .source_port
                .map_or_else(PortSet::full, PortSet::one),
        })
    }

    fn flows(&self, set: &AddressSet) -> Flows {
        match self.kind {
            Some(kind) => Flows::of_kind(kind, set, &self.ports, &self.sources),
            None => Flows::all(set).map(|_, mut cell| {
                cell.replies = self.sources.clone();
                Some(cell)
            }),
        }
    }
}

pub(crate) fn verdict(beam: &Beam<'_>) -> Verdict {
    if !beam.blockers.is_empty() || beam.flows.is_empty() || matches!(beam.end, End::Nowhere) {
        // Something undescribed on a path that a known rule blocks does not open it.
        if beam.blockers.is_empty() && !beam.gaps.is_empty() {
            Verdict::Unknown
        } else {
            Verdict::Blocked
        }
    } else if beam.gaps.is_empty() {
        Verdict::Reachable
    } else {
        Verdict::Unknown
    }
}

pub(crate) fn packet(
    beam: &Beam<'_>,
    (kind, far, port, source): (Kind, Address, u16, u16),
) -> Packet {
    let first = beam.hops.first();
    let at = |side: Side| match (side, first) {
        (Side::Source, Some(hop)) => hop.source.unwrap_or(far),
        (Side::Destination, Some(hop)) => hop.destination.unwrap_or(far),
        (_, None) => far,
    };
    let (source_address, destination) = (
        at(Side::Source).to_string(),
        at(Side::Destination).to_string(),
    );
    Packet {
        protocol: kind,
        source: source_address,
        source_port: kind.has_source_port().then_some(source),
        destination,
        port,
    }
}

fn hop_answer(hop: &Hop<'_>, far: Address) -> HopAnswer {
    let word = |address: Option<Address>| address.unwrap_or(far).to_string();
    HopAnswer {
        port: hop.port,
        kind: hop.kind,
        id: hop.id.to_owned(),
        by: hop.by.clone(),
        source: word(hop.source),
        destination: word(hop.destination),
    }
}

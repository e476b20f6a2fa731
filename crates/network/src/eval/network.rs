//! The network, ready for questions.

use super::{Beam, End, Index, Link, Origin};
use crate::headers::{Address, Flows, Way};
use crate::model::{Attachment, BlockMode, Estate, Interface, Part, Place, RouteTable, Subnet};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// An estate with all that questions look up worked out.
#[derive(Debug)]
pub struct Network {
    /// What was described.
    pub estate: Estate,
    pub(crate) index: Index,
}

/// One way of walking: for sets (stop where nothing is left) or to explain (go on and collect every blocker).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Engine<'n> {
    pub(crate) net: &'n Network,
    pub(crate) explain: bool,
    /// True: security groups let everything pass, to learn what the rest of the way does.
    pub(crate) groups_open: bool,
    /// Takes down the security groups and network ACLs whose rules were asked.
    pub(crate) asked: Option<&'n RefCell<BTreeSet<&'n str>>>,
}

/// More hops than any path of AWS has: what walks on goes in a circle.
pub(crate) const MOST_HOPS: usize = 64;

impl Network {
    /// Prepares an estate.
    #[must_use]
    pub fn new(estate: Estate) -> Self {
        let index = Index::new(&estate);
        Self { estate, index }
    }

    pub(crate) const fn engine(&self, explain: bool) -> Engine<'_> {
        Engine {
            net: self,
            explain,
            groups_open: false,
            asked: None,
        }
    }

    /// The interface that holds an address in a VPC.
    pub(crate) fn holder(&self, vpc: &str, address: Address) -> Option<&Interface> {
        let at = self.index.holders.within(vpc, address)?;
        Some(self.estate.interfaces.get_index(at)?.1)
    }

    /// The first VPC of the estate where an interface holds an address.
    pub(crate) fn home(&self, address: Address) -> Option<&str> {
        let at = self.index.holders.vpc(address)?;
        Some(self.estate.vpcs.get_index(at)?.0)
    }

    /// The subnet of a VPC that an address lies in.
    pub(crate) fn subnet_at(&self, vpc: &str, address: Address) -> Option<&Subnet> {
        let at = self.index.subnets.holding(vpc, address)?;
        Some(self.estate.subnets.get_index(at)?.1)
    }

    /// Transit gateway attachments with an id, of all gateways.
    pub(crate) fn attachments(&self, id: &str) -> impl Iterator<Item = &Attachment> {
        let at = self.index.positions.attachments.get(id);
        let at = at.into_iter().flatten();
        at.filter_map(|at| Some(self.estate.attachments.get_index(*at)?.1))
    }

    /// Transit gateway attachments of a VPC, connection or gateway.
    pub(crate) fn attached(&self, resource: &str) -> impl Iterator<Item = &Attachment> {
        let at = self.index.positions.attached.get(resource);
        let at = at.into_iter().flatten();
        at.filter_map(|at| Some(self.estate.attachments.get_index(*at)?.1))
    }

    pub(crate) fn table(&self, subnet: &str) -> Option<&RouteTable> {
        self.estate.tables.get(self.index.table_of.get(subnet)?)
    }
}

/// By what packets leave or enter, for VPC Block Public Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Internet,
    Nat,
    EgressOnly,
}

impl<'n> Engine<'n> {
    /// Ends a segment: packets that ask are followed by their answers.
    pub(crate) fn finish(&self, end: End<'n>, mut beam: Beam<'n>, out: &mut Vec<Beam<'n>>) {
        beam.end = end;
        if beam.way == Way::Return {
            out.push(beam);
            return;
        }
        beam.delivered = beam.flows.clone();
        self.answer(&mut beam, end);
        out.push(beam);
    }

    /// Walks the answers of a beam that arrived, and keeps the packets that are answered.
    pub(crate) fn answer(&self, beam: &mut Beam<'n>, end: End<'n>) {
        let mut back = Beam {
            way: Way::Return,
            hops: Vec::new(),
            blockers: Vec::new(),
            back: Vec::new(),
            delivered: Flows::default(),
            ..beam.clone()
        };
        back.link = Link::Local;
        let mut ends = Vec::new();
        match end {
            End::Interface(interface) => self.leave(interface, back, &mut ends),
            End::Nat(id) => self.leave_nat(id, back, &mut ends),
            End::Internet(by) => self.enter(by, back, &mut ends),
            End::Edge(id) => self.enter_edge(id, back, &mut ends),
            End::Service(_, vpc) => self.local(vpc, None, back, &mut ends),
            End::Subnet(_) | End::Nowhere => return,
        }
        let (mut answered, mut blockers) = (Flows::default(), Vec::new());
        for walked in ends {
            let home = self.is_home(&walked);
            if !home && !self.explain {
                continue;
            }
            beam.gaps.extend(walked.gaps.iter().cloned());
            if beam.back.is_empty() || home {
                beam.back.clone_from(&walked.hops);
            }
            if home {
                self.missed(&walked, beam);
            }
            if home && walked.blockers.is_empty() {
                answered = answered.join(walked.flows);
            } else {
                blockers.extend(walked.blockers);
            }
        }
        if answered.is_empty() && self.explain {
            if blockers.is_empty() && beam.blockers.is_empty() {
                let at = beam.back.last().map_or("", |hop| hop.id).to_owned();
                let detail = "answers do not come back to where the packets came from".to_owned();
                let (direction, after) = (crate::explain::Direction::Return, beam.back.len());
                blockers.push(crate::explain::Blocker {
                    code: crate::explain::Code::NoRouteToDestination,
                    direction,
                    component: at,
                    detail,
                    after,
                });
            }
            beam.blockers.extend(blockers);
        }
        beam.flows = if beam.far == super::Side::Destination && beam.destination.is_some()
            || beam.source.is_some() && beam.far == super::Side::Source
        {
            // Addresses of the far side may have been rewritten on the way back: the packets are the ones that set out.
            let at = beam.delivered.addresses().first();
            at.map_or_else(Flows::default, |at| answered.moved(at))
        } else {
            answered
        };
    }

    fn is_home(&self, walked: &Beam<'n>) -> bool {
        match (walked.origin, walked.end) {
            (Origin::Interface(from) | Origin::Balancer(from), End::Interface(to)) => {
                from.id == to.id
            }
            (Origin::Subnet(from), End::Subnet(to)) => from.id == to,
            (Origin::Subnet(from), End::Interface(to)) => from.id == to.subnet,
            (Origin::Nat(from), End::Nat(to)) | (Origin::Edge(from), End::Edge(to)) => from == to,
            (Origin::Nat(from), End::Interface(to)) => self
                .net
                .index
                .nat_of
                .get(&to.id)
                .is_some_and(|nat| nat == from),
            (Origin::Internet, End::Internet(_)) => true,
            _ => false,
        }
    }

    /// True if VPC Block Public Access closes this door for a subnet (VPC guide, "Block public access to VPCs and subnets").
    pub(crate) fn closed(&self, vpc: &str, subnet: Option<&str>, door: Door) -> bool {
        let estate = &self.net.estate;
        let mode = self.block_mode(vpc, subnet);
        let exclusions = &self.net.index.positions.exclusions;
        let of = [Some(vpc), subnet].into_iter().flatten();
        let first = of.filter_map(|resource| exclusions.get(resource)).min();
        let excluded = first.and_then(|at| estate.exclusions.get(*at));
        match (mode, excluded) {
            (BlockMode::Off, _) => false,
            (_, Some(exclusion)) if exclusion.both => false,
            (BlockMode::Ingress, _) | (BlockMode::Bidirectional, Some(_)) => door == Door::Internet,
            (BlockMode::Bidirectional, None) => true,
        }
    }

    /// Endpoints of network firewalls stay closed where their subnet is excluded, too (the same page).
    pub(crate) fn closed_to_firewalls(&self, vpc: &str, door: Door) -> bool {
        match self.block_mode(vpc, None) {
            BlockMode::Off => false,
            BlockMode::Ingress => door == Door::Internet,
            BlockMode::Bidirectional => true,
        }
    }

    fn block_mode(&self, vpc: &str, subnet: Option<&str>) -> BlockMode {
        let estate = &self.net.estate;
        let place = subnet
            .and_then(|id| estate.subnets.get(id))
            .map(|subnet| &subnet.place)
            .or_else(|| estate.vpcs.get(vpc).map(|vpc| &vpc.place));
        let settings = &self.net.index.positions.block_public_access;
        let mine = |place: &Place| {
            let first = if place.is_vague() {
                let fits = settings.iter().filter(|(at, _)| at.fits(place));
                fits.map(|(_, at)| at).min()
            } else {
                let wider = place.wider();
                let all = std::iter::once(place).chain(&wider);
                all.filter_map(|at| settings.get(at)).min()
            };
            estate.block_public_access.get(*first?)
        };
        place.and_then(mine).map_or(BlockMode::Off, |bpa| bpa.mode)
    }

    pub(crate) fn note_unread(&self, beam: &mut Beam<'n>, part: Part, vpc: &str, component: &str) {
        if !self.net.estate.has_read(part, vpc) {
            beam.gap(
                &part.word(),
                component,
                "not described; what it would do is unknown",
            );
        }
    }
}

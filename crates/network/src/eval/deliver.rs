//! Into subnets and interfaces.

use super::{Beam, End, Engine, Link, Origin};
use crate::explain::{Code, HopKind};
use crate::headers::Way;
use crate::model::{Interface, Part, Role, Subnet};

impl<'n> Engine<'n> {
    /// The VPC's router brings packets to the subnet of their address.
    pub(crate) fn local(
        &self,
        vpc: &'n str,
        from: Option<&str>,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        beam.hop(HopKind::Vpc, vpc);
        // Of a free side only what leaves the VPC is asked for.
        let Some(address) = beam.address(beam.ahead()) else {
            return;
        };
        let Some(subnet) = self.net.subnet_at(vpc, address) else {
            self.note_unread(&mut beam, Part::Subnets, vpc, vpc);
            // Without subnets the interface is known all the same; what its subnet would do is not.
            if !self.net.estate.has_read(Part::Subnets, vpc)
                && let Some(interface) = self.net.holder(vpc, address)
            {
                return self.arrive(interface, beam, out);
            }
            let known = beam.gaps.iter().any(|gap| gap.construct == "subnets");
            if known
                || self.stop(&mut beam, Code::NoPossibleDestination, vpc, |_| {
                    format!("no subnet holds {address}")
                })
            {
                out.push(Beam {
                    end: End::Nowhere,
                    ..beam
                });
            }
            return;
        };
        if from != Some(subnet.id.as_str()) {
            beam.hop(HopKind::Subnet, &subnet.id);
            if !self.acl(&mut beam, subnet, false) {
                return;
            }
        }
        self.at_subnet(subnet, beam, out);
    }

    /// Packets are in the subnet of their address.
    pub(crate) fn at_subnet(
        &self,
        subnet: &'n Subnet,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let Some(address) = beam.address(beam.ahead()) else {
            return;
        };
        if let Some(interface) = self.net.holder(&subnet.vpc, address) {
            return self.arrive(interface, beam, out);
        }
        if let (Way::Return, Origin::Subnet(_)) = (beam.way, beam.origin) {
            return self.finish(End::Subnet(&subnet.id), beam, out);
        }
        if let (Way::Return, Origin::Nat(id)) = (beam.way, beam.origin) {
            return self.finish(End::Nat(id), beam, out);
        }
        self.note_unread(&mut beam, Part::Interfaces, &subnet.vpc, &subnet.id);
        if self.stop(&mut beam, Code::NoPossibleDestination, &subnet.id, |_| {
            format!("no interface holds {address}")
        }) {
            out.push(Beam {
                end: End::Nowhere,
                ..beam
            });
        }
    }

    fn arrive(&self, interface: &'n Interface, mut beam: Beam<'n>, out: &mut Vec<Beam<'n>>) {
        if let Some(nat) = self.net.index.nat_of.get(&interface.id) {
            beam.hop(HopKind::NatGateway, nat);
            if beam.way == Way::Return {
                return self.finish(End::Nat(nat), beam, out);
            }
            let detail = |_: &Beam<'n>| {
                "a NAT gateway takes no connections from outside, and gives no service to its own address".to_owned()
            };
            if self.stop(&mut beam, Code::NgwDestAddressPreservation, nat, detail) {
                out.push(Beam {
                    end: End::Nowhere,
                    ..beam
                });
            }
            return;
        }
        beam.hop(HopKind::Interface, &interface.id);
        let far = if beam.link == Link::Lost {
            None
        } else {
            beam.sender
        };
        if !self.groups(&mut beam, interface, true, far) {
            return;
        }
        match &interface.role {
            Role::Balancer(name) if beam.way == Way::Forward => {
                self.balance(interface, name, beam, out)
            }
            Role::Inspection | Role::Transit if beam.way == Way::Forward => {
                beam.gap(
                    "gateway_interface",
                    &interface.id,
                    "what the service behind this interface answers is not modelled",
                );
                self.finish(End::Interface(interface), beam, out);
            }
            _ => self.finish(End::Interface(interface), beam, out),
        }
    }
}

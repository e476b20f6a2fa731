//! Load balancers: a listener takes packets, targets get new ones.

use super::{Beam, End, Engine, Link, Origin, Side};
use crate::explain::{Code, HopKind};
use crate::headers::{Address, Flows, Kind, PortSet};
use crate::model::{Balancer, BalancerKind, Interface, Listener, Part, TargetKind};

/// One target of a listener.
struct Aim<'n> {
    interface: &'n Interface,
    address: Address,
    port: Option<u16>,
    preserve: bool,
}

impl<'n> Engine<'n> {
    /// Packets have come to an interface of a load balancer.
    pub(crate) fn balance(
        &self,
        interface: &'n Interface,
        name: &str,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let estate = &self.net.estate;
        let positions = &self.net.index.positions;
        let named = positions.balancers.get(name);
        let named = named.and_then(|at| estate.balancers.get_index(*at));
        let Some((_, balancer)) = named else {
            self.note_unread(&mut beam, Part::Balancers, &interface.vpc, name);
            beam.gap(
                "balancers",
                name,
                "its listeners and targets are not described",
            );
            return self.finish(End::Interface(interface), beam, out);
        };
        if balancer.kind == BalancerKind::Gateway {
            beam.gap(
                "gateway_load_balancer",
                name,
                "the appliances behind it are not followed",
            );
            return self.finish(End::Interface(interface), beam, out);
        }
        // A balancer may be another's target; in a circle, or deeper than anyone builds, it is not followed.
        let interfaces = beam
            .hops
            .iter()
            .filter(|hop| hop.kind == HopKind::Interface);
        let (again, depth) = (
            interfaces
                .clone()
                .filter(|hop| hop.id == interface.id)
                .count()
                > 1,
            interfaces.count(),
        );
        if again || depth > 5 {
            if self.stop(&mut beam, Code::CannotRoute, &balancer.id, |_| {
                "balancers lead to each other in a circle".to_owned()
            }) {
                out.push(Beam {
                    end: End::Nowhere,
                    ..beam
                });
            }
            return;
        }
        let mut heard = false;
        let listeners = positions.listeners.get(&balancer.id).into_iter().flatten();
        for listener in listeners.filter_map(|at| estate.listeners.get(*at)) {
            let taken = beam.flows.clone().map(|kind, mut cell| {
                if let Some(port) = listener.port {
                    cell.ports = cell.ports.intersect(&PortSet::one(port));
                }
                listener.kinds.contains(&kind).then_some(cell)
            });
            if !taken.is_empty() {
                heard = true;
                let mut taken = Beam {
                    flows: taken,
                    ..beam.clone()
                };
                taken.delivered = taken.flows.clone();
                self.answer(&mut taken, End::Interface(interface));
                self.aim_all(interface, balancer, listener, &taken, out);
            }
        }
        if !heard {
            let code = if balancer.kind == BalancerKind::Classic {
                Code::ElbListenersMismatch
            } else {
                Code::Elbv2ListenersMismatch
            };
            if self.stop(&mut beam, code, &balancer.id, |_| {
                "no listener takes these packets".to_owned()
            }) {
                out.push(Beam {
                    end: End::Nowhere,
                    ..beam
                });
            }
        }
    }

    fn aim_all(
        &self,
        interface: &'n Interface,
        balancer: &'n Balancer,
        listener: &'n Listener,
        taken: &Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let mut taken = taken.clone();
        let aims = self.aims(balancer, listener, &mut taken);
        if aims.is_empty() {
            if !taken.gaps.is_empty() {
                return out.push(Beam {
                    end: End::Interface(interface),
                    ..taken
                });
            }
            if self.stop(&mut taken, Code::Elbv2ListenerHasNoTg, &balancer.id, |_| {
                "the listener has no target that takes packets".to_owned()
            }) {
                out.push(Beam {
                    end: End::Nowhere,
                    ..taken
                });
            }
            return;
        }
        for aim in aims {
            self.aim_one(interface, balancer, &aim, taken.clone(), out);
        }
    }

    fn aim_one(
        &self,
        interface: &'n Interface,
        balancer: &'n Balancer,
        aim: &Aim<'n>,
        taken: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let zone = |eni: &Interface| {
            self.net
                .estate
                .subnets
                .get(&eni.subnet)
                .map(|subnet| subnet.zone.clone())
        };
        let mut inner = Beam {
            back: Vec::new(),
            ..taken.clone()
        };
        if zone(interface) != zone(aim.interface) {
            match balancer.cross_zone {
                Some(true) => {}
                Some(false) => {
                    if !self.stop(&mut inner, Code::ElbNotCrosszone, &balancer.id, |_| {
                        "the target is in another zone".to_owned()
                    }) {
                        return;
                    }
                }
                None => inner.gap(
                    "balancers",
                    &balancer.id,
                    "whether it crosses zones was not read; taken as on",
                ),
            }
        }
        inner.origin = Origin::Balancer(interface);
        inner.inspected.clear();
        inner.link = Link::Local;
        let own = interface
            .addresses
            .first()
            .map(|address| Address::from(address.address));
        let preserve = aim.preserve && balancer.kind == BalancerKind::Network;
        inner.sender = if preserve {
            taken.sender
        } else {
            Some(interface)
        };
        inner.port = aim.port.or(taken.port);
        let ports = |kind: Kind, cell: &crate::headers::Cell| {
            aim.port
                .filter(|_| kind.has_source_port())
                .map_or_else(|| cell.ports.clone(), PortSet::one)
        };
        if preserve && taken.far == Side::Source {
            inner.destination = Some(aim.address);
            inner.flows = taken.delivered.clone().map(|kind, cell| {
                Some(crate::headers::Cell {
                    ports: ports(kind, &cell),
                    ..cell
                })
            });
        } else {
            let replies = PortSet::range(1024, 65_535);
            if !preserve {
                inner.source = own;
            }
            inner.far = Side::Destination;
            inner.destination = Some(aim.address);
            inner.flows = taken.delivered.clone().map(|kind, cell| {
                let replies = if preserve {
                    cell.replies.clone()
                } else {
                    replies.clone()
                };
                Some(crate::headers::Cell {
                    ports: ports(kind, &cell),
                    replies,
                    ..cell
                })
            });
            inner.flows = inner.flows.moved(aim.address);
        }
        let mut walked = Vec::new();
        self.leave_balancer(interface, preserve, inner, &mut walked);
        for mut end in walked {
            let open = |inner: &Flows, outer: &Flows| {
                if preserve && taken.far == Side::Source {
                    outer.restrict(&inner.addresses())
                } else if inner.is_empty() {
                    Flows::default()
                } else {
                    outer.clone()
                }
            };
            end.delivered = open(&end.delivered, &taken.delivered);
            end.flows = open(&end.flows, &taken.flows);
            end.far = taken.far;
            end.back.extend(taken.back.iter().cloned());
            out.push(end);
        }
    }

    fn leave_balancer(
        &self,
        interface: &'n Interface,
        preserve: bool,
        mut beam: Beam<'n>,
        out: &mut Vec<Beam<'n>>,
    ) {
        let far = beam
            .address(Side::Destination)
            .and_then(|at| self.net.holder(&interface.vpc, at));
        if !preserve && !self.groups(&mut beam, interface, false, far) {
            return;
        }
        match self.net.estate.subnets.get(&interface.subnet) {
            Some(subnet) => self.within_or_out(subnet, beam, out),
            None => self.local(&interface.vpc, None, beam, out),
        }
    }

    fn aims(
        &self,
        balancer: &'n Balancer,
        listener: &'n Listener,
        beam: &mut Beam<'n>,
    ) -> Vec<Aim<'n>> {
        let estate = &self.net.estate;
        let mut aims = Vec::new();
        let primary = |instance: &str| {
            let at = self.net.index.positions.instances.get(instance)?;
            Some(estate.interfaces.get_index(*at)?.1)
        };
        for instance in &balancer.instances {
            let port = listener.instance_port;
            aims.extend(primary(instance).and_then(|eni| aim(eni, port, false)));
        }
        for id in &listener.groups {
            let Some(group) = estate.target_groups.get(id) else {
                beam.gap("target_groups", id, "not described");
                continue;
            };
            let Some(members) = &group.members else {
                beam.gap("target_health", id, "its targets are not described");
                continue;
            };
            for member in members {
                let port = member.port.or(group.port);
                match group.kind {
                    TargetKind::Instance => aims.extend(
                        primary(&member.id).and_then(|eni| aim(eni, port, group.preserves())),
                    ),
                    TargetKind::Address => {
                        let eni = member.id.parse().ok().and_then(|ip: std::net::IpAddr| {
                            self.net.holder(&group.vpc, ip.into()).map(|eni| (eni, ip))
                        });
                        match eni {
                            Some((interface, ip)) => aims.push(Aim {
                                interface,
                                address: ip.into(),
                                port,
                                preserve: group.preserves(),
                            }),
                            None => beam.gap(
                                "targets",
                                &member.id,
                                "no interface that is described holds this address",
                            ),
                        }
                    }
                    TargetKind::Lambda => {}
                    TargetKind::Balancer => beam.gap(
                        "balancer_target",
                        &member.id,
                        "an application load balancer as target is not followed",
                    ),
                }
            }
        }
        aims
    }
}

fn aim(interface: &Interface, port: Option<u16>, preserve: bool) -> Option<Aim<'_>> {
    let address = interface.addresses.first()?.address.into();
    Some(Aim {
        interface,
        address,
        port,
        preserve,
    })
}

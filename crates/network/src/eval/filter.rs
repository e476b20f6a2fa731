//! Security groups and network ACLs on a beam.

use super::{Beam, Engine, Filter, Link, Side};
use crate::explain::Code;
use crate::headers::{Flows, HeaderSet, Way};
use crate::model::{Interface, Part, Role, Subnet};

impl<'n> Engine<'n> {
    /// Narrows a beam. False: nothing is left and the walk ends (when explaining, it goes on as if the filter were open).
    pub(crate) fn narrow(
        &self,
        beam: &mut Beam<'n>,
        narrowed: Flows,
        code: Code,
        component: &str,
        detail: impl FnOnce(&Beam<'n>) -> String,
    ) -> bool {
        if narrowed.is_empty() {
            return self.stop(beam, code, component, detail);
        }
        beam.flows = narrowed;
        true
    }

    /// Notes a blocker. True only when explaining.
    pub(crate) fn stop(
        &self,
        beam: &mut Beam<'n>,
        code: Code,
        component: &str,
        detail: impl FnOnce(&Beam<'n>) -> String,
    ) -> bool {
        if self.explain {
            let detail = detail(beam);
            beam.blocked(code, component, detail);
        }
        self.explain
    }

    /// A security group asks about the side that is not the interface's own; answers always pass.
    pub(crate) fn groups(
        &self,
        beam: &mut Beam<'n>,
        interface: &'n Interface,
        ingress: bool,
        far: Option<&Interface>,
    ) -> bool {
        if beam.way == Way::Return {
            return true;
        }
        if interface.groups.is_empty() {
            if matches!(interface.role, Role::Plain | Role::Lambda) {
                beam.gap(
                    "security_groups",
                    &interface.id,
                    "its security groups are not described; taken as open",
                );
            }
            return true;
        }
        if self.groups_open {
            return true;
        }
        if let Some(asked) = self.asked {
            let groups = interface.groups.iter().map(String::as_str);
            asked.borrow_mut().extend(groups);
        }
        let Some(filters) = self.net.index.filters(&interface.groups) else {
            return true;
        };
        let filter = if ingress {
            &filters.ingress
        } else {
            &filters.egress
        };
        let side = if ingress { beam.behind() } else { beam.ahead() };
        let at = beam.at(side);
        let open = |sure: &HeaderSet| {
            let links = !matches!(
                beam.link,
                Link::Lost
                    | Link::Peering { references: false }
                    | Link::Transit { references: false }
            );
            let held = filter
                .references
                .iter()
                .filter(|(group, _)| links && far.is_some_and(|far| far.groups.contains(group)));
            held.fold(sure.clone(), |all, (_, allows)| all.union(allows))
        };
        let sure = if filter.references.is_empty() || far.is_none() {
            beam.flows.pass(&filter.sure, at, Way::Forward)
        } else {
            beam.flows.pass(&open(&filter.sure), at, Way::Forward)
        };
        let narrowed = match &filter.maybe {
            Some(maybe) => {
                let narrowed = beam.flows.pass(&open(maybe), at, Way::Forward);
                if narrowed != sure {
                    beam.gap("security_groups", &filter.gap, "not read; taken as open");
                }
                narrowed
            }
            None => sure,
        };
        let named = far.or_else(|| beam.sender.filter(|_| ingress));
        let lost_reference = named.is_some_and(|far| {
            filter
                .references
                .iter()
                .any(|(group, _)| far.groups.contains(group))
        });
        let code = match (filter.none, lost_reference && beam.link != Link::Local) {
            (true, _) => Code::SgHasNoRules,
            (false, true) => Code::SgReferencesNotPreserved,
            (false, false) => Code::EniSgRulesMismatch,
        };
        let side = if ingress { "ingress" } else { "egress" };
        let id = &interface.id;
        self.narrow(beam, narrowed, code, &interface.groups.join(", "), |_| {
            format!("no {side} rule of the groups of {id} matches")
        })
    }

    /// A network ACL asks about packets that cross the edge of its subnet, answers too.
    pub(crate) fn acl(&self, beam: &mut Beam<'n>, subnet: &'n Subnet, egress: bool) -> bool {
        let Some(id) = self.net.index.acl_of.get(&subnet.id) else {
            if !self.net.estate.has_read(Part::NetworkAcls, &subnet.vpc)
                || !self.net.index.positions.with_acl.contains(&subnet.vpc)
            {
                beam.gap(
                    "network_acls",
                    &subnet.id,
                    "its network ACL is not described; taken as open",
                );
            }
            return true;
        };
        if let Some(asked) = self.asked {
            asked.borrow_mut().insert(id);
        }
        let Some(filters) = self.net.index.acls.get(id) else {
            return true;
        };
        let filter: &Filter = if egress {
            &filters.egress
        } else {
            &filters.ingress
        };
        let side = if egress { beam.ahead() } else { beam.behind() };
        let narrowed = beam.flows.pass(&filter.sure, beam.at(side), beam.way);
        self.narrow(beam, narrowed, Code::SubnetAclRestriction, id, |beam| {
            self.acl_detail(beam, id, subnet, egress, side)
        })
    }

    fn acl_detail(
        &self,
        beam: &Beam<'n>,
        id: &str,
        subnet: &Subnet,
        egress: bool,
        side: Side,
    ) -> String {
        let word = if egress { "leave" } else { "enter" };
        let rule = self.net.estate.acls.get(id).zip(beam.flows.sample()).map(
            |(acl, (kind, far, port, source))| {
                let port = if beam.way == Way::Return && kind.has_source_port() {
                    source
                } else {
                    port
                };
                crate::explain::acl_rule(acl, egress, (kind, beam.at(side).unwrap_or(far), port))
            },
        );
        format!(
            "packets may not {word} {}: {}",
            subnet.id,
            rule.unwrap_or_default()
        )
    }
}

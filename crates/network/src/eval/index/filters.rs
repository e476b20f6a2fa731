//! What the rules of security groups and network ACLs let pass.

use crate::headers::{AddressSet, HeaderSet, Kind, PortSet, Rule, of_net};
use crate::model::{AclEntry, Estate, NetworkAcl, Peer, Protocol, SgRule};

/// What a list of rules lets pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// For certain.
    pub(crate) sure: HeaderSet,
    /// If everything that was not read lets everything pass; `None` if all was read.
    pub(crate) maybe: Option<HeaderSet>,
    /// What was not read.
    pub(crate) gap: String,
    /// References to groups, with what they allow.
    pub(crate) references: Vec<(String, HeaderSet)>,
    /// True if there is no rule at all.
    pub(crate) none: bool,
}

/// Both directions of a filter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filters {
    pub(crate) ingress: Filter,
    pub(crate) egress: Filter,
}

pub(super) fn acl_filters(acl: &NetworkAcl) -> Filters {
    let filter = |egress: bool| {
        let mut entries: Vec<&AclEntry> = acl
            .entries
            .iter()
            .filter(|entry| entry.egress == egress)
            .collect();
        entries.sort_by_key(|entry| entry.number);
        let rules: Vec<_> = entries
            .iter()
            .map(|entry| boxed(&entry.protocol, of_net(entry.block), entry.allow))
            .collect();
        Filter {
            sure: HeaderSet::first_match(&rules),
            none: rules.is_empty(),
            ..Filter::default()
        }
    };
    Filters {
        ingress: filter(false),
        egress: filter(true),
    }
}

pub(super) fn group_filters(estate: &Estate, groups: &[String]) -> Filters {
    Filters {
        ingress: group_filter(estate, groups, true),
        egress: group_filter(estate, groups, false),
    }
}

fn group_filter(estate: &Estate, groups: &[String], ingress: bool) -> Filter {
    let (mut rules, mut unread, mut references, mut missing) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let everyone = AddressSet::full();
    for id in groups {
        let Some(group) = estate.groups.get(id) else {
            missing.push(id.as_str());
            unread.push((
                None,
                Rule {
                    addresses: everyone.clone(),
                    ports: PortSet::full(),
                    allow: true,
                },
            ));
            continue;
        };
        for SgRule { protocol, peer } in if ingress {
            &group.ingress
        } else {
            &group.egress
        } {
            match peer {
                Peer::Block(block) => rules.push(boxed(protocol, of_net(*block), true)),
                Peer::List(list) => {
                    match estate.lists.get(list).and_then(|list| list.blocks.as_ref()) {
                        Some(blocks) => rules.extend(
                            blocks
                                .iter()
                                .map(|block| boxed(protocol, of_net(*block), true)),
                        ),
                        None => {
                            missing.push(list.as_str());
                            unread.push(boxed(protocol, everyone.clone(), true));
                        }
                    }
                }
                Peer::Group(group, _) => references.push((
                    group.clone(),
                    HeaderSet::first_match(&[boxed(protocol, everyone.clone(), true)]),
                )),
            }
        }
    }
    let none = rules.is_empty() && unread.is_empty() && references.is_empty();
    let sure = HeaderSet::first_match(&rules);
    let maybe = (!unread.is_empty()).then(|| sure.union(&HeaderSet::first_match(&unread)));
    Filter {
        sure,
        maybe,
        gap: missing.join(", "),
        references,
        none,
    }
}

fn boxed(protocol: &Protocol, addresses: AddressSet, allow: bool) -> (Option<Kind>, Rule) {
    match protocol {
        Protocol::Any => (
            None,
            Rule {
                addresses,
                ports: PortSet::full(),
                allow,
            },
        ),
        Protocol::Some(kind, ports) => (
            Some(*kind),
            Rule {
                addresses,
                ports: ports.clone(),
                allow,
            },
        ),
    }
}

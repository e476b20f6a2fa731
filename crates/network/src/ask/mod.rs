//! The questions, and the documented, versioned shapes of their answers.

mod check;
mod diff;
mod egress;
mod exposed;
mod exposure;
mod graph;
mod pairs;
mod path;
mod place;
mod svg;

pub use check::{CheckAnswer, Intents, RuleAnswer, Violation};
pub use diff::{Change, DiffAnswer, diff};
pub use egress::{EgressAnswer, EgressRow};
pub use exposed::{ExposureAnswer, ExposureRow};
pub use exposure::Exposure;
pub use graph::{GraphFormat, path_graph, vpc_graph};
pub use pairs::{End, PairClass, PairSet, PairTraffic, PairsAnswer};
pub use path::{HopAnswer, Packet, PathAnswer, PathQuestion, Verdict};

use crate::explain::Gap;
use crate::model::{Estate, Interface, Part, Place, Role};
use serde::Serialize;
use std::collections::BTreeSet;

/// What an interface belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Resource {
    /// `instance`, `load_balancer`, `nat_gateway`, `endpoint`, `function`, `database`, ... or `interface`.
    pub kind: String,
    /// Its id or name, as far as the interface tells it.
    pub id: String,
}

/// The resource behind an interface: by its attachment, its type, or the description that AWS writes.
#[must_use]
pub fn resource_of(estate: &Estate, interface: &Interface) -> Resource {
    let resource = |kind: &str, id: &str| Resource {
        kind: kind.to_owned(),
        id: id.to_owned(),
    };
    if let Some(instance) = &interface.instance {
        return resource("instance", instance);
    }
    let description = interface.description.as_str();
    match &interface.role {
        Role::Balancer(name) => resource("load_balancer", name),
        Role::Nat => resource(
            "nat_gateway",
            description.rsplit(' ').next().unwrap_or(description),
        ),
        Role::Endpoint => {
            let endpoint = estate
                .endpoints
                .values()
                .find(|endpoint| endpoint.interfaces.contains(&interface.id));
            resource(
                "endpoint",
                endpoint.map_or(description, |endpoint| endpoint.id.as_str()),
            )
        }
        Role::Lambda => resource(
            "function",
            description
                .strip_prefix("AWS Lambda VPC ENI-")
                .unwrap_or(description),
        ),
        Role::Inspection => resource("gateway_load_balancer_endpoint", description),
        Role::Transit => resource("transit_gateway_attachment", description),
        Role::Plain | Role::Service(_) if description == "RDSNetworkInterface" => resource(
            "database",
            database_of(estate, interface).unwrap_or_default(),
        ),
        Role::Service(kind) => resource(kind, description),
        Role::Plain => resource("interface", &interface.id),
    }
}

/// The one database that an interface can be of: in a subnet and zone of its, with its groups, and public if it is. Where
/// several are alike none is named.
fn database_of<'e>(estate: &'e Estate, interface: &Interface) -> Option<&'e str> {
    let mut groups = interface.groups.clone();
    groups.sort_unstable();
    let public = interface.addresses.iter().any(|a| a.public.is_some());
    let zone = estate
        .subnets
        .get(&interface.subnet)
        .map(|subnet| &subnet.zone);
    let fits = estate.databases.values().filter(|database| {
        database.vpc == interface.vpc
            && database.subnets.contains(&interface.subnet)
            && zone.is_none_or(|zone| database.zones.is_empty() || database.zones.contains(zone))
            && database.groups == groups
            && database.public == public
    });
    let mut fits = fits.map(|database| database.id.as_str());
    match (fits.next(), fits.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

impl Estate {
    /// The parts that were not read, by place. What they would change is unknown; what is taken for granted is said.
    #[must_use]
    pub fn not_described(&self) -> Vec<Gap> {
        let read = self.read.values().flatten();
        let places: BTreeSet<&Place> = read
            .chain(self.vpcs.values().map(|vpc| &vpc.place))
            .collect();
        let fits = |set: &str, have: &str| set.is_empty() || set == have;
        // A place that only says less than another one is that other one.
        let vague = |at: &&Place| {
            let finer = |other: &&Place| {
                *at != *other
                    && fits(&at.account, &other.account)
                    && fits(&at.region, &other.region)
            };
            places.iter().any(finer)
        };
        let vague: BTreeSet<&Place> = places.iter().copied().filter(|at| vague(at)).collect();
        let places: Vec<&Place> = places
            .iter()
            .copied()
            .filter(|at| !vague.contains(at))
            .collect();
        let mut out = Vec::new();
        for part in Part::ALL {
            let missing = places.iter().filter(|at| {
                !self.read.get(&part).is_some_and(|places| {
                    let covers =
                        |p: &Place| fits(&p.account, &at.account) && fits(&p.region, &at.region);
                    places.iter().any(covers)
                })
            });
            let detail = match part {
                Part::Vpcs | Part::Subnets | Part::Interfaces => {
                    "not described: what is there is not in the answer"
                }
                Part::BlockPublicAccess => "not described; taken as off, AWS's default",
                _ => "not described; answers that it could change say so",
            };
            out.extend(missing.map(|at| {
                Gap {
                    construct: part.word(),
                    component: [at.account.as_str(), at.region.as_str()]
                        .into_iter()
                        .filter(|word| !word.is_empty())
                        .collect::<Vec<_>>()
                        .join(" "),
                    detail: detail.to_owned(),
                }
            }));
        }
        out
    }
}

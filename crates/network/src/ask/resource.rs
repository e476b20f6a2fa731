//! What an interface belongs to.

use crate::eval::Network;
use crate::model::{Interface, Role};
use serde::Serialize;

/// What an interface belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Resource {
    /// `instance`, `load_balancer`, `nat_gateway`, `endpoint`, `function`, `database`, ... or `interface`.
    pub kind: String,
    /// Its id or name, as far as the interface tells it.
    pub id: String,
}

impl Network {
    /// The resource behind an interface: by its attachment, its type, or the description that AWS writes.
    #[must_use]
    pub fn resource_of(&self, interface: &Interface) -> Resource {
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
                let at = self.index.positions.endpoints.get(&interface.id);
                let endpoint = at.and_then(|at| self.estate.endpoints.get_index(*at));
                let id = endpoint.map(|(_, endpoint)| endpoint.id.as_str());
                resource("endpoint", id.unwrap_or(description))
            }
            Role::Lambda => resource(
                "function",
                description
                    .strip_prefix("AWS Lambda VPC ENI-")
                    .unwrap_or(description),
            ),
            Role::Inspection => resource("gateway_load_balancer_endpoint", description),
            Role::Transit => resource("transit_gateway_attachment", description),
            Role::Plain | Role::Service(_) if description == "RDSNetworkInterface" => {
                resource("database", self.database_of(interface).unwrap_or_default())
            }
            Role::Service(kind) => resource(kind, description),
            Role::Plain => resource("interface", &interface.id),
        }
    }

    /// The one database that an interface can be of: in a subnet and zone of its, with its groups, and public if it is.
    /// Where several are alike none is named.
    fn database_of(&self, interface: &Interface) -> Option<&str> {
        let subnet = self.estate.subnets.get(&interface.subnet);
        let zone = subnet.map(|subnet| &subnet.zone);
        let alike = self
            .index
            .positions
            .databases(&self.estate, interface)
            .filter(|database| {
                let zones = &database.zones;
                database.vpc == interface.vpc
                    && zone.is_none_or(|zone| zones.is_empty() || zones.contains(zone))
            });
        let mut alike = alike.map(|database| database.id.as_str());
        match (alike.next(), alike.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }
}

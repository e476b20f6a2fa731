//! VPCs, subnets, interfaces, instances, route tables.

use super::Reader;
use super::json::Json;
use super::rules::owned;
use crate::model::{
    Database, Destination, Instance, Interface, Origin, Place, PrivateAddress, Role, Route,
    RouteTable, Subnet, Target, Vpc,
};
use ipnet::IpNet;
use serde_json::Value;
use std::net::IpAddr;

impl Reader {
    pub(super) fn vpc(&mut self, item: &Value, place: &Place) {
        let Some(id) = item.text("VpcId") else {
            return self.warn("a VPC has no `VpcId`");
        };
        let v4 = item
            .list("CidrBlockAssociationSet")
            .iter()
            .filter(|a| state(a, "CidrBlockState") == "associated")
            .filter_map(|a| a.block("CidrBlock"));
        let mut blocks: Vec<IpNet> = item
            .block("CidrBlock")
            .into_iter()
            .chain(v4)
            .chain(v6(item))
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        self.estate.vpcs.insert(
            id.to_owned(),
            Vpc {
                id: id.to_owned(),
                place: owned(item, place),
                blocks,
                tags: item.tags(),
            },
        );
    }

    pub(super) fn subnet(&mut self, item: &Value, place: &Place) {
        let Some(id) = item.text("SubnetId") else {
            return self.warn("a subnet has no `SubnetId`");
        };
        let subnet = Subnet {
            id: id.to_owned(),
            place: owned(item, place),
            vpc: item.string("VpcId"),
            zone: item.string("AvailabilityZone"),
            blocks: item
                .block("CidrBlock")
                .into_iter()
                .chain(v6(item))
                .collect(),
            tags: item.tags(),
        };
        self.estate.subnets.insert(id.to_owned(), subnet);
    }

    pub(super) fn interface(&mut self, item: &Value, place: &Place) {
        let Some(id) = item.text("NetworkInterfaceId") else {
            return self.warn("an interface has no `NetworkInterfaceId`");
        };
        let description = item.string("Description");
        let interface = Interface {
            id: id.to_owned(),
            place: owned(item, place),
            vpc: item.string("VpcId"),
            subnet: item.string("SubnetId"),
            role: role(
                item.text("InterfaceType").unwrap_or("interface"),
                &description,
            ),
            description,
            addresses: addresses(item),
            groups: item
                .list("Groups")
                .iter()
                .map(|group| group.string("GroupId"))
                .collect(),
            check: item.flag("SourceDestCheck").unwrap_or(true),
            instance: item
                .member("Attachment")
                .text("InstanceId")
                .map(str::to_owned),
            tags: item.tags(),
        };
        self.estate.interfaces.insert(id.to_owned(), interface);
    }

    pub(super) fn instance(&mut self, item: &Value, place: &Place) {
        let Some(id) = item.text("InstanceId") else {
            return self.warn("an instance has no `InstanceId`");
        };
        let state = state(item, "State").to_owned();
        if matches!(state.as_str(), "terminated" | "shutting-down") {
            return;
        }
        for nested in item.list("NetworkInterfaces") {
            let Some(eni) = nested.text("NetworkInterfaceId") else {
                continue;
            };
            if self.estate.interfaces.contains_key(eni) {
                continue;
            }
            self.interface(nested, place);
        }
        let enis = item
            .list("NetworkInterfaces")
            .iter()
            .filter_map(|nested| nested.text("NetworkInterfaceId"));
        for eni in enis {
            if let Some(interface) = self.estate.interfaces.get_mut(eni) {
                interface.instance.get_or_insert_with(|| id.to_owned());
            }
        }
        self.estate.instances.insert(
            id.to_owned(),
            Instance {
                id: id.to_owned(),
                state,
                tags: item.tags(),
            },
        );
    }

    /// A database, so that its interfaces can be told by name.
    pub(super) fn database(&mut self, item: &Value) {
        let id = item.text("DBInstanceIdentifier");
        let Some(id) = id.or_else(|| item.text("DbInstanceIdentifier")) else {
            return self.warn("a database has no `DBInstanceIdentifier`");
        };
        let subnets = match item.get("DBSubnetGroup") {
            Some(group) => group,
            None => item.member("DbSubnetGroup"),
        };
        let mut groups: Vec<String> = item
            .list("VpcSecurityGroups")
            .iter()
            .map(|group| group.string("VpcSecurityGroupId"))
            .collect();
        groups.sort_unstable();
        let zones = ["AvailabilityZone", "SecondaryAvailabilityZone"];
        let database = Database {
            id: id.to_owned(),
            vpc: subnets.string("VpcId"),
            zones: zones
                .iter()
                .filter_map(|z| item.text(z))
                .map(str::to_owned)
                .collect(),
            subnets: subnets
                .list("Subnets")
                .iter()
                .map(|subnet| subnet.string("SubnetIdentifier"))
                .collect(),
            groups,
            public: item.flag("PubliclyAccessible").unwrap_or(false),
        };
        self.estate.databases.insert(id.to_owned(), database);
    }

    /// Virtual private gateways stand among the internet gateways: both are attached to VPCs and are route targets.
    pub(super) fn virtual_private_gateways(&mut self) {
        for gateways in std::mem::take(&mut self.vgws) {
            self.estate
                .internet_gateways
                .entry(gateways.0.clone())
                .or_default()
                .id
                .clone_from(&gateways.0);
            if let Some(entry) = self.estate.internet_gateways.get_mut(&gateways.0) {
                entry.vpcs = gateways.1;
            }
        }
    }

    pub(super) fn elastic_address(&mut self, item: &Value) {
        let (Some(public), Some(private)) =
            (item.address("PublicIp"), item.address("PrivateIpAddress"))
        else {
            return;
        };
        let Some(interface) = item
            .text("NetworkInterfaceId")
            .and_then(|id| self.estate.interfaces.get_mut(id))
        else {
            return;
        };
        for address in interface
            .addresses
            .iter_mut()
            .filter(|address| address.address == private)
        {
            address.public.get_or_insert(public);
        }
    }

    pub(super) fn route_table(&mut self, item: &Value) {
        let Some(id) = item.text("RouteTableId") else {
            return self.warn("a route table has no `RouteTableId`");
        };
        let mut table = RouteTable {
            id: id.to_owned(),
            vpc: item.string("VpcId"),
            ..RouteTable::default()
        };
        for association in item.list("Associations") {
            table.main |= association.flag("Main").unwrap_or(false);
            table
                .subnets
                .extend(association.text("SubnetId").map(str::to_owned));
            table
                .gateways
                .extend(association.text("GatewayId").map(str::to_owned));
        }
        for route in item.list("Routes") {
            let block = route
                .block("DestinationCidrBlock")
                .or_else(|| route.block("DestinationIpv6CidrBlock"))
                .map(Destination::Block);
            let Some(destination) = block.or_else(|| {
                route
                    .text("DestinationPrefixListId")
                    .map(|list| Destination::List(list.to_owned()))
            }) else {
                self.warn(format!("a route of `{id}` has no destination"));
                continue;
            };
            let origin = if route.text("Origin") == Some("EnableVgwRoutePropagation") {
                Origin::Propagated
            } else {
                Origin::Static
            };
            let active = route.text("State").is_none_or(|state| state == "active");
            table.routes.push(Route {
                destination,
                target: target(route),
                origin,
                active,
            });
        }
        self.estate.tables.insert(id.to_owned(), table);
    }
}

/// The `State` or `Code` of a nested state, or a plain text.
pub(super) fn state<'a>(item: &'a Value, key: &str) -> &'a str {
    let nested = item.member(key);
    item.text(key)
        .or_else(|| nested.text("State"))
        .or_else(|| nested.text("Code"))
        .or_else(|| nested.text("Name"))
        .unwrap_or("")
}

fn v6(item: &Value) -> impl Iterator<Item = IpNet> {
    let live = |a: &&Value| {
        state(a, "Ipv6CidrBlockState") == "associated" || a.get("Ipv6CidrBlockState").is_none()
    };
    item.list("Ipv6CidrBlockAssociationSet")
        .iter()
        .filter(live)
        .filter_map(|a| a.block("Ipv6CidrBlock"))
}

fn addresses(item: &Value) -> Vec<PrivateAddress> {
    let public = |at: &Value| at.member("Association").address("PublicIp");
    let mut out: Vec<PrivateAddress> = item
        .list("PrivateIpAddresses")
        .iter()
        .filter_map(|at| {
            Some(PrivateAddress {
                address: at.address("PrivateIpAddress")?,
                public: public(at),
            })
        })
        .collect();
    if out.is_empty() {
        out.extend(
            item.address("PrivateIpAddress")
                .map(|address| PrivateAddress {
                    address,
                    public: public(item),
                }),
        );
    }
    // The primary address's association stands at the interface too, and in some answers only there.
    let primary = item.address("PrivateIpAddress");
    for address in out.iter_mut().filter(|a| Some(a.address) == primary) {
        address.public = address.public.or_else(|| public(item));
    }
    let v6 = item
        .list("Ipv6Addresses")
        .iter()
        .filter_map(|at| at.address("Ipv6Address").filter(IpAddr::is_ipv6));
    out.extend(v6.map(|address| PrivateAddress {
        address,
        public: None,
    }));
    out
}

fn role(kind: &str, description: &str) -> Role {
    match kind {
        "interface" | "efa" | "efa-only" | "trunk" | "branch" => {
            match description.strip_prefix("ELB ") {
                Some(name) => Role::Balancer(name.to_owned()),
                None if description.starts_with("VPC Endpoint Interface ") => Role::Endpoint,
                None if description.starts_with("Interface for NAT Gateway ") => Role::Nat,
                None => Role::Plain,
            }
        }
        "nat_gateway" | "natGateway" => Role::Nat,
        "network_load_balancer" | "load_balancer" => Role::Balancer(
            description
                .strip_prefix("ELB ")
                .unwrap_or(description)
                .to_owned(),
        ),
        "vpc_endpoint" => Role::Endpoint,
        "gateway_load_balancer" | "gateway_load_balancer_endpoint" => Role::Inspection,
        "transit_gateway" => Role::Transit,
        "lambda" => Role::Lambda,
        other => Role::Service(other.to_owned()),
    }
}

fn target(route: &Value) -> Target {
    if let Some(id) = route.text("GatewayId") {
        return match id.split_once('-').map_or(id, |(kind, _)| kind) {
            "local" => Target::Local,
            "igw" => Target::Internet(id.to_owned()),
            "vgw" => Target::Vpn(id.to_owned()),
            "vpce" => Target::Endpoint(id.to_owned()),
            _ => Target::Other("GatewayId".to_owned(), id.to_owned()),
        };
    }
    let of = |key: &str| route.text(key).map(str::to_owned);
    None.or_else(|| of("NatGatewayId").map(Target::Nat))
        .or_else(|| of("VpcPeeringConnectionId").map(Target::Peering))
        .or_else(|| of("TransitGatewayId").map(Target::Transit))
        .or_else(|| of("EgressOnlyInternetGatewayId").map(Target::EgressOnly))
        .or_else(|| of("VpcEndpointId").map(Target::Endpoint))
        .or_else(|| of("NetworkInterfaceId").map(Target::Interface))
        .unwrap_or_else(|| {
            let keys = [
                "InstanceId",
                "CarrierGatewayId",
                "LocalGatewayId",
                "CoreNetworkArn",
                "OdbNetworkArn",
            ];
            let found = keys
                .iter()
                .find_map(|key| Some(((*key).to_owned(), of(key)?)));
            found.map_or_else(
                || Target::Other("none".to_owned(), String::new()),
                |(key, id)| Target::Other(key, id),
            )
        })
}

//! A synthetic estate of any size, the same for the same size: per 10,000 interfaces 5,000 security groups with about 47,000 rules, 100 network ACLs,
//! 400 subnets in 40 VPCs, every sixth interface with a public address; 120 combinations of groups a VPC, ports from a pool of 60 ranges.

use palisade_network::headers::{Kind, PortSet};
use palisade_network::model::{
    AclEntry, Destination, Estate, Interface, InternetGateway, NetworkAcl, Origin, Part, Peer,
    Place, PrivateAddress, Protocol, Route, RouteTable, SecurityGroup, SgRule, Subnet, Target, Vpc,
};
use std::net::{IpAddr, Ipv4Addr};

/// Where the ports of rules come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ports {
    /// A pool of 60, as people have habits.
    Pool,
    /// Anywhere: hardly a port is an end of two rules.
    Any,
}

/// SplitMix64.
struct Dice(u64, Ports);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((z ^ (z >> 31)) % u64::from(sides.max(1))).unwrap_or(0)
    }

    fn port(&mut self) -> u16 {
        if self.1 == Ports::Any {
            return u16::try_from(self.roll(65_000)).unwrap_or(22);
        }
        u16::try_from(self.roll(60) * 997 % 50_000 + 20).unwrap_or(22)
    }

    fn protocol(&mut self) -> Protocol {
        match self.roll(20) {
            0 => Protocol::Any,
            1..=3 => Protocol::Some(Kind::Udp, PortSet::one(self.port())),
            _ => {
                let low = self.port();
                let width = if self.roll(4) == 0 {
                    u16::try_from(self.roll(2000)).unwrap_or(0)
                } else {
                    0
                };
                Protocol::Some(Kind::Tcp, PortSet::range(low, low.saturating_add(width)))
            }
        }
    }

    fn block(&mut self) -> String {
        match self.roll(15) {
            0..=9 => format!("10.{}.{}.0/24", self.roll(200), self.roll(10)),
            10 | 11 => "0.0.0.0/0".to_owned(),
            _ => format!(
                "{}.{}.{}.0/{}",
                11 + self.roll(80),
                self.roll(256),
                self.roll(256),
                24
            ),
        }
    }
}

/// An estate of `size` interfaces.
pub(crate) fn estate(size: u32, ports: Ports) -> Estate {
    let mut dice = Dice(7, ports);
    let mut estate = Estate {
        read: [
            Part::NetworkAcls,
            Part::RouteTables,
            Part::InternetGateways,
            Part::Interfaces,
        ]
        .map(|part| (part, [Place::default()].into()))
        .into(),
        ..Estate::default()
    };
    let vpcs = (size / 250).max(1);
    for v in 0..vpcs {
        vpc(&mut dice, &mut estate, v);
    }
    for n in 0..size {
        interface(&mut dice, &mut estate, n, vpcs);
    }
    estate
}

fn vpc(dice: &mut Dice, estate: &mut Estate, v: u32) {
    let (vpc, igw) = (format!("vpc-{v}"), format!("igw-{v}"));
    let blocks = vec![net(&format!("10.{}.0.0/16", v % 256))];
    estate.vpcs.insert(
        vpc.clone(),
        Vpc {
            id: vpc.clone(),
            blocks,
            ..Vpc::default()
        },
    );
    estate.internet_gateways.insert(
        igw.clone(),
        InternetGateway {
            id: igw.clone(),
            vpcs: vec![vpc.clone()],
        },
    );
    let mut acls: Vec<NetworkAcl> = (0..3)
        .map(|a| acl(dice, &vpc, &format!("acl-{v}-{a}")))
        .collect();
    for s in 0..10 {
        let id = format!("subnet-{v}-{s}");
        let subnet = Subnet {
            id: id.clone(),
            vpc: vpc.clone(),
            blocks: vec![net(&format!("10.{}.{}.0/22", v % 256, s * 4))],
            ..Subnet::default()
        };
        estate.subnets.insert(id.clone(), subnet);
        if let Some(acl) = acls.get_mut(s % 3) {
            acl.subnets.push(id.clone());
        }
        let route = |block: &str, target: Target| Route {
            destination: Destination::Block(net(block)),
            target,
            origin: Origin::Static,
            active: true,
        };
        let routes = vec![
            route(&format!("10.{}.0.0/16", v % 256), Target::Local),
            route("0.0.0.0/0", Target::Internet(igw.clone())),
        ];
        let table = format!("rtb-{v}-{s}");
        estate.tables.insert(
            table.clone(),
            RouteTable {
                id: table,
                vpc: vpc.clone(),
                subnets: vec![id],
                routes,
                ..RouteTable::default()
            },
        );
    }
    estate
        .acls
        .extend(acls.into_iter().map(|acl| (acl.id.clone(), acl)));
    for g in 0..125 {
        let id = format!("sg-{v}-{g}");
        let rules = 2 + dice.roll(14);
        let rule = |dice: &mut Dice| {
            let peer = if dice.roll(5) == 0 {
                Peer::Group(format!("sg-{v}-{}", dice.roll(125)), None)
            } else {
                Peer::Block(net(&dice.block()))
            };
            SgRule {
                protocol: dice.protocol(),
                peer,
            }
        };
        let ingress = (0..rules).map(|_| rule(dice)).collect();
        let all = vec![SgRule {
            protocol: Protocol::Any,
            peer: Peer::Block(net("0.0.0.0/0")),
        }];
        let egress = if dice.roll(10) < 7 {
            all
        } else {
            (0..3).map(|_| rule(dice)).collect()
        };
        estate.groups.insert(
            id.clone(),
            SecurityGroup {
                id,
                vpc: vpc.clone(),
                ingress,
                egress,
                ..SecurityGroup::default()
            },
        );
    }
}

fn acl(dice: &mut Dice, vpc: &str, id: &str) -> NetworkAcl {
    let mut entries = Vec::new();
    for egress in [false, true] {
        for number in 0..dice.roll(10) {
            let number = i64::from(number) * 10 + 10;
            entries.push(AclEntry {
                number,
                egress,
                allow: dice.roll(2) == 0,
                protocol: dice.protocol(),
                block: net(&dice.block()),
            });
        }
        entries.push(AclEntry {
            number: 1000,
            egress,
            allow: true,
            protocol: Protocol::Any,
            block: net("0.0.0.0/0"),
        });
    }
    NetworkAcl {
        id: id.to_owned(),
        vpc: vpc.to_owned(),
        entries,
        ..NetworkAcl::default()
    }
}

fn interface(dice: &mut Dice, estate: &mut Estate, n: u32, vpcs: u32) {
    let (v, at) = (n % vpcs, n / vpcs);
    let s = at % 10;
    let octet = |number: u32| u8::try_from(number % 256).unwrap_or(0);
    let address = Ipv4Addr::new(10, octet(v), octet(s * 4 + at / 2500), octet(at / 10 + 4));
    let public = (dice.roll(6) == 0).then(|| IpAddr::V4(Ipv4Addr::from(0x3400_0000 + n)));
    // 120 combinations of groups a VPC.
    let combination = dice.roll(120);
    let groups = (0..=combination % 3)
        .map(|g| format!("sg-{v}-{}", (combination * 7 + g * 31) % 125))
        .collect();
    let interface = Interface {
        id: format!("eni-{n}"),
        vpc: format!("vpc-{v}"),
        subnet: format!("subnet-{v}-{s}"),
        addresses: vec![PrivateAddress {
            address: address.into(),
            public,
        }],
        groups,
        check: true,
        ..Interface::default()
    };
    estate.interfaces.insert(interface.id.clone(), interface);
}

fn net(text: &str) -> ipnet::IpNet {
    text.parse().unwrap_or_default()
}

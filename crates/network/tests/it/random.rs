//! Random estates, random packets: the engine against the naive walk.

use super::naive::{One, from_interface, from_internet};
use super::peers;
use palisade_network::Network;
use palisade_network::ask::{PathQuestion, Verdict};
use palisade_network::headers::{Kind, PortSet};
use palisade_network::model::{
    AclEntry, Destination, Estate, Interface, InternetGateway, NatAddress, NatGateway, NetworkAcl,
    Origin, Part, Peer, Peering, PeeringSide, Place, PrivateAddress, Protocol, Role, Route,
    RouteTable, SecurityGroup, SgRule, Subnet, Target, Vpc,
};
use std::net::IpAddr;

/// SplitMix64: the same estates in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(sides).unwrap()).unwrap()
    }
    pub(crate) fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }
}

pub(crate) const BLOCKS: &[&str] = &[
    "0.0.0.0/0",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.1.0.0/16",
    "10.0.1.0/24",
    "10.1.2.0/24",
    "8.0.0.0/8",
    "128.0.0.0/1",
    "9.9.9.9/32",
];
pub(crate) const PORTS: &[(u16, u16)] = &[
    (22, 22),
    (80, 443),
    (443, 443),
    (0, 65_535),
    (1024, 65_535),
    (5000, 40_000),
    (32_768, 60_999),
    (3000, 3000),
];
pub(crate) const FAR: &[&str] = &[
    "8.8.8.8",
    "9.9.9.9",
    "200.1.2.3",
    "10.0.1.10",
    "10.1.2.11",
    "10.9.9.9",
];

pub(crate) fn protocol(dice: &mut Dice) -> Protocol {
    if dice.chance(25) {
        return Protocol::Any;
    }
    let (low, high) = dice.pick(PORTS);
    Protocol::Some(
        dice.pick(&[Kind::Tcp, Kind::Tcp, Kind::Udp]),
        PortSet::range(low, high),
    )
}

pub(crate) fn estate(dice: &mut Dice) -> Estate {
    let mut estate = Estate {
        read: [
            Part::NetworkAcls,
            Part::RouteTables,
            Part::InternetGateways,
            Part::Subnets,
            Part::Interfaces,
        ]
        .map(|part| (part, [Place::default()].into()))
        .into(),
        ..Estate::default()
    };
    let sgs: Vec<String> = (0..5).map(|n| format!("sg-{n}")).collect();
    for v in 0..2 {
        let vpc = format!("vpc-{v}");
        estate.vpcs.insert(
            vpc.clone(),
            Vpc {
                id: vpc.clone(),
                blocks: vec![format!("10.{v}.0.0/16").parse().unwrap()],
                ..Vpc::default()
            },
        );
        if dice.chance(90) {
            let id = format!("igw-{v}");
            estate.internet_gateways.insert(
                id.clone(),
                InternetGateway {
                    id,
                    vpcs: vec![vpc.clone()],
                },
            );
        }
        for s in 1..=3 {
            network_of_subnet(dice, &mut estate, &sgs, &vpc, v, s);
        }
        if dice.chance(70) {
            let private: IpAddr = format!("10.{v}.3.200").parse().unwrap();
            let address = NatAddress {
                interface: None,
                private: Some(private),
                public: Some(format!("52.{v}.3.200").parse().unwrap()),
            };
            let id = format!("nat-{v}");
            estate.nats.insert(
                id.clone(),
                NatGateway {
                    id,
                    vpc: vpc.clone(),
                    subnet: Some(format!("subnet-{v}-3")),
                    public: true,
                    working: dice.chance(95),
                    addresses: vec![address],
                },
            );
        }
    }
    let gone = |target: &Target| matches!(target, Target::Nat(id) if !estate.nats.contains_key(id));
    for route in estate
        .tables
        .values_mut()
        .flat_map(|table| &mut table.routes)
        .filter(|route| gone(&route.target))
    {
        route.active = false;
    }
    let side = |v: usize| PeeringSide {
        vpc: format!("vpc-{v}"),
        ..PeeringSide::default()
    };
    estate.peerings.insert(
        "pcx-0".into(),
        Peering {
            id: "pcx-0".into(),
            requester: side(0),
            accepter: side(1),
            active: dice.chance(90),
        },
    );
    for id in &sgs {
        let mut rules = |most: usize| -> Vec<SgRule> {
            (0..dice.roll(most))
                .map(|_| {
                    let peer = if dice.chance(30) {
                        Peer::Group(dice.pick(&sgs), None)
                    } else {
                        Peer::Block(dice.pick(BLOCKS).parse().unwrap())
                    };
                    SgRule {
                        protocol: protocol(dice),
                        peer,
                    }
                })
                .collect()
        };
        let (ingress, mut egress) = (rules(4), rules(4));
        if dice.chance(60) {
            egress = vec![SgRule {
                protocol: Protocol::Any,
                peer: Peer::Block("0.0.0.0/0".parse().unwrap()),
            }];
        }
        estate.groups.insert(
            id.clone(),
            SecurityGroup {
                id: id.clone(),
                ingress,
                egress,
                ..SecurityGroup::default()
            },
        );
    }
    estate
}

fn network_of_subnet(
    dice: &mut Dice,
    estate: &mut Estate,
    sgs: &[String],
    vpc: &str,
    v: usize,
    s: usize,
) {
    let id = format!("subnet-{v}-{s}");
    let block = format!("10.{v}.{s}.0/24").parse().unwrap();
    estate.subnets.insert(
        id.clone(),
        Subnet {
            id: id.clone(),
            vpc: vpc.to_owned(),
            zone: "a".into(),
            blocks: vec![block],
            ..Subnet::default()
        },
    );
    let mut routes = vec![route(&format!("10.{v}.0.0/16"), Target::Local, true)];
    if dice.chance(80) {
        let target = if s != 3 && dice.chance(40) {
            Target::Nat(format!("nat-{v}"))
        } else {
            Target::Internet(format!("igw-{v}"))
        };
        routes.push(route("0.0.0.0/0", target, dice.chance(95)));
    }
    if dice.chance(70) {
        routes.push(route(
            &format!("10.{}.0.0/16", 1 - v),
            Target::Peering("pcx-0".into()),
            true,
        ));
    }
    if dice.chance(15) {
        routes.push(route(
            "8.0.0.0/8",
            Target::Internet(format!("igw-{v}")),
            dice.chance(50),
        ));
    }
    let table = format!("rtb-{v}-{s}");
    estate.tables.insert(
        table.clone(),
        RouteTable {
            id: table,
            vpc: vpc.to_owned(),
            subnets: vec![id.clone()],
            routes,
            ..RouteTable::default()
        },
    );
    let mut entries: Vec<AclEntry> = Vec::new();
    for egress in [false, true] {
        for _ in 0..dice.roll(4) {
            let number = i64::try_from(dice.roll(30_000)).unwrap() * 2 + i64::from(egress);
            if entries.iter().all(|entry| entry.number != number) {
                entries.push(AclEntry {
                    number,
                    egress,
                    allow: dice.chance(60),
                    protocol: protocol(dice),
                    block: dice.pick(BLOCKS).parse().unwrap(),
                });
            }
        }
        if dice.chance(75) {
            entries.push(AclEntry {
                number: 100_000,
                egress,
                allow: true,
                protocol: Protocol::Any,
                block: "0.0.0.0/0".parse().unwrap(),
            });
        }
    }
    let acl = format!("acl-{v}-{s}");
    estate.acls.insert(
        acl.clone(),
        NetworkAcl {
            id: acl,
            vpc: vpc.to_owned(),
            default: false,
            subnets: vec![id.clone()],
            entries,
        },
    );
    for n in 0..2 {
        let eni = format!("eni-{v}-{s}-{n}");
        let address = format!("10.{v}.{s}.1{n}").parse().unwrap();
        let public = dice
            .chance(50)
            .then(|| format!("52.{v}.{s}.1{n}").parse().unwrap());
        let mut groups = vec![dice.pick(sgs)];
        if dice.chance(30) {
            groups.push(dice.pick(sgs));
        }
        let interface = Interface {
            id: eni.clone(),
            vpc: vpc.to_owned(),
            subnet: id.clone(),
            role: Role::Plain,
            addresses: vec![PrivateAddress { address, public }],
            groups,
            check: true,
            ..Interface::default()
        };
        estate.interfaces.insert(eni, interface);
    }
}

pub(crate) fn route(block: &str, target: Target, active: bool) -> Route {
    Route {
        destination: Destination::Block(block.parse().unwrap()),
        target,
        origin: Origin::Static,
        active,
    }
}

pub(crate) fn packet(dice: &mut Dice) -> (Kind, u16, u16) {
    let sources = [1024, 1500, 5000, 40_001, 49_152, 61_000, 65_535, 80];
    (
        dice.pick(&[Kind::Tcp, Kind::Tcp, Kind::Udp]),
        dice.pick(&[22, 80, 443, 444, 3000, 5000, 50_000]),
        dice.pick(&sources),
    )
}

/// An interface, a packet from it, to another interface with this chance in a hundred, and the question about it; none
/// for a packet to itself.
pub(crate) fn drawn<'e>(
    estate: &'e Estate,
    dice: &mut Dice,
    inside: usize,
) -> Option<(&'e Interface, One, PathQuestion)> {
    let any = |dice: &mut Dice| {
        let at = dice.roll(estate.interfaces.len());
        estate.interfaces.get_index(at).unwrap().1
    };
    let (eni, other) = (any(dice), any(dice));
    let destination = if dice.chance(inside) {
        other.addresses[0].address
    } else {
        dice.pick(FAR).parse().unwrap()
    };
    let (kind, port, source_port) = packet(dice);
    let one = One {
        kind,
        source: eni.addresses[0].address,
        source_port,
        destination,
        port,
    };
    let question = PathQuestion {
        from: eni.id.clone(),
        to: destination.to_string(),
        protocol: Some(kind.to_string()),
        port: Some(port),
        source_port: Some(source_port),
        source_address: None,
    };
    (one.source != destination).then_some((eni, one, question))
}

#[test]
fn the_engine_and_a_walk_of_one_packet_agree_on_random_estates() {
    let (mut reachable, mut blocked) = (0, 0);
    for seed in 0..250 {
        let mut dice = Dice(seed);
        let network = Network::new(estate(&mut dice));
        let estate = &network.estate;
        for _ in 0..60 {
            let Some((eni, one, question)) = drawn(estate, &mut dice, 65) else {
                continue;
            };
            let answer = network.path(&question).unwrap();
            let naive = from_interface(estate, eni, one);
            assert_eq!(
                answer.verdict == Verdict::Reachable,
                naive,
                "seed {seed}: {one:?} {:?} {:?}",
                answer.forward.iter().map(|h| &h.id).collect::<Vec<_>>(),
                answer.blockers
            );
            assert!(
                naive || !answer.blockers.is_empty(),
                "seed {seed}: blocked without a blocker: {one:?}"
            );
            if naive { reachable += 1 } else { blocked += 1 }
        }
    }
    peers::say(&format!(
        "random pairs: {reachable} reachable, {blocked} blocked"
    ));
    assert!(reachable > 500 && blocked > 500);
}

#[test]
fn the_exposure_of_random_estates_is_that_of_a_walk_of_each_packet() {
    let (mut open, mut shut, mut witnesses) = (0, 0, 0);
    for seed in 1000..1200 {
        let mut dice = Dice(seed);
        let network = Network::new(estate(&mut dice));
        let estate = &network.estate;
        let answer = network.exposed();
        for eni in estate.interfaces.values() {
            let Some(public) = eni.addresses[0].public else {
                assert!(
                    answer.rows.iter().all(|row| row.interface != eni.id),
                    "seed {seed}: {} has no public address",
                    eni.id
                );
                continue;
            };
            for _ in 0..30 {
                let (kind, port, source_port) = packet(&mut dice);
                let source: IpAddr = dice
                    .pick(&["8.8.8.8", "9.9.9.9", "200.1.2.3", "127.255.0.1", "9.9.9.10"])
                    .parse()
                    .unwrap();
                if source.is_loopback() {
                    continue;
                }
                let one = One {
                    kind,
                    source,
                    source_port,
                    destination: public,
                    port,
                };
                let row = answer.rows.iter().find(|row| row.interface == eni.id);
                let ours = row.is_some_and(|row| row.contains(kind, source, port, source_port));
                assert_eq!(ours, from_internet(estate, one), "seed {seed}: {one:?}");
                if ours { open += 1 } else { shut += 1 }
            }
            // The witness of the path question passes in the walk.
            let question = PathQuestion {
                from: "internet".into(),
                to: public.to_string(),
                ..PathQuestion::default()
            };
            let path = network.path(&question).unwrap();
            if let (Verdict::Reachable, Some(packet)) = (path.verdict, path.packet) {
                let source_port = packet.source_port.unwrap_or(0);
                let one = One {
                    kind: packet.protocol,
                    source: packet.source.parse().unwrap(),
                    source_port,
                    destination: public,
                    port: packet.port,
                };
                assert!(from_internet(estate, one), "seed {seed}: witness {one:?}");
                witnesses += 1;
            }
        }
    }
    peers::say(&format!(
        "random exposure: {open} packets pass, {shut} do not, {witnesses} witnesses confirmed"
    ));
    assert!(open > 500 && shut > 500 && witnesses > 100);
}

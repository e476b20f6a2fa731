//! An organization whose accounts are alike, as AWS makes them: each with its default VPC, so that the same private addresses, in
//! subnets without a route table or network ACL of their own, are in all of them; and every part read in each account.

use palisade_network::headers::{Kind, PortSet};
use palisade_network::model::{
    AclEntry, BlockMode, BlockPublicAccess, Destination, Estate, Interface, InternetGateway,
    NetworkAcl, Origin, Part, Peer, Place, PrivateAddress, Protocol, Route, RouteTable,
    SecurityGroup, SgRule, Subnet, Target, Vpc,
};
use std::net::{IpAddr, Ipv4Addr};

/// Interfaces of an account.
pub(crate) const INTERFACES: u8 = 4;

/// An estate of so many accounts.
pub(crate) fn accounts(count: u32) -> Estate {
    let mut estate = Estate::default();
    for n in 0..count {
        account(&mut estate, n);
    }
    estate
}

fn account(estate: &mut Estate, n: u32) {
    let place = Place {
        account: format!("{:012}", 300_000_000_000 + u64::from(n)),
        region: "eu-west-1".to_owned(),
    };
    for part in Part::ALL {
        estate.read.entry(part).or_default().insert(place.clone());
    }
    let (vpc, igw) = (format!("vpc-{n}"), format!("igw-{n}"));
    let described = Vpc {
        id: vpc.clone(),
        place: place.clone(),
        blocks: vec![net("172.31.0.0/16")],
        ..Vpc::default()
    };
    estate.vpcs.insert(vpc.clone(), described);
    let gateway = InternetGateway {
        id: igw.clone(),
        vpcs: vec![vpc.clone()],
    };
    estate.internet_gateways.insert(igw.clone(), gateway);
    estate.block_public_access.push(BlockPublicAccess {
        place: place.clone(),
        mode: BlockMode::Off,
    });
    filters(estate, n, &vpc, &place);
    let route = |block: &str, target: Target| Route {
        destination: Destination::Block(net(block)),
        target,
        origin: Origin::Static,
        active: true,
    };
    let table = RouteTable {
        id: format!("rtb-{n}"),
        vpc: vpc.clone(),
        main: true,
        routes: vec![
            route("172.31.0.0/16", Target::Local),
            route("0.0.0.0/0", Target::Internet(igw)),
        ],
        ..RouteTable::default()
    };
    estate.tables.insert(table.id.clone(), table);
    for s in 0..3u8 {
        let subnet = Subnet {
            id: format!("subnet-{n}-{s}"),
            place: place.clone(),
            vpc: vpc.clone(),
            blocks: vec![net(&format!("172.31.{}.0/20", s * 16))],
            ..Subnet::default()
        };
        estate.subnets.insert(subnet.id.clone(), subnet);
    }
    for i in 0..INTERFACES {
        let public = Ipv4Addr::from(0x3400_0000 + n * u32::from(INTERFACES) + u32::from(i));
        let interface = Interface {
            id: format!("eni-{n}-{i}"),
            place: place.clone(),
            vpc: vpc.clone(),
            subnet: format!("subnet-{n}-{}", i % 3),
            addresses: vec![PrivateAddress {
                address: Ipv4Addr::new(172, 31, i % 3 * 16, i + 4).into(),
                public: (i % 2 == 0).then_some(IpAddr::V4(public)),
            }],
            groups: vec![format!("sg-{n}")],
            check: true,
            ..Interface::default()
        };
        estate.interfaces.insert(interface.id.clone(), interface);
    }
}

fn filters(estate: &mut Estate, n: u32, vpc: &str, place: &Place) {
    let entry = |egress: bool| AclEntry {
        number: 100,
        egress,
        allow: true,
        protocol: Protocol::Any,
        block: net("0.0.0.0/0"),
    };
    let acl = NetworkAcl {
        id: format!("acl-{n}"),
        vpc: vpc.to_owned(),
        default: true,
        entries: vec![entry(false), entry(true)],
        ..NetworkAcl::default()
    };
    estate.acls.insert(acl.id.clone(), acl);
    let rule = |protocol: Protocol| SgRule {
        protocol,
        peer: Peer::Block(net("0.0.0.0/0")),
    };
    let group = SecurityGroup {
        id: format!("sg-{n}"),
        place: place.clone(),
        vpc: vpc.to_owned(),
        ingress: vec![rule(Protocol::Some(Kind::Tcp, PortSet::one(443)))],
        egress: vec![rule(Protocol::Any)],
        ..SecurityGroup::default()
    };
    estate.groups.insert(group.id.clone(), group);
}

fn net(text: &str) -> ipnet::IpNet {
    text.parse().unwrap_or_default()
}

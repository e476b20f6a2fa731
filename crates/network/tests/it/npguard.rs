//! np-guard's all-pairs answers (Apache-2.0, np-guard/vpc-network-config-analyzer), read from `PALISADE_PEERS`.
//!
//! That engine reads no route tables: a subnet is public if it maps public addresses and its VPC has an internet gateway. So are they made here.
//! Its lines are probed at the edges of every port range they name; `*` marks TCP that arrives and is not answered.

use super::peers;
use palisade_network::ask::{PathAnswer, PathQuestion, Verdict};
use palisade_network::explain::Direction;
use palisade_network::model::{Destination, Estate, Origin, Place, Route, RouteTable, Target};
use palisade_network::{Document, Network, from_dump};
use serde_json::{Value, json};
use std::path::Path;

/// One line of an answer.
struct Line {
    from: String,
    to: String,
    protocol: Option<&'static str>,
    ports: Vec<(u16, u16)>,
    sources: Vec<(u16, u16)>,
    unanswered: bool,
}

#[test]
fn all_pairs_are_those_of_the_golden_files() {
    let Some(root) = peers::folder("npguard-cases") else {
        return;
    };
    for name in ["basic_config_with_sg", "aws_sg_1", "aws_acl_1"] {
        let network = load(&root.join(format!("input/input_{name}.json")));
        let text =
            fs_err::read_to_string(root.join(format!("out/analysis_out/{name}_all_vpcs_.txt")))
                .unwrap();
        let lines: Vec<Line> = text
            .lines()
            .filter(|line| line.contains(" => "))
            .map(line)
            .collect();
        let mut edges: Vec<u16> = lines
            .iter()
            .flat_map(|l| l.ports.iter().chain(&l.sources))
            .flat_map(|(low, high)| [*low, *high])
            .collect();
        edges.extend([22, 9080, 50_000]);
        edges.sort_unstable();
        edges.dedup();
        let mut probes = 0;
        let outside = ["8.8.8.8", "147.235.208.136"];
        let addresses: Vec<String> = network
            .estate
            .interfaces
            .values()
            .map(|eni| eni.addresses[0].address.to_string())
            .collect();
        let ends: Vec<&str> = addresses
            .iter()
            .map(String::as_str)
            .chain(outside)
            .collect();
        for from in &ends {
            for to in ends.iter().filter(|to| {
                *to != from
                    && !(outside.contains(from) && outside.contains(to))
                    && same_vpc(&network, from, to)
            }) {
                for (protocol, port, source) in points(&edges) {
                    let hit = |line: &&Line| line.fits(from, to, protocol, port, source);
                    let expected = lines.iter().find(hit).map(|line| line.unanswered);
                    let answer = ask(&network, from, to, protocol, port, source);
                    let delivered = answer.verdict == Verdict::Reachable || arrives(&answer);
                    let ours = delivered
                        .then_some(protocol == "tcp" && answer.verdict != Verdict::Reachable);
                    assert_eq!(
                        ours, expected,
                        "{name}: {from} => {to} {protocol} {port} from {source}: {:?}",
                        answer.blockers
                    );
                    probes += 1;
                }
            }
        }
        peers::say(&format!(
            "np-guard {name}: {} lines, {probes} probes agree",
            lines.len()
        ));
    }
}

impl Line {
    fn fits(&self, from: &str, to: &str, protocol: &str, port: u16, source: u16) -> bool {
        let end = |written: &str, asked: &str| match written.strip_prefix("Public Internet ") {
            Some("(all ranges)") => !asked.starts_with("10."),
            Some(blocks) => blocks.split(',').any(|block| {
                block
                    .trim()
                    .parse::<ipnet::IpNet>()
                    .unwrap()
                    .contains(&asked.parse::<std::net::IpAddr>().unwrap())
            }),
            None => written.ends_with(&format!("[{asked}]")),
        };
        let within = |ranges: &[(u16, u16)], port: u16| {
            ranges.is_empty()
                || ranges
                    .iter()
                    .any(|(low, high)| (*low..=*high).contains(&port))
        };
        let ports =
            self.protocol.is_none() || within(&self.ports, port) && within(&self.sources, source);
        end(&self.from, from)
            && end(&self.to, to)
            && self.protocol.is_none_or(|of| of == protocol)
            && ports
    }
}

fn line(text: &str) -> Line {
    let (ends, rest) = text.split_once(" : ").unwrap();
    let (from, to) = ends.split_once(" => ").unwrap();
    let ranges = |key: &str| -> Vec<(u16, u16)> {
        let Some((_, tail)) = rest.split_once(key) else {
            return Vec::new();
        };
        let parts = tail
            .split_whitespace()
            .next()
            .unwrap()
            .split(',')
            .filter(|part| !part.is_empty());
        let range = |part: &str| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            (low.parse().unwrap(), high.parse().unwrap())
        };
        parts.map(range).collect()
    };
    let protocol = ["TCP", "UDP", "ICMP"]
        .iter()
        .zip(["tcp", "udp", "icmp"])
        .find(|(word, _)| rest.contains(&format!("protocol: {word}")))
        .map(|(_, ours)| ours);
    assert!(
        protocol.is_some() || rest.contains("All Connections"),
        "{rest}"
    );
    assert!(
        !rest.contains(';') && !rest.contains("protocol: TCP,"),
        "{rest}"
    );
    Line {
        from: from.into(),
        to: to.into(),
        protocol,
        ports: ranges("dst-ports: "),
        sources: ranges("src-ports: "),
        unanswered: rest.contains('*'),
    }
}

fn points(edges: &[u16]) -> Vec<(&'static str, u16, u16)> {
    let mut out = vec![
        ("icmp", 8 * 256, 0),
        ("udp", 53, 50_000),
        ("udp", 9080, 9080),
    ];
    for port in edges {
        out.extend(edges.iter().map(|source| ("tcp", *port, *source)));
    }
    out
}

fn ask(
    network: &Network,
    from: &str,
    to: &str,
    protocol: &str,
    port: u16,
    source: u16,
) -> PathAnswer {
    let outside = network
        .estate
        .interfaces
        .values()
        .all(|eni| eni.addresses[0].address.to_string() != from);
    let public = |ip: &str| {
        network
            .estate
            .interfaces
            .values()
            .find(|eni| eni.addresses[0].address.to_string() == ip)
            .map(|eni| eni.id.clone())
    };
    let question = PathQuestion {
        from: if outside {
            "internet".to_owned()
        } else {
            from.to_owned()
        },
        to: public(to).unwrap_or_else(|| to.to_owned()),
        protocol: Some(protocol.to_owned()),
        port: Some(port),
        source_port: (protocol != "icmp").then_some(source),
        source_address: outside.then(|| from.parse().unwrap()),
    };
    network.path(&question).unwrap()
}

fn arrives(answer: &PathAnswer) -> bool {
    !answer.one_way.is_empty()
        && answer
            .blockers
            .iter()
            .all(|blocker| blocker.direction == Direction::Return)
}

fn same_vpc(network: &Network, from: &str, to: &str) -> bool {
    let vpc = |ip: &str| {
        network
            .estate
            .interfaces
            .values()
            .find(|eni| eni.addresses[0].address.to_string() == ip)
            .map(|eni| eni.vpc.clone())
    };
    vpc(from).zip(vpc(to)).is_none_or(|(a, b)| a == b)
}

fn load(path: &Path) -> Network {
    let mut text = fs_err::read_to_string(path).unwrap();
    for (old, new) in [
        ("InternetGatewayId", "igw"),
        ("VpcId", "vpc"),
        ("SubnetId", "subnet"),
        ("NetworkInterfaceId", "eni"),
        ("InstanceId", "i"),
    ] {
        text = text.replace(&format!("\"{old}:"), &format!("\"{new}-"));
    }
    let json: Value = serde_json::from_str(&text).unwrap();
    let part = |key: &str| json[key].clone();
    let described = json!({
        "Vpcs": part("vpcs"), "Subnets": part("subnets"), "Reservations": [{ "Instances": part("instances") }], "InternetGateways": part("internet_gateways"),
        "NetworkAcls": part("network_acls"), "SecurityGroups": part("security_groups"), "RouteTables": [], "NetworkInterfaces": [],
    });
    let (mut estate, _) = from_dump(&[Document {
        name: path.display().to_string(),
        place: Place::default(),
        json: described,
    }]);
    for subnet in json["subnets"].as_array().unwrap() {
        routes(
            &mut estate,
            subnet["SubnetId"].as_str().unwrap(),
            subnet["MapPublicIpOnLaunch"] == true,
        );
    }
    Network::new(estate)
}

fn routes(estate: &mut Estate, subnet: &str, public: bool) {
    let vpc = estate.subnets[subnet].vpc.clone();
    let route = |block: ipnet::IpNet, target: Target| Route {
        destination: Destination::Block(block),
        target,
        origin: Origin::Static,
        active: true,
    };
    let mut routes: Vec<Route> = estate.vpcs[&vpc]
        .blocks
        .iter()
        .map(|block| route(*block, Target::Local))
        .collect();
    let igw = estate
        .internet_gateways
        .values()
        .find(|igw| igw.vpcs.contains(&vpc))
        .map(|igw| igw.id.clone());
    if let (true, Some(igw)) = (public, igw) {
        routes.push(route("0.0.0.0/0".parse().unwrap(), Target::Internet(igw)));
        for (at, eni) in estate
            .interfaces
            .values_mut()
            .enumerate()
            .filter(|(_, eni)| eni.subnet == subnet)
        {
            eni.addresses[0]
                .public
                .get_or_insert_with(|| format!("52.0.0.{at}").parse().unwrap());
        }
    }
    let id = format!("rtb-{subnet}");
    estate.tables.insert(
        id.clone(),
        RouteTable {
            id,
            vpc,
            subnets: vec![subnet.to_owned()],
            routes,
            ..RouteTable::default()
        },
    );
}

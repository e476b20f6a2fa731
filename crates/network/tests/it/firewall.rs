//! Network Firewall: random policies against the naive walk, and what AWS prints of one.

use super::naive::{One, from_interface_inspected, from_internet_inspected};
use super::peers;
use super::random::{BLOCKS, Dice, FAR, PORTS, drawn, estate, packet, route};
use palisade_network::Network;
use palisade_network::ask::Verdict;
use palisade_network::explain::HopKind;
use palisade_network::headers::{AddressSet, PortSet, of_net};
use palisade_network::model::{
    AclEntry, Destination, Estate, Firewall, FirewallEndpoint, FirewallPolicy, FirewallRuleGroup,
    FirewallRules, FiveTuple, GroupReference, NetworkAcl, Protocol, RouteTable, RuleAddresses,
    StatefulAction, StatefulDefault, StatefulRule, StatelessAction, StatelessRule, Subnet, Target,
};
use std::net::IpAddr;

/// A random estate whose subnets and internet gateways send packets through firewalls here and there.
pub(crate) fn inspected(dice: &mut Dice) -> Estate {
    let mut estate = estate(dice);
    for v in 0..2_usize {
        if dice.chance(85) {
            add(dice, &mut estate, v);
        }
    }
    estate
}

fn add(dice: &mut Dice, estate: &mut Estate, v: usize) {
    let (vpc, subnet, endpoint, igw) = (
        format!("vpc-{v}"),
        format!("subnet-{v}-4"),
        format!("vpce-{v}"),
        format!("igw-{v}"),
    );
    let to = || Target::Endpoint(format!("vpce-{v}"));
    estate.subnets.insert(
        subnet.clone(),
        Subnet {
            id: subnet.clone(),
            vpc: vpc.clone(),
            zone: "a".into(),
            blocks: vec![format!("10.{v}.4.0/24").parse().unwrap()],
            ..Subnet::default()
        },
    );
    let entry = |egress| AclEntry {
        number: 10,
        egress,
        allow: true,
        protocol: Protocol::Any,
        block: "0.0.0.0/0".parse().unwrap(),
    };
    let mut entries = vec![entry(false), entry(true)];
    if dice.chance(30) {
        entries.push(AclEntry {
            number: 5,
            egress: dice.chance(50),
            allow: false,
            protocol: super::random::protocol(dice),
            block: dice.pick(BLOCKS).parse().unwrap(),
        });
    }
    let acl = format!("acl-{v}-4");
    estate.acls.insert(
        acl.clone(),
        NetworkAcl {
            id: acl,
            vpc: vpc.clone(),
            subnets: vec![subnet.clone()],
            entries,
            ..NetworkAcl::default()
        },
    );
    let mut routes = vec![
        route(&format!("10.{v}.0.0/16"), Target::Local, true),
        route("0.0.0.0/0", Target::Internet(igw.clone()), true),
    ];
    if dice.chance(50) {
        routes.push(route(
            &format!("10.{}.0.0/16", 1 - v),
            Target::Peering("pcx-0".into()),
            true,
        ));
    }
    let table = |id: String, routes| RouteTable {
        id,
        vpc: vpc.clone(),
        routes,
        ..RouteTable::default()
    };
    let own = RouteTable {
        subnets: vec![subnet.clone()],
        ..table(format!("rtb-{v}-4"), routes)
    };
    estate.tables.insert(own.id.clone(), own);
    for s in 1..=3_usize {
        let table = &mut estate.tables[&format!("rtb-{v}-{s}")];
        if dice.chance(65) {
            let default = |r: &&mut palisade_network::model::Route| {
                r.destination == Destination::Block("0.0.0.0/0".parse().unwrap())
            };
            for old in table.routes.iter_mut().filter(default) {
                (old.target, old.active) = (to(), true);
            }
        }
        for other in 1..=3 {
            if dice.chance(35) {
                table
                    .routes
                    .push(route(&format!("10.{v}.{other}.0/24"), to(), true));
            }
        }
    }
    if dice.chance(65) {
        let mut routes = vec![route(&format!("10.{v}.0.0/16"), Target::Local, true)];
        for s in 1..=3 {
            if dice.chance(65) {
                routes.push(route(&format!("10.{v}.{s}.0/24"), to(), true));
            }
        }
        let edge = RouteTable {
            gateways: vec![igw],
            ..table(format!("rtb-edge-{v}"), routes)
        };
        estate.tables.insert(edge.id.clone(), edge);
    }
    let policy = policy(dice, estate, v);
    let firewall = Firewall {
        id: format!("arn:fw-{v}"),
        vpc: vpc.clone(),
        policy,
        endpoints: vec![FirewallEndpoint {
            id: endpoint,
            subnet,
            working: true,
        }],
    };
    estate
        .firewalls
        .firewalls
        .insert(firewall.id.clone(), firewall);
}

fn policy(dice: &mut Dice, estate: &mut Estate, v: usize) -> String {
    let strict = dice.chance(50);
    let mut policy = FirewallPolicy {
        id: format!("arn:policy-{v}"),
        stateless_default: dice.pick(&[
            StatelessAction::Forward,
            StatelessAction::Forward,
            StatelessAction::Forward,
            StatelessAction::Pass,
            StatelessAction::Drop,
        ]),
        strict,
        stateful_default: if strict {
            dice.pick(&[StatefulDefault::Drop, StatefulDefault::Pass])
        } else {
            StatefulDefault::Pass
        },
        ..FirewallPolicy::default()
    };
    for n in 0..dice.roll(3) {
        let rule = |dice: &mut Dice| StatelessRule {
            priority: i64::try_from(dice.roll(1000)).unwrap(),
            matches: (0..=dice.roll(2)).map(|_| tuple(dice)).collect(),
            action: dice.pick(&[
                StatelessAction::Pass,
                StatelessAction::Drop,
                StatelessAction::Forward,
            ]),
            not_modelled: None,
        };
        let mut rules: Vec<StatelessRule> = (0..dice.roll(4)).map(|_| rule(dice)).collect();
        rules.dedup_by_key(|rule| rule.priority);
        let id = format!("arn:stateless-{v}-{n}");
        policy.stateless.push(reference(dice, &id, n, false));
        estate.firewalls.groups.insert(
            id.clone(),
            FirewallRuleGroup {
                id,
                rules: FirewallRules::Stateless(rules),
            },
        );
    }
    for n in 0..dice.roll(3) {
        let rule = |dice: &mut Dice| StatefulRule {
            action: dice.pick(&[
                StatefulAction::Pass,
                StatefulAction::Pass,
                StatefulAction::Drop,
                StatefulAction::Alert,
            ]),
            matches: tuple(dice),
            both_ways: dice.chance(30),
            not_modelled: None,
        };
        let rules = (0..dice.roll(5)).map(|_| rule(dice)).collect();
        let id = format!("arn:stateful-{v}-{n}");
        policy.stateful.push(reference(dice, &id, n, true));
        estate.firewalls.groups.insert(
            id.clone(),
            FirewallRuleGroup {
                id,
                rules: FirewallRules::Stateful(rules),
            },
        );
    }
    let id = policy.id.clone();
    estate.firewalls.policies.insert(id.clone(), policy);
    id
}

fn reference(dice: &mut Dice, group: &str, n: usize, stateful: bool) -> GroupReference {
    // The second is asked first.
    let priority = Some(10 - i64::try_from(n).unwrap());
    GroupReference {
        group: group.to_owned(),
        priority,
        alerts_only: stateful && dice.chance(10),
    }
}

fn tuple(dice: &mut Dice) -> FiveTuple {
    let addresses = |dice: &mut Dice| match dice.roll(4) {
        0 => RuleAddresses::Set(of_net(dice.pick(BLOCKS).parse().unwrap())),
        1 => RuleAddresses::Set(of_net(dice.pick(BLOCKS).parse().unwrap()).complement()),
        2 => RuleAddresses::Set(AddressSet::one(
            dice.pick(FAR).parse::<IpAddr>().unwrap().into(),
        )),
        _ => RuleAddresses::default(),
    };
    let ports = |dice: &mut Dice| {
        let (low, high) = dice.pick(PORTS);
        if dice.chance(40) {
            PortSet::range(low, high)
        } else {
            PortSet::full()
        }
    };
    let protocols = dice.pick(&[None, Some(vec![6]), Some(vec![17]), Some(vec![6, 17])]);
    FiveTuple {
        protocols,
        source: addresses(dice),
        source_ports: ports(dice),
        destination: addresses(dice),
        destination_ports: ports(dice),
    }
}

#[test]
fn firewalls_let_pass_what_a_walk_of_each_packet_finds() {
    let (mut through, mut blocked, mut odd) = (0, 0, 0);
    for seed in 5000..5400 {
        let mut dice = Dice(seed);
        let network = Network::new(inspected(&mut dice));
        let estate = &network.estate;
        for _ in 0..60 {
            let Some((eni, one, question)) = drawn(estate, &mut dice, 60) else {
                continue;
            };
            let answer = network.path(&question).unwrap();
            let naive = from_interface_inspected(estate, eni, one);
            let hops = || answer.forward.iter().map(|hop| &hop.id).collect::<Vec<_>>();
            let nat = answer
                .forward
                .iter()
                .any(|hop| hop.kind == HopKind::NatGateway);
            let inspected = answer
                .forward
                .iter()
                .chain(&answer.r#return)
                .any(|hop| hop.kind == HopKind::Firewall);
            let fits = match (naive, answer.verdict) {
                (Some(true), Verdict::Reachable)
                | (Some(false), Verdict::Blocked)
                | (None, Verdict::Unknown) => true,
                // Of the ports that a NAT gateway may choose some come back another way than others.
                (Some(true), Verdict::Unknown) => nat,
                _ => false,
            };
            assert!(
                fits,
                "seed {seed}: {naive:?} {:?} {one:?} {:?} {:?} {:?}",
                answer.verdict,
                hops(),
                answer.blockers,
                answer.not_modelled
            );
            match naive {
                Some(true) if inspected => through += 1,
                Some(false) if inspected => blocked += 1,
                None => odd += 1,
                Some(_) => {}
            }
        }
    }
    peers::say(&format!(
        "random firewalls: {through} pass one, {blocked} are blocked on a way with one, {odd} come back another way"
    ));
    assert!(through > 150 && blocked > 300 && odd > 100);
}

#[test]
fn exposure_behind_firewalls_is_that_of_a_walk_of_each_packet() {
    let (mut open, mut shut, mut odd) = (0, 0, 0);
    for seed in 6000..6300 {
        let mut dice = Dice(seed);
        let network = Network::new(inspected(&mut dice));
        let estate = &network.estate;
        let answer = network.exposed();
        for eni in estate.interfaces.values() {
            let Some(public) = eni.addresses[0].public else {
                continue;
            };
            for _ in 0..20 {
                let (kind, port, source_port) = packet(&mut dice);
                let source: IpAddr = dice
                    .pick(&["8.8.8.8", "9.9.9.9", "200.1.2.3", "9.9.9.10"])
                    .parse()
                    .unwrap();
                let one = One {
                    kind,
                    source,
                    source_port,
                    destination: public,
                    port,
                };
                let rows = answer.rows.iter().filter(|row| row.interface == eni.id);
                let ours = rows
                    .filter(|row| row.contains(kind, source, port, source_port))
                    .map(|row| row.verdict)
                    .min();
                let naive = from_internet_inspected(estate, one);
                let fits = match naive {
                    Some(true) => ours == Some(Verdict::Reachable),
                    Some(false) => ours.is_none(),
                    None => ours == Some(Verdict::Unknown),
                };
                // A row is one answer: where some of its packets come back another way, all of it is unknown.
                let cautious = naive == Some(true) && ours == Some(Verdict::Unknown);
                assert!(fits || cautious, "seed {seed}: {naive:?} {ours:?} {one:?}");
                match naive {
                    Some(true) if fits => open += 1,
                    Some(false) => shut += 1,
                    _ => odd += 1,
                }
            }
        }
    }
    peers::say(&format!(
        "random exposure behind firewalls: {open} packets pass, {shut} do not, {odd} are unknown"
    ));
    assert!(open > 500 && shut > 500 && odd > 100);
}

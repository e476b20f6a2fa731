//! All pairs of random estates against the naive walk of single packets, and the exposure after changes against the whole answer.

use super::firewall::inspected;
use super::naive::{One, from_interface_inspected};
use super::peers;
use super::random::{Dice, estate, packet, protocol};
use palisade_network::ask::{Exposure, Verdict};
use palisade_network::model::{Peer, SgRule};
use palisade_network::{Edit, Network};

#[test]
fn pairs_are_what_a_walk_of_each_packet_finds() {
    let (mut open, mut shut, mut odd, mut shared) = (0, 0, 0, 0);
    for seed in 2000..2150 {
        let mut dice = Dice(seed);
        let mut estate = either(&mut dice, seed);
        // Neighbours that are alike, so that classes have members.
        for n in 0..8_usize {
            let (v, s) = (n % 2, 1 + n % 3);
            let (mut eni, id) = (
                estate.interfaces[&format!("eni-{v}-{s}-0")].clone(),
                format!("eni-{v}-{s}-twin-{n}"),
            );
            eni.id.clone_from(&id);
            eni.addresses[0].address = format!("10.{v}.{s}.{}", 20 + n).parse().unwrap();
            eni.addresses[0].public = None;
            estate.interfaces.insert(id, eni);
        }
        let network = Network::new(estate);
        let (estate, answer) = (&network.estate, network.pairs());
        shared += answer
            .classes
            .iter()
            .filter(|class| class.ends.len() > 1)
            .count();
        for _ in 0..300 {
            let any = |dice: &mut Dice| {
                estate
                    .interfaces
                    .get_index(dice.roll(estate.interfaces.len()))
                    .unwrap()
                    .1
            };
            let (from, to) = (any(&mut dice), any(&mut dice));
            if from.id == to.id {
                continue;
            }
            let (kind, port, source_port) = packet(&mut dice);
            let one = One {
                kind,
                source: from.addresses[0].address,
                source_port,
                destination: to.addresses[0].address,
                port,
            };
            let class = |id: &str| answer.classes_of(id).next().unwrap();
            let set = answer.between(class(&from.id), class(&to.id));
            let ours = set.and_then(|set| set.verdict(kind, port, source_port));
            let naive = from_interface_inspected(estate, from, one);
            let fits = match naive {
                // Packets that share a way share its gaps.
                Some(true) => {
                    ours == Some(Verdict::Reachable)
                        || seed % 2 == 1 && ours == Some(Verdict::Unknown)
                }
                Some(false) => ours.is_none(),
                None => ours == Some(Verdict::Unknown),
            };
            assert!(
                fits,
                "seed {seed}: {} {} {one:?} {naive:?} {ours:?}",
                from.id, to.id
            );
            match naive {
                Some(true) => open += 1,
                Some(false) => shut += 1,
                None => odd += 1,
            }
        }
        // What is listed is what is looked up.
        for (from, to, set) in answer.pairs() {
            assert_eq!(answer.between(from, to), Some(&answer.sets[set]));
        }
        let json = serde_json::to_value(&answer).unwrap();
        let listed = json["reach"]
            .as_array()
            .unwrap()
            .iter()
            .map(|from| from["to"].as_array().unwrap().len());
        assert_eq!(listed.sum::<usize>(), answer.pairs().count());
    }
    peers::say(&format!(
        "random pairs by class: {open} packets pass, {shut} do not, {odd} are unknown, {shared} classes with members"
    ));
    assert!(open > 500 && shut > 500 && shared > 100);
}

#[test]
fn a_changed_rule_gives_what_the_whole_answer_gives() {
    let (mut walks, mut groups, mut changed) = (0, 0, 0);
    for seed in 3000..3120 {
        let mut dice = Dice(seed);
        let mut network = Network::new(either(&mut dice, seed));
        let mut exposure = Exposure::of(&network);
        groups += exposure.answer().rows.len();
        for _ in 0..12 {
            let edit = change(&mut dice, &network);
            let touched = network.edit(edit).unwrap();
            let before = exposure.answer().clone();
            walks += exposure.update(&network, &touched);
            let whole = Network::new(network.estate.clone()).exposed();
            assert_eq!(*exposure.answer(), whole, "seed {seed}");
            assert_eq!(
                serde_json::to_string(exposure.answer()).unwrap(),
                serde_json::to_string(&whole).unwrap()
            );
            changed += usize::from(before != whole);
        }
    }
    peers::say(&format!(
        "{walks} walks for 1440 changes of estates with {groups} rows; {changed} changed an answer"
    ));
    assert!(changed > 100);
    let mut network = Network::new(estate(&mut Dice(1)));
    let unknown = Edit::Rules {
        group: "sg-none".into(),
        ingress: vec![],
        egress: vec![],
    };
    assert!(network.edit(unknown).is_err());
}

/// Every other estate has firewalls.
fn either(dice: &mut Dice, seed: u64) -> palisade_network::model::Estate {
    if seed.is_multiple_of(2) {
        estate(dice)
    } else {
        inspected(dice)
    }
}

/// One rule of a group or one entry of a network ACL taken away, turned round or put in place.
fn change(dice: &mut Dice, network: &Network) -> Edit {
    let estate = &network.estate;
    if dice.chance(50) {
        let group = estate
            .groups
            .get_index(dice.roll(estate.groups.len()))
            .unwrap()
            .1;
        let mut ingress = group.ingress.clone();
        if dice.chance(40) && !ingress.is_empty() {
            ingress.remove(dice.roll(ingress.len()));
        } else {
            let block = dice.pick(&["0.0.0.0/0", "8.0.0.0/8", "10.0.0.0/8"]);
            ingress.push(SgRule {
                protocol: protocol(dice),
                peer: Peer::Block(block.parse().unwrap()),
            });
        }
        return Edit::Rules {
            group: group.id.clone(),
            ingress,
            egress: group.egress.clone(),
        };
    }
    let acl = estate
        .acls
        .get_index(dice.roll(estate.acls.len()))
        .unwrap()
        .1;
    let mut entries = acl.entries.clone();
    if !entries.is_empty() {
        let at = dice.roll(entries.len());
        if dice.chance(50) {
            entries[at].allow = !entries[at].allow;
        } else {
            entries.remove(at);
        }
    }
    Edit::Entries {
        acl: acl.id.clone(),
        entries,
    }
}

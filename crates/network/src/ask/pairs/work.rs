//! From classes to what passes between them.

use super::answer::{End, PairClass, PairSet, PairsAnswer};
use super::classes::{Class, Place, places};
use super::sets::{ById, Id, Sets, number};
use super::way::{One, Way, across, one_traffic, whole};
use crate::ask::path::Verdict;
use crate::eval::{Filters, Network};
use crate::explain::Gap;
use crate::headers::{Kind, PortSet};
use indexmap::IndexSet;
use std::collections::{BTreeMap, BTreeSet};

impl Network {
    /// All ordered pairs of addresses of interfaces, and what passes both ways between them (VPC guide, "Ensure internetwork traffic
    /// privacy", for what decides on it).
    #[must_use]
    pub fn pairs(&self) -> PairsAnswer {
        let places = places(self);
        let mut work = Work::new(self, &places);
        let mut reach = Vec::new();
        for (f, from) in places.iter().enumerate() {
            let mut of_classes = vec![Vec::new(); from.classes.len()];
            for (t, to) in places.iter().enumerate() {
                work.place((f, from), (t, to), &mut of_classes);
            }
            reach.extend(of_classes);
        }
        work.answer(&places, reach)
    }
}

/// A security group's number, and what a rule that names it allows.
type References = Vec<(u32, Id)>;

/// What groups let pass: for certain, and if what was not read lets everything pass.
#[derive(Debug, Clone, Copy)]
struct Allowed {
    sure: Id,
    maybe: Id,
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    Egress,
    Ingress,
}

/// A way, by numbers.
#[derive(Debug)]
struct Known {
    ports: Id,
    arrive: Id,
    /// Source ports and gaps.
    rest: u32,
    names_receiver: bool,
    names_sender: bool,
}

/// One direction of the security groups of a class.
#[derive(Debug, Default)]
struct Side {
    references: References,
    /// By place.
    at: ById<u32, Allowed>,
}

/// The security groups of classes.
#[derive(Debug, Default)]
struct Groups {
    /// Their numbers, sorted.
    members: Vec<u32>,
    egress: Side,
    ingress: Side,
    /// What was not read, of either direction.
    unread: (String, String),
}

/// The groups that a place's classes have and name.
#[derive(Debug, Default)]
struct Names {
    members: BTreeSet<u32>,
    named: BTreeSet<u32>,
}

struct Work<'n> {
    net: &'n Network,
    sets: Sets,
    /// By sorted list of groups.
    groups: Vec<Groups>,
    keys: BTreeMap<Vec<&'n str>, usize>,
    /// Of each class, by place.
    of: Vec<Vec<usize>>,
    names: Vec<Names>,
    answers: IndexSet<PairSet>,
    /// By ports, way and what was not read on either side.
    made: ById<(Id, u32, u32, u32), u32>,
    ways: IndexSet<((PortSet, PortSet), Vec<Gap>)>,
    rows: IndexSet<Vec<u32>>,
}

impl<'n> Work<'n> {
    fn new(net: &'n Network, places: &[Place<'n>]) -> Self {
        let mut work = Self {
            net,
            sets: Sets::new(),
            groups: Vec::new(),
            keys: BTreeMap::new(),
            of: Vec::new(),
            names: Vec::new(),
            answers: IndexSet::new(),
            made: ById::default(),
            ways: IndexSet::new(),
            rows: IndexSet::new(),
        };
        let mut numbers = BTreeMap::new();
        for place in places {
            let of: Vec<usize> = place
                .classes
                .iter()
                .map(|class| work.group(class, &mut numbers))
                .collect();
            let mut names = Names::default();
            for groups in of.iter().filter_map(|at| work.groups.get(*at)) {
                names.members.extend(&groups.members);
                names
                    .named
                    .extend(groups.ingress.references.iter().map(|(group, _)| group));
            }
            work.of.push(of);
            work.names.push(names);
        }
        work
    }

    fn group(&mut self, class: &Class<'n>, numbers: &mut BTreeMap<String, u32>) -> usize {
        if let Some(at) = self.keys.get(&class.groups) {
            return *at;
        }
        let mut of = |id: &str| {
            let next = number(numbers.len());
            *numbers.entry(id.to_owned()).or_insert(next)
        };
        let members: BTreeSet<u32> = class.groups.iter().map(|id| of(id)).collect();
        let mut groups = Groups {
            members: members.into_iter().collect(),
            ..Groups::default()
        };
        if let Some(filters) = filters(self.net, class) {
            groups.unread = (filters.egress.gap.clone(), filters.ingress.gap.clone());
            for (side, filter) in [
                (&mut groups.egress, &filters.egress),
                (&mut groups.ingress, &filters.ingress),
            ] {
                for (group, allows) in &filter.references {
                    let id = self.sets.at(allows, crate::headers::Step::MIN);
                    side.references.push((of(group), id));
                }
            }
        }
        self.groups.push(groups);
        self.keys
            .insert(class.groups.clone(), self.groups.len() - 1);
        self.groups.len() - 1
    }

    /// What all classes of one place send to those of another.
    fn place(
        &mut self,
        (f, from): (usize, &Place<'n>),
        (t, to): (usize, &Place<'n>),
        reach: &mut [Vec<(u32, u32)>],
    ) {
        let way = match across(self.net, from, to) {
            Way::Blocked => return,
            Way::One(way) => Some(self.known_way(*way)),
            Way::Several => None,
        };
        let mut known: Vec<(Id, u32)> = Vec::new();
        for (at, (class, reach)) in from.classes.iter().zip(reach).enumerate() {
            let row = match &way {
                Some(way) => {
                    let mine = self.groups_of(f, at);
                    let out = self.filter(mine, class, Direction::Egress, (t, to));
                    // Classes whose groups let the same pass, and whose groups nobody names here, share their row.
                    let plain = out.sure == out.maybe && !self.names(mine, t, way);
                    match known.iter().find(|(id, _)| plain && *id == out.sure) {
                        Some((_, row)) => *row,
                        None => {
                            let row = self.row(mine, out, (f, from), (t, to), way);
                            if plain {
                                known.push((out.sure, row));
                            }
                            row
                        }
                    }
                }
                None => {
                    let row = to.classes.iter().map(|there| {
                        let set = whole(self.net, &class.spots, &there.spots);
                        if set.traffic.is_empty() {
                            0
                        } else {
                            number(self.answers.insert_full(set).0) + 1
                        }
                    });
                    let row = row.collect();
                    number(self.rows.insert_full(row).0)
                }
            };
            let row_at = usize::try_from(row).unwrap_or(usize::MAX);
            let open = self.rows.get_index(row_at);
            if open.is_some_and(|row| row.iter().any(|set| *set != 0)) {
                reach.push((number(t), row));
            }
        }
    }

    fn known_way(&mut self, way: One) -> Known {
        Known {
            ports: self.sets.id(way.ports),
            arrive: self.sets.id(way.arrive),
            rest: number(self.ways.insert_full((way.replies, way.gaps)).0),
            names_receiver: way.names_receiver,
            names_sender: way.names_sender,
        }
    }

    fn groups_of(&self, place: usize, class: usize) -> usize {
        let of = self.of.get(place).and_then(|of| of.get(class));
        of.copied().unwrap_or(usize::MAX)
    }

    /// Whether rules of a class name groups of a place, or the other way round.
    fn names(&self, mine: usize, place: usize, way: &Known) -> bool {
        let (Some(mine), Some(there)) = (self.groups.get(mine), self.names.get(place)) else {
            return false;
        };
        let mut named = mine.egress.references.iter();
        let mut members = mine.members.iter();
        way.names_receiver && named.any(|(group, _)| there.members.contains(group))
            || way.names_sender && members.any(|group| there.named.contains(group))
    }

    /// What the groups of a class let pass for the addresses of a place, references to groups aside.
    fn filter(
        &mut self,
        groups: usize,
        class: &Class<'n>,
        direction: Direction,
        (place, at): (usize, &Place<'n>),
    ) -> Allowed {
        let open = Allowed {
            sure: Sets::ALL,
            maybe: Sets::ALL,
        };
        let Some(known) = self.groups.get_mut(groups) else {
            return open;
        };
        let side = match direction {
            Direction::Egress => &mut known.egress,
            Direction::Ingress => &mut known.ingress,
        };
        let place = number(place);
        if let Some(allowed) = side.at.get(&place) {
            return *allowed;
        }
        let filters = filters(self.net, class);
        let allowed = match (filters, at.spots.first()) {
            (Some(filters), Some(spot)) => {
                let filter = match direction {
                    Direction::Egress => &filters.egress,
                    Direction::Ingress => &filters.ingress,
                };
                let sure = self.sets.at(&filter.sure, spot.address);
                let maybe = filter.maybe.as_ref();
                let maybe = maybe.map_or(sure, |maybe| self.sets.at(maybe, spot.address));
                Allowed { sure, maybe }
            }
            _ => open,
        };
        side.at.insert(place, allowed);
        allowed
    }

    /// What a class sends to each class of a place.
    fn row(
        &mut self,
        mine: usize,
        out: Allowed,
        (f, from): (usize, &Place<'n>),
        (t, to): (usize, &Place<'n>),
        way: &Known,
    ) -> u32 {
        let named = self.names(mine, t, way);
        let mut row = Vec::with_capacity(to.classes.len());
        for (at, class) in to.classes.iter().enumerate() {
            let theirs = self.groups_of(t, at);
            let into = self.filter(theirs, class, Direction::Ingress, (f, from));
            let (mut out, mut into) = (out, into);
            if named {
                let of = |at: usize| self.groups.get(at);
                if let (Some(mine), Some(theirs)) = (of(mine), of(theirs)) {
                    if way.names_receiver {
                        out = out.with(&mut self.sets, &mine.egress.references, &theirs.members);
                    }
                    if way.names_sender {
                        into = into.with(&mut self.sets, &theirs.ingress.references, &mine.members);
                    }
                }
            }
            row.push(self.set(way, (mine, out), (theirs, into)));
        }
        number(self.rows.insert_full(row).0)
    }

    /// What passes, as a number and 1; or 0.
    fn set(
        &mut self,
        way: &Known,
        (mine, out): (usize, Allowed),
        (theirs, into): (usize, Allowed),
    ) -> u32 {
        let sent = self.sets.both(out.maybe, way.ports);
        let ports = self.sets.both(sent, into.maybe);
        if ports == Sets::NONE {
            return 0;
        }
        // What was not read is named where it makes a difference to the packets that come to it.
        let mut unread = (0, 0);
        if out.sure != out.maybe {
            unread.0 = number(mine) + 1;
        }
        if into.sure != into.maybe {
            let come = self.sets.both(out.maybe, way.arrive);
            if self.sets.both(come, into.sure) != self.sets.both(come, into.maybe) {
                unread.1 = number(theirs) + 1;
            }
        }
        let key = (ports, way.rest, unread.0, unread.1);
        if let Some(set) = self.made.get(&key) {
            return *set;
        }
        let set = self.make(key);
        let set = if set.traffic.is_empty() {
            0
        } else {
            number(self.answers.insert_full(set).0) + 1
        };
        self.made.insert(key, set);
        set
    }

    fn make(&self, (ports, way, out, into): (Id, u32, u32, u32)) -> PairSet {
        let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let (Some(ports), Some((replies, gaps))) =
            (self.sets.get(ports), self.ways.get_index(place(way)))
        else {
            return PairSet::default();
        };
        let mut gaps: BTreeSet<Gap> = gaps.iter().cloned().collect();
        for (groups, egress) in [(out, true), (into, false)] {
            let Some(at) = groups.checked_sub(1) else {
                continue;
            };
            let unread = self.groups.get(place(at)).map(|of| &of.unread);
            let component = unread.map_or_else(String::new, |(of_egress, of_ingress)| {
                if egress { of_egress } else { of_ingress }.clone()
            });
            gaps.insert(Gap {
                construct: "security_groups".to_owned(),
                component,
                detail: "not read; taken as open".to_owned(),
            });
        }
        let verdict = if gaps.is_empty() {
            Verdict::Reachable
        } else {
            Verdict::Unknown
        };
        let full = PortSet::full();
        let traffic = Kind::ALL
            .into_iter()
            .zip(ports)
            .filter_map(|(kind, ports)| {
                let replies = match kind {
                    Kind::Tcp => &replies.0,
                    Kind::Udp => &replies.1,
                    Kind::Icmp | Kind::Icmp6 | Kind::Other => &full,
                };
                let open = !ports.is_empty() && !replies.is_empty();
                open.then(|| one_traffic(kind, ports, replies, verdict))
            });
        PairSet {
            traffic: traffic.collect(),
            not_modelled: gaps.into_iter().collect(),
        }
    }

    fn answer(self, places: &[Place<'n>], reach: Vec<Vec<(u32, u32)>>) -> PairsAnswer {
        let (mut classes, mut at, mut of) = (Vec::new(), Vec::new(), Vec::new());
        for (place, members) in places.iter().enumerate() {
            let first = classes.len();
            for (nth, class) in members.classes.iter().enumerate() {
                at.push((number(place), number(nth)));
                classes.push(pair_class(class));
            }
            of.push((first..classes.len()).map(number).collect());
        }
        PairsAnswer {
            format: "palisade.network.pairs/1",
            classes,
            sets: self.answers.into_iter().collect(),
            at,
            places: of,
            reach,
            rows: self.rows.into_iter().collect(),
        }
    }
}

impl Allowed {
    /// With what rules allow that name groups which the other side is a member of.
    fn with(self, sets: &mut Sets, references: &References, members: &[u32]) -> Self {
        let mut out = self;
        for (group, allows) in references {
            if members.binary_search(group).is_ok() {
                out.sure = sets.either(out.sure, *allows);
                out.maybe = sets.either(out.maybe, *allows);
            }
        }
        out
    }
}

/// The filters of a class; none where no group filters.
fn filters<'n>(net: &'n Network, class: &Class<'n>) -> Option<&'n Filters> {
    let groups = &class.spots.first()?.interface.groups;
    if groups.is_empty() {
        return None;
    }
    net.index.filters(groups)
}

fn pair_class(class: &Class<'_>) -> PairClass {
    let first = class.spots.first().map(|spot| spot.interface);
    PairClass {
        vpc: first.map_or_else(String::new, |eni| eni.vpc.clone()),
        subnet: first.map_or_else(String::new, |eni| eni.subnet.clone()),
        security_groups: class.groups.iter().map(|id| (*id).to_owned()).collect(),
        ends: class
            .spots
            .iter()
            .map(|spot| End {
                interface: spot.interface.id.clone(),
                address: spot.address.to_string(),
            })
            .collect(),
    }
}

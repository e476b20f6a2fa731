//! The exposure of an estate that changes: what a changed rule touches is worked out anew, the rest stands.

use super::exposed::{ExposureAnswer, ExposureRow};
use crate::eval::{Network, Touched};
use crate::explain::Gap;
use crate::headers::Address;
use std::collections::{BTreeMap, BTreeSet};

/// An answer of [`Network::exposed`] that can be brought up to date.
#[derive(Debug, Clone)]
pub struct Exposure {
    answer: ExposureAnswer,
    /// Public addresses that are alike, with the filters whose rules their walk asked.
    groups: Vec<(Vec<Address>, Vec<String>)>,
    /// By filter: places in `groups`.
    of: BTreeMap<String, BTreeSet<usize>>,
}

impl Exposure {
    /// Everything that the internet can reach.
    #[must_use]
    pub fn of(network: &Network) -> Self {
        let gaps = network.estate.not_modelled.iter().map(|(kind, id)| Gap {
            construct: kind.clone(),
            component: id.clone(),
            detail: "not modelled: packets that it brings are not in the answer".to_owned(),
        });
        let mut out = Self {
            answer: ExposureAnswer {
                format: "palisade.network.exposed/1",
                interfaces: network.estate.interfaces.len(),
                exposed: 0,
                rows: Vec::new(),
                not_modelled: gaps.collect(),
                not_described: network.estate.not_described(),
            },
            groups: Vec::new(),
            of: BTreeMap::new(),
        };
        for (at, publics) in network.public_groups().into_iter().enumerate() {
            let (rows, asked) = network.public_rows(&publics);
            out.answer.rows.extend(rows);
            for filter in &asked {
                out.of.entry(filter.clone()).or_default().insert(at);
            }
            out.groups.push((publics, asked));
        }
        out.sort();
        out
    }

    /// The answer as it stands.
    #[must_use]
    pub const fn answer(&self) -> &ExposureAnswer {
        &self.answer
    }

    /// The answer, for good.
    #[must_use]
    pub fn into_answer(self) -> ExposureAnswer {
        self.answer
    }

    /// Brings the answer up to date after [`Network::edit`]; `network` is the one that was asked before, as it is now.
    /// Gives the number of walks that it took.
    pub fn update(&mut self, network: &Network, touched: &Touched) -> usize {
        let stale = self.of.remove(&touched.0).unwrap_or_default();
        let publics = |at: &usize| self.groups.get(*at).map(|group| group.0.as_slice());
        let gone: BTreeSet<Address> = stale
            .iter()
            .filter_map(publics)
            .flatten()
            .copied()
            .collect();
        self.answer.rows.retain(|row| !gone.contains(&row.public));
        for at in &stale {
            let Some((publics, asked)) = self.groups.get_mut(*at) else {
                continue;
            };
            let (rows, now) = network.public_rows(publics);
            self.answer.rows.extend(rows);
            for filter in std::mem::replace(asked, now) {
                self.of.entry(filter).and_modify(|places| {
                    places.remove(at);
                });
            }
            for filter in asked.iter() {
                self.of.entry(filter.clone()).or_default().insert(*at);
            }
        }
        self.sort();
        stale.len()
    }

    fn sort(&mut self) {
        fn key(row: &ExposureRow) -> (&str, &str, Option<&str>) {
            (&row.interface, &row.address, row.through.as_deref())
        }
        let rows = &mut self.answer.rows;
        rows.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut exposed: Vec<&str> = rows.iter().map(|row| row.interface.as_str()).collect();
        exposed.dedup();
        self.answer.exposed = exposed.len();
    }
}

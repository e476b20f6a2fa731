//! The words for places: `internet`, ids, addresses, blocks, `tag:Key=Value`.

use crate::error::Error;
use crate::eval::Network;
use crate::headers::{Address, AddressSet, is_private, of_net};
use crate::model::{Interface, Tags};
use ipnet::IpNet;
use std::net::IpAddr;

/// A place that a question names.
#[derive(Debug)]
pub(crate) enum Spot<'n> {
    Interfaces(Vec<&'n Interface>),
    Internet,
    /// Addresses outside, or one address as it was written.
    Addresses(AddressSet),
    /// A virtual private gateway, or another edge.
    Edge(&'n str),
}

impl Network {
    /// Finds a place.
    ///
    /// # Errors
    /// [`Error::UnknownPlace`] if nothing answers to the word.
    pub(crate) fn spot(&self, word: &str) -> Result<Spot<'_>, Error> {
        let estate = &self.estate;
        if word == "internet" {
            return Ok(Spot::Internet);
        }
        if let Ok(ip) = word.parse::<IpAddr>() {
            return Ok(self.at_address(ip.into()));
        }
        if let Ok(block) = word.parse::<IpNet>() {
            let inside = self.select(|eni| {
                eni.addresses
                    .iter()
                    .any(|address| block.contains(&address.address))
            });
            return Ok(if inside.is_empty() {
                Spot::Addresses(of_net(block))
            } else {
                Spot::Interfaces(inside)
            });
        }
        let found = match word.split_once(['-', ':']).map_or("", |(kind, _)| kind) {
            "eni" => estate.interfaces.get(word).into_iter().collect(),
            "i" => self.select(|eni| eni.instance.as_deref() == Some(word)),
            "subnet" => self.select(|eni| eni.subnet == word),
            "vpc" => self.select(|eni| eni.vpc == word),
            "sg" => self.select(|eni| eni.groups.iter().any(|group| group == word)),
            "nat" => self.select(|eni| {
                self.index
                    .nat_of
                    .get(&eni.id)
                    .is_some_and(|nat| nat == word)
            }),
            "vpce" => {
                let of_endpoint = estate
                    .endpoints
                    .get(word)
                    .map_or(&[] as &[String], |endpoint| endpoint.interfaces.as_slice());
                self.select(|eni| of_endpoint.contains(&eni.id))
            }
            "tag" => match word
                .strip_prefix("tag:")
                .and_then(|pair| pair.split_once('='))
            {
                Some((key, value)) => self.select(|eni| self.tagged(eni, key, value)),
                None => Vec::new(),
            },
            "vgw" | "vpn" => {
                let edge = estate
                    .internet_gateways
                    .get_key_value(word)
                    .map(|(id, _)| id)
                    .or_else(|| estate.vpns.get_key_value(word).map(|(id, _)| id));
                return edge
                    .map(|id| Spot::Edge(id))
                    .ok_or_else(|| Error::UnknownPlace(word.to_owned()));
            }
            _ => Vec::new(),
        };
        if found.is_empty() {
            Err(Error::UnknownPlace(word.to_owned()))
        } else {
            Ok(Spot::Interfaces(found))
        }
    }

    fn at_address(&self, address: Address) -> Spot<'_> {
        let holders = self.select(|eni| {
            eni.addresses
                .iter()
                .any(|own| Address::from(own.address) == address)
        });
        if is_private(address) && !holders.is_empty() || !holders.is_empty() && !address.is_v4() {
            return Spot::Interfaces(holders);
        }
        Spot::Addresses(AddressSet::one(address))
    }

    fn select(&self, fits: impl Fn(&Interface) -> bool) -> Vec<&Interface> {
        self.estate
            .interfaces
            .values()
            .filter(|eni| fits(eni))
            .collect()
    }

    /// Tags of the interface, its instance or its subnet.
    fn tagged(&self, eni: &Interface, key: &str, value: &str) -> bool {
        let has = |tags: &Tags| tags.get(key).is_some_and(|have| have == value);
        let instance = eni
            .instance
            .as_ref()
            .and_then(|id| self.estate.instances.get(id));
        has(&eni.tags)
            || instance.is_some_and(|instance| has(&instance.tags))
            || self
                .estate
                .subnets
                .get(&eni.subnet)
                .is_some_and(|subnet| has(&subnet.tags))
    }
}

//! VPCs and subnets.

use indexmap::IndexMap;
use ipnet::IpNet;

/// Tags by key.
pub type Tags = IndexMap<String, String>;

/// Whose, and where. Empty where the description does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Twelve digits.
    pub account: String,
    /// Such as `eu-west-1`.
    pub region: String,
}

impl Place {
    /// Whether this place can be the other one: what either does not say fits everything.
    pub(crate) fn fits(&self, other: &Self) -> bool {
        let fits = |a: &str, b: &str| a.is_empty() || b.is_empty() || a == b;
        fits(&self.account, &other.account) && fits(&self.region, &other.region)
    }

    /// The places that say less than this one does, and can be it.
    pub(crate) fn wider(&self) -> Vec<Self> {
        let of = |account: &str, region: &str| Self {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        let (account, region) = (self.account.as_str(), self.region.as_str());
        let mut all = vec![of(account, ""), of("", region), of("", "")];
        all.retain(|place| place != self);
        all
    }

    /// Whether it leaves out the account or the region: then it can be any number of places.
    pub(crate) const fn is_vague(&self) -> bool {
        self.account.is_empty() || self.region.is_empty()
    }
}

/// A VPC.
#[derive(Debug, Clone, Default)]
pub struct Vpc {
    /// `vpc-...`.
    pub id: String,
    /// Owner and Region.
    pub place: Place,
    /// IPv4 and IPv6 blocks that are associated.
    pub blocks: Vec<IpNet>,
    /// Tags.
    pub tags: Tags,
}

/// A subnet.
#[derive(Debug, Clone, Default)]
pub struct Subnet {
    /// `subnet-...`.
    pub id: String,
    /// Owner and Region.
    pub place: Place,
    /// Its VPC.
    pub vpc: String,
    /// Availability Zone, by name.
    pub zone: String,
    /// IPv4 and IPv6 blocks.
    pub blocks: Vec<IpNet>,
    /// Tags.
    pub tags: Tags,
}

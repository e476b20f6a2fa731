//! Changes of rules, with as little worked out anew as they ask for.

use super::Network;
use crate::error::Error;
use crate::model::{AclEntry, SgRule};

/// A change of the rules of one filter. What the filter is associated with stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// All rules of a security group (EC2 API, `AuthorizeSecurityGroupIngress` and its kin).
    Rules {
        /// `sg-...`.
        group: String,
        /// What may come in from now on.
        ingress: Vec<SgRule>,
        /// What may go out from now on.
        egress: Vec<SgRule>,
    },
    /// All entries of a network ACL (EC2 API, `CreateNetworkAclEntry` and its kin).
    Entries {
        /// `acl-...`.
        acl: String,
        /// Its entries from now on.
        entries: Vec<AclEntry>,
    },
}

/// The filter whose rules an [`Edit`] changed: what asked other filters only stands as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched(pub(crate) String);

impl Network {
    /// Changes rules. Answers that were given before can be brought up to date: [`crate::ask::Exposure::update`].
    ///
    /// # Errors
    /// [`Error::UnknownPlace`] if the estate has no such security group or network ACL.
    pub fn edit(&mut self, edit: Edit) -> Result<Touched, Error> {
        match edit {
            Edit::Rules {
                group,
                ingress,
                egress,
            } => {
                let Some(slot) = self.estate.groups.get_mut(&group) else {
                    return Err(Error::UnknownPlace(group));
                };
                (slot.ingress, slot.egress) = (ingress, egress);
                self.index.group_changed(&self.estate, &group);
                Ok(Touched(group))
            }
            Edit::Entries { acl, entries } => {
                let Some(slot) = self.estate.acls.get_mut(&acl) else {
                    return Err(Error::UnknownPlace(acl));
                };
                slot.entries = entries;
                self.index.acl_changed(slot);
                Ok(Touched(acl))
            }
        }
    }
}

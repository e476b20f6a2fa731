//! What may have been meant: names near to one that is wrong.

use palisade_core::near;

/// `did you mean ...?` over the names that share the most with `name`.
pub(crate) fn near<'a>(name: &str, names: impl Iterator<Item = &'a String>) -> Option<String> {
    near::question(&near::near(name, names))
}

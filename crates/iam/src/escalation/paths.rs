//! The known ways from one's own permissions to another's.

use std::sync::OnceLock;

/// The ways, as the data file has them.
const DATA: &str = include_str!("../../data/escalation.txt");

/// A way to permissions that one does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Its id in the catalogue pathfinding.cloud: `iam-001`.
    pub id: &'static str,
    /// What is gained.
    pub gain: Gain,
    /// What is needed, all of it.
    pub needs: Vec<Need>,
    /// What is done.
    pub words: &'static str,
}

impl Path {
    /// What has to exist besides, which is not looked at.
    #[must_use]
    pub fn supposed(&self) -> Option<&'static str> {
        matches!(self.gain, Gain::Runs(_))
            .then_some("something that can be changed runs with the role")
    }
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gain {
    /// Everything.
    Administrator,
    /// The role that the needs are on.
    Role,
    /// The user that the needs are on.
    User,
    /// What the group's members may do.
    Group,
    /// A role that trusts this service, passed to it.
    Passed(&'static str),
    /// A role that trusts this service, if something that can be changed runs with it.
    Runs(&'static str),
}

/// An action, and what it has to be allowed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// `iam:PassRole`
    pub action: &'static str,
    /// What it is on.
    pub on: On,
}

/// What an action is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Anything.
    Any,
    /// The role, user or group that is gained.
    Target,
    /// Oneself, a role.
    SelfRole,
    /// Oneself, a user.
    SelfUser,
    /// A group that one is in.
    OwnGroup,
    /// A customer managed policy that is attached to oneself.
    OwnPolicy,
    /// A customer managed policy that is attached to the role.
    ItsPolicy,
}

/// All paths, in the file's order.
#[must_use]
pub fn paths() -> &'static [Path] {
    static READ: OnceLock<Vec<Path>> = OnceLock::new();
    READ.get_or_init(|| lines().filter_map(read).collect())
}

fn lines() -> impl Iterator<Item = &'static str> {
    DATA.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn read(line: &'static str) -> Option<Path> {
    let mut parts = line.splitn(4, '|');
    let id = parts.next()?;
    let gain = match parts.next()?.split_once(' ') {
        Some(("role", service)) => Gain::Passed(service),
        Some(("runs", service)) => Gain::Runs(service),
        Some(_) => return None,
        None => Gain::Administrator,
    };
    let gain = match line.split('|').nth(1)? {
        "role" => Gain::Role,
        "user" => Gain::User,
        "group" => Gain::Group,
        _ => gain,
    };
    let needs = parts.next()?.split(", ").map(need).collect::<Option<_>>()?;
    Some(Path {
        id,
        gain,
        needs,
        words: parts.next()?,
    })
}

fn need(text: &'static str) -> Option<Need> {
    let (action, on) = text.split_once('@').unwrap_or((text, ""));
    let on = match on {
        "" => On::Any,
        "role" | "user" | "group" => On::Target,
        "self-role" => On::SelfRole,
        "self-user" => On::SelfUser,
        "own-group" => On::OwnGroup,
        "own-policy" => On::OwnPolicy,
        "its-policy" => On::ItsPolicy,
        _ => return None,
    };
    Some(Need { action, on })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_is_read_and_every_id_is_there_once() {
        assert_eq!(paths().len(), lines().count());
        assert_eq!(paths().len(), 65);
        let ids: BTreeSet<&str> = paths().iter().map(|path| path.id).collect();
        assert_eq!(ids.len(), 65);
    }
}

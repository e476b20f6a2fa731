//! From the name of an event to the actions that it needs.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    parameters::{Parameters, Told},
    records::Record,
};
use crate::authorization::{Action, Authorization, Service};

/// `monitoring cloudwatch`
const SOURCES: &str = include_str!("../../data/event-sources.txt");
/// `s3 ListObjectsV2 ListBucket`, and with a parameter `s3 GetObject?versionId GetObjectVersion`
const EVENTS: &str = include_str!("../../data/events.txt");

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

static BY_SOURCE: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    lines(SOURCES)
        .filter_map(|line| line.split_once(' '))
        .collect()
});

/// The actions of an event, where it has a parameter.
struct Entry {
    /// Its name in lower case, and what its text holds; none: the entry is for all.
    parameter: Option<(String, &'static str)>,
    /// `+`: in addition to the others.
    more: bool,
    actions: Vec<&'static str>,
}

static BY_EVENT: LazyLock<BTreeMap<(&str, String), Vec<Entry>>> = LazyLock::new(|| {
    let mut all: BTreeMap<_, Vec<Entry>> = BTreeMap::new();
    for line in lines(EVENTS) {
        let mut words = line.split(' ');
        let (Some(prefix), Some(event)) = (words.next(), words.next()) else {
            continue;
        };
        let (name, parameter) = match event.split_once(['?', '+']) {
            Some((name, parameter)) => {
                let (parameter, holds) = parameter.split_once('~').unwrap_or((parameter, ""));
                (name, Some((parameter.to_lowercase(), holds)))
            }
            None => (event, None),
        };
        let entry = Entry {
            parameter,
            more: event.contains('+'),
            actions: words.collect(),
        };
        all.entry((prefix, name.to_lowercase()))
            .or_default()
            .push(entry);
    }
    all
});

/// The names of the actions, where the event is none's own name.
fn listed(prefix: &str, event: &str, parameters: &Parameters) -> Option<Vec<&'static str>> {
    let entries = BY_EVENT.get(&(prefix, event.to_lowercase()))?;
    let given = |entry: &&Entry| match &entry.parameter {
        None => true,
        Some((name, holds)) => match parameters.get(name) {
            Told::Values(values) => values.iter().any(|text| text.contains(holds)),
            Told::Absent | Told::Unknown => false,
        },
    };
    let plain = |entry: &&Entry| entry.parameter.is_none();
    let own = entries.iter().filter(|entry| !entry.more);
    let found = own
        .clone()
        .find(|entry| !plain(entry) && given(entry))
        .or_else(|| own.clone().find(plain));
    let mut all: Vec<&'static str> = found.map(|entry| entry.actions.clone())?;
    for entry in entries.iter().filter(|entry| entry.more).filter(given) {
        all.extend(&entry.actions);
    }
    Some(all)
}

/// The actions that an event needs, each with its service; none: not known here.
pub(super) fn actions<'a>(
    record: &Record,
    authorization: &'a Authorization,
) -> Vec<(&'a Service, &'a Action)> {
    let (source, event) = (record.source.as_str(), record.name.as_str());
    let host = source
        .strip_suffix(".amazonaws.com")
        .or_else(|| source.strip_suffix(".amazonaws.com.cn"))
        .unwrap_or(source)
        .to_lowercase();
    let prefix = BY_SOURCE.get(host.as_str()).copied().unwrap_or(&host);
    let Some(service) = authorization.service(prefix) else {
        return Vec::new();
    };
    let plain = without_version(event);
    for name in [event, plain] {
        if let Some(actions) = listed(prefix, name, &record.parameters) {
            let found: Option<Vec<_>> = actions
                .iter()
                .map(|action| match action.split_once(':') {
                    Some((other, action)) => {
                        let service = authorization.service(other)?;
                        Some((service, service.action(action)?))
                    }
                    None => Some((service, service.action(action)?)),
                })
                .collect();
            return found.unwrap_or_default();
        }
        if let Some(action) = service.action(name) {
            return vec![(service, action)];
        }
    }
    Vec::new()
}

/// `Invoke20150331v2` is `Invoke`, `CreateDistribution2020_05_31` is `CreateDistribution`.
pub(super) fn without_version(event: &str) -> &str {
    let unnumbered = event
        .rsplit_once('v')
        .filter(|(before, number)| {
            before.ends_with(|c: char| c.is_ascii_digit())
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
        .map_or(event, |(before, _)| before);
    let plain = unnumbered.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let version = unnumbered.get(plain.len()..).unwrap_or_default();
    let digits = version.bytes().filter(u8::is_ascii_digit).count();
    if digits == 8 && version.starts_with("20") {
        plain
    } else {
        event
    }
}

/// Every event of the data, for tests: prefix, event and actions.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str, Vec<&'static str>)> {
    lines(EVENTS).filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.next()?, words.collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_taken_off() {
        for (event, plain) in [
            ("Invoke20150331", "Invoke"),
            ("UpdateFunctionCode20150331v2", "UpdateFunctionCode"),
            ("CreateDistribution2020_05_31", "CreateDistribution"),
            ("ListObjectsV2", "ListObjectsV2"),
            ("PutRule", "PutRule"),
            ("Get12345678", "Get12345678"),
        ] {
            assert_eq!(without_version(event), plain);
        }
    }

    #[test]
    fn each_event_names_actions() {
        for (prefix, event, actions) in all() {
            assert!(!actions.is_empty(), "{prefix} {event}");
        }
        let names: std::collections::BTreeSet<_> = all().map(|(p, event, _)| (p, event)).collect();
        assert_eq!(names.len(), all().count(), "an event stands there twice");
    }
}

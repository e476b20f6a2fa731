//! Requests on resources that have no say themselves.

use super::{Access, Estate, Resource};
use crate::{
    analyse::Found,
    model::{Context, Request, Template},
};

/// A request that was found on a resource as if it had no say. A resource whose own policy decides is asked for by
/// itself, so another is named here for which the request `holds`. `None`: all that is asked for has a say.
pub(super) fn ungoverned(
    estate: &Estate,
    mut found: Box<Found>,
    asked: &[Template],
    holds: impl Fn(&Request) -> bool,
) -> Option<Access> {
    let patterns: Vec<Template> = estate
        .resources
        .iter()
        .flat_map(Resource::governs)
        .map(|text| Template::new(&text, true, false))
        .collect();
    let none = Context::new();
    let governed = |text: &str| {
        let mut patterns = patterns.iter();
        patterns.any(|own| own.matches(text, &none) == Some(true))
    };
    if !governed(&found.request.resource) {
        return Some(Access::Can(found));
    }
    // A star of a pattern is matched as any other character: what takes it takes all of the pattern.
    let open = || asked.iter().filter(|asked| !governed(asked.text()));
    let service = found.request.service().to_owned();
    let elsewhere = [
        "*".to_owned(),
        format!("arn:aws:{service}:::{OTHER}"),
        format!("arn:aws:{service}:::{OTHER}/{OTHER}"),
        format!("{}-{OTHER}", found.request.resource),
    ];
    let named = open().map(|asked| asked.text().replace(['*', '?'], OTHER));
    for resource in named.chain(elsewhere) {
        if governed(&resource) || !open().any(|asked| asked.matches(&resource, &none) == Some(true))
        {
            continue;
        }
        found.request.resource = resource;
        if holds(&found.request) {
            return Some(Access::Can(found));
        }
    }
    open().next().map(|_| {
        Access::Unknown("a request was found only on resources whose own policy decides".to_owned())
    })
}

/// A name that nothing has.
const OTHER: &str = "palisade-other";

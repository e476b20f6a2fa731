//! Plain requests that are tried before everything is divided into cells.

use super::{Ask, Found};
use crate::{
    eval::{self, Verdict},
    model::{Context, Effect, Request, RequestInput, Statement, Template},
};

/// Allow statements that are tried by a request of their own before everything is divided into cells.
const TRIED: usize = 8;

/// Often the first Allow statement allows a plain request: no search is needed to find that.
pub(super) fn tried(
    ask: &Ask<'_>,
    told: &Context,
    statements: &[&Statement],
) -> Option<Box<Found>> {
    let plain = |asked: &[Template], own: &[Template], everything: &str| -> Option<String> {
        let fits = |text: &String| {
            asked
                .iter()
                .any(|asked| asked.matches(text, told) == Some(true))
        };
        let instance = |template: &Template| match template.text() {
            "*" => everything.to_owned(),
            text => text.replace(['*', '?'], "x"),
        };
        own.iter()
            .take(1)
            .chain(asked.iter().take(1))
            .map(instance)
            .find(fits)
    };
    statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow)
        .take(TRIED)
        .find_map(|statement| {
            let own = match &statement.resources {
                Some(resources) if !resources.negated => resources.patterns.as_slice(),
                _ => &[],
            };
            let actions = if statement.actions.negated {
                &[]
            } else {
                statement.actions.patterns.as_slice()
            };
            let request = Request::new(RequestInput {
                principal: ask.principal.clone(),
                action: plain(ask.actions, actions, "iam:getuser")?,
                resource: plain(ask.resources, own, "*")?,
                resource_account: ask.resource_account.map(str::to_owned),
                context: told.clone(),
            });
            (eval::verdict(&request, ask.layers) == Verdict::Allowed).then(|| {
                Box::new(Found {
                    request,
                    chosen: Vec::new(),
                })
            })
        })
}

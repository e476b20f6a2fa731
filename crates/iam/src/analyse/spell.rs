//! Requests that show an answer, with a real action in its documented spelling.

use super::{Found, typed::fits};
use crate::{
    authorization::{Action, Authorization, Service, opened},
    model::{Context, Request, RequestInput, Template, is_account},
};

/// Real actions that are tried at most.
const TRIED: usize = 4_000;

/// The request with an action that there is, if one of them `is_asked` for, lower case, and the answer `holds` for it too;
/// those that are about the request's resource come first. Otherwise the request as it is.
#[must_use]
pub fn spelled(
    mut found: Found,
    authorization: &Authorization,
    is_asked: &dyn Fn(&str) -> bool,
    holds: &dyn Fn(&Request) -> bool,
) -> Found {
    if let Some(request) = placed(&found.request).filter(|request| holds(request)) {
        found.request = request;
    }
    let action = found.request.action.clone();
    let Some((prefix, name)) = action.split_once(':') else {
        return found;
    };
    if let Some(service) = authorization.service(prefix)
        && let Some(known) = service.action(name)
    {
        found.request.action_text = format!("{}:{}", service.prefix, known.name);
        return found;
    }
    let arn = found.request.resource.clone();
    let own = authorization.service(prefix);
    let by_arn = arn
        .split(':')
        .nth(2)
        .and_then(|part| authorization.service(part));
    let likely: Vec<&Service> = own.into_iter().chain(by_arn).collect();
    let first = likely.iter().copied();
    // What is about the resource, then anything at all.
    let fitting = first
        .clone()
        .flat_map(|service| service.actions.iter().map(move |action| (service, action)))
        .filter(|(service, action)| is_about(service, action, &arn));
    let others = first
        .chain(authorization.services())
        .flat_map(|service| service.actions.iter().map(move |action| (service, action)));
    let real = fitting
        .chain(others)
        .take(TRIED)
        .find_map(|(service, action)| {
            let text = format!("{}:{}", service.prefix, action.name).to_lowercase();
            if !is_asked(&text) {
                return None;
            }
            let request = with(&found.request, service, action);
            let holds = holds(&request) && fits(authorization, &text, &request.resource);
            holds.then_some(request)
        });
    if let Some(request) = real {
        found.request = request;
    }
    found
}

/// The request on a resource in a region and account that there can be; `None`: it is.
fn placed(request: &Request) -> Option<Request> {
    let mut parts: Vec<&str> = request.resource.splitn(6, ':').collect();
    let [_, _, _, region, account, _] = parts.as_mut_slice() else {
        return None;
    };
    let before = (*region, *account);
    if !region.is_empty() && !region.contains('-') {
        *region = "us-east-1";
    }
    if !account.is_empty() && *account != "aws" && !is_account(account) {
        let known = request.resource_account.as_deref();
        *account = known.unwrap_or("111122223333");
    }
    ((*region, *account) != before).then(|| {
        Request::new(RequestInput {
            principal: request.principal.clone(),
            action: request.action_text.clone(),
            resource: parts.join(":"),
            resource_account: (request.resource_account.clone())
                .filter(|_| request.resource_account_known),
            context: request.context.clone(),
        })
    })
}

fn is_about(service: &Service, action: &Action, arn: &str) -> bool {
    if arn == "*" {
        return action.resources.is_empty();
    }
    let none = Context::new();
    action
        .resources
        .iter()
        .filter_map(|resource| service.resource(resource))
        .any(|kind| {
            Template::new(&opened(&kind.arn), true, false).matches(arn, &none) == Some(true)
        })
}

/// The request with another action, and with the keys that follow from it.
fn with(request: &Request, service: &Service, action: &Action) -> Request {
    Request::new(RequestInput {
        principal: request.principal.clone(),
        action: format!("{}:{}", service.prefix, action.name),
        resource: request.resource.clone(),
        resource_account: request
            .resource_account
            .clone()
            .filter(|_| request.resource_account_known),
        context: request.context.clone(),
    })
}

//! From page to page, and no further than a listing goes.

mod token;

use crate::client::{Call, CallError, Client, ErrorKind, Reply};
use crate::model::Paginator;
use serde_json::Value;
use std::collections::BTreeSet;

/// The members to lay over a call's input to get the page after this reply; null for a member that must go, and none
/// after the last page. For collectors that keep pages and go on from them later; others take [`Pages`].
#[must_use]
pub fn following(pager: &Paginator, output: &Value) -> Option<Value> {
    if let Some(more) = &pager.more_results
        && !token::find(output, more).is_some_and(token::is_true)
    {
        return None;
    }
    let tokens: serde_json::Map<String, Value> = pager
        .input_token
        .iter()
        .zip(&pager.output_token)
        .map(|(member, expression)| {
            let found = token::find(output, expression).filter(|token| !token::is_empty(token));
            (member.clone(), found.cloned().unwrap_or(Value::Null))
        })
        .collect();
    tokens
        .values()
        .any(|token| !token.is_null())
        .then_some(Value::Object(tokens))
}

/// The pages of one listing.
#[derive(Debug)]
pub struct Pages {
    client: Client,
    service: String,
    operation: String,
    region: String,
    account: String,
    input: Value,
    max_pages: u32,
    pages: u32,
    /// Every token that was used: one that comes again would go on for ever.
    used: BTreeSet<String>,
    token: Option<String>,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    More,
    Fault(String),
    Done,
}

impl Pages {
    pub(crate) fn new(client: Client, call: Call<'_>, max_pages: u32) -> Self {
        Self {
            client,
            service: call.service.to_owned(),
            operation: call.operation.to_owned(),
            region: call.region.to_owned(),
            account: call.account.to_owned(),
            input: call.input.clone(),
            max_pages,
            pages: 0,
            used: BTreeSet::new(),
            token: None,
            state: State::More,
        }
    }

    /// The next page; none after the last one, and none after an error.
    ///
    /// # Errors
    /// As [`Client::call`], and [`ErrorKind::Paging`] if the listing does not end; the pages before it
    /// are good.
    pub async fn next(&mut self) -> Option<Result<Reply, CallError>> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Done => return None,
            State::Fault(fault) => return Some(Err(CallError::new(ErrorKind::Paging, fault))),
            State::More => {}
        }
        let call = Call {
            service: &self.service,
            operation: &self.operation,
            region: &self.region,
            account: &self.account,
            input: &self.input,
        };
        let mut reply = match self.client.call(call).await {
            Ok(reply) => reply,
            Err(error) => return Some(Err(error)),
        };
        self.pages += 1;
        reply.token.clone_from(&self.token);
        let model = self.client.models().service(&self.service).ok();
        let pager = model
            .as_ref()
            .and_then(|model| model.paginators.get(&self.operation));
        if let Some(pager) = pager {
            self.state = self.turn(pager, &reply.value);
        }
        Some(Ok(reply))
    }

    /// Sets the input for the next page, if there is one.
    fn turn(&mut self, pager: &Paginator, output: &Value) -> State {
        if let Some(more) = &pager.more_results
            && !token::find(output, more).is_some_and(token::is_true)
        {
            return State::Done;
        }
        let tokens: Vec<Option<Value>> = (pager.output_token.iter())
            .map(|expression| {
                token::find(output, expression)
                    .filter(|token| !token::is_empty(token))
                    .cloned()
            })
            .collect();
        if tokens.iter().all(Option::is_none) {
            return State::Done;
        }
        let text = Value::from_iter(
            tokens
                .iter()
                .map(|token| token.clone().unwrap_or(Value::Null)),
        );
        let text = match text.as_array().map(Vec::as_slice) {
            Some([Value::String(one)]) => one.clone(),
            _ => text.to_string(),
        };
        if !self.used.insert(text.clone()) {
            return State::Fault(format!(
                "after {} pages a token came again: the listing does not end",
                self.pages
            ));
        }
        if self.pages >= self.max_pages {
            return State::Fault(format!("more than {} pages", self.max_pages));
        }
        if !self.input.is_object() {
            self.input = Value::Object(serde_json::Map::new());
        }
        if let Value::Object(input) = &mut self.input {
            for (member, token) in pager.input_token.iter().zip(tokens) {
                match token {
                    Some(token) => input.insert(member.clone(), token),
                    None => input.shift_remove(member),
                };
            }
        }
        self.token = Some(text);
        State::More
    }
}

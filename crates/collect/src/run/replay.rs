//! Answers from the journal alone: nothing is sent.

use super::calls::{Answer, Calls, Question};
use super::journal::{Journal, Place, key};
use super::live::{answer, nothing};
use crate::error::CollectError;
use futures::future::{BoxFuture, ready};
use palisade_core::Call;
use palisade_core::call::call_id;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The journals of a run that has made its calls.
pub(crate) struct Replay {
    pub(crate) accounts: Vec<Option<Account>>,
    fatal: Mutex<Option<CollectError>>,
}

/// An account's journal.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) journal: Arc<Journal>,
    /// The last word on each question.
    pub(crate) index: BTreeMap<u64, Place>,
}

impl Replay {
    pub(crate) fn new(accounts: Vec<Option<Account>>) -> Self {
        Self {
            accounts,
            fatal: Mutex::default(),
        }
    }

    /// Why the journal could not be read, if it could not.
    pub(crate) fn fatal(&self) -> Option<CollectError> {
        self.fatal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// The ledger, in the order of accounts and ids: the same calls give the same order.
    pub(crate) fn calls(&self) -> impl Iterator<Item = Result<Call, CollectError>> {
        self.accounts.iter().flatten().flat_map(|account| {
            account
                .index
                .values()
                .map(|place| Ok(account.journal.read(*place)?.call))
        })
    }

    fn find(&self, question: &Question) -> Answer {
        let Some(Some(account)) = self.accounts.get(question.account) else {
            return nothing(question, "no journal");
        };
        let id = call_id(
            &account.id,
            &question.region,
            &question.operation,
            &question.parameters(),
        );
        let Some(place) = account.index.get(&key(&id)) else {
            return nothing(question, "not in the journal");
        };
        match account.journal.read(*place) {
            Ok(entry) => answer(entry),
            Err(e) => {
                let nothing = nothing(question, &e.to_string());
                self.fatal
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get_or_insert(e);
                nothing
            }
        }
    }
}

impl Calls for Replay {
    fn ask(&self, question: Question) -> BoxFuture<'static, Arc<Answer>> {
        Box::pin(ready(Arc::new(self.find(&question))))
    }
}

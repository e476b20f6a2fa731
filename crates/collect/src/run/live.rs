//! Asks AWS, once per question, and writes down what came of it.

use super::RunOptions;
use super::calls::{Answer, Calls, Question};
use super::journal::{Entry, Journal, Place, key};
use super::silence::Silence;
use crate::api::{Api, Ask, Page, Reason, Refusal, Wanted};
use crate::error::CollectError;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::redact::redact;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use palisade_core::call::{BUDGET_EXHAUSTED, CREDENTIALS_EXPIRED, call_id};
use palisade_core::{Call, Outcome};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;

/// The calls of a run, as they are made.
pub(crate) struct Live {
    inner: Arc<Inner>,
    /// The calls in flight; they end with the run.
    tasks: Mutex<JoinSet<()>>,
}

struct Inner {
    plan: Arc<Plan>,
    accounts: Vec<Option<Account>>,
    options: RunOptions,
    progress: Arc<dyn Progress>,
    began: Instant,
    in_flight: Semaphore,
    answers: Mutex<BTreeMap<u64, State>>,
    silence: Silence,
    /// Why no more calls are sent for an account.
    stopped: Mutex<BTreeMap<usize, (&'static str, String)>>,
    fatal: Mutex<Option<CollectError>>,
}

/// An account's means.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) api: Arc<dyn Api>,
    pub(crate) journal: Arc<Journal>,
}

#[derive(Clone)]
enum State {
    /// Answered in this run, or in the one before.
    Done {
        account: usize,
        place: Place,
        resumed: bool,
    },
    Asked(Shared<BoxFuture<'static, Arc<Answer>>>),
}

impl Live {
    pub(crate) fn new(
        plan: Arc<Plan>,
        accounts: Vec<Option<(Account, BTreeMap<u64, Place>)>>,
        options: RunOptions,
        progress: Arc<dyn Progress>,
    ) -> Self {
        let mut answers = BTreeMap::new();
        let accounts = accounts
            .into_iter()
            .enumerate()
            .map(|(at, account)| {
                let (account, index) = account?;
                let done = index.into_iter().map(|(key, place)| {
                    let state = State::Done {
                        account: at,
                        place,
                        resumed: true,
                    };
                    (key, state)
                });
                answers.extend(done);
                Some(account)
            })
            .collect();
        Self {
            inner: Arc::new(Inner {
                plan,
                accounts,
                in_flight: Semaphore::new(options.concurrency.max(1)),
                silence: Silence::new(options.give_up_after),
                options,
                progress,
                began: Instant::now(),
                answers: Mutex::new(answers),
                stopped: Mutex::default(),
                fatal: Mutex::default(),
            }),
            tasks: Mutex::default(),
        }
    }

    /// Why the run can't be kept, if it can't.
    pub(crate) fn fatal(&self) -> Option<CollectError> {
        lock(&self.inner.fatal).take()
    }

    /// Where the journals have what this run asked, by account.
    pub(crate) fn places(&self) -> Vec<BTreeMap<u64, Place>> {
        let mut places = vec![BTreeMap::new(); self.inner.accounts.len()];
        for (key, state) in lock(&self.inner.answers).iter() {
            if let State::Done {
                account,
                place,
                resumed: false,
            } = state
                && let Some(places) = places.get_mut(*account)
            {
                places.insert(*key, *place);
            }
        }
        places
    }

    /// Why the run ended before its end, if it did.
    pub(crate) fn stopped(&self) -> Option<String> {
        let stopped = lock(&self.inner.stopped);
        let mut reasons: Vec<&str> = stopped
            .values()
            .map(|(_, reason)| reason.as_str())
            .collect();
        reasons.dedup();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

impl Calls for Live {
    fn ask(&self, question: Question) -> BoxFuture<'static, Arc<Answer>> {
        let inner = Arc::clone(&self.inner);
        let Some(Some(account)) = inner.accounts.get(question.account) else {
            return lost(&question, "no credentials").boxed();
        };
        let parameters = question.parameters();
        let id = call_id(
            &account.id,
            &question.region,
            &question.operation,
            &parameters,
        );
        let key = key(&id);
        let mut answers = lock(&inner.answers);
        match answers.get(&key).cloned() {
            Some(State::Asked(answer)) => answer.boxed(),
            Some(State::Done {
                account,
                place,
                resumed,
            }) => {
                drop(answers);
                let inner = Arc::clone(&inner);
                async move { inner.again(account, key, place, resumed, &question) }.boxed()
            }
            None => {
                let (send, receive) = oneshot::channel();
                let fallback = question.clone();
                let answer = async move {
                    match receive.await {
                        Ok(answer) => answer,
                        Err(_) => lost(&fallback, "the call was given up").await,
                    }
                }
                .boxed()
                .shared();
                answers.insert(key, State::Asked(answer.clone()));
                drop(answers);
                let task = Arc::clone(&inner);
                let mut tasks = lock(&self.tasks);
                while tasks.try_join_next().is_some() {}
                tasks.spawn(async move {
                    let answer = task.make(id, key, parameters, question).await;
                    let _ = send.send(answer);
                });
                answer.boxed()
            }
        }
    }
}

impl Inner {
    /// Asks, and writes down what came of it.
    async fn make(
        self: &Arc<Self>,
        id: String,
        key: u64,
        parameters: String,
        question: Question,
    ) -> Arc<Answer> {
        let Some(Some(account)) = self.accounts.get(question.account) else {
            return lost(&question, "no credentials").await;
        };
        let Ok(permit) = self.in_flight.acquire().await else {
            return lost(&question, "the run has ended").await;
        };
        let start = Instant::now();
        let result = match self.refused(&question) {
            Some(refusal) => Err(refusal),
            None => {
                self.progress.started(&question.operation, &question.region);
                tracing::debug!(
                    operation = question.operation,
                    region = question.region,
                    parameters,
                    "call"
                );
                self.exchange(account, &question).await
            }
        };
        drop(permit);
        let at_ms = self.options.now.now().as_millisecond() + millis(self.began) as i64;
        let took_ms = u32::try_from(millis(start)).unwrap_or(u32::MAX);
        let mut entry = Entry {
            call: Call {
                id,
                account_id: account.id.clone(),
                region: question.region.clone(),
                operation: question.operation.clone(),
                parameters,
                outcome: Outcome::Ok,
                code: None,
                message: None,
                attempts: 0,
                at_ms,
                took_ms,
            },
            next: None,
            value: None,
        };
        match result {
            Ok(mut page) => {
                if let Some(secrets) = self.plan.recipes.secrets.get(&question.operation) {
                    redact(&mut page.value, secrets);
                }
                entry.call.attempts = page.attempts;
                entry.value = Some(page.value);
                entry.next = page.next;
            }
            Err(refusal) => {
                entry.call.outcome = self.outcome(&question.operation, &refusal);
                entry.call.attempts = refusal.attempts;
                entry.call.code = refusal.code;
                entry.call.message = Some(refusal.message);
            }
        }
        match account.journal.append(&entry) {
            Ok(place) => {
                lock(&self.answers).insert(
                    key,
                    State::Done {
                        account: question.account,
                        place,
                        resumed: false,
                    },
                );
            }
            Err(e) => self.fail(e),
        }
        self.progress.finished(&entry.call, false);
        Arc::new(answer(entry))
    }

    async fn exchange(
        self: &Arc<Self>,
        account: &Account,
        question: &Question,
    ) -> Result<Page, Refusal> {
        let ask = Ask {
            account: account.id.clone(),
            region: question.region.clone(),
            operation: question.operation.clone(),
            input: question.input.clone(),
        };
        // While it waits for its turn, the account may lose its credentials, the service be given up.
        let (inner, asked) = (Arc::clone(self), question.clone());
        let wanted: Wanted = Arc::new(move || inner.refused(&asked).is_none());
        let result = account.api.call(ask, wanted).await;
        match result {
            Err(refusal) if refusal.reason == Reason::Unwanted => {
                // A try that was throttled may have been sent before.
                let attempts = refusal.attempts;
                let refused = self.refused(question).unwrap_or(refusal);
                Err(Refusal {
                    attempts,
                    ..refused
                })
            }
            result => {
                self.learn(question, &result);
                result
            }
        }
    }

    /// Why a question is not asked at all.
    fn refused(&self, question: &Question) -> Option<Refusal> {
        let refuse = |reason, code: &str, message: String| {
            Some(Refusal {
                reason,
                code: Some(code.to_owned()),
                message,
                attempts: 0,
            })
        };
        if let Some(word) = question.refused {
            return refuse(Reason::Other, "EndlessListing", word.to_owned());
        }
        if let Some((code, reason)) = lock(&self.stopped).get(&question.account) {
            return refuse(Reason::Other, code, format!("not sent: {reason}"));
        }
        self.silence.given_up(question)
    }

    /// What an answer tells of the calls to come.
    fn learn(&self, question: &Question, result: &Result<Page, Refusal>) {
        self.silence.learn(question, result);
        match result {
            Err(refusal) if refusal.reason == Reason::Expired => {
                let reason = format!("the credentials have expired ({})", refusal.message);
                // What was sent has the service's own code.
                self.stop(question.account, CREDENTIALS_EXPIRED, reason);
            }
            Err(refusal) if refusal.reason == Reason::Budget => {
                let reason = "the number of calls that --max-calls allows is used up".to_owned();
                self.stop(question.account, BUDGET_EXHAUSTED, reason);
            }
            Ok(_) | Err(_) => {}
        }
    }

    fn outcome(&self, operation: &str, refusal: &Refusal) -> Outcome {
        let absent = self.plan.recipes.absent.get(operation);
        let code = refusal.code.as_deref().unwrap_or_default();
        if absent.is_some_and(|list| list.iter().any(|a| a.is(code, &refusal.message))) {
            return Outcome::Absent;
        }
        match refusal.reason {
            Reason::Denied => Outcome::Denied,
            Reason::Throttled => Outcome::Throttled,
            Reason::Unsupported => Outcome::Unsupported,
            Reason::Expired
            | Reason::TimedOut
            | Reason::Unreachable
            | Reason::Budget
            | Reason::Unwanted
            | Reason::Other => Outcome::Failed,
        }
    }

    /// An answer that is in the journal.
    fn again(
        &self,
        account: usize,
        key: u64,
        place: Place,
        resumed: bool,
        question: &Question,
    ) -> Arc<Answer> {
        let read = self
            .accounts
            .get(account)
            .and_then(Option::as_ref)
            .map(|a| a.journal.read(place));
        match read {
            Some(Ok(entry)) => {
                if resumed {
                    lock(&self.answers).insert(
                        key,
                        State::Done {
                            account,
                            place,
                            resumed: false,
                        },
                    );
                    self.progress.finished(&entry.call, true);
                }
                Arc::new(answer(entry))
            }
            Some(Err(e)) => {
                let message = e.to_string();
                self.fail(e);
                Arc::new(nothing(question, &message))
            }
            None => Arc::new(nothing(question, "no journal")),
        }
    }

    fn stop(&self, account: usize, code: &'static str, reason: String) {
        tracing::debug!(code, reason, "stopped");
        lock(&self.stopped).entry(account).or_insert((code, reason));
    }

    fn fail(&self, error: CollectError) {
        for account in 0..self.accounts.len() {
            self.stop(account, "NotKept", error.to_string());
        }
        lock(&self.fatal).get_or_insert(error);
    }
}

pub(crate) fn answer(entry: Entry) -> Answer {
    Answer {
        id: entry.call.id,
        operation: entry.call.operation,
        outcome: entry.call.outcome,
        code: entry.call.code,
        value: entry.value.unwrap_or(Value::Null),
        next: entry.next,
    }
}

/// The answer to a question that was never asked.
pub(crate) fn nothing(question: &Question, why: &str) -> Answer {
    tracing::debug!(operation = question.operation, why, "no answer");
    Answer {
        id: String::new(),
        operation: question.operation.clone(),
        outcome: Outcome::Failed,
        code: Some("NotAsked".to_owned()),
        value: Value::Null,
        next: None,
    }
}

fn lost(question: &Question, why: &str) -> impl Future<Output = Arc<Answer>> + Send + 'static {
    futures::future::ready(Arc::new(nothing(question, why)))
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

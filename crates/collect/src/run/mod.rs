//! Makes the calls of a plan, and writes what they tell.

mod asked;
mod calls;
mod journal;
mod live;
pub(crate) mod replay;
mod row;
mod silence;
pub(crate) mod walk;

pub(crate) use row::Row;

use crate::api::Api;
use crate::error::{CollectError, io};
use crate::plan::{Plan, TablePlan};
use crate::progress::Progress;
use crate::snapshot;
use asked::Asking;
use calls::Calls;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use journal::Journal;
use live::Live;
use palisade_core::Clock;
use palisade_core::snapshot::Manifest;
use replay::Replay;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use walk::{Place, Walk};

/// The folder of a run that is not finished.
pub(crate) const PARTIAL: &str = ".partial";

/// How a run is done.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Go on from what an earlier run in the same folder has measured.
    pub resume: bool,
    /// Calls in flight in all.
    pub concurrency: usize,
    /// When the collection begins.
    pub now: Clock,
    /// After so many calls in a row that were not answered, or throttled until the client's patience
    /// ran out, the rest of a service in an account and region is given up.
    pub give_up_after: u32,
    /// Pages per listing.
    pub max_pages: u32,
    /// Between the repetitions of a call that waits for something, as IAM's report.
    pub pause: Duration,
    /// The version of the program, for the manifest.
    pub version: String,
    /// Asked once, when all calls are made.
    pub lost: Option<Lost>,
}

/// Tells which accounts went away while they were read, and why: nothing is told of them then, since what was measured
/// before is not what is there now.
#[derive(Clone)]
pub struct Lost(Arc<dyn Fn() -> BoxFuture<'static, BTreeMap<String, String>> + Send + Sync>);

impl Lost {
    /// From what finds it out.
    pub fn new(
        find: impl Fn() -> BoxFuture<'static, BTreeMap<String, String>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(find))
    }
}

impl std::fmt::Debug for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lost").finish_non_exhaustive()
    }
}

impl RunOptions {
    /// What suits AWS: 128 calls in flight, 3 time-outs, 10,000 pages.
    #[must_use]
    pub fn new(now: Clock, version: impl Into<String>) -> Self {
        Self {
            resume: false,
            concurrency: 128,
            now,
            give_up_after: 3,
            max_pages: 10_000,
            pause: Duration::from_secs(2),
            version: version.into(),
            lost: None,
        }
    }
}

/// Makes the calls of a plan and writes the snapshot. A call that fails is a line of the ledger and no error of the
/// run; rows that other calls gave stay. The journal is kept until the run is complete.
///
/// # Errors
/// What was collected can't be kept, or an account has no client.
pub async fn run(
    plan: Plan,
    clients: &BTreeMap<String, Arc<dyn Api>>,
    out: &Path,
    options: RunOptions,
    progress: Arc<dyn Progress>,
) -> Result<Manifest, CollectError> {
    let plan = Arc::new(plan);
    let partial = out.join(PARTIAL);
    snapshot::make_private_folder(out)?;
    snapshot::make_private_folder(&partial)?;
    let asking = Asking::of(&plan);
    if options.resume {
        asking.check(&partial)?;
    } else {
        asking.clear(&partial, options.now.now())?;
    }
    let mut accounts = Vec::new();
    let mut replayed = Vec::new();
    let mut taken_at = options.now.now();
    for account in &plan.scope.accounts {
        if account.not_reached.is_some() {
            accounts.push(None);
            replayed.push(None);
            continue;
        }
        let api = clients
            .get(&account.id)
            .ok_or_else(|| CollectError::NoClient(account.id.clone()))?;
        let (path, asked) = (asked::path(&partial, &account.id), asking.part(account));
        let (journal, index) = Journal::open(&path, options.now.now(), asked, options.resume)?;
        taken_at = taken_at.min(journal.head().taken_at);
        let journal = Arc::new(journal);
        let api = Arc::clone(api);
        replayed.push(Some((account.id.clone(), Arc::clone(&journal))));
        accounts.push(Some((
            live::Account {
                id: account.id.clone(),
                api,
                journal,
            },
            index,
        )));
    }
    drop(asking);
    let live = Arc::new(Live::new(
        Arc::clone(&plan),
        accounts,
        options.clone(),
        Arc::clone(&progress),
    ));
    ask(Arc::clone(&plan), Arc::clone(&live), &options).await;
    if let Some(error) = live.fatal() {
        return Err(error);
    }
    let incomplete = live.stopped();
    let plan = match &options.lost {
        Some(lost) => Arc::new(plan.without(&(lost.0)().await)),
        None => plan,
    };
    let journals = replayed
        .into_iter()
        .zip(live.places())
        .map(|(account, index)| {
            let (id, journal) = account?;
            Some(replay::Account { id, journal, index })
        });
    let replay = Arc::new(Replay::new(journals.collect()));
    let walk = Walk {
        calls: Arc::clone(&replay) as Arc<dyn Calls>,
        plan: Arc::clone(&plan),
        width: 1,
        pause: Duration::ZERO,
        max_pages: options.max_pages,
        left_out: Mutex::default(),
    };
    let written = snapshot::write(
        Arc::new(walk),
        &replay,
        out,
        taken_at,
        &options.version,
        incomplete,
        &*progress,
    )
    .await?;
    if let Some(error) = replay.fatal() {
        return Err(error);
    }
    drop(replay);
    drop(live);
    if written.incomplete.is_none() {
        fs_err::remove_dir_all(&partial).map_err(|e| io(&partial, e))?;
    }
    Ok(written)
}

/// Makes all calls.
async fn ask(plan: Arc<Plan>, live: Arc<Live>, options: &RunOptions) {
    let walk = Arc::new(Walk {
        calls: live,
        plan: Arc::clone(&plan),
        width: options.concurrency.clamp(2, 64),
        pause: options.pause,
        max_pages: options.max_pages,
        left_out: Mutex::default(),
    });
    // Wide enough that the calls in flight are bounded by their own limit; each holds a page of rows at most.
    let tasks = options.concurrency.max(1).saturating_mul(4);
    let all = plan
        .tables
        .iter()
        .flat_map(|table| places(&plan, table).map(|p| (Arc::clone(table), p)));
    let all: Vec<(Arc<TablePlan>, Place)> = all.collect();
    stream::iter(all)
        .for_each_concurrent(tasks, |(table, place)| {
            let waves = Arc::clone(&table.waves);
            walk::rows(Arc::clone(&walk), table, waves, place).for_each(|_| async {})
        })
        .await;
}

/// Where a table is asked for, in the order of accounts and regions.
pub(crate) fn places<'a>(
    plan: &'a Plan,
    table: &TablePlan,
) -> impl Iterator<Item = Place> + use<'a> {
    // The root of the line says where: a child is asked for where its parent's rows are.
    let mut root = table;
    while let Some(parent) = &root.parent {
        root = &parent.table;
    }
    let scope = root.recipe.scope;
    plan.scope
        .accounts
        .iter()
        .enumerate()
        .flat_map(move |(at, account)| {
            plan.scope
                .regions(account, scope)
                .into_iter()
                .map(move |region| Place {
                    account: at,
                    region: region.to_owned(),
                })
        })
}

/// Ids are digits; whatever else comes must not leave the folder.
fn file_name(id: &str) -> String {
    id.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect()
}

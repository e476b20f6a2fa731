//! How fast we may ask: one pace for the whole process, and one lane per account, region and service.
//!
//! AWS throttles per account, region and API. So each lane has its own bound on calls in flight, and
//! slows down by itself after a throttle and recovers with answers; what one lane suffers does not
//! slow the others. The user's `--max-rps` bounds them all together.
//!
//! A gap doubles with a throttle and shrinks by a fifth with an answer: it settles where a few replies
//! in a hundred are throttles, and comes down again as long as fewer than one in four are
//! (2^q × 0.8^(1-q) < 1). A service that throttles at random does not drive its lane to a standstill.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// First gap between calls of a lane after a throttle.
const FIRST_GAP: Duration = Duration::from_millis(50);
/// No lane becomes slower than this by itself; slower quotas are met by the waits of single calls.
const LONGEST_GAP: Duration = Duration::from_secs(1);
/// What an answer leaves of a gap.
const SHRINK: f64 = 0.8;
/// Below this a gap is dropped.
const SHORTEST_GAP: Duration = Duration::from_millis(5);
/// Throttles this close together are one event: calls in flight tell the same thing.
const ONE_EVENT: Duration = Duration::from_millis(200);

/// Turns in time, a gap apart.
#[derive(Debug)]
struct Turns {
    gap: Duration,
    next: Instant,
    slowed: Option<Instant>,
    /// The first throttle since the last answer.
    starving: Option<Instant>,
}

impl Turns {
    fn new(gap: Duration) -> Self {
        Self {
            gap,
            next: Instant::now(),
            slowed: None,
            starving: None,
        }
    }

    /// The moment of the next turn, which is taken.
    fn take(&mut self) -> Instant {
        let turn = self.next.max(Instant::now());
        self.next = turn + self.gap;
        turn
    }
}

/// The pace of the whole process, and how many calls are left to it.
#[derive(Debug)]
pub(crate) struct Pace {
    turns: Option<Mutex<Turns>>,
    most: Option<u64>,
    made: AtomicU64,
}

impl Pace {
    pub(crate) fn new(max_rps: Option<u32>, max_calls: Option<u64>) -> Self {
        let gap = max_rps.map(|rps| Duration::from_secs(1) / rps.max(1));
        Self {
            turns: gap.map(|gap| Mutex::new(Turns::new(gap))),
            most: max_calls,
            made: AtomicU64::new(0),
        }
    }

    /// Takes one call from the budget; false if none is left.
    pub(crate) fn spend(&self) -> bool {
        let most = self.most.unwrap_or(u64::MAX);
        self.made
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |made| {
                (made < most).then(|| made + 1)
            })
            .is_ok()
    }

    /// Calls made so far.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Waits for a turn.
    pub(crate) async fn wait(&self) {
        if let Some(turns) = &self.turns {
            let turn = lock(turns).take();
            sleep_until(turn).await;
        }
    }

    /// Takes a turn without waiting: a retry is sent after its back-off, and those that come after wait
    /// the longer.
    pub(crate) fn charge(&self) {
        if let Some(turns) = &self.turns {
            lock(turns).take();
        }
    }
}

/// The lane of one account, region and service.
#[derive(Debug)]
pub(crate) struct Lane {
    flight: Arc<Semaphore>,
    turns: Mutex<Turns>,
}

impl Lane {
    fn new(in_flight: usize) -> Self {
        Self {
            flight: Arc::new(Semaphore::new(in_flight.max(1))),
            turns: Mutex::new(Turns::new(Duration::ZERO)),
        }
    }

    /// Waits until a call may be sent. The permit is held until its reply is there.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed; if it were, the call would go on without a bound.
        let permit = Arc::clone(&self.flight).acquire_owned().await.ok();
        let turn = lock(&self.turns).take();
        sleep_until(turn).await;
        permit
    }

    /// The service has throttled a call: twice as slow from here on.
    pub(crate) fn throttled(&self) {
        let mut turns = lock(&self.turns);
        let now = Instant::now();
        turns.starving.get_or_insert(now);
        if turns
            .slowed
            .is_some_and(|at| now.duration_since(at) < ONE_EVENT)
        {
            return;
        }
        turns.slowed = Some(now);
        turns.gap = (turns.gap * 2).clamp(FIRST_GAP, LONGEST_GAP);
        turns.next = turns.next.max(now + turns.gap);
    }

    /// A call was answered: a little faster.
    pub(crate) fn answered(&self) {
        let mut turns = lock(&self.turns);
        turns.starving = None;
        if !turns.gap.is_zero() {
            turns.gap = turns.gap.mul_f64(SHRINK);
            if turns.gap < SHORTEST_GAP {
                turns.gap = Duration::ZERO;
            }
        }
    }

    /// How long the service has answered nothing but throttles.
    pub(crate) fn starved(&self) -> Duration {
        let starving = lock(&self.turns).starving;
        starving.map(|since| since.elapsed()).unwrap_or_default()
    }

    /// The gap between two calls now.
    #[cfg(test)]
    pub(crate) fn gap(&self) -> Duration {
        lock(&self.turns).gap
    }
}

/// All lanes.
#[derive(Debug)]
pub(crate) struct Lanes {
    in_flight: usize,
    lanes: Mutex<BTreeMap<String, Arc<Lane>>>,
}

impl Lanes {
    pub(crate) fn new(in_flight: usize) -> Self {
        Self {
            in_flight,
            lanes: Mutex::default(),
        }
    }

    /// The lane of that name, made if there is none.
    pub(crate) fn lane(&self, name: &str) -> Arc<Lane> {
        let mut lanes = lock(&self.lanes);
        if let Some(lane) = lanes.get(name) {
            return Arc::clone(lane);
        }
        let lane = Arc::new(Lane::new(self.in_flight));
        lanes.insert(name.to_owned(), Arc::clone(&lane));
        lane
    }
}

/// Locks; a panic elsewhere leaves plain numbers behind, which are still good.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pace_spreads_calls_and_charges_retries() {
        let pace = Pace::new(Some(10), None);
        let start = Instant::now();
        for _ in 0..5 {
            pace.wait().await;
        }
        assert_eq!(start.elapsed(), Duration::from_millis(400));
        pace.charge();
        pace.charge();
        pace.wait().await;
        assert_eq!(start.elapsed(), Duration::from_millis(700));
    }

    #[test]
    fn a_budget_ends() {
        let pace = Pace::new(None, Some(2));
        assert!(pace.spend() && pace.spend());
        assert!(!pace.spend());
        assert_eq!(pace.made(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_slows_down_once_per_event_and_recovers() {
        let lanes = Lanes::new(4);
        let lane = lanes.lane("1/eu-west-1/iam");
        lane.throttled();
        lane.throttled();
        assert_eq!(lane.gap(), FIRST_GAP);
        tokio::time::advance(Duration::from_secs(1)).await;
        lane.throttled();
        assert_eq!(lane.gap(), FIRST_GAP * 2);
        assert_eq!(
            lanes.lane("2/eu-west-1/iam").gap(),
            Duration::ZERO,
            "another account is not slowed"
        );
        assert_eq!(lane.starved(), Duration::from_secs(1));
        for _ in 0..100 {
            lane.answered();
        }
        assert_eq!(lane.starved(), Duration::ZERO);
        assert_eq!(lane.gap(), Duration::ZERO);
        for _ in 0..100 {
            tokio::time::advance(ONE_EVENT).await;
            lane.throttled();
        }
        assert_eq!(lane.gap(), LONGEST_GAP);
    }

    /// One reply in five throttled, whatever the pace: a lane stays far from its longest gap.
    #[tokio::test(start_paused = true)]
    async fn throttles_at_random_bring_no_lane_to_a_standstill() {
        let lane = Lanes::new(1).lane("a");
        let start = Instant::now();
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..1_000 {
            drop(lane.enter().await);
            tokio::time::advance(Duration::from_millis(20)).await;
            if random.f64() < 0.2 {
                lane.throttled();
            } else {
                lane.answered();
            }
        }
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "{:?}",
            start.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_bounds_the_calls_in_flight() {
        let lane = Lanes::new(2).lane("a");
        let first = lane.enter().await;
        let _second = lane.enter().await;
        let third = tokio::time::timeout(Duration::from_secs(9), lane.enter());
        assert!(third.await.is_err());
        drop(first);
        assert!(lane.enter().await.is_some());
    }
}

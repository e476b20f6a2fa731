//! Sets of numbers as sorted intervals.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A number that has neighbours.
pub trait Step: Copy + Ord {
    /// The least and the greatest.
    const MIN: Self;
    /// The greatest.
    const MAX: Self;
    /// The next number, if there is one.
    fn up(self) -> Option<Self>;
    /// The number before, if there is one.
    fn down(self) -> Option<Self>;
}

impl Step for u16 {
    const MIN: Self = 0;
    const MAX: Self = Self::MAX;
    fn up(self) -> Option<Self> {
        self.checked_add(1)
    }
    fn down(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

/// A set of numbers. The intervals are sorted, disjoint and never touch: equal sets are equal values.
///
/// Most sets have one interval, and the rest are copied far more often than made: one interval needs no memory of its own, more are shared.
#[derive(Clone)]
pub struct RangeSet<T>(Store<T>);

#[derive(Clone)]
enum Store<T> {
    None,
    One((T, T)),
    Many(Arc<[(T, T)]>),
}

/// Intervals in ascending order on their way into a set.
struct Ascending<T> {
    last: Option<(T, T)>,
    before: Vec<(T, T)>,
}

impl<T: Step> Ascending<T> {
    const fn new() -> Self {
        Self {
            last: None,
            before: Vec::new(),
        }
    }

    /// Takes an interval that begins no earlier than the one before; what overlaps or touches is joined.
    fn push(&mut self, (low, high): (T, T)) {
        match &mut self.last {
            Some(last) if last.1.up().is_none_or(|next| low <= next) => last.1 = last.1.max(high),
            last => self.before.extend(last.replace((low, high))),
        }
    }

    fn set(mut self) -> RangeSet<T> {
        RangeSet(match self.last {
            None => Store::None,
            Some(one) if self.before.is_empty() => Store::One(one),
            Some(last) => {
                self.before.push(last);
                Store::Many(self.before.into())
            }
        })
    }
}

impl<T> RangeSet<T> {
    /// The intervals, ascending.
    #[must_use]
    pub fn ranges(&self) -> &[(T, T)] {
        match &self.0 {
            Store::None => &[],
            Store::One(one) => std::slice::from_ref(one),
            Store::Many(all) => all,
        }
    }
}

impl<T> Default for RangeSet<T> {
    fn default() -> Self {
        Self(Store::None)
    }
}

impl<T: fmt::Debug> fmt::Debug for RangeSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RangeSet").field(&self.ranges()).finish()
    }
}

impl<T: PartialEq> PartialEq for RangeSet<T> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Store::Many(a), Store::Many(b)) => Arc::ptr_eq(a, b) || a == b,
            (Store::One(a), Store::One(b)) => a == b,
            (Store::None, Store::None) => true,
            _ => false,
        }
    }
}

impl<T: Eq> Eq for RangeSet<T> {}

impl<T: Ord> PartialOrd for RangeSet<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for RangeSet<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ranges().cmp(other.ranges())
    }
}

impl<T: Hash> Hash for RangeSet<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.ranges().hash(state);
    }
}

impl<T: Step> RangeSet<T> {
    /// Nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Store::None)
    }

    /// Everything.
    #[must_use]
    pub const fn full() -> Self {
        Self(Store::One((T::MIN, T::MAX)))
    }

    /// One number.
    #[must_use]
    pub const fn one(value: T) -> Self {
        Self(Store::One((value, value)))
    }

    /// All from `low` to `high`, both within; nothing if they are the wrong way round.
    #[must_use]
    pub fn range(low: T, high: T) -> Self {
        if low > high {
            Self::empty()
        } else {
            Self(Store::One((low, high)))
        }
    }

    /// The union of intervals in any order.
    pub fn of(ranges: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut all: Vec<(T, T)> = ranges
            .into_iter()
            .filter(|(low, high)| low <= high)
            .collect();
        all.sort_unstable();
        Self::ascending(all)
    }

    fn ascending(ranges: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut out = Ascending::new();
        ranges.into_iter().for_each(|range| out.push(range));
        out.set()
    }

    /// True if there is no number in the set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, Store::None)
    }

    /// True if every number is in the set.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(&self.0, Store::One((low, high)) if *low == T::MIN && *high == T::MAX)
    }

    /// The least number of the set.
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.ranges().first().map(|range| range.0)
    }

    /// True if `value` is in the set.
    #[must_use]
    pub fn contains(&self, value: T) -> bool {
        let ranges = self.ranges();
        let at = ranges.partition_point(|range| range.1 < value);
        ranges.get(at).is_some_and(|range| range.0 <= value)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_full() {
            return other.clone();
        }
        if other.is_empty() || self.is_full() {
            return self.clone();
        }
        if self == other {
            return self.clone();
        }
        let mut out = Ascending::new();
        let (mut left, mut right) = (self.ranges(), other.ranges());
        loop {
            let next = match (left.split_first(), right.split_first()) {
                (Some((a, rest)), Some((b, _))) if a <= b => {
                    left = rest;
                    a
                }
                (_, Some((b, rest))) => {
                    right = rest;
                    b
                }
                (Some((a, rest)), None) => {
                    left = rest;
                    a
                }
                (None, None) => return out.set(),
            };
            out.push(*next);
        }
    }

    /// What is in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        if other.is_full() {
            return self.clone();
        }
        if self.is_full() {
            return other.clone();
        }
        if self == other {
            return self.clone();
        }
        let mut out = Ascending::new();
        let (mut left, mut right) = (self.ranges().iter(), other.ranges().iter());
        let (mut a, mut b) = (left.next(), right.next());
        while let (Some(x), Some(y)) = (a, b) {
            let (low, high) = (x.0.max(y.0), x.1.min(y.1));
            if low <= high {
                out.push((low, high));
            }
            if x.1 < y.1 {
                a = left.next();
            } else {
                b = right.next();
            }
        }
        out.set()
    }

    /// What is not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut out = Ascending::new();
        let mut next = Some(T::MIN);
        for (low, high) in self.ranges() {
            if let (Some(from), Some(to)) = (next, low.down())
                && from <= to
            {
                out.push((from, to));
            }
            next = high.up();
        }
        if let Some(from) = next {
            out.push((from, T::MAX));
        }
        out.set()
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return self.clone();
        }
        self.intersect(&other.complement())
    }

    /// True if nothing is in both.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let (mut left, mut right) = (self.ranges().iter(), other.ranges().iter());
        let (mut a, mut b) = (left.next(), right.next());
        while let (Some(x), Some(y)) = (a, b) {
            if x.0.max(y.0) <= x.1.min(y.1) {
                return false;
            }
            if x.1 < y.1 {
                a = left.next();
            } else {
                b = right.next();
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranges() -> impl Strategy<Value = Vec<(u16, u16)>> {
        let edge = prop_oneof![0u16..40, 65_500u16..=65_535];
        prop::collection::vec((edge.clone(), edge), 0..6)
    }

    fn naive(ranges: &[(u16, u16)]) -> Vec<bool> {
        (0..=65_535u32)
            .map(|n| {
                ranges
                    .iter()
                    .any(|(low, high)| (u32::from(*low)..=u32::from(*high)).contains(&n))
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn sets_agree_with_a_table_of_all_numbers(a in ranges(), b in ranges()) {
            let (left, right) = (RangeSet::of(a.iter().copied()), RangeSet::of(b.iter().copied()));
            let (x, y) = (naive(&a), naive(&b));
            let (union, both, minus, not) = (left.union(&right), left.intersect(&right), left.minus(&right), left.complement());
            for n in 0..=65_535u16 {
                let (p, q) = (x[usize::from(n)], y[usize::from(n)]);
                prop_assert_eq!(union.contains(n), p || q);
                prop_assert_eq!(both.contains(n), p && q);
                prop_assert_eq!(minus.contains(n), p && !q);
                prop_assert_eq!(not.contains(n), !p);
            }
            prop_assert_eq!(not.complement(), left);
        }
    }
}

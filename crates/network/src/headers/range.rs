//! Sets of numbers as sorted intervals.

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RangeSet<T>(Vec<(T, T)>);

impl<T> Default for RangeSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Step> RangeSet<T> {
    /// Nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Everything.
    #[must_use]
    pub fn full() -> Self {
        Self(vec![(T::MIN, T::MAX)])
    }

    /// One number.
    #[must_use]
    pub fn one(value: T) -> Self {
        Self(vec![(value, value)])
    }

    /// All from `low` to `high`, both within; nothing if they are the wrong way round.
    #[must_use]
    pub fn range(low: T, high: T) -> Self {
        if low > high {
            Self::empty()
        } else {
            Self(vec![(low, high)])
        }
    }

    /// The union of intervals in any order.
    pub fn of(ranges: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut all: Vec<(T, T)> = ranges
            .into_iter()
            .filter(|(low, high)| low <= high)
            .collect();
        all.sort_unstable();
        let mut out: Vec<(T, T)> = Vec::with_capacity(all.len());
        for (low, high) in all {
            match out.last_mut() {
                Some(last) if last.1.up().is_none_or(|next| low <= next) => {
                    last.1 = last.1.max(high)
                }
                _ => out.push((low, high)),
            }
        }
        Self(out)
    }

    /// True if there is no number in the set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if every number is in the set.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self.0.as_slice(), [(low, high)] if *low == T::MIN && *high == T::MAX)
    }

    /// The intervals, ascending.
    #[must_use]
    pub fn ranges(&self) -> &[(T, T)] {
        &self.0
    }

    /// The least number of the set.
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.0.first().map(|range| range.0)
    }

    /// True if `value` is in the set.
    #[must_use]
    pub fn contains(&self, value: T) -> bool {
        let at = self.0.partition_point(|range| range.1 < value);
        self.0.get(at).is_some_and(|range| range.0 <= value)
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
        Self::of(self.0.iter().chain(&other.0).copied())
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
        let mut out = Vec::new();
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (low, high) = (a.0.max(b.0), a.1.min(b.1));
            if low <= high {
                out.push((low, high));
            }
            if a.1 < b.1 {
                left.next();
            } else {
                right.next();
            }
        }
        Self(out)
    }

    /// What is not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut out = Vec::new();
        let mut next = Some(T::MIN);
        for (low, high) in &self.0 {
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
        Self(out)
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
        self.intersect(other).is_empty()
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

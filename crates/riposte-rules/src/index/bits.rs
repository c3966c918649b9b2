//! A set of small numbers.

/// Numbers below a limit, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// An empty set that takes numbers below `limit`.
    pub(super) fn new(limit: usize) -> Self {
        Self { words: vec![0; limit.div_ceil(64)] }
    }

    /// Adds a number; whether it is new. One that is not below the limit is left out.
    pub(super) fn insert(&mut self, number: usize) -> bool {
        let Some(word) = self.words.get_mut(number / 64) else { return false };
        let bit = 1 << (number % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// The least number in it that is not below `from`.
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        let mut at = from / 64;
        let mut word = self.words.get(at)? & (u64::MAX << (from % 64));
        while word == 0 {
            at += 1;
            word = *self.words.get(at)?;
        }
        Some(at * 64 + usize::try_from(word.trailing_zeros()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn numbers_come_out_in_order() {
        let mut bits = Bits::new(130);
        for number in [129, 0, 63, 64, 5, 64] {
            bits.insert(number);
        }
        assert!(!bits.insert(5) && bits.insert(6) && !bits.insert(500));
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(number) = bits.next(from) {
            found.push(number);
            from = number + 1;
        }
        assert_eq!(found, [0, 5, 6, 63, 64, 129]);
        assert_eq!((bits.next(65), bits.next(130), bits.next(10_000)), (Some(129), None, None));
        assert_eq!(Bits::new(0).next(0), None);
    }
}

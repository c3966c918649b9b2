//! Randomness that can be had again: the same seed draws the same.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The environment variable that fixes the seed of [`seeded`].
const SEED: &str = "RIPOSTE_SEED";

/// A random source with a seed (`SplitMix64`: one 64-bit state, every seed is a good one). Not for secrets.
///
/// ```
/// use riposte_testing::Random;
/// let (mut one, mut two) = (Random::new(7), Random::new(7));
/// assert_eq!(one.next(), two.next());
/// assert!(one.below(10) < 10);
/// ```
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A source that starts from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..limit`; 0 if `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        // The upper half of a 128-bit product spreads evenly over the range; the bias is below 2⁻³² for test sizes.
        u64::try_from((u128::from(self.next()) * u128::from(limit)) >> 64).unwrap_or(0)
    }

    /// True `times` out of `out_of` times.
    pub fn chance(&mut self, times: u64, out_of: u64) -> bool {
        self.below(out_of) < times
    }

    /// One of the items; `None` if there is none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(usize::try_from(self.below(items.len() as u64)).unwrap_or(0))
    }

    /// Puts the items into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.below(last as u64 + 1)).unwrap_or(last);
            items.swap(last, other);
        }
    }
}

/// Runs a test with a random source. The seed is new each time unless `RIPOSTE_SEED` gives one; if the test fails,
/// the seed is printed, and setting `RIPOSTE_SEED` to it runs the same test again.
pub fn seeded<T>(test: impl FnOnce(&mut Random) -> T) -> T {
    let given = env::var(SEED).ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(SEED));
    catch_unwind(AssertUnwindSafe(|| test(&mut Random::new(seed)))).unwrap_or_else(|panic| {
        println!("the seed was {seed}: set {SEED}={seed} to run this again");
        resume_unwind(panic)
    })
}

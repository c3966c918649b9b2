//! Ranges of numbers by where they begin: those that a number lies in are among those that begin at it or before it.

/// The rules for each range, both ends included.
#[derive(Debug, Default)]
pub(super) struct Ranges(Vec<(f64, f64, u32)>);

impl Ranges {
    pub(super) fn push(&mut self, low: f64, high: f64, rule: u32) {
        self.0.push((low, high, rule));
    }

    /// Must come between the last range and the first look.
    pub(super) fn sort(&mut self) {
        self.0.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
    }

    /// Shows the rules of each range that a number lies in.
    pub(super) fn each(&self, number: f64, show: &mut impl FnMut(&[u32])) {
        let begun = self.0.partition_point(|(low, ..)| *low <= number);
        for (_, high, rule) in self.0.get(..begun).unwrap_or_default() {
            if *high >= number {
                show(&[*rule]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ranges;

    #[test]
    fn a_number_finds_the_ranges_that_it_lies_in() {
        let mut ranges = Ranges::default();
        let infinite = f64::INFINITY;
        for (rule, (low, high)) in
            (0..).zip([(0.0, 0.0), (-1.0, 1.0), (1.0, infinite), (-infinite, -0.5), (-0.0, 3.0)])
        {
            ranges.push(low, high, rule);
        }
        ranges.sort();
        let of = |number: f64| {
            let mut found = Vec::new();
            ranges.each(number, &mut |rules| found.extend_from_slice(rules));
            found.sort_unstable();
            found
        };
        assert_eq!(of(0.0), [0, 1, 4]);
        assert_eq!(of(-0.0), [0, 1, 4]);
        assert_eq!(of(1.0), [1, 2, 4]);
        assert_eq!(of(-0.5), [1, 3]);
        assert_eq!(of(1e300), [2]);
    }
}

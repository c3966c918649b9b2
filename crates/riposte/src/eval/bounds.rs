//! The options that bound what an evaluation may make.

use clap::Args;
use riposte_expression::Limits;

/// The deepest nesting that can be asked for: what is printed is walked recursively.
const DEPTH_MAX: u64 = 512;

/// The bounds, each with the service's as its default.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct Bounds {
    /// The longest text that a function may make, in bytes [default: 104857600].
    #[arg(long = "max-output", value_name = "BYTES")]
    output: Option<usize>,
    /// The most items that `split`, `chunk` or `xpath` may make [default: 1000000].
    #[arg(long = "max-items", value_name = "COUNT")]
    items: Option<usize>,
    /// The most numbers that `range` may make [default: 100000].
    #[arg(long = "max-range", value_name = "COUNT")]
    range: Option<usize>,
    /// How deep arrays and objects may nest in a result [default: 120].
    #[arg(long = "max-depth", value_name = "LEVELS", value_parser = clap::value_parser!(u64).range(1..=DEPTH_MAX))]
    depth: Option<u64>,
    /// How deep calls and brackets may nest in an expression [default: 128].
    #[arg(long = "max-nesting", value_name = "LEVELS", value_parser = clap::value_parser!(u64).range(1..=DEPTH_MAX))]
    nesting: Option<u64>,
    /// How many nodes an `xpath` may visit [default: 5000000].
    #[arg(long = "max-xpath", value_name = "COUNT")]
    xpath: Option<usize>,
}

impl Bounds {
    /// The limits for the evaluator.
    pub fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        let set = |limit: &mut usize, wanted: Option<usize>| *limit = wanted.unwrap_or(*limit);
        set(&mut limits.text_bytes_max, self.output);
        set(&mut limits.items_max, self.items);
        set(&mut limits.range_items_max, self.range);
        set(&mut limits.depth_max, self.depth.and_then(|depth| usize::try_from(depth).ok()));
        set(&mut limits.nesting_max, self.nesting.and_then(|levels| usize::try_from(levels).ok()));
        set(&mut limits.xpath_visits_max, self.xpath);
        limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, Parser};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        bounds: Bounds,
    }

    #[test]
    fn the_help_names_the_defaults() {
        let help = Line::command().render_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let limits = Limits::default();
        let Limits { text_bytes_max, items_max, range_items_max, .. } = limits;
        let Limits { depth_max, nesting_max, xpath_visits_max, .. } = limits;
        for default in [text_bytes_max, items_max, range_items_max, depth_max, nesting_max, xpath_visits_max]
        {
            assert!(help.contains(&format!("[default: {default}]")), "{default}: {help}");
        }
    }
}

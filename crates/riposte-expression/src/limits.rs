//! How much an expression may make.

/// Bounds on what one evaluation may produce. An expression that would exceed one fails with an error that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest text a function may make, in bytes. Documented: 104,857,600 characters.
    pub text_bytes_max: usize,
    /// The most items `range` may make. Documented: 100,000.
    pub range_items_max: usize,
    /// The most items `split`, `chunk` and `xpath` may make, which their arguments do not bound.
    pub items_max: usize,
    /// How deep arrays and objects may nest in the result, so that whoever stores it can read it back, and elements in
    /// XML.
    pub depth_max: usize,
    /// How many nodes, attributes among them, an XML document may have.
    pub xml_nodes_max: usize,
    /// How many nodes an XPath expression may visit, one counted as often as it is looked at.
    pub xpath_visits_max: usize,
}

/// How many characters an expression may have where the service saves it (documented). Longer ones are evaluated here;
/// a check can warn of them.
pub const EXPRESSION_CHARACTERS_MAX: usize = 8_192;

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Limits {
    pub(crate) const DEFAULT: Self = Self {
        text_bytes_max: 104_857_600,
        range_items_max: 100_000,
        items_max: 1_000_000,
        depth_max: riposte_value::json::DEPTH_MAX - 8,
        xml_nodes_max: 1_000_000,
        xpath_visits_max: 5_000_000,
    };

    /// The bounds for what is computed while compiling: constants that exceed them are left to the evaluation.
    pub(crate) const FOLDING: Self = Self {
        text_bytes_max: 65_536,
        range_items_max: 1_000,
        items_max: 1_000,
        depth_max: 64,
        xml_nodes_max: 1_000,
        xpath_visits_max: 10_000,
    };
}

//! How much an expression may make, and how much work it may be.
//!
//! What an expression does is bounded on every side, so that one that is hostile, or only unlucky, can neither fill the
//! memory nor keep the engine busy: how deep it nests, how long a text and how many items it makes, how deep and how
//! large its result is, and how many nodes an XPath visits. There are no regular expressions in the language.

/// Bounds on one evaluation. An expression that would exceed one fails with an error that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest text a function may make, and the size of a result as JSON, in bytes. Documented: 104,857,600
    /// characters.
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
    /// How many nodes one XPath may visit, one counted as often as it is looked at; text that it looks at counts too, a
    /// node for every eight bytes.
    pub xpath_visits_max: usize,
    /// How deep calls and indexes may nest in one expression, which is found out when it is compiled; at most 512.
    pub nesting_max: usize,
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
        nesting_max: crate::parse::NESTING_MAX,
    };

    /// The bounds for what is computed while compiling within these: constants that exceed them are left to the
    /// evaluation.
    pub(crate) fn folding(&self) -> Self {
        Self {
            text_bytes_max: self.text_bytes_max.min(65_536),
            range_items_max: self.range_items_max.min(1_000),
            items_max: self.items_max.min(1_000),
            depth_max: self.depth_max.min(64),
            xml_nodes_max: self.xml_nodes_max.min(1_000),
            xpath_visits_max: self.xpath_visits_max.min(10_000),
            nesting_max: self.nesting_max,
        }
    }
}

/// A bound that can be exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Text,
    Range,
    Items,
    Depth,
    XmlNodes,
    XPath,
    Nesting,
}

impl Bound {
    /// Which limit it is, and how it is raised.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Text => {
                "the limit is `text_bytes_max`; it can be raised, by hand with `riposte eval --max-output`"
            }
            Self::Range => {
                "the limit is `range_items_max`; it can be raised, by hand with `riposte eval --max-range`"
            }
            Self::Items => {
                "the limit is `items_max`; it can be raised, by hand with `riposte eval --max-items`"
            }
            Self::Depth => {
                "the limit is `depth_max`; it can be raised, by hand with `riposte eval --max-depth`"
            }
            Self::XmlNodes => {
                "the limit is `xml_nodes_max`; it can be raised where the expression is evaluated"
            }
            Self::XPath => {
                "the limit is `xpath_visits_max`; it can be raised where the expression is evaluated"
            }
            Self::Nesting => {
                "the limit is `nesting_max`; put parts of the expression into actions of their own, such as Compose"
            }
        }
    }
}

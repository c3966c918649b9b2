//! What nodes that share a database know of each other.

/// A node: a process that works on runs and events. Only the store makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NodeKey(pub(crate) i64);

impl NodeKey {
    /// In nobody's name.
    pub(crate) const NOBODY: Self = Self(0);
}

impl std::fmt::Display for NodeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "node {}", self.0)
    }
}

/// What a node took over from nodes that are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenOver {
    /// The names of nodes whose leases have lapsed.
    pub lapsed: Vec<String>,
    /// Open runs that are this node's now.
    pub runs: Vec<String>,
    /// Events that are this node's now.
    pub events: Vec<i64>,
}

/// What nodes keep in memory or have to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Role assignments.
    Access,
    /// Analytics rules.
    Analytics,
    /// Connections and custom connectors.
    Connections,
    /// Outcomes that other nodes have put into the inboxes of runs, and nodes that have left.
    Mail,
    /// Playbooks.
    Playbooks,
    /// Automation rules.
    Rules,
    /// Watchlists and their items.
    Watchlists,
    /// Workspaces.
    Workspaces,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Access,
        Self::Analytics,
        Self::Connections,
        Self::Mail,
        Self::Playbooks,
        Self::Rules,
        Self::Watchlists,
        Self::Workspaces,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Analytics => "analytics",
            Self::Connections => "connections",
            Self::Mail => "mail",
            Self::Playbooks => "playbooks",
            Self::Rules => "rules",
            Self::Watchlists => "watchlists",
            Self::Workspaces => "workspaces",
        }
    }
}

/// How often each kind has changed. Of two that differ in a kind, the greater [`Self::of`] tells the later state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Generations {
    /// Counts the commits that failed: what was read inside of one of them may never have come about.
    era: u64,
    values: [i64; Kind::ALL.len()],
}

impl Generations {
    /// The state of a kind, to be compared.
    pub fn of(&self, kind: Kind) -> (u64, i64) {
        let value = Kind::ALL.iter().zip(self.values).find(|(known, _)| **known == kind);
        (self.era, value.map_or(0, |(_, value)| value))
    }

    /// Of each kind the later state.
    #[must_use]
    pub fn latest(&self, other: &Self) -> Self {
        let mut latest = Self::of_era(self.era.max(other.era));
        for kind in Kind::ALL {
            latest.set(kind, self.of(kind).max(other.of(kind)).1);
        }
        latest
    }

    pub(crate) fn of_era(era: u64) -> Self {
        Self { era, ..Self::default() }
    }

    pub(crate) fn set(&mut self, kind: Kind, value: i64) {
        for (known, slot) in Kind::ALL.iter().zip(&mut self.values) {
            if *known == kind {
                *slot = value;
            }
        }
    }
}

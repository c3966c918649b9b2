//! The keys of the store's tables. A workspace's rows can only be reached with a [`WorkspaceKey`], and an ARM
//! resource only with the [`ResourceKey`] of its id, so that no call can forget whose data it touches.

use std::fmt;

/// A workspace, by the store's own number. Only the store makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspaceKey(pub(crate) i64);

impl fmt::Display for WorkspaceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "workspace {}", self.0)
    }
}

/// An ARM resource id in lower case, without a slash at the end: equal for equal resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey(String);

impl ResourceKey {
    /// The key of an ARM id as written by anybody.
    pub fn new(id: &str) -> Self {
        Self(format!("/{}", id.trim().trim_matches('/').to_lowercase()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The resource group that the resource lies in, as a key: `/subscriptions/s/resourcegroups/g`.
    pub fn resource_group(&self) -> Option<Self> {
        let mut segments = self.0.split('/').skip(1);
        match (segments.next()?, segments.next()?, segments.next()?, segments.next()?) {
            ("subscriptions", subscription, "resourcegroups", group) => {
                Some(Self(format!("/subscriptions/{subscription}/resourcegroups/{group}")))
            }
            _ => None,
        }
    }

    /// The last segment.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for ResourceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

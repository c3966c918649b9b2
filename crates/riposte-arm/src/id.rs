//! Resource ids: `/subscriptions/{s}/resourceGroups/{g}/providers/{namespace}/{type}/{name}[/{type}/{name}…]`, at any
//! scope, with extension resources (`…/providers/{namespace}/…` again) behind them.
//!
//! Azure compares ids without regard to case and keeps the spelling it was given; so does this.

use riposte_value::Text;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// The id of a subscription, a resource group or a resource. Compared without regard to case.
///
/// ```
/// use riposte_arm::ResourceId;
/// let rule: ResourceId = "/subscriptions/s1/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/w1/\
///     providers/Microsoft.SecurityInsights/automationRules/r1".parse().unwrap();
/// assert_eq!(rule.resource_type(), "Microsoft.SecurityInsights/automationRules");
/// assert_eq!((rule.name(), rule.name_of("workspaces")), ("r1", Some("w1")));
/// assert_eq!(rule.scope().unwrap().resource_type(), "Microsoft.OperationalInsights/workspaces");
/// assert_eq!(rule, rule.to_string().to_uppercase().parse().unwrap());
/// ```
#[derive(Clone)]
pub struct ResourceId {
    subscription: Option<Text>,
    resource_group: Option<Text>,
    parts: Vec<Part>,
    key: Text,
}

/// `/providers/{namespace}/{type}/{name}[/{type}/{name}…]`
#[derive(Debug, Clone)]
struct Part {
    namespace: Text,
    segments: Vec<(Text, Text)>,
}

/// Why text is no resource id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdError {
    message: String,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for IdError {}

fn refuse(message: impl Into<String>) -> IdError {
    IdError { message: message.into() }
}

impl ResourceId {
    /// The id of a subscription.
    pub fn subscription(subscription: impl AsRef<str>) -> Self {
        Self::new(Some(Text::new(subscription)), None, Vec::new())
    }

    /// The id of a resource group.
    pub fn group(subscription: impl AsRef<str>, resource_group: impl AsRef<str>) -> Self {
        Self::new(Some(Text::new(subscription)), Some(Text::new(resource_group)), Vec::new())
    }

    /// The scope of the whole tenant, written `/`.
    pub fn tenant() -> Self {
        Self::new(None, None, Vec::new())
    }

    /// The id of a resource of this type and name under this scope: `Microsoft.Web/sites/functions` and `app/f1` under
    /// a resource group. Type and name may have the form nested under a workspace
    /// (`Microsoft.OperationalInsights/workspaces/providers/automationRules`, `w1/Microsoft.SecurityInsights/r1`).
    pub fn under(scope: &Self, resource_type: &str, name: &str) -> Result<Self, IdError> {
        let mut types = resource_type.split('/').filter(|segment| !segment.is_empty());
        let namespace = types.next().unwrap_or_default();
        let types: Vec<&str> = types.collect();
        let names: Vec<&str> = name.split('/').collect();
        if types.is_empty() {
            return Err(refuse(format!(
                "`{resource_type}` is not a resource type of the form `namespace/type`"
            )));
        }
        if types.len() != names.len() || names.iter().any(|name| name.trim().is_empty()) {
            return Err(refuse(format!(
                "name `{name}` does not have as many segments as its type `{resource_type}`: {} wanted",
                types.len()
            )));
        }
        let mut text = format!("{}/providers/{namespace}", scope.path());
        for (kind, name) in types.iter().zip(&names) {
            text.push('/');
            text.push_str(kind);
            text.push('/');
            text.push_str(name);
        }
        text.parse()
    }

    fn new(subscription: Option<Text>, resource_group: Option<Text>, parts: Vec<Part>) -> Self {
        let mut id = Self { subscription, resource_group, parts, key: Text::default() };
        id.key = Text::from(id.to_string().to_lowercase());
        id
    }

    /// The subscription's id, if it lies in one.
    pub fn subscription_id(&self) -> Option<&str> {
        self.subscription.as_deref()
    }

    /// The resource group's name, if it lies in one.
    pub fn resource_group(&self) -> Option<&str> {
        self.resource_group.as_deref()
    }

    /// The id of its resource group, if it lies in one.
    pub fn resource_group_id(&self) -> Option<Self> {
        Some(Self::group(self.subscription.as_deref()?, self.resource_group.as_deref()?))
    }

    /// The namespace of the resource provider (`Microsoft.SecurityInsights`); that of the extension if it is one.
    /// Empty for groups and subscriptions.
    pub fn provider(&self) -> &str {
        self.parts.last().map_or("", |part| part.namespace.as_str())
    }

    /// The type: namespace and type segments (`Microsoft.Logic/workflows/triggers`); that of the extension if it is one.
    pub fn resource_type(&self) -> String {
        let Some(part) = self.parts.last() else {
            return match (&self.subscription, &self.resource_group) {
                (_, Some(_)) => "Microsoft.Resources/resourceGroups".into(),
                (Some(_), None) => "Microsoft.Resources/subscriptions".into(),
                (None, None) => "Microsoft.Resources/tenants".into(),
            };
        };
        let mut text = part.namespace.to_string();
        for (kind, _) in &part.segments {
            text.push('/');
            text.push_str(kind);
        }
        text
    }

    /// Whether it is of this type, without regard to case.
    pub fn is(&self, resource_type: &str) -> bool {
        self.resource_type().eq_ignore_ascii_case(resource_type)
    }

    /// The last name: the resource's own, the group's, the subscription's, or empty for the tenant.
    pub fn name(&self) -> &str {
        match self.parts.last().and_then(|part| part.segments.last()) {
            Some((_, name)) => name,
            None => self.resource_group.as_deref().or(self.subscription.as_deref()).unwrap_or_default(),
        }
    }

    /// The names of its own part, joined as a template writes them (`app/f1`).
    pub fn full_name(&self) -> String {
        let names =
            self.parts.last().into_iter().flat_map(|part| &part.segments).map(|(_, name)| name.as_str());
        names.collect::<Vec<_>>().join("/")
    }

    /// The name that follows a type segment anywhere in it (`workspaces`, `triggers`), without regard to case.
    pub fn name_of(&self, type_segment: &str) -> Option<&str> {
        let segments = self.parts.iter().flat_map(|part| &part.segments);
        segments
            .rev()
            .find(|(kind, _)| kind.eq_ignore_ascii_case(type_segment))
            .map(|(_, name)| name.as_str())
    }

    /// Whether it extends another resource (`…/providers/A/…/providers/B/…`).
    pub fn is_extension(&self) -> bool {
        self.parts.len() > 1
    }

    /// What it lies in without its own `/providers/…` part: the resource that it extends, its resource group or its
    /// subscription. `None` for what is no resource.
    pub fn scope(&self) -> Option<Self> {
        let (_, before) = self.parts.split_last()?;
        Some(Self::new(self.subscription.clone(), self.resource_group.clone(), before.to_vec()))
    }

    /// The id one step up: the parent resource of a child, else the [`Self::scope`], else the subscription of a group.
    pub fn parent(&self) -> Option<Self> {
        let Some((last, before)) = self.parts.split_last() else {
            return match (&self.subscription, &self.resource_group) {
                (Some(subscription), Some(_)) => Some(Self::subscription(subscription)),
                _ => None,
            };
        };
        let mut parts = before.to_vec();
        if let Some((_, rest)) = last.segments.split_last().filter(|(_, rest)| !rest.is_empty()) {
            parts.push(Part { namespace: last.namespace.clone(), segments: rest.to_vec() });
        }
        Some(Self::new(self.subscription.clone(), self.resource_group.clone(), parts))
    }

    /// The id of a child of this resource (`triggers`, `manual`).
    pub fn child(&self, type_segment: &str, name: &str) -> Result<Self, IdError> {
        format!("{}/{type_segment}/{name}", self.path()).parse()
    }

    /// The id of an extension of this resource, or of a resource in this group
    /// (`Microsoft.SecurityInsights/automationRules`, `r1`).
    pub fn extension(&self, resource_type: &str, name: &str) -> Result<Self, IdError> {
        Self::under(self, resource_type, name)
    }

    /// The text in lower case: equal for ids that Azure takes as equal.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether this id is `other` or lies somewhere below it.
    pub fn is_within(&self, other: &Self) -> bool {
        let other = other.key.trim_end_matches('/');
        self.key.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// As text, empty for the tenant: what other parts are appended to.
    fn path(&self) -> String {
        let text = self.to_string();
        if text == "/" { String::new() } else { text }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.subscription.is_none() && self.parts.is_empty() {
            return f.write_str("/");
        }
        if let Some(subscription) = &self.subscription {
            write!(f, "/subscriptions/{subscription}")?;
        }
        if let Some(group) = &self.resource_group {
            write!(f, "/resourceGroups/{group}")?;
        }
        for part in &self.parts {
            write!(f, "/providers/{}", part.namespace)?;
            for (kind, name) in &part.segments {
                write!(f, "/{kind}/{name}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

impl FromStr for ResourceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = |what: &str| refuse(format!("`{text}` is not a resource id: {what}"));
        let trimmed = text.trim_start().trim_end_matches(|c: char| c == '/' || c.is_whitespace());
        if trimmed.is_empty() && text.trim() == "/" {
            return Ok(Self::tenant());
        }
        let rest = trimmed.strip_prefix('/').ok_or_else(|| wrong("it does not start with `/`"))?;
        let segments: Vec<&str> = rest.split('/').collect();
        if segments.iter().any(|segment| segment.trim().is_empty()) {
            return Err(wrong("a segment is empty"));
        }
        let mut rest = segments.as_slice();
        let subscription = take_pair(&mut rest, "subscriptions");
        let resource_group = match subscription {
            Some(_) => take_pair(&mut rest, "resourceGroups"),
            None => None,
        };
        let mut parts = Vec::new();
        while let [first, namespace, tail @ ..] = rest {
            if !first.eq_ignore_ascii_case("providers") {
                return Err(wrong(&format!("`{first}` stands where `providers` belongs")));
            }
            let length =
                tail.iter().step_by(2).take_while(|s| !s.eq_ignore_ascii_case("providers")).count() * 2;
            let (own, after) = tail.split_at_checked(length).ok_or_else(|| wrong("a type has no name"))?;
            if own.is_empty() {
                return Err(wrong("a provider has no type"));
            }
            let pairs = own.chunks_exact(2).filter_map(|pair| match pair {
                [kind, name] => Some((Text::new(kind), Text::new(name))),
                _ => None,
            });
            parts.push(Part { namespace: Text::new(namespace), segments: pairs.collect() });
            rest = after;
        }
        if !rest.is_empty() {
            return Err(wrong("it ends in the middle"));
        }
        Ok(Self::new(subscription, resource_group, parts))
    }
}

fn take_pair(rest: &mut &[&str], word: &str) -> Option<Text> {
    match *rest {
        [first, value, tail @ ..] if first.eq_ignore_ascii_case(word) => {
            *rest = tail;
            Some(Text::new(value))
        }
        _ => None,
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for ResourceId {}

impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

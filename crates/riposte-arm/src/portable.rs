//! Writing resources as a template that can be deployed elsewhere: what names the place they come from is written as
//! an expression (`resourceGroup().id`, `subscription().id`, the workspace by the parameter `workspace`), so that
//! deploying it into another resource group or workspace leads there. Deployed into the same place it reads back the
//! same.

use crate::write::{escape, template};
use crate::{Resource, ResourceId};
use riposte_value::{Object, Value};

/// The longest text in which places are looked for: an expression has at most 24,576 characters.
const TEXT_MAX: usize = 20_000;

const WORKSPACES: &str = "Microsoft.OperationalInsights/workspaces";

/// Where resources come from.
#[derive(Debug, Clone)]
pub struct Home {
    /// What names a place, the longest first, and the expression that stands for it.
    places: Vec<(String, &'static str)>,
    has_workspace: bool,
}

impl Home {
    /// A resource group, and the workspace in it, if there is one.
    pub fn new(subscription: &str, resource_group: &str, workspace: Option<&str>) -> Self {
        let group = ResourceId::group(subscription, resource_group);
        let mut places = Vec::new();
        let workspace = workspace.and_then(|name| ResourceId::under(&group, WORKSPACES, name).ok());
        if let Some(id) = &workspace {
            let expression =
                "resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace'))";
            places.push((id.to_string(), expression));
        }
        places.push((group.to_string(), "resourceGroup().id"));
        places.push((ResourceId::subscription(subscription).to_string(), "subscription().id"));
        Self { places, has_workspace: workspace.is_some() }
    }

    /// The first place that a text names at or after `from`: where it begins and ends, and what stands for it.
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize, &'static str)> {
        let lower = text.get(from..)?.to_ascii_lowercase();
        let of_place = |(place, expression): &(String, &'static str)| {
            let at = find_whole(&lower, &place.to_ascii_lowercase())?;
            Some((from + at, from + at + place.len(), *expression))
        };
        // The longest of those that begin first: they stand in that order.
        self.places.iter().filter_map(of_place).min_by_key(|(at, ..)| *at)
    }

    fn put(&self, text: &str) -> String {
        if text.len() > TEXT_MAX || self.find(text, 0).is_none() {
            return escape(text);
        }
        let mut parts = Vec::new();
        let mut from = 0;
        let literal = |piece: Option<&str>, parts: &mut Vec<String>| {
            if let Some(piece) = piece.filter(|piece| !piece.is_empty()) {
                parts.push(format!("'{}'", piece.replace('\'', "''")));
            }
        };
        while let Some((at, end, expression)) = self.find(text, from) {
            literal(text.get(from..at), &mut parts);
            parts.push(expression.to_owned());
            from = end;
        }
        literal(text.get(from..), &mut parts);
        match parts.as_slice() {
            [one] => format!("[{one}]"),
            parts => format!("[concat({})]", parts.join(", ")),
        }
    }
}

/// Where a place stands in a text as a whole: what follows it is no part of a name.
fn find_whole(text: &str, place: &str) -> Option<usize> {
    let ends = |at: &usize| {
        let next = text.get(at + place.len()..).and_then(|rest| rest.chars().next());
        next.is_none_or(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
    };
    text.match_indices(place).map(|(at, _)| at).find(ends)
}

/// A template with these resources that can be deployed elsewhere. It has the parameter `workspace` where its home is a
/// workspace.
///
/// ```
/// use riposte_arm::{Deployment, Home, read, write_portable};
/// let text = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
///   "resources": [{"type": "Microsoft.Logic/workflows", "name": "p", "properties": {
///     "link": "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Web/connections/c"}}]}"#;
/// let home = Deployment { subscription_id: "s1".into(), resource_group: "g1".into(), ..Deployment::default() };
/// let written = write_portable(&read(text, &home).resources, &Home::new("s1", "g1", None)).to_string();
/// let elsewhere = Deployment { subscription_id: "s2".into(), resource_group: "g2".into(), ..Deployment::default() };
/// let moved = read(&written, &elsewhere);
/// let link = moved.resources[0].properties.str_at(&["link"]);
/// assert_eq!(link, Some("/subscriptions/s2/resourceGroups/g2/providers/Microsoft.Web/connections/c"));
/// ```
pub fn write_portable(resources: &[Resource], home: &Home) -> Value {
    let mut parameters = Object::new();
    if home.has_workspace {
        parameters.insert(
            "workspace",
            Value::object([
                ("type", Value::text("string")),
                ("defaultValue", Value::text("")),
                ("metadata", Value::object([("description", Value::text("The workspace to deploy into."))])),
            ]),
        );
    }
    template(parameters, resources, &|text| home.put(text))
}

//! The templates that analytics rules can be made from: those that come with Riposte, written for it.

use crate::Engine;
use crate::error::{Error, Result};
use crate::workspaces::Workspace;
use riposte_value::{Object, Value, json};

const TEMPLATE_TYPE: &str = "Microsoft.SecurityInsights/AlertRuleTemplates";

/// What comes with Riposte: `[{name, kind, properties}]`.
const SHIPPED: &str = include_str!("../../../../templates/analytics-rules.json");

impl Engine {
    /// The templates of analytics rules, each with the number of rules in the workspace that were made from it.
    pub fn analytics_rule_templates(&self, ws: &Workspace) -> Result<Vec<Value>> {
        let rules = self.shared.analytics_of(ws.key);
        let made_from = |name: &str| {
            let of_it = |template: &str| template.eq_ignore_ascii_case(name);
            rules.iter().filter(|rule| rule.template_name.as_deref().is_some_and(of_it)).count()
        };
        let shipped = json::parse(SHIPPED).map_err(|error| {
            Error::internal(format!("the templates of analytics rules cannot be read: {error}"))
        })?;
        let templates = shipped.as_array().unwrap_or_default().iter();
        Ok(templates.map(|template| to_arm(ws, template, made_from)).collect())
    }

    /// A template of analytics rules.
    pub fn analytics_rule_template(&self, ws: &Workspace, name: &str) -> Result<Value> {
        let all = self.analytics_rule_templates(ws)?;
        let is_it = |one: &Value| one.str_at(&["name"]).is_some_and(|own| own.eq_ignore_ascii_case(name));
        all.into_iter()
            .find(is_it)
            .ok_or_else(|| Error::resource_not_found(&ws.reference.resource_id("AlertRuleTemplates", name)))
    }
}

fn to_arm(ws: &Workspace, template: &Value, made_from: impl Fn(&str) -> usize) -> Value {
    let name = template.str_at(&["name"]).unwrap_or_default();
    let mut properties = Object::new();
    properties.insert("alertRulesCreatedByTemplateCount", made_from(name));
    let own = template.get("properties").and_then(Value::as_object);
    properties.extend(own.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    Value::object([
        ("id", Value::from(ws.reference.resource_id("AlertRuleTemplates", name))),
        ("name", Value::from(name)),
        ("type", Value::from(TEMPLATE_TYPE)),
        ("kind", template.get("kind").cloned().unwrap_or_default()),
        ("properties", Value::from(properties)),
    ])
}

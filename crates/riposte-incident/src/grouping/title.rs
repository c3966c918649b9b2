//! The title that a rule gives to the incidents of its alerts.

use crate::alert::{Alert, scalar_text};
use crate::analytics::QueryRule;
use crate::text::same;
use riposte_value::Text;

/// The title of the rule's override with what the alert tells in the place of its `{{Column}}`s: a custom detail or an
/// extended property of that name. None where the rule overrides nothing, or where the alert does not tell all of it:
/// then the alert's own title is the best there is.
pub fn overridden_title(rule: &QueryRule, alert: &Alert) -> Option<Text> {
    let format = rule.alert_details.display_name_format.as_deref()?;
    let mut title = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((before, from)) = rest.split_once("{{") {
        let (column, after) = from.split_once("}}")?;
        title.push_str(before);
        title.push_str(&value_of(column.trim(), alert)?);
        rest = after;
    }
    title.push_str(rest);
    Some(Text::from(title)).filter(|title| !title.trim().is_empty())
}

fn value_of(column: &str, alert: &Alert) -> Option<Text> {
    let details = alert.custom_details();
    let detail =
        details.into_iter().find(|(name, _)| same(name, column)).map(|(_, values)| values.join(", "));
    let value = detail
        .map(Text::from)
        .or_else(|| alert.extended_properties.get_ignore_case(column).and_then(scalar_text));
    value.filter(|value| !value.is_empty())
}

//! Microsoft incident creation rules: which alerts of Microsoft's other products become incidents.
//!
//! A product is governed as soon as an enabled rule is for it. Then an alert becomes an incident if one of these rules
//! takes it: its severity is among the rule's (any, if none is named), its title holds one of the texts that the rule
//! asks for (any, if none is named) and none of those that it excludes. Comparison ignores case.

use super::{AnalyticsRule, ProductFilter};
use crate::alert::Alert;
use crate::text::{fold, same};

/// What the Microsoft incident creation rules of a workspace say of an alert.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ProductDecision<'r> {
    /// No enabled rule is for the alert's product.
    Ungoverned,
    /// This rule makes an incident of it.
    Incident(&'r AnalyticsRule),
    /// There are rules for its product, and none takes it.
    NoIncident,
}

/// Asks the Microsoft incident creation rules about an alert; the first that takes it counts. Rules of other kinds are
/// passed over.
pub fn product_decision<'r>(
    rules: impl IntoIterator<Item = &'r AnalyticsRule>,
    alert: &Alert,
) -> ProductDecision<'r> {
    let mut is_governed = false;
    for rule in rules {
        let Some(filter) = rule.product_filter().filter(|filter| rule.enabled && filter.is_for(alert)) else {
            continue;
        };
        is_governed = true;
        if filter.takes(alert) {
            return ProductDecision::Incident(rule);
        }
    }
    if is_governed { ProductDecision::NoIncident } else { ProductDecision::Ungoverned }
}

impl ProductFilter {
    /// Whether an alert is of the product.
    pub fn is_for(&self, alert: &Alert) -> bool {
        let name = alert.product_name.as_deref().unwrap_or_default().trim();
        self.product.names().iter().any(|known| same(known, name))
    }

    /// Whether an alert of the product passes the filters.
    pub fn takes(&self, alert: &Alert) -> bool {
        let title = fold(&alert.display_name);
        let holds = |text: &riposte_value::Text| title.contains(&fold(text));
        (self.severities.is_empty() || self.severities.contains(&alert.severity))
            && (self.display_names.is_empty() || self.display_names.iter().any(holds))
            && !self.display_names_excluded.iter().any(holds)
    }
}

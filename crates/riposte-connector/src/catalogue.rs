//! The definitions that ship with the product, by the name of the managed API that they stand in for.
//!
//! ```
//! let virustotal = riposte_connector::catalogue::find("VirusTotal").unwrap();
//! assert_eq!(virustotal.base_url(), Some("https://www.virustotal.com"));
//! assert!(riposte_connector::catalogue::find("teapots").is_none());
//! ```

use crate::ConnectorDefinition;
use riposte_value::json;
use std::sync::LazyLock;

/// One shipped definition.
struct Row {
    /// The name in `…/managedApis/<name>`.
    name: &'static str,
    definition: LazyLock<Option<ConnectorDefinition>>,
}

macro_rules! shipped {
    ($($name:literal)+) => {
        [$(Row {
            name: $name,
            definition: LazyLock::new(|| read(
                include_str!(concat!("../../../connectors/", $name, "/apiDefinition.swagger.json")),
                include_str!(concat!("../../../connectors/", $name, "/apiProperties.json")),
            )),
        }),+]
    };
}

/// Sorted by name.
static SHIPPED: [Row; 8] =
    shipped!["abuseipdb" "azuread" "azureadip" "jira" "service-now" "slack" "virustotal" "wdatp"];

/// The definition for a managed API, whatever the case of its name.
pub fn find(api_name: &str) -> Option<&'static ConnectorDefinition> {
    SHIPPED.iter().find(|row| row.name.eq_ignore_ascii_case(api_name))?.definition.as_ref()
}

/// The names of all definitions, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|row| row.name)
}

fn read(swagger: &str, properties: &str) -> Option<ConnectorDefinition> {
    // A test reads every shipped file and finds nothing to say about it.
    let (swagger, properties) = (json::parse(swagger).ok()?, json::parse(properties).ok()?);
    ConnectorDefinition::read(&swagger, Some(&properties)).0
}

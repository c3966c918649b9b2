//! Microsoft's products: what Graph, the table `SecurityAlert` and the filters of incident creation rules call them.

use crate::text::same;

/// A product that raises alerts.
#[derive(Debug)]
pub(super) struct Product {
    /// Graph's `serviceSource`.
    pub(super) source: &'static str,
    /// `ProviderName` of the table.
    pub(super) provider: &'static str,
    /// What it is called today: Graph's `productName`.
    pub(super) name: &'static str,
    /// What the table and the product filters call it.
    pub(super) table_name: &'static str,
    /// Whether its alerts come from analytics rules.
    pub(super) is_sentinel: bool,
}

impl Product {
    const fn new(
        source: &'static str,
        provider: &'static str,
        name: &'static str,
        table_name: &'static str,
    ) -> Self {
        Self { source, provider, name, table_name, is_sentinel: false }
    }

    /// The product of a `serviceSource`, else that of a product name, old or new.
    pub(super) fn of(source: Option<&str>, name: Option<&str>) -> Option<&'static Self> {
        let by_source =
            source.and_then(|source| PRODUCTS.iter().find(|product| same(product.source, source)));
        by_source.or_else(|| Self::named(name?))
    }

    fn named(name: &str) -> Option<&'static Self> {
        PRODUCTS.iter().find(|product| same(product.name, name) || same(product.table_name, name))
    }
}

/// The name by which the table and the filters of incident creation rules know a product that is called by its name
/// of today; any other name is its own.
pub(crate) fn table_product_name(name: &str) -> &str {
    Product::named(name).map_or(name, |product| product.table_name)
}

static PRODUCTS: &[Product] = &[
    Product::new(
        "microsoftDefenderForEndpoint",
        "MDATP",
        "Microsoft Defender for Endpoint",
        "Microsoft Defender Advanced Threat Protection",
    ),
    Product::new(
        "microsoftDefenderForIdentity",
        "Azure Advanced Threat Protection",
        "Microsoft Defender for Identity",
        "Azure Advanced Threat Protection",
    ),
    Product::new(
        "microsoftDefenderForCloudApps",
        "MCAS",
        "Microsoft Defender for Cloud Apps",
        "Microsoft Cloud App Security",
    ),
    Product::new(
        "microsoftDefenderForOffice365",
        "OATP",
        "Microsoft Defender for Office 365",
        "Office 365 Advanced Threat Protection",
    ),
    Product::new(
        "azureAdIdentityProtection",
        "IPC",
        "Microsoft Entra ID Protection",
        "Azure Active Directory Identity Protection",
    ),
    Product::new(
        "microsoftDefenderForCloud",
        "Azure Security Center",
        "Microsoft Defender for Cloud",
        "Azure Security Center",
    ),
    Product::new(
        "microsoftDefenderForIoT",
        "IoTSecurity",
        "Microsoft Defender for IoT",
        "Azure Security Center for IoT",
    ),
    Product::new("microsoft365Defender", "Microsoft XDR", "Microsoft Defender XDR", "Microsoft 365 Defender"),
    Product::new(
        "microsoftAppGovernance",
        "AppGovernance",
        "App Governance",
        "Microsoft Application Protection",
    ),
    Product::new(
        "dataLossPrevention",
        "MicrosoftDataLossPrevention",
        "Microsoft Data Loss Prevention",
        "Microsoft Data Loss Prevention",
    ),
    Product::new(
        "microsoftInsiderRiskManagement",
        "MicrosoftInsiderRiskManagement",
        "Microsoft Purview Insider Risk Management",
        "Microsoft 365 Insider Risk Management",
    ),
    Product::new(
        "microsoftThreatIntelligence",
        "MicrosoftThreatIntelligence",
        "Microsoft Defender Threat Intelligence",
        "Microsoft Threat Intelligence",
    ),
    Product {
        source: "microsoftSentinel",
        provider: "ASI Scheduled Alerts",
        name: "Microsoft Sentinel",
        table_name: "Azure Sentinel",
        is_sentinel: true,
    },
];

#[cfg(test)]
mod tests {
    use super::table_product_name;

    #[test]
    fn products_have_the_names_of_the_filters() {
        for (name, expected) in [
            ("Microsoft Defender for Endpoint", "Microsoft Defender Advanced Threat Protection"),
            ("microsoft defender for cloud apps", "Microsoft Cloud App Security"),
            ("Azure Security Center", "Azure Security Center"),
            ("A vendor's own", "A vendor's own"),
        ] {
            assert_eq!(table_product_name(name), expected);
        }
    }
}

//! Microsoft's products: what Graph and the table `SecurityAlert` call them. The older names, by which incident creation
//! rules filter, are with [`crate::SecurityProduct`].

use crate::text::same;

/// A product that raises alerts.
#[derive(Debug)]
pub(super) struct Product {
    /// Graph's `serviceSource`.
    pub(super) source: &'static str,
    /// `ProviderName` of the table.
    pub(super) provider: &'static str,
    /// Graph's `productName`.
    pub(super) name: &'static str,
    /// Whether its alerts come from analytics rules.
    pub(super) is_sentinel: bool,
}

impl Product {
    const fn new(source: &'static str, provider: &'static str, name: &'static str) -> Self {
        Self { source, provider, name, is_sentinel: false }
    }

    /// The product of a `serviceSource`, else that of a product name.
    pub(super) fn of(source: Option<&str>, name: Option<&str>) -> Option<&'static Self> {
        let by_source =
            source.and_then(|source| PRODUCTS.iter().find(|product| same(product.source, source)));
        by_source
            .or_else(|| PRODUCTS.iter().find(|product| name.is_some_and(|name| same(product.name, name))))
    }
}

static PRODUCTS: &[Product] = &[
    Product::new("microsoftDefenderForEndpoint", "MDATP", "Microsoft Defender for Endpoint"),
    Product::new(
        "microsoftDefenderForIdentity",
        "Azure Advanced Threat Protection",
        "Microsoft Defender for Identity",
    ),
    Product::new("microsoftDefenderForCloudApps", "MCAS", "Microsoft Defender for Cloud Apps"),
    Product::new("microsoftDefenderForOffice365", "OATP", "Microsoft Defender for Office 365"),
    Product::new("azureAdIdentityProtection", "IPC", "Microsoft Entra ID Protection"),
    Product::new("microsoftDefenderForCloud", "Azure Security Center", "Microsoft Defender for Cloud"),
    Product::new("microsoftDefenderForIoT", "IoTSecurity", "Microsoft Defender for IoT"),
    Product::new("microsoft365Defender", "Microsoft XDR", "Microsoft Defender XDR"),
    Product::new("microsoftAppGovernance", "AppGovernance", "App Governance"),
    Product::new("dataLossPrevention", "MicrosoftDataLossPrevention", "Microsoft Data Loss Prevention"),
    Product::new(
        "microsoftInsiderRiskManagement",
        "MicrosoftInsiderRiskManagement",
        "Microsoft Purview Insider Risk Management",
    ),
    Product::new(
        "microsoftThreatIntelligence",
        "MicrosoftThreatIntelligence",
        "Microsoft Defender Threat Intelligence",
    ),
    Product {
        source: "microsoftSentinel",
        provider: "ASI Scheduled Alerts",
        name: "Microsoft Sentinel",
        is_sentinel: true,
    },
];

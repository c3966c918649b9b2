//! Action types that exist in Logic Apps and do not run here, each with the reason. A playbook with one of them is told
//! so when it is checked, not when it runs.

use super::Kind;
use super::types::{TypeRow, row};
use crate::program::Reader;
use riposte_diagnostic::Diagnostic;

/// Why types do not run, and what to do instead.
struct Reason {
    why: &'static str,
    help: &'static str,
    types: &'static [&'static str],
}

const REASONS: &[Reason] = &[
    Reason {
        why: "it needs schemas, maps or agreements of an integration account, and there are none here",
        help: "convert the content in a service of your own and call it with an `Http` action",
        types: &[
            "AS2Decode",
            "AS2Encode",
            "EdifactDecode",
            "EdifactEncode",
            "FlatFileDecoding",
            "FlatFileEncoding",
            "Hl7Decode",
            "Hl7Encode",
            "IntegrationAccountArtifactLookup",
            "Liquid",
            "RosettaNetDecode",
            "RosettaNetEncode",
            "RuleExecute",
            "SwiftMTDecode",
            "SwiftMTEncode",
            "X12Decode",
            "X12Encode",
            "XmlCompose",
            "XmlParse",
        ],
    },
    Reason {
        why: "its schema lies in an integration account, and there is no kept library that validates XML Schema \
              without access to the host",
        help: "read the parts that matter with `xpath(xml(…), …)` and check them in a condition",
        types: &["XmlValidation"],
    },
    Reason {
        why: "its map lies in an integration account, and there is no kept library that runs XSLT without access to \
              the host",
        help: "read the XML with `xpath(xml(…), …)`, or write what you need in a `JavaScriptCode` action",
        types: &["Xslt"],
    },
    Reason {
        why: "it belongs to workflows of the Standard plan, which run inside a function app; playbooks of Sentinel \
              are of the Consumption plan",
        help: "use the action of the Consumption plan: `ApiConnection`, `Function` or `Http`",
        types: &[
            "InvokeFunction",
            "OpenApiConnection",
            "OpenApiConnectionNotification",
            "OpenApiConnectionWebhook",
            "ServiceProvider",
        ],
    },
    Reason {
        why: "it is an AI agent's, and no language model is reached from here",
        help: "call the model with an `Http` action",
        types: &["Agent", "ChunkText", "NestedAgent", "ParseDocument"],
    },
    Reason {
        why: "it would run code that needs a whole operating system under it",
        help: "write it as a `JavaScriptCode` action, or run it as a function and call that",
        types: &["CSharpScriptCode", "PowershellCode"],
    },
    Reason {
        why: "only triggers are of this type",
        help: "as an action use `ApiConnectionWebhook`; `SendToBatch` sends to a Batch trigger",
        types: &["ApiConnectionNotification", "Batch"],
    },
    Reason {
        why: "it finds its addresses in a description that is read when the workflow is designed",
        help: "call the app's address with an `Http` action",
        types: &["AppService"],
    },
];

/// The types, in the order of their names.
pub(super) const UNSUPPORTED: &[TypeRow] = &[
    row("AS2Decode", refuse),
    row("AS2Encode", refuse),
    row("Agent", refuse),
    row("ApiConnectionNotification", refuse),
    row("AppService", refuse),
    row("Batch", refuse),
    row("CSharpScriptCode", refuse),
    row("ChunkText", refuse),
    row("EdifactDecode", refuse),
    row("EdifactEncode", refuse),
    row("FlatFileDecoding", refuse),
    row("FlatFileEncoding", refuse),
    row("Hl7Decode", refuse),
    row("Hl7Encode", refuse),
    row("IntegrationAccountArtifactLookup", refuse),
    row("InvokeFunction", refuse),
    row("Liquid", refuse),
    row("NestedAgent", refuse),
    row("OpenApiConnection", refuse),
    row("OpenApiConnectionNotification", refuse),
    row("OpenApiConnectionWebhook", refuse),
    row("ParseDocument", refuse),
    row("PowershellCode", refuse),
    row("RosettaNetDecode", refuse),
    row("RosettaNetEncode", refuse),
    row("RuleExecute", refuse),
    row("ServiceProvider", refuse),
    row("SwiftMTDecode", refuse),
    row("SwiftMTEncode", refuse),
    row("X12Decode", refuse),
    row("X12Encode", refuse),
    row("XmlCompose", refuse),
    row("XmlParse", refuse),
    row("XmlValidation", refuse),
    row("Xslt", refuse),
];

fn refuse(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let name = reader.type_name;
    let path = reader.path_of("type");
    let reason = REASONS.iter().find(|reason| reason.types.contains(&name));
    let (why, help) = reason.map_or(("it does not run here", ""), |reason| (reason.why, reason.help));
    let message = format!("action type `{name}` is not supported, because {why}");
    reader.check.diagnostics.push(Diagnostic::error("UnsupportedActionType", message).at(path).help(help));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_one_reason() {
        let mut reasoned: Vec<_> = REASONS.iter().flat_map(|reason| reason.types).copied().collect();
        reasoned.sort_unstable();
        let types: Vec<_> = UNSUPPORTED.iter().map(|row| row.name).collect();
        assert_eq!(reasoned, types);
    }
}

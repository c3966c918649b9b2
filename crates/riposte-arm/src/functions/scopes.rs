//! Functions of the deployment itself: `parameters`, `variables`, `resourceGroup`, `subscription`, `deployment`, …

use super::{Body, Call, Function};
use crate::fault::{Evaluated, Fault};
use riposte_diagnostic::nearest;
use riposte_value::{Object, Text, Value};

pub const FUNCTIONS: &[Function] = &[
    row("deployer", 0, Some(0), "who deploys: object and tenant ids", deployer),
    row("deployment", 0, Some(0), "the deployment: its name, template and parameters", deployment),
    row("environment", 0, Some(0), "the addresses of the public cloud", environment),
    row("managementGroup", 0, Some(0), "the management group, which Riposte does not have", management_group),
    row("parameters", 1, Some(1), "the value of a parameter", parameters),
    row("providers", 1, Some(2), "API versions and locations of a resource type", providers),
    row("resourceGroup", 0, Some(0), "the resource group: id, name, location, tags", resource_group),
    row(
        "subscription",
        0,
        Some(0),
        "the subscription: id, subscriptionId, tenantId, displayName",
        subscription,
    ),
    row("tenant", 0, Some(0), "the tenant: id, tenantId, displayName", tenant),
    row("variables", 1, Some(1), "the value of a variable", variables),
];

type Run = fn(&Call<'_>, &[Value]) -> Evaluated<Value>;

const fn row(name: &'static str, min: usize, max: Option<usize>, doc: &'static str, run: Run) -> Function {
    Function { name, min, max, doc, body: Body::Plain(run) }
}

fn parameters(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let name = call.str(arguments, 0)?;
    let Some(own) = &call.scope.arguments else {
        return call.scope.template.parameter(call.evaluator, name);
    };
    own.get_ignore_case(name).cloned().ok_or_else(|| {
        let fault = Fault::expression(format!("parameter `{name}` is not declared by this function"));
        match nearest(name, own.keys().map(Text::as_str)) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help("a function of the template sees its own parameters only"),
        }
    })
}

fn variables(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    if call.scope.arguments.is_some() {
        return Err(call.refuse("is not available in a function of the template itself"));
    }
    call.scope.template.variable(call.evaluator, call.str(arguments, 0)?)
}

fn resource_group(call: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    let placement = &call.scope.template.placement;
    let Some(name) = &placement.resource_group else {
        return Err(call.refuse("is not available: the template is deployed to a subscription"));
    };
    let state = Value::object([("provisioningState", Value::from("Succeeded"))]);
    Ok(Value::object([
        ("id", Value::from(placement.scope().to_string())),
        ("name", Value::from(name)),
        ("type", Value::from("Microsoft.Resources/resourceGroups")),
        ("location", Value::from(&call.evaluator.deployment.location)),
        ("tags", Value::from(Object::new())),
        ("properties", state),
    ]))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn subscription(call: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    let id = &call.scope.template.placement.subscription_id;
    Ok(Value::object([
        ("id", Value::from(format!("/subscriptions/{id}"))),
        ("subscriptionId", Value::from(id)),
        ("tenantId", Value::from(&call.evaluator.deployment.tenant_id)),
        ("displayName", Value::from(id)),
    ]))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn tenant(call: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    let id = &call.evaluator.deployment.tenant_id;
    Ok(Value::object([
        ("id", Value::from(format!("/tenants/{id}"))),
        ("tenantId", Value::from(id)),
        ("countryCode", Value::from("")),
        ("displayName", Value::from(id)),
    ]))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn deployment(call: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    let template = &call.scope.template;
    let inner = Value::object([("contentVersion", Value::from(&template.content_version))]);
    let properties = Value::object([
        ("template", inner),
        ("parameters", Value::from(template.parameter_values(call.evaluator))),
        ("mode", Value::from("Incremental")),
        ("provisioningState", Value::from("Accepted")),
    ]);
    Ok(Value::object([
        ("name", Value::from(&template.deployment_name)),
        ("location", Value::from(&call.evaluator.deployment.location)),
        ("properties", properties),
    ]))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn deployer(call: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    Ok(Value::object([
        ("objectId", Value::from("00000000-0000-0000-0000-000000000000")),
        ("tenantId", Value::from(&call.evaluator.deployment.tenant_id)),
        ("userPrincipalName", Value::from("")),
    ]))
}

fn management_group(call: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    Err(call.refuse("is not available: the template is deployed to a resource group"))
}

/// Azure lists the versions of its providers; which one a template takes makes no difference here.
fn providers(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let namespace = call.str(arguments, 0)?;
    let kind = |name: &str| {
        Value::object([
            ("resourceType", Value::text(name)),
            ("locations", Value::array([Value::from(&call.evaluator.deployment.location)])),
            ("apiVersions", Value::array([Value::from("2021-04-01")])),
        ])
    };
    Ok(match call.optional_str(arguments, 1)? {
        Some(name) => kind(name),
        None => {
            Value::object([("namespace", Value::text(namespace)), ("resourceTypes", Value::from(Vec::new()))])
        }
    })
}

/// The public cloud's addresses, as Azure documents them for `AzureCloud`.
#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn environment(_: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    let texts =
        |pairs: &[(&str, &str)]| Value::object(pairs.iter().map(|(name, text)| (*name, Value::text(text))));
    let suffixes = texts(&[
        ("acrLoginServer", ".azurecr.io"),
        ("azureDatalakeAnalyticsCatalogAndJob", "azuredatalakeanalytics.net"),
        ("azureDatalakeStoreFileSystem", "azuredatalakestore.net"),
        ("azureFrontDoorEndpointSuffix", "azurefd.net"),
        ("keyvaultDns", ".vault.azure.net"),
        ("sqlServerHostname", ".database.windows.net"),
        ("storage", "core.windows.net"),
    ]);
    let authentication = Value::object([
        ("loginEndpoint", Value::from("https://login.microsoftonline.com/")),
        (
            "audiences",
            Value::array(
                ["https://management.core.windows.net/", "https://management.azure.com/"].map(Value::from),
            ),
        ),
        ("tenant", Value::from("common")),
        ("identityProvider", Value::from("AAD")),
    ]);
    let mut cloud = Object::new();
    cloud.insert("name", "AzureCloud");
    cloud.insert("gallery", "https://gallery.azure.com/");
    cloud.insert("graph", "https://graph.windows.net/");
    cloud.insert("portal", "https://portal.azure.com");
    cloud.insert("graphAudience", "https://graph.windows.net/");
    cloud.insert("activeDirectoryDataLake", "https://datalake.azure.net/");
    cloud.insert("batch", "https://batch.core.windows.net/");
    cloud.insert("media", "https://rest.media.azure.net");
    cloud.insert("sqlManagement", "https://management.core.windows.net:8443/");
    cloud.insert("vmImageAliasDoc", "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json");
    cloud.insert("resourceManager", "https://management.azure.com/");
    cloud.insert("authentication", authentication);
    cloud.insert("suffixes", suffixes);
    Ok(Value::from(cloud))
}

//! Where the functions and managed APIs are that playbooks call, as the configuration tells.
//!
//! ```toml
//! [function_apps.enrich]            # the name of the site in the function's id
//! url = "https://enrich.example"
//! key_file = "/etc/riposte/enrich.key"
//!
//! [api_management."svc/intel"]      # the service and the API in the API's id, or the service alone
//! url = "https://intel.example/v1"
//! ```

use crate::exit::Problem;
use riposte_connector::Secret;
use riposte_connector::service_call::Service;
use riposte_diagnostic::Diagnostic;
use riposte_engine::Services;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where one of them is. Its key lies in a file of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceFile {
    url: String,
    key_file: Option<PathBuf>,
}

/// Reads the addresses and the keys.
pub fn read(
    function_apps: &BTreeMap<String, ServiceFile>,
    managed_apis: &BTreeMap<String, ServiceFile>,
) -> Result<Services, Problem> {
    let mut services = Services::default();
    for (name, written) in function_apps {
        services = services.with_function_app(name, service(name, written)?);
    }
    for (name, written) in managed_apis {
        services = services.with_managed_api(name, service(name, written)?);
    }
    Ok(services)
}

fn service(name: &str, written: &ServiceFile) -> Result<Service, Problem> {
    let is_address = ["https://", "http://"].iter().any(|scheme| written.url.starts_with(scheme));
    if !is_address {
        let message = format!("the `url` of `{name}` is not an absolute `http` or `https` address");
        let help = "it must begin with `https://` and a host name";
        return Err(Problem::usage(Diagnostic::error("InvalidConfiguration", message).help(help)));
    }
    let key = written.key_file.as_ref().map(|file| crate::input::text(file)).transpose()?;
    Ok(Service { url: written.url.as_str().into(), key: key.map(|key| Secret::new(key.trim())) })
}

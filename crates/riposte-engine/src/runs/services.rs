//! Where the functions and managed APIs are that playbooks call: their actions name resources of Azure, and the
//! configuration says what stands for these.

use riposte_connector::service_call::Service;
use std::collections::BTreeMap;

/// What stands for function apps and API management services, by name in lower case.
#[derive(Debug, Clone, Default)]
pub struct Services {
    function_apps: BTreeMap<String, Service>,
    managed_apis: BTreeMap<String, Service>,
}

impl Services {
    /// Adds a function app by the name of its site.
    #[must_use]
    pub fn with_function_app(mut self, name: &str, service: Service) -> Self {
        self.function_apps.insert(name.to_lowercase(), service);
        self
    }

    /// Adds the APIs of a management service by its name, or one of them by `service/api`.
    #[must_use]
    pub fn with_managed_api(mut self, name: &str, service: Service) -> Self {
        self.managed_apis.insert(name.to_lowercase(), service);
        self
    }

    pub(crate) fn function_app(&self, name: &str) -> Option<Service> {
        self.function_apps.get(&name.to_lowercase()).cloned()
    }

    pub(crate) fn managed_api(&self, name: &str) -> Option<Service> {
        self.managed_apis.get(&name.to_lowercase()).cloned()
    }
}

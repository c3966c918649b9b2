//! "Entities - Get …": they choose and rename, and look at nothing but their input.

use riposte_incident::{EntityGetter, entities_get};
use riposte_value::Value;

pub(super) fn ips(input: &Value) -> Value {
    entities_get(EntityGetter::Ip, input)
}

pub(super) fn hosts(input: &Value) -> Value {
    entities_get(EntityGetter::Host, input)
}

pub(super) fn accounts(input: &Value) -> Value {
    entities_get(EntityGetter::Account, input)
}

pub(super) fn urls(input: &Value) -> Value {
    entities_get(EntityGetter::Url, input)
}

pub(super) fn file_hashes(input: &Value) -> Value {
    entities_get(EntityGetter::FileHash, input)
}

pub(super) fn dns_resolutions(input: &Value) -> Value {
    entities_get(EntityGetter::DnsResolution, input)
}

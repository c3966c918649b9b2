//! Reports in the vendor's shapes.

use super::verdict::{Stats, Verdict, fnv1a};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// The time that reports bear: they are made from the indicator alone.
const ANALYSED_AT: i64 = 1_767_225_600;

/// Some engines by name; the rest is only counted.
const ENGINE_NAMES: [&str; 8] =
    ["Northwatch", "Sablegate", "Fennec", "Quillon", "Tarn Labs", "Ostrava AV", "Kite", "Palisade"];

/// A report on an IP address.
pub(super) fn ip_address(address: IpAddr) -> Value {
    let id = address.to_string();
    let verdict = Verdict::of_address(address);
    let seed = fnv1a(id.as_bytes());
    let mut attributes = common(verdict, &id);
    attributes.insert("asn".to_owned(), json!(64_496 + seed % 16));
    attributes.insert("as_owner".to_owned(), json!("Example Network"));
    attributes.insert("country".to_owned(), json!(pick(seed, &["NL", "DE", "US", "SG", "BR"])));
    attributes.insert("continent".to_owned(), json!(pick(seed, &["EU", "EU", "NA", "AS", "SA"])));
    attributes.insert("network".to_owned(), json!(network(address)));
    attributes.insert("regional_internet_registry".to_owned(), json!("RIPE NCC"));
    wrap("ip_address", "ip_addresses", &id, attributes)
}

/// A report on a domain.
pub(super) fn domain(domain: &str) -> Value {
    let id = domain.to_ascii_lowercase();
    let verdict = Verdict::of_domain(&id);
    let mut attributes = common(verdict, &id);
    attributes.insert("registrar".to_owned(), json!("Example Registrar"));
    attributes.insert("creation_date".to_owned(), json!(ANALYSED_AT - 86_400 * age_days(verdict)));
    attributes.insert("categories".to_owned(), json!({ "Northwatch": category(verdict) }));
    attributes.insert(
        "last_dns_records".to_owned(),
        json!([{ "type": "A", "ttl": 300, "value": if verdict == Verdict::Malicious { "203.0.113.80" } else { "192.0.2.80" } }]),
    );
    wrap("domain", "domains", &id, attributes)
}

/// A report on a file, whichever of its hashes is asked for.
pub(super) fn file(hash: &str) -> Value {
    let id = hash.to_ascii_lowercase();
    let verdict = Verdict::of_hash(&id);
    let name = match id.len() {
        32 => "md5",
        40 => "sha1",
        _ => "sha256",
    };
    let mut attributes = common(verdict, &id);
    attributes.insert(name.to_owned(), json!(id));
    attributes.insert(
        "meaningful_name".to_owned(),
        json!(format!("sample-{}.exe", id.get(..6).unwrap_or_default())),
    );
    attributes.insert("type_description".to_owned(), json!("Win32 EXE"));
    attributes.insert("size".to_owned(), json!(10_000 + fnv1a(id.as_bytes()) % 900_000));
    if verdict == Verdict::Malicious {
        attributes.insert(
            "popular_threat_classification".to_owned(),
            json!({ "suggested_threat_label": "trojan.example", "popular_threat_category": [{ "value": "trojan", "count": 9 }] }),
        );
    }
    wrap("file", "files", &id, attributes)
}

/// A report on a URL.
pub(super) fn url(url: &str) -> Value {
    let verdict = Verdict::of_url(url);
    let mut attributes = common(verdict, url);
    attributes.insert("url".to_owned(), json!(url));
    attributes.insert("last_final_url".to_owned(), json!(url));
    attributes.insert("categories".to_owned(), json!({ "Northwatch": category(verdict) }));
    wrap("url", "urls", &url_id(url), attributes)
}

/// The answer to something sent for analysis.
pub(super) fn submitted(analysis_id: &str) -> Value {
    json!({ "data": { "type": "analysis", "id": analysis_id, "links": { "self": link("analyses", analysis_id) } } })
}

/// The outcome of an analysis.
pub(super) fn analysis(analysis_id: &str, verdict: Verdict, indicator: &str) -> Value {
    let stats = verdict.stats(indicator);
    let attributes = json!({ "date": ANALYSED_AT, "status": "completed", "stats": stats_object(stats), "results": results(stats) });
    json!({
        "data": { "type": "analysis", "id": analysis_id, "links": { "self": link("analyses", analysis_id) }, "attributes": attributes },
    })
}

/// The identifier of a URL: its text in unpadded base64.
pub(super) fn url_id(url: &str) -> String {
    URL_SAFE_NO_PAD.encode(url)
}

fn common(verdict: Verdict, indicator: &str) -> Map<String, Value> {
    let stats = verdict.stats(indicator);
    let tags: &[&str] = match verdict {
        Verdict::Malicious => &["c2", "scanner"],
        Verdict::Suspicious => &["scanner"],
        Verdict::Clean => &[],
    };
    let mut attributes = Map::new();
    attributes.insert("last_analysis_stats".to_owned(), stats_object(stats));
    attributes.insert("last_analysis_results".to_owned(), results(stats));
    attributes.insert("last_analysis_date".to_owned(), json!(ANALYSED_AT));
    attributes.insert("last_modification_date".to_owned(), json!(ANALYSED_AT));
    attributes.insert("reputation".to_owned(), json!(verdict.reputation(indicator)));
    attributes.insert(
        "total_votes".to_owned(),
        json!({ "harmless": stats.harmless / 20, "malicious": stats.malicious / 3 }),
    );
    attributes.insert("tags".to_owned(), json!(tags));
    attributes
}

fn stats_object(stats: Stats) -> Value {
    json!({
        "malicious": stats.malicious, "suspicious": stats.suspicious, "undetected": stats.undetected,
        "harmless": stats.harmless, "timeout": 0,
    })
}

/// What the named engines say, malicious ones first.
fn results(stats: Stats) -> Value {
    let mut results = Map::new();
    for (index, name) in (0_u64..).zip(ENGINE_NAMES) {
        let (category, result) = match index {
            _ if index < stats.malicious => ("malicious", "malware"),
            _ if index < stats.malicious + stats.suspicious => ("suspicious", "suspicious"),
            _ => ("harmless", "clean"),
        };
        let said =
            json!({ "category": category, "result": result, "method": "blacklist", "engine_name": name });
        results.insert(name.to_owned(), said);
    }
    Value::Object(results)
}

fn wrap(kind: &str, collection: &str, id: &str, attributes: Map<String, Value>) -> Value {
    let attributes = Value::Object(attributes);
    json!({ "data": { "id": id, "type": kind, "links": { "self": link(collection, id) }, "attributes": attributes } })
}

fn link(collection: &str, id: &str) -> String {
    format!("https://www.virustotal.com/api/v3/{collection}/{id}")
}

const fn category(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Malicious => "malware sites",
        Verdict::Suspicious => "newly registered",
        Verdict::Clean => "business",
    }
}

const fn age_days(verdict: Verdict) -> i64 {
    match verdict {
        Verdict::Malicious => 9,
        Verdict::Suspicious => 30,
        Verdict::Clean => 4_000,
    }
}

fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

fn pick(seed: u64, texts: &[&'static str]) -> &'static str {
    let count = u64::try_from(texts.len()).unwrap_or(1).max(1);
    usize::try_from(seed % count).ok().and_then(|index| texts.get(index)).copied().unwrap_or_default()
}

//! Contents of runs behind links: inputs and outputs of triggers, actions and repetitions, bodies of answers. Whoever may
//! read a run's history is shown links; a link is good by itself for some hours, for its one content:
//! `{base}/runs/{run}/actions/{action}/contents/ActionInputs?api-version=…&se=UNIX&sp=…%2Fread&sv=1.0&sig=…`.
//!
//! Source: the shape of real links. The service's text to be signed is not published; ours is that of [`AddressKey`]
//! over the permission, which is the path and `/read`.

use super::address::{AddressKey, VERSION};
use super::history::RunHistory;
use super::requests;
use crate::Engine;
use crate::error::{Error, ErrorKind, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use md5::{Digest as _, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use riposte_value::{Value, json};
use riposte_workflow::{ActionRecord, secured_marker};
use std::fmt::Write as _;

const API_VERSION: &str = "2016-10-01";
/// How long a link is good.
const LINK_TIME: SignedDuration = SignedDuration::from_hours(4);
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &VALUE.remove(b'/');

/// A request of a content by its link.
#[derive(Debug, Clone, Default)]
pub struct ContentRequest {
    /// The run's name.
    pub run: String,
    /// What follows the run in the path, decoded.
    pub content: String,
    /// `sp`: what the link allows.
    pub permission: String,
    /// `se`: until when, in seconds since 1970 UTC.
    pub expires: String,
    /// `sv`: the version of the signature.
    pub version: String,
    /// `sig`.
    pub signature: String,
}

/// A kind of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    TriggerInputs,
    TriggerOutputs,
    ActionInputs,
    ActionOutputs,
    ResponseBody,
}

/// Each kind as links name it.
const NAMES: [(Content, &str); 5] = [
    (Content::TriggerInputs, "TriggerInputs"),
    (Content::TriggerOutputs, "TriggerOutputs"),
    (Content::ActionInputs, "ActionInputs"),
    (Content::ActionOutputs, "ActionOutputs"),
    (Content::ResponseBody, "ResponseBody"),
];

/// Where in a run a content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The action; none for the trigger.
    pub(crate) action: Option<String>,
    /// `000001-000000`; empty outside loops.
    pub(crate) repetition: String,
    /// The request of the action.
    pub(crate) request: Option<String>,
    pub(crate) content: Content,
}

impl Place {
    pub(crate) fn of_trigger(content: Content) -> Self {
        Self { action: None, repetition: String::new(), request: None, content }
    }

    /// What follows the run in the path.
    fn path(&self) -> String {
        let mut path = String::new();
        let parts = [
            ("actions", self.action.as_deref()),
            ("repetitions", Some(self.repetition.as_str()).filter(|name| !name.is_empty())),
            ("requestHistories", self.request.as_deref()),
        ];
        for (kind, name) in parts.iter().filter_map(|(kind, name)| name.map(|name| (kind, name))) {
            // Writing to a String cannot fail.
            let _ = write!(path, "{kind}/{name}/");
        }
        let name = NAMES.iter().find(|(content, _)| *content == self.content).map_or("", |(_, name)| name);
        format!("{path}contents/{name}")
    }

    /// Reads what [`Self::path`] writes.
    fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        let (named, tail) = parts.split_at_checked(parts.len().checked_sub(2)?)?;
        let [_, name] = tail else { return None };
        let content = NAMES.iter().find(|(_, known)| known == name)?.0;
        let mut place = Self::of_trigger(content);
        for pair in named.chunks(2) {
            match pair {
                ["actions", name] => place.action = Some((*name).to_owned()),
                ["repetitions", name] => (*name).clone_into(&mut place.repetition),
                ["requestHistories", name] => place.request = Some((*name).to_owned()),
                _ => return None,
            }
        }
        (place.path() == path).then_some(place)
    }
}

/// What a link to a place allows.
fn permission(run: &str, path: &str) -> String {
    format!("/runs/{run}/{path}/read")
}

/// What makes the links to the contents of a run.
pub(crate) struct Links<'a> {
    key: &'a AddressKey,
    base_url: &'a str,
    run: &'a str,
    expires: i64,
}

impl Links<'_> {
    /// `{uri, contentVersion, contentSize, contentHash: {algorithm, value}}`
    pub(crate) fn link(&self, place: &Place, content: &Value) -> Value {
        let text = json::to_string(content);
        let hash = STANDARD.encode(Md5::digest(text.as_bytes()));
        Value::object([
            ("uri", Value::from(self.uri(&place.path()))),
            ("contentVersion", Value::from(&hash)),
            ("contentSize", Value::from(text.len())),
            ("contentHash", Value::object([("algorithm", Value::from("md5")), ("value", Value::from(hash))])),
        ])
    }

    fn uri(&self, path: &str) -> String {
        let permission = permission(self.run, path);
        let signature = self.key.sign(self.run, &permission, self.expires);
        format!(
            "{}/runs/{}/{}?api-version={API_VERSION}&se={}&sp={}&sv={VERSION}&sig={signature}",
            self.base_url,
            utf8_percent_encode(self.run, VALUE),
            utf8_percent_encode(path, PATH),
            self.expires,
            utf8_percent_encode(&permission, VALUE),
        )
    }
}

/// A content that history shows; what is declared secure it does not.
pub(crate) fn shown(content: Option<&Value>) -> Option<&Value> {
    content.filter(|content| **content != secured_marker())
}

impl Engine {
    /// What makes the links of a run that is shown now.
    pub(crate) fn links<'a>(&'a self, run: &'a str) -> Links<'a> {
        let until = self.shared.clock.now().checked_add(LINK_TIME);
        Links {
            key: &self.shared.contents,
            base_url: &self.base_url,
            run,
            expires: until.map_or(i64::MAX, jiff::Timestamp::as_second),
        }
    }

    /// A content by its link.
    ///
    /// # Errors
    /// 401 for a link without a good signature, 403 for one that has expired.
    pub async fn content(&self, asked: ContentRequest) -> Result<Value> {
        let place = self.check_link(&asked)?;
        let missing = || Error::not_found("The content", &asked.content);
        if let Some(request) = &place.request {
            let action = place.action.as_deref().unwrap_or_default();
            let found = self.request_doc(&asked.run, action, &place.repetition, request).await?;
            return found.and_then(|doc| requests::body(&doc).cloned()).ok_or_else(missing);
        }
        let history = self.history(None, &asked.run).await?;
        history.content(&place).cloned().ok_or_else(missing)
    }

    fn check_link(&self, asked: &ContentRequest) -> Result<Place> {
        let refused = || {
            let why = "The request signature is missing or is not valid for this address.";
            Error::new(ErrorKind::Unauthorized, "AuthorizationFailed", why)
        };
        let place = Place::parse(&asked.content).ok_or_else(refused)?;
        let allowed = permission(&asked.run, &asked.content);
        let expires: i64 = asked.expires.parse().map_err(|_| refused())?;
        let good = self.shared.contents.is_signed(&asked.run, &allowed, expires, &asked.signature);
        if !good || asked.permission != allowed || asked.version != VERSION {
            return Err(refused());
        }
        if expires <= self.shared.clock.now().as_second() {
            let why = "The address has expired.";
            return Err(Error::new(ErrorKind::Forbidden, "AuthorizationFailed", why));
        }
        Ok(place)
    }
}

impl RunHistory {
    fn content(&self, place: &Place) -> Option<&Value> {
        let record = || {
            let action = place.action.as_deref()?;
            self.records.iter().find(|record| is_at(record, action, &place.repetition))
        };
        match place.content {
            Content::TriggerInputs => self.trigger_inputs(),
            Content::TriggerOutputs => self.trigger_outputs(),
            Content::ActionInputs => shown(record()?.inputs.as_ref()),
            Content::ActionOutputs => shown(record()?.outputs.as_ref()),
            Content::ResponseBody => None,
        }
    }
}

fn is_at(record: &ActionRecord, action: &str, repetition: &str) -> bool {
    record.name.eq_ignore_ascii_case(action)
        && super::actions::repetition_name(&record.repetition) == repetition
}

#[cfg(test)]
mod tests {
    use super::{Content, Place};

    #[test]
    fn places_are_read_as_they_are_written() {
        let inner = |repetition: &str, request: Option<&str>, content| Place {
            action: Some("Ask me (1)".into()),
            repetition: repetition.into(),
            request: request.map(str::to_owned),
            content,
        };
        for (place, path) in [
            (Place::of_trigger(Content::TriggerOutputs), "contents/TriggerOutputs"),
            (inner("", None, Content::ActionInputs), "actions/Ask me (1)/contents/ActionInputs"),
            (
                inner("000001", Some("08"), Content::ResponseBody),
                "actions/Ask me (1)/repetitions/000001/requestHistories/08/contents/ResponseBody",
            ),
        ] {
            assert_eq!(place.path(), path);
            assert_eq!(Place::parse(path), Some(place));
        }
        for other in [
            "",
            "contents",
            "contents/Other",
            "actions/a/contents",
            "x/y/contents/ActionInputs",
            "actions/contents/ActionInputs",
            "repetitions/0/actions/a/contents/ActionInputs",
        ] {
            assert_eq!(Place::parse(other), None, "{other}");
        }
    }
}

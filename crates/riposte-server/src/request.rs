//! What a handler is given.

use crate::answer::Answer;
use crate::body::{self, Received};
use crate::filter::{Field, Filter};
use crate::order_by::OrderBy;
use crate::paging::{self, Paging};
use crate::query::Query;
use crate::refusal::Refusal;
use crate::route::Table;
use http::{HeaderMap, Method};
use riposte_engine::{Caller, Engine, ErrorKind, Keyed, Workspace, key_part, page_by_key};
use riposte_value::{Object, Value, json};
use std::sync::Arc;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Query options that no list takes.
const NEVER_TAKEN: &[&str] = &["$skip", "$count", "$search", "$apply"];

/// Query options that a list takes or not.
pub(crate) const FILTER: &str = "$filter";
pub(crate) const ORDER_BY: &str = "$orderby";

/// A request that was let in: its caller holds what its row asks for.
pub(crate) struct Request {
    pub(crate) engine: Engine,
    /// Nobody on public rows.
    pub(crate) caller: Option<Caller>,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    /// The path as it came, percent-encoded.
    pub(crate) path: String,
    pub(crate) variables: Vec<(&'static str, String)>,
    pub(crate) query: Query,
    /// `scheme://host` for links.
    pub(crate) base_url: String,
    pub(crate) body: Received,
    /// The workspace that `/api/workspaces/{workspace}` names.
    pub(crate) workspace: Option<Workspace>,
    pub(crate) table: Arc<Table>,
}

impl Request {
    /// Who asks. Only a public row has nobody.
    pub(crate) fn caller(&self) -> Result<&Caller, Refusal> {
        self.caller.as_ref().ok_or_else(Refusal::no_token)
    }

    /// The value of a variable of the row's path.
    pub(crate) fn variable(&self, name: &str) -> Result<&str, Refusal> {
        let found = self.variables.iter().find(|(variable, _)| *variable == name);
        found
            .map(|(_, value)| value.as_str())
            .ok_or_else(|| Refusal::internal(format!("the row has no {{{name}}}")))
    }

    /// The body as JSON, read as leniently as Azure reads it; `null` if there is none.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        if self.body.bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        let parse = || json::parse_bytes_lenient(&self.body.bytes).map_err(Refusal::unreadable_body);
        let is_long = self.body.bytes.len() > body::LARGE_FROM_BYTES;
        // A long text takes its time; other requests of this thread move to another one meanwhile.
        if is_long && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            return tokio::task::block_in_place(parse);
        }
        parse()
    }

    /// The body as a JSON object; no body at all counts as `{}`, and the engine then says what is missing.
    pub(crate) fn object(&self) -> Result<Value, Refusal> {
        match self.json()? {
            Value::Null => Ok(Value::from(Object::new())),
            object @ Value::Object(_) => Ok(object),
            other => {
                Err(Refusal::unreadable_body(format_args!("an object is expected, not {}", other.kind())))
            }
        }
    }

    /// The ARM id of a resource in the path's resource group.
    pub(crate) fn resource_id(&self, kind: &str, variable: &str) -> Result<String, Refusal> {
        Ok(format!("{}/providers/{kind}/{}", self.container()?, self.variable(variable)?))
    }

    /// The ARM id of the resource group or subscription in the path.
    pub(crate) fn container(&self) -> Result<String, Refusal> {
        let subscription = self.variable("subscription")?;
        if !self.has("group") {
            return Ok(format!("/subscriptions/{subscription}"));
        }
        Ok(format!("/subscriptions/{subscription}/resourceGroups/{}", self.variable("group")?))
    }

    /// Whether the row's path has this variable.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.variables.iter().any(|(variable, _)| *variable == name)
    }

    /// The workspace in the path, which must exist.
    pub(crate) async fn workspace(&self) -> Result<Workspace, Refusal> {
        if let Some(workspace) = &self.workspace {
            return Ok(workspace.clone());
        }
        let name = self.variable("workspace")?;
        if !self.has("subscription") {
            return Ok(self.engine.workspace_named(name).await?);
        }
        Ok(self.engine.workspace_at(self.variable("subscription")?, self.variable("group")?, name).await?)
    }

    /// The workspace in the path for a write. On Azure's paths, who may make workspaces makes it by the first write
    /// under its path.
    ///
    /// `check` says whether the write itself can be taken: one that is refused makes no workspace.
    pub(crate) async fn workspace_for_write(
        &self,
        check: impl FnOnce() -> riposte_engine::Result<()>,
    ) -> Result<Workspace, Refusal> {
        if self.workspace.is_some() || !self.has("subscription") {
            return self.workspace().await;
        }
        let (subscription, group) = (self.variable("subscription")?, self.variable("group")?);
        let name = self.variable("workspace")?;
        match self.engine.workspace_at(subscription, group, name).await {
            Err(missing) if missing.kind == ErrorKind::NotFound => {
                let id = self.resource_id("Microsoft.OperationalInsights/workspaces", "workspace")?;
                let action = "Microsoft.OperationalInsights/workspaces/write";
                let caller = self.caller()?;
                match self.engine.authorize(caller, action, &id) {
                    Ok(()) => {
                        check()?;
                        Ok(self.engine.workspace_or_create(subscription, group, name, caller).await?)
                    }
                    Err(error) if error.kind == ErrorKind::Forbidden => Err(missing.into()),
                    Err(error) => Err(error.into()),
                }
            }
            found => Ok(found?),
        }
    }

    /// The incident in the path. On Azure's paths it is found by its name alone, on Riposte's own by its number too.
    pub(crate) async fn incident(&self, workspace: &Workspace) -> Result<&str, Refusal> {
        let incident = self.variable("incident")?;
        if self.has("subscription") {
            self.engine.check_incident_name(workspace, incident).await?;
        }
        Ok(incident)
    }

    /// The `$filter`, if there is one, over these fields.
    pub(crate) fn filter(&self, fields: &'static [Field]) -> Result<Option<Filter>, Refusal> {
        let Some(text) = self.query.get_filled("$filter") else { return Ok(None) };
        Filter::parse(text, fields).map(Some).map_err(|error| error.into_refusal("InvalidFilter", "$filter"))
    }

    /// The `$orderby` over these fields; empty if there is none.
    pub(crate) fn order_by(&self, fields: &'static [Field]) -> Result<Vec<OrderBy>, Refusal> {
        self.query.get_filled("$orderby").map_or(Ok(Vec::new()), |text| OrderBy::parse(text, fields))
    }

    /// Which page is asked for, of a list that can be filtered and ordered.
    pub(crate) fn paging(&self) -> Result<Paging, Refusal> {
        self.paging_without(&[])
    }

    /// Which page is asked for. What the list does not take is refused rather than ignored: a client would take the answer
    /// for what it asked for.
    pub(crate) fn paging_without(&self, not_taken: &[&str]) -> Result<Paging, Refusal> {
        let refused = |name: &str| {
            let is_false = self.query.get(name).is_some_and(|value| value.eq_ignore_ascii_case("false"));
            self.query.get_filled(name).is_some() && !is_false
        };
        match NEVER_TAKEN.iter().chain(not_taken).find(|name| refused(name)) {
            Some(name) => {
                Err(Refusal::bad_request("BadRequest", format!("this list does not take `{name}`"))
                    .help("pages go by `$top` and `nextLink`"))
            }
            None => Paging::read(&self.query, &self.path),
        }
    }

    /// The answer to a list of resources that is at hand as a whole: filtered, ordered and cut as the query asks; by id
    /// where it does not ask for an order.
    pub(crate) fn page_of(&self, items: Vec<Value>, fields: &'static [Field]) -> Result<Answer, Refusal> {
        self.page_of_keyed(items.into_iter().map(|item| Keyed { key: Vec::new(), item }).collect(), fields)
    }

    /// As [`Self::page_of`], in the order in which the items come; for lists of which nothing is removed.
    pub(crate) fn page_of_given(
        &self,
        items: Vec<Value>,
        fields: &'static [Field],
    ) -> Result<Answer, Refusal> {
        let keyed = (0..).zip(items).map(|(place, item)| Keyed { key: vec![Value::Int(place)], item });
        self.page_of_keyed(keyed.collect(), fields)
    }

    /// As [`Self::page_of`], by the items' keys where the query does not ask for an order.
    pub(crate) fn page_of_keyed(
        &self,
        mut items: Vec<Keyed>,
        fields: &'static [Field],
    ) -> Result<Answer, Refusal> {
        if let Some(filter) = self.filter(fields)? {
            items.retain(|keyed| filter.passes(&keyed.item));
        }
        self.ordered_page_of(items, fields)
    }

    /// As [`Self::page_of_keyed`], for a list that is filtered already.
    pub(crate) fn ordered_page_of(
        &self,
        items: Vec<Keyed>,
        fields: &'static [Field],
    ) -> Result<Answer, Refusal> {
        let paging = self.paging()?;
        let order_by = self.order_by(fields)?;
        let keyed = items.into_iter().map(|Keyed { key: own, item }| {
            let by = order_by.iter().map(|order| key_part(item.at(order.field.path)));
            let id = key_part(item.get("id").or_else(|| item.get("name")));
            Keyed { key: by.chain(own).chain([id]).collect(), item }
        });
        let descending: Vec<bool> = order_by.iter().map(|order| order.descending).collect();
        let page = page_by_key(keyed.collect(), &descending, paging.after.as_deref(), paging.top)?;
        Ok(Answer::list(page.items, self.next_link(page.next)))
    }

    /// The absolute address of the page that begins after a place: this request's own, with another token.
    pub(crate) fn next_link(&self, after: Option<String>) -> Option<String> {
        after.map(|after| paging::next_link(&self.base_url, &self.path, &self.query, &after))
    }

    /// As [`Self::next_link`], with a token that holds all that the page needs.
    pub(crate) fn link_with(&self, token: Option<String>) -> Option<String> {
        token.map(|token| paging::link(&self.base_url, &self.path, &self.query, &token))
    }
}

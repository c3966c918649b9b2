//! Which resources a template makes: loops turned, conditions decided, names and ids known, bodies not yet evaluated.

use super::body::Made;
use super::{Target, copy, word};
use crate::ResourceId;
use crate::expression::{Evaluator, Scope};
use crate::fault::{Evaluated, Fault};
use crate::functions::text_of;
use riposte_diagnostic::{Diagnostic, join_index, join_path};
use riposte_value::{Object, Text, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// One resource that a template makes.
pub struct Planned {
    pub id: ResourceId,
    /// The type as the template writes it, with that of its parents.
    pub resource_type: String,
    /// The name as the template writes it, with those of its parents.
    pub full_name: String,
    /// The name of its `copy` loop.
    pub loop_name: Option<Text>,
    /// Its name in a template whose resources are an object.
    pub symbol: Option<Text>,
    pub raw: Rc<Object>,
    pub scope: Scope,
    pub target: Target,
    pub path: String,
    /// `false` if a condition leaves it out, or if it is said to exist already.
    pub deployed: bool,
    pub(super) state: RefCell<State>,
}

/// How far the body is.
pub enum State {
    Raw,
    Busy,
    Done(Rc<Made>),
    Failed,
}

impl Planned {
    /// Whether the template may call it so: by symbolic name, full name or last name.
    pub fn is_called(&self, name: &str) -> bool {
        self.symbol.as_ref().is_some_and(|symbol| symbol.eq_ignore_ascii_case(name))
            || self.full_name.eq_ignore_ascii_case(name)
            || self.id.name().eq_ignore_ascii_case(name)
    }

    /// Everything that `dependsOn` may call it.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let optional = self.symbol.iter().chain(&self.loop_name).map(Text::to_string);
        let own = [
            self.id.key().to_owned(),
            self.full_name.clone(),
            self.id.name().to_owned(),
            format!("{}/{}", self.resource_type, self.full_name),
        ];
        optional.chain(own).collect::<Vec<_>>().into_iter()
    }
}

/// A parent's type and name, which those of a nested resource continue.
struct Parent {
    resource_type: String,
    full_name: String,
}

/// Plans the resources of a template: a list, or an object by symbolic names. Faults are told.
pub fn resources(
    evaluator: &Evaluator<'_>,
    scope: &Scope,
    target: &Target,
    resources: &Value,
    path: &str,
    planned: &mut Vec<Rc<Planned>>,
) {
    Planner { evaluator, target }.list(scope, resources, path, None, planned);
}

/// Plans one resource that stands alone.
pub fn single(
    evaluator: &Evaluator<'_>,
    scope: &Scope,
    target: &Target,
    resource: &Object,
    path: &str,
    planned: &mut Vec<Rc<Planned>>,
) {
    let done = Planner { evaluator, target }.entry(scope, resource, None, path, None, planned);
    // A fault is told, and that is all there is to do.
    let _ = evaluator.reported(done, path);
}

/// Tells of resources that one template makes twice.
pub fn refuse_duplicates(evaluator: &Evaluator<'_>, planned: &[Rc<Planned>]) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for one in planned.iter().filter(|one| one.deployed) {
        if let Some(first) = seen.insert(one.id.key(), &one.path) {
            let message = format!("resource `{}` is in the template twice", one.id);
            let help = format!("the first one is at `{first}`; give them different names or take one out");
            evaluator.tell(Diagnostic::error("DuplicateResource", message).at(one.path.clone()).help(help));
        }
    }
}

struct Planner<'a> {
    evaluator: &'a Evaluator<'a>,
    target: &'a Target,
}

impl Planner<'_> {
    fn list(
        &self,
        scope: &Scope,
        resources: &Value,
        path: &str,
        parent: Option<&Parent>,
        planned: &mut Vec<Rc<Planned>>,
    ) {
        let entries: Vec<(Option<&Text>, String, &Value)> = match resources {
            Value::Array(items) => {
                items.iter().enumerate().map(|(i, item)| (None, join_index(path, i), item)).collect()
            }
            Value::Object(by_symbol) => {
                by_symbol.iter().map(|(name, item)| (Some(name), join_path(path, name), item)).collect()
            }
            _ => {
                return self.evaluator.report(
                    Fault::template("`resources` is neither a list nor an object"),
                    path,
                    None,
                );
            }
        };
        for (symbol, path, resource) in entries {
            let one = resource.as_object().ok_or_else(|| Fault::template("a resource is not an object"));
            let done = one.and_then(|one| self.entry(scope, one, symbol, &path, parent, planned));
            // Told here; the other resources are read all the same.
            let _ = self.evaluator.reported(done, &path);
        }
    }

    fn entry(
        &self,
        scope: &Scope,
        raw: &Object,
        symbol: Option<&Text>,
        path: &str,
        parent: Option<&Parent>,
        planned: &mut Vec<Rc<Planned>>,
    ) -> Evaluated<()> {
        let raw = Rc::new(raw.clone());
        let Some((key, looped)) = raw.get_key_value_ignore_case("copy") else {
            return self.turn(scope, &raw, (symbol, None), path, parent, planned);
        };
        let path_of_loop = join_path(path, key);
        let loop_name = looped.get_ignore_case("name").unwrap_or(&Value::Null);
        let loop_name = text_of(&self.evaluator.value(scope, loop_name, &path_of_loop)?);
        let turns = copy::count(self.evaluator, scope, looped.get_ignore_case("count"), &path_of_loop)?;
        for index in 0..turns {
            let names = (symbol, Some(&loop_name));
            self.turn(&scope.turn(&loop_name, index), &raw, names, path, parent, planned)?;
        }
        Ok(())
    }

    fn turn(
        &self,
        scope: &Scope,
        raw: &Rc<Object>,
        (symbol, loop_name): (Option<&Text>, Option<&Text>),
        path: &str,
        parent: Option<&Parent>,
        planned: &mut Vec<Rc<Planned>>,
    ) -> Evaluated<()> {
        let deployed = self.condition(scope, raw, path)?;
        let mut resource_type = self.text(scope, raw, "type", path)?;
        let mut full_name = self.text(scope, raw, "name", path)?;
        if let Some(parent) = parent {
            let longer = resource_type
                .to_lowercase()
                .starts_with(&format!("{}/", parent.resource_type.to_lowercase()));
            if !longer {
                resource_type = format!("{}/{resource_type}", parent.resource_type);
                full_name = format!("{}/{full_name}", parent.full_name);
            }
        }
        let id = self.id(scope, raw, &resource_type, &full_name, path)?;
        let one = Rc::new(Planned {
            id,
            resource_type: resource_type.clone(),
            full_name: full_name.clone(),
            loop_name: loop_name.cloned(),
            symbol: symbol.cloned(),
            raw: Rc::clone(raw),
            scope: scope.clone(),
            target: self.target.clone(),
            path: path.to_owned(),
            deployed,
            state: RefCell::new(State::Raw),
        });
        self.evaluator.plan(Rc::clone(&one))?;
        planned.push(one);
        if let Some((key, children)) = raw.get_key_value_ignore_case("resources") {
            let parent = Parent { resource_type, full_name };
            self.list(scope, children, &join_path(path, key), Some(&parent), planned);
        }
        Ok(())
    }

    /// Whether the resource is made. Conditions do not reach down to children, as in Azure.
    fn condition(&self, scope: &Scope, raw: &Object, path: &str) -> Evaluated<bool> {
        if raw.get_ignore_case("existing").and_then(Value::as_bool) == Some(true) {
            return Ok(false);
        }
        let Some((key, condition)) = raw.get_key_value_ignore_case("condition") else { return Ok(true) };
        let value = self.evaluator.value(scope, condition, &join_path(path, key))?;
        let holds = match &value {
            Value::Bool(holds) => Some(*holds),
            Value::String(text) => text.to_lowercase().parse().ok(),
            _ => None,
        };
        let holds = holds.ok_or_else(|| {
            Fault::template(format!("the condition gives `{value}`, which is neither true nor false"))
        })?;
        if !holds {
            self.evaluator.left_out.set(self.evaluator.left_out.get() + 1);
        }
        Ok(holds)
    }

    fn text(&self, scope: &Scope, raw: &Object, property: &str, path: &str) -> Evaluated<String> {
        let (key, written) = raw
            .get_key_value_ignore_case(property)
            .ok_or_else(|| Fault::template(format!("a resource has no `{property}`")))?;
        match self.evaluator.value(scope, written, &join_path(path, key))? {
            Value::String(text) => Ok(text.to_string()),
            other => {
                Err(Fault::template(format!("the `{property}` of a resource is `{other}`, which is no text")))
            }
        }
    }

    fn id(&self, scope: &Scope, raw: &Object, kind: &str, name: &str, path: &str) -> Evaluated<ResourceId> {
        let placement = &self.target.placement;
        if kind.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
            return Ok(ResourceId::group(&placement.subscription_id, name));
        }
        let refuse = |error: crate::IdError| Fault::template(error.to_string());
        if word(raw, "scope").is_some() {
            let within = self.text(scope, raw, "scope", path)?;
            let base = if within.starts_with('/') {
                String::new()
            } else {
                format!("{}/providers/", placement.scope())
            };
            let within: ResourceId = format!("{base}{within}").parse().map_err(refuse)?;
            return ResourceId::under(&within, kind, name).map_err(refuse);
        }
        let workspace_form = sentinel_in_workspace(kind, name);
        if let Some((kind, name)) = workspace_form {
            return ResourceId::under(&placement.scope(), &kind, name).map_err(refuse);
        }
        let scope = self.workspace_scope(kind, name, path).unwrap_or_else(|| placement.scope());
        ResourceId::under(&scope, kind, name).map_err(refuse)
    }

    /// Sentinel's resources live in a workspace; one without is put into the deployment's.
    fn workspace_scope(&self, kind: &str, name: &str, path: &str) -> Option<ResourceId> {
        let placement = &self.target.placement;
        let (namespace, _) = kind.split_once('/')?;
        let workspace = self.evaluator.deployment.workspace.as_ref()?;
        if !namespace.eq_ignore_ascii_case("Microsoft.SecurityInsights") {
            return None;
        }
        let message =
            format!("resource `{name}` does not say which workspace it belongs to; `{workspace}` is taken");
        self.evaluator.tell(
            Diagnostic::warning("IdCompleted", message)
                .at(path)
                .help("add `scope` with the id of the workspace to the resource"),
        );
        let kind = "Microsoft.OperationalInsights/workspaces";
        ResourceId::under(&placement.scope(), kind, workspace).ok()
    }
}

/// `Microsoft.SecurityInsights/automationRules` with a name `{workspace}/Microsoft.SecurityInsights/{id}`: the name is
/// that of the form nested under a workspace, so the type is taken as that too.
fn sentinel_in_workspace<'n>(kind: &str, name: &'n str) -> Option<(String, &'n str)> {
    let (namespace, kind) = kind.split_once('/')?;
    let middle = name.split('/').nth(1)?;
    let fits = namespace.eq_ignore_ascii_case("Microsoft.SecurityInsights")
        && middle.eq_ignore_ascii_case(namespace);
    fits.then(|| (format!("Microsoft.OperationalInsights/workspaces/providers/{kind}"), name))
}

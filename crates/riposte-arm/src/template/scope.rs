//! What names mean in one template: its parameters, variables and own functions, and where it goes.

use crate::ResourceId;
use crate::expression::{Evaluator, Scope};
use crate::fault::{Evaluated, Fault};
use crate::parameters::{ParameterDeclaration, coerce};
use crate::template::copy;
use riposte_diagnostic::nearest;
use riposte_value::{Object, Text, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where resources go.
#[derive(Debug, Clone)]
pub struct Placement {
    /// Empty for a template at the scope of the tenant.
    pub subscription_id: Text,
    /// `None` for a template at the scope of a subscription or above.
    pub resource_group: Option<Text>,
}

impl Placement {
    /// The id of the resource group or subscription.
    pub fn scope(&self) -> ResourceId {
        match &self.resource_group {
            Some(group) => ResourceId::group(&self.subscription_id, group),
            None => ResourceId::subscription(&self.subscription_id),
        }
    }
}

/// A parameter or variable: not evaluated yet, being evaluated, or done.
enum Slot {
    Raw {
        value: Value,
        path: String,
        declaration: Option<Rc<ParameterDeclaration>>,
    },
    /// A variable made by a `copy` loop.
    Loop {
        one: Value,
        path: String,
    },
    Busy,
    Done(Value),
    Failed,
}

/// Names in a template, looked up without regard to case.
#[derive(Default)]
struct Names {
    slots: RefCell<BTreeMap<String, Slot>>,
    spelt: RefCell<Vec<Text>>,
}

impl Names {
    fn insert(&self, name: &str, slot: Slot) {
        self.spelt.borrow_mut().push(Text::new(name));
        self.slots.borrow_mut().insert(name.to_lowercase(), slot);
    }
}

/// What names mean in one template.
pub struct TemplateScope {
    /// What `resourceGroup()`, `subscription()` and `resourceId()` speak of.
    pub placement: Placement,
    /// What `deployment().name` gives.
    pub deployment_name: Text,
    /// The template's `languageVersion`, `contentVersion` and the like, for `deployment()`.
    pub content_version: Text,
    parameters: Names,
    variables: Names,
    functions: Value,
    functions_path: String,
}

impl TemplateScope {
    pub fn new(placement: Placement, deployment_name: &str, content_version: &str) -> Self {
        Self {
            placement,
            deployment_name: Text::new(deployment_name),
            content_version: Text::new(content_version),
            parameters: Names::default(),
            variables: Names::default(),
            functions: Value::Null,
            functions_path: String::new(),
        }
    }

    /// The template's own functions: `[{namespace, members: {name: {parameters, output}}}]`.
    pub fn set_functions(&mut self, functions: Value, path: String) {
        self.functions = functions;
        self.functions_path = path;
    }

    /// Declares a parameter with a given value.
    pub fn set_parameter(&self, name: &str, value: Option<Value>) {
        self.parameters.insert(name, value.map_or(Slot::Failed, Slot::Done));
    }

    /// Declares a parameter whose default is evaluated when it is asked for.
    pub fn set_parameter_default(&self, declaration: ParameterDeclaration, value: Value, path: String) {
        let name = declaration.name.clone();
        self.parameters.insert(&name, Slot::Raw { value, path, declaration: Some(Rc::new(declaration)) });
    }

    /// Declares a variable.
    pub fn set_variable(&self, name: &str, value: Value, path: String) {
        self.variables.insert(name, Slot::Raw { value, path, declaration: None });
    }

    /// Declares a variable made by a `copy` loop.
    pub fn set_variable_loop(&self, name: &str, one: Value, path: String) {
        self.variables.insert(name, Slot::Loop { one, path });
    }

    /// `parameters('name')`
    pub fn parameter(self: &Rc<Self>, evaluator: &Evaluator<'_>, name: &str) -> Evaluated<Value> {
        self.resolve(evaluator, &self.parameters, name, "parameter")
    }

    /// `variables('name')`
    pub fn variable(self: &Rc<Self>, evaluator: &Evaluator<'_>, name: &str) -> Evaluated<Value> {
        self.resolve(evaluator, &self.variables, name, "variable")
    }

    /// Evaluates every parameter and variable, so that faults in unused ones are told too.
    pub fn resolve_all(self: &Rc<Self>, evaluator: &Evaluator<'_>) {
        for (names, what) in [(&self.parameters, "parameter"), (&self.variables, "variable")] {
            for name in names.spelt.borrow().clone() {
                // What is wrong has been told at the parameter or variable itself.
                let _ = self.resolve(evaluator, names, &name, what);
            }
        }
    }

    /// Every parameter's value, by name: what `deployment().properties.parameters` gives.
    pub fn parameter_values(self: &Rc<Self>, evaluator: &Evaluator<'_>) -> Object {
        let names = self.parameters.spelt.borrow().clone();
        let valued = names.into_iter().filter_map(|name| {
            let value = self.parameter(evaluator, &name).ok()?;
            Some((name, Value::object([("value", value)])))
        });
        valued.collect()
    }

    fn resolve(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        names: &Names,
        name: &str,
        what: &str,
    ) -> Evaluated<Value> {
        let key = name.to_lowercase();
        let taken = names.slots.borrow_mut().get_mut(&key).map(|slot| std::mem::replace(slot, Slot::Busy));
        let put = |slot: Slot| names.slots.borrow_mut().insert(key.clone(), slot);
        match taken {
            None => Err(unknown(name, what, &names.spelt.borrow())),
            Some(Slot::Busy) => {
                Err(Fault::new("CircularDependency", format!("{what} `{name}` leads back to itself")))
            }
            Some(Slot::Done(value)) => {
                put(Slot::Done(value.clone()));
                Ok(value)
            }
            Some(Slot::Failed) => {
                put(Slot::Failed);
                Err(Fault::Reported)
            }
            Some(Slot::Raw { value, path, declaration }) => {
                let made = self.evaluate(evaluator, &value, declaration.as_deref(), &path);
                put(made.as_ref().map_or(Slot::Failed, |value| Slot::Done(value.clone())));
                made
            }
            Some(Slot::Loop { one, path }) => {
                let scope = Scope::new(Rc::clone(self));
                let made = evaluator
                    .deeper(|| copy::property_arrays(evaluator, &scope, std::slice::from_ref(&one), &path))
                    .map(|arrays| arrays.into_iter().next().map(|(_, value)| value).unwrap_or_default());
                let made = evaluator.reported(made, &path);
                put(made.as_ref().map_or(Slot::Failed, |value| Slot::Done(value.clone())));
                made
            }
        }
    }

    fn evaluate(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        value: &Value,
        declaration: Option<&ParameterDeclaration>,
        path: &str,
    ) -> Evaluated<Value> {
        let scope = Scope::new(Rc::clone(self));
        let made =
            evaluator.deeper(|| evaluator.value(&scope, value, path)).and_then(|value| match declaration {
                Some(declaration) => coerce(declaration, value),
                None => Ok(value),
            });
        evaluator.reported(made, path)
    }

    /// Calls `namespace.name(…)`.
    pub fn call_own_function(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        name: &str,
        arguments: &[Value],
    ) -> Evaluated<Value> {
        let (namespace, member) = name.split_once('.').unwrap_or((name, ""));
        let groups = self.functions.as_array().unwrap_or_default();
        let function = groups
            .iter()
            .filter(|group| {
                let own = group.get_ignore_case("namespace").and_then(Value::as_str);
                own.is_some_and(|own| own.eq_ignore_ascii_case(namespace))
            })
            .find_map(|group| group.get_ignore_case("members")?.get_ignore_case(member))
            .ok_or_else(|| {
                Fault::new("UnknownFunction", format!("function `{name}` is not known"))
                    .help("a function of the template itself is declared under `functions`")
            })?;
        let declared = function.get_ignore_case("parameters").and_then(Value::as_array).unwrap_or_default();
        if declared.len() != arguments.len() {
            return Err(Fault::expression(format!(
                "function `{name}` takes {} arguments, {} were given",
                declared.len(),
                arguments.len()
            )));
        }
        let mut named = Object::new();
        for (parameter, value) in declared.iter().zip(arguments) {
            let name = parameter.get_ignore_case("name").and_then(Value::as_str).unwrap_or_default();
            named.insert(name, value.clone());
        }
        let output = function.get_ignore_case("output").and_then(|output| output.get_ignore_case("value"));
        let output =
            output.ok_or_else(|| Fault::template(format!("function `{name}` has no output value")))?;
        let mut scope = Scope::new(Rc::clone(self));
        scope.arguments = Some(Rc::new(named));
        evaluator.deeper(|| evaluator.value(&scope, output, &self.functions_path))
    }
}

fn unknown(name: &str, what: &str, known: &[Text]) -> Fault {
    let fault = Fault::expression(format!("{what} `{name}` is not declared"));
    match nearest(name, known.iter().map(Text::as_str)) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault.help(format!("declare it under `{what}s` of the template")),
    }
}

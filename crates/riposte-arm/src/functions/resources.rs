//! Functions of resources: ids, and what only a deployed resource knows (`reference`, `list…`).

use super::{Body, Call, Function, text_of};
use crate::derived;
use crate::expression::Expression;
use crate::fault::Evaluated;
use riposte_value::Value;

pub const FUNCTIONS: &[Function] = &[
    plain("extensionResourceId", 3, None, "the id of a resource that extends another", extension_resource_id),
    plain(
        "managementGroupResourceId",
        2,
        None,
        "the id of a resource of a management group",
        management_group_resource_id,
    ),
    lazy("reference", 1, Some(3), "the properties of a resource, or all of it with `'Full'`", reference),
    plain("resourceId", 2, None, "the id of a resource of a resource group", resource_id),
    plain(
        "subscriptionResourceId",
        2,
        None,
        "the id of a resource of a subscription",
        subscription_resource_id,
    ),
    plain("tenantResourceId", 2, None, "the id of a resource of the tenant", tenant_resource_id),
];

/// Every function whose name starts with `list`.
pub const LIST: Function =
    lazy("list*", 1, Some(3), "what a resource tells on request: keys, addresses, secrets", list);

type Run = fn(&Call<'_>, &[Value]) -> Evaluated<Value>;
type RunLazy = fn(&Call<'_>, &[Expression]) -> Evaluated<Value>;

const fn plain(name: &'static str, min: usize, max: Option<usize>, doc: &'static str, run: Run) -> Function {
    Function { name, min, max, doc, body: Body::Plain(run) }
}

const fn lazy(
    name: &'static str,
    min: usize,
    max: Option<usize>,
    doc: &'static str,
    run: RunLazy,
) -> Function {
    Function { name, min, max, doc, body: Body::Lazy(run) }
}

/// What stands before the type, and `/providers/{type}/{names}`: the type is the first argument with a `/` in it.
fn split_type(call: &Call<'_>, arguments: &[Value], before_max: usize) -> Evaluated<(Vec<String>, String)> {
    let texts: Vec<String> =
        (0..arguments.len()).map(|i| call.str(arguments, i).map(str::to_owned)).collect::<Evaluated<_>>()?;
    let at = texts.iter().position(|text| text.contains('/')).filter(|at| *at <= before_max);
    let at = at.ok_or_else(|| {
        call.refuse("is given no resource type").help("a type has the form `Microsoft.Logic/workflows`")
    })?;
    let (before, rest) = texts.split_at(at);
    let (kind, names) = rest.split_first().ok_or_else(|| call.refuse("is given no resource type"))?;
    let mut segments = kind.split('/').filter(|segment| !segment.is_empty());
    let namespace = segments.next().unwrap_or_default();
    let types: Vec<&str> = segments.collect();
    if types.len() != names.len() {
        return Err(call
            .refuse(format!(
                "is given {} names for the type `{kind}`, which has {} segments",
                names.len(),
                types.len()
            ))
            .help("give one name for each segment of the type after the namespace"));
    }
    let pairs = types.iter().zip(names).flat_map(|(kind, name)| [*kind, name.as_str()]);
    let path: Vec<&str> = ["", "providers", namespace].into_iter().chain(pairs).collect();
    Ok((before.to_vec(), path.join("/")))
}

fn resource_id(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let placement = &call.scope.template.placement;
    let (before, path) = split_type(call, arguments, 2)?;
    let (subscription, group) = match before.as_slice() {
        [subscription, group] => (subscription.as_str(), Some(group.as_str())),
        [group] => (placement.subscription_id.as_str(), Some(group.as_str())),
        _ => (placement.subscription_id.as_str(), placement.resource_group.as_deref()),
    };
    let group = group.map(|group| format!("/resourceGroups/{group}")).unwrap_or_default();
    Ok(Value::from(format!("/subscriptions/{subscription}{group}{path}")))
}

fn subscription_resource_id(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (before, path) = split_type(call, arguments, 1)?;
    let own = &call.scope.template.placement.subscription_id;
    let subscription = before.first().map_or(own.as_str(), String::as_str);
    Ok(Value::from(format!("/subscriptions/{subscription}{path}")))
}

fn tenant_resource_id(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(split_type(call, arguments, 0)?.1))
}

fn management_group_resource_id(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (before, path) = split_type(call, arguments, 1)?;
    let group = before.first().ok_or_else(|| call.refuse("is given no management group"))?;
    Ok(Value::from(format!("/providers/Microsoft.Management/managementGroups/{group}{path}")))
}

fn extension_resource_id(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (scope, rest) = arguments.split_first().ok_or_else(|| call.refuse("is given no scope"))?;
    let scope = scope.as_str().ok_or_else(|| call.wrong(0, "a text", scope))?;
    let (_, path) = split_type(call, rest, 0)?;
    Ok(Value::from(format!("{}{path}", scope.trim_end_matches('/'))))
}

fn reference(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let target = call.evaluate(arguments, 0)?;
    let target = target.as_str().ok_or_else(|| call.wrong(0, "a text", &target))?;
    let full = text_of(&call.evaluate(arguments, 2)?).eq_ignore_ascii_case("full");
    derived::reference(call.evaluator, call.scope, target, full)
}

fn list(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let target = call.evaluate(arguments, 0)?;
    let target = target.as_str().ok_or_else(|| call.wrong(0, "a text", &target))?;
    Ok(derived::list(call.evaluator, call.written, target))
}

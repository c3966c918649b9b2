//! The functions of the language as a list: for people, and for editors and manuals as JSON.

use crate::output::{self, Format, Style, paint};
use riposte_expression::{Family, Function, Purity, functions};
use riposte_value::{Value, json};

/// The families, in the order of their names.
pub fn families() -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for function in functions() {
        if !families.contains(&function.family) {
            families.push(function.family);
        }
    }
    families.sort_by_key(|family| family.as_str().to_lowercase());
    families
}

/// The functions of one family, by name.
pub fn members(family: Family) -> impl Iterator<Item = &'static Function> {
    functions().iter().filter(move |function| function.family == family)
}

/// `concat(text1, [text2], …)`
pub fn signature(function: &Function) -> String {
    format!("{}({})", function.name, function.parameters)
}

/// The whole list.
pub fn show(format: Format) -> String {
    match format {
        Format::Json => json::to_string_pretty(&Value::array(functions().iter().map(row))),
        Format::Text => {
            let colour = output::colours(&std::io::stdout());
            let sections: Vec<String> =
                families().into_iter().map(|family| section(family, colour)).collect();
            sections.join("\n\n")
        }
    }
}

/// A family and its functions, a line each.
pub fn section(family: Family, colour: bool) -> String {
    let mut out = paint(colour, Style::Dim, family.as_str());
    for function in members(family) {
        let signature = paint(colour, Style::Bold, &signature(function));
        out.extend(["\n  ", signature.as_str(), "  ", function.documentation]);
    }
    out
}

fn row(function: &Function) -> Value {
    let count = |count: usize| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
    let purity = match function.purity {
        Purity::Pure => "pure",
        Purity::Run => "run",
        Purity::Clock => "clock",
        Purity::Random => "random",
    };
    let examples = function.examples.iter().map(|example| {
        Value::object([
            ("expression", Value::text(example.expression)),
            ("result", json::parse(example.result).unwrap_or_else(|_| Value::text(example.result))),
        ])
    });
    Value::object([
        ("name", Value::text(function.name)),
        ("family", Value::text(function.family.as_str())),
        ("parameters", Value::text(function.parameters)),
        ("argumentsMin", count(function.arguments_min)),
        ("argumentsMax", function.arguments_max.map_or(Value::Null, count)),
        ("dependsOn", Value::text(purity)),
        ("documentation", Value::text(function.documentation)),
        ("examples", Value::array(examples)),
    ])
}

//! XML and XPath that are made to cost: each is refused by a limit that can be set, or takes no longer than its size.

use riposte_expression::{Limits, MapContext, Template};
use riposte_value::{Value, value};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Evaluates `expression` with `parameters('xml')` for the text of a document.
fn evaluate(expression: &str, document: &str, limits: Limits) -> Result<Value, String> {
    let context = MapContext::new(value!({ "parameters": { "xml": document } }));
    let template = Template::compile_expression(expression).unwrap();
    let started = Instant::now();
    let result = template.evaluate_within(&context, limits).map_err(|error| error.message);
    // Without a bound these would take minutes to ages; the time is wide enough for any machine.
    assert!(started.elapsed() < Duration::from_secs(20), "{expression} took {:?}", started.elapsed());
    result
}

fn select(path: &str, document: &str, limits: Limits) -> Result<Value, String> {
    evaluate(&format!("xpath(xml(parameters('xml')), '{path}')"), document, limits)
}

fn list(items: usize) -> String {
    format!("<r>{}</r>", "<a><b>x</b></a>".repeat(items))
}

/// An element with many attributes beside many elements without.
fn broad(attribute: &str, elements: usize) -> String {
    let mut attributes = String::new();
    for n in 0..elements {
        write!(attributes, " {attribute}{n}=\"u{n}\"").unwrap();
    }
    format!("<r{attributes}>{}</r>", "<b/>".repeat(elements))
}

#[test]
fn visits_are_bounded() {
    let document = list(2_000);
    for path in [
        "//*[//*[//*[//*]]]",
        "//a[. = //b[. = //a[. = //b]]]",
        "//*/following::*/preceding::*/following::*",
        "//b[count(//b) > count(//a[count(//b) = 1])]",
        "//a[string(/) = \"\"]",
        "//a[contains(concat(/, /, /, /), \"y\")]",
    ] {
        let error = select(path, &document, Limits::default()).unwrap_err();
        assert!(error.contains("visits more than 5000000 nodes"), "{path}: {error}");
    }
}

#[test]
fn what_elements_have_beside_children_counts() {
    for (attribute, path) in [
        ("k", "//b[/r/@none]"),
        ("xmlns:k", "//b[/r/@none]"),
        ("xmlns:k", "//b/namespace::*"),
        ("xmlns:k", "//b[namespace::none]"),
        ("k", "//b[lang(\"en\")]"),
    ] {
        let error = select(path, &broad(attribute, 10_000), Limits::default()).unwrap_err();
        assert!(error.contains("visits more than"), "{attribute} {path}: {error}");
    }
    // Sections of text that are one node, and nodes that have no text.
    let sections = format!("<r>{}{}</r>", "<![CDATA[]]>".repeat(10_000), "<b/>".repeat(10_000));
    for path in ["//b[/r/text() = 1]", "//b[string(/)]", "//b[/r/text()]"] {
        let error = select(path, &sections, Limits::default()).unwrap_err();
        assert!(error.contains("visits more than"), "{path}: {error}");
    }
    let literal = format!("//b[contains(\"{}\", \"y\")]", "x".repeat(100_000));
    let error = select(&literal, &broad("k", 10_000), Limits::default()).unwrap_err();
    assert!(error.contains("visits more than"), "{error}");
}

#[test]
fn visits_can_be_set() {
    let document = list(100);
    let few = Limits { xpath_visits_max: 100, ..Limits::default() };
    assert!(select("//b", &document, few).unwrap_err().contains("visits more than 100 nodes"));
    assert!(select("//b", &document, Limits::default()).is_ok());
    assert_eq!(select("count(/r)", &document, few), Ok(Value::Float(1.0)));
}

/// A chain of operators has no depth, and each of them counts.
#[test]
fn long_chains_are_followed_and_counted() {
    let document = list(1_000);
    let terms = |operator: &str| vec!["b = 1"; 2_000].join(operator);
    assert_eq!(select(&terms(" or "), &document, Limits::default()), Ok(value!(false)));
    assert_eq!(
        select(&format!("count({})", vec!["//b"; 20].join(" | ")), &document, Limits::default()),
        Ok(value!(1_000.0))
    );
    assert_eq!(select(&vec!["1"; 20_000].join(" + "), &document, Limits::default()), Ok(value!(20_000.0)));
    let error = select(&format!("//a[{}]", terms(" or ")), &document, Limits::default()).unwrap_err();
    assert!(error.contains("visits more than"), "{error}");
    // Each union puts all in order that was found before it.
    let unions = format!("//b{}", " | x".repeat(10_000));
    let error = select(&unions, &document, Limits::default()).unwrap_err();
    assert!(error.contains("visits more than"), "{error}");
    let error =
        select(&format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)), &document, Limits::default());
    assert!(error.unwrap_err().contains("nested deeper"));
}

/// Large documents and plain paths are well within the bounds, comparisons of sets among them.
#[test]
fn plain_paths_over_large_documents_pass() {
    let document = list(20_000);
    for (path, expected) in [
        ("count(//a/b)", value!(20_000.0)),
        ("count(//b[text()])", value!(20_000.0)),
        ("//a = //b", value!(true)),
        ("//a != //b", value!(false)),
        ("//a > //b", value!(false)),
        ("string-length(//a[last()])", value!(1.0)),
        ("count(//a[position() mod 2 = 0])", value!(10_000.0)),
    ] {
        assert_eq!(select(path, &document, Limits::default()), Ok(expected), "{path}");
    }
}

#[test]
fn documents_are_bounded() {
    let limits = Limits { xml_nodes_max: 1_000, depth_max: 20, ..Limits::default() };
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    let read = |document: &str, limits| evaluate("xml(parameters('xml'))", document, limits);
    assert!(read(&deep(20), limits).is_ok());
    assert!(read(&deep(21), limits).unwrap_err().contains("nested deeper than 20 levels"));
    assert!(read(&"<a>".repeat(1_000_000), Limits::default()).unwrap_err().contains("nested deeper"));
    assert!(read(&list(300), limits).is_ok());
    assert!(read(&list(400), limits).unwrap_err().contains("at most 1000 nodes"));
    assert!(read(&broad("k", 600), limits).unwrap_err().contains("at most 1000 nodes"));
    let json = format!("{{\"r\":{{\"a\":[{}1]}}}}", "1,".repeat(2_000));
    let error = evaluate("xml(json(parameters('xml')))", &json, limits).unwrap_err();
    assert!(error.contains("at most 1000 nodes"), "{error}");
}

/// No document grows by what it declares: an entity is not known.
#[test]
fn entities_are_not_expanded() {
    let laughs = r#"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]><l>&c;</l>"#;
    let outside = r#"<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>"#;
    for document in [laughs, outside] {
        let error = evaluate("xml(parameters('xml'))", document, Limits::default()).unwrap_err();
        assert!(error.contains("is not known"), "{error}");
    }
}

/// Many declarations and many names that use them: every look-up takes the same time.
#[test]
fn many_namespaces_cost_what_they_measure() {
    let (mut attributes, mut elements) = (String::new(), String::new());
    for n in 0..20_000 {
        write!(attributes, " xmlns:n{n}=\"u{n}\"").unwrap();
        write!(elements, "<n{n}:a n{n}:k=\"1\"/>").unwrap();
    }
    let document = format!("<r{attributes}>{elements}</r>");
    let found = evaluate("length(string(json(xml(parameters('xml')))))", &document, Limits::default());
    assert!(found.unwrap().as_i64().is_some_and(|length| length > 1_000_000));
    let found = select("count(//*[namespace-uri() = \"u7\"])", &document, Limits::default());
    assert_eq!(found, Ok(Value::Float(1.0)));
}

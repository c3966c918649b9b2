//! ARM templates: whatever the text, reading ends with resources or with diagnostics. The definitions that come out
//! are compiled too, since that is what an import does next, and what came out must be JSON that can be read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use riposte_arm::{Deployment, read};
use riposte_value::json;

fuzz_target!(|text: &str| {
    let outcome = read(text, &Deployment::default());
    for resource in &outcome.resources {
        let written = json::to_string(&resource.properties);
        let again = json::parse(&written).expect("what was written is read");
        assert_eq!(json::to_string(&again), written);
        if let Some(definition) = resource.properties.get_ignore_case("definition") {
            let _ = riposte_workflow::compile(definition);
        }
    }
});

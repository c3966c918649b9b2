//! Expressions: compiled and evaluated without a run around them. An error must point into the text it is about.

#![no_main]

use libfuzzer_sys::fuzz_target;
use riposte_expression::{MapContext, Template};

fuzz_target!(|text: &str| {
    match Template::compile_expression(text) {
        Err(error) => {
            assert!(error.expression.get(error.span.start..error.span.end).is_some(), "{error:?}");
        }
        Ok(template) => {
            let _ = template.references();
            if let Err(error) = template.evaluate(&MapContext::default()) {
                assert!(error.expression.get(error.span.start..error.span.end).is_some(), "{error:?}");
                assert!(!error.message.is_empty(), "{error:?}");
            }
        }
    }
});

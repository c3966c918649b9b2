//! The JSON readers. What is read must be written and read back the same, and the lenient reader must read strict
//! JSON as the strict one does.

#![no_main]

use libfuzzer_sys::fuzz_target;
use riposte_value::json;

fuzz_target!(|bytes: &[u8]| {
    let lenient = json::parse_bytes_lenient(bytes);
    if let Ok(strict) = json::parse_bytes(bytes) {
        let lenient = lenient.as_ref().expect("what strict reads, lenient reads");
        assert_eq!(json::to_string(&strict), json::to_string(lenient));
    }
    if let Ok(value) = lenient {
        let text = json::to_string(&value);
        let again = json::parse(&text).expect("what was written is read");
        assert_eq!(json::to_string(&again), text);
    }
});

//! Text that is put together piece by piece.
//!
//! The pieces go into one buffer that a thread keeps, and the finished text is copied out of it: in place if it has at
//! most 23 bytes, else with the one allocation that shared text needs. A buffer for each text
//! would be allocated, grow with the pieces, and be copied all the same.

use riposte_value::{Text, Value};
use std::cell::Cell;

/// A buffer that grew beyond this is given back, so that one long text does not hold memory for ever.
const KEPT_MAX: usize = 16 * 1024;

thread_local! {
    static BUFFER: Cell<String> = const { Cell::new(String::new()) };
}

/// The text that `write` writes. May be nested: the inner text then has a buffer of its own.
pub(crate) fn text<E>(write: impl FnOnce(&mut String) -> Result<(), E>) -> Result<Value, E> {
    let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
    buffer.clear();
    let made = match write(&mut buffer) {
        Ok(()) => Ok(Value::String(Text::new(&buffer))),
        Err(error) => Err(error),
    };
    if buffer.capacity() <= KEPT_MAX {
        // A thread that is ending has no place for it any more; then it is dropped.
        let _ = BUFFER.try_with(|kept| kept.set(buffer));
    }
    made
}

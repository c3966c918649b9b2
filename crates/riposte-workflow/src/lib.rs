//! Workflow definitions: model, check, compile, and the pure interpreter.

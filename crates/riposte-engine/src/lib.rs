//! The engine: load, call a pure step, commit, carry out.

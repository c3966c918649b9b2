//! The workflow expression language: scan, parse, compile, evaluate.

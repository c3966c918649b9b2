//! Principals, role definitions and assignments, the access check.

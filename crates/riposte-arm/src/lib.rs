//! ARM: resource ids, template reading and writing.

//! Connector definitions; requests built and responses read as values.

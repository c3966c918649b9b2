//! The store: typed tables over SQLite, migrations, secrets at rest.

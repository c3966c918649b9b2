//! Incidents, alerts, entities, tasks, comments and tags.

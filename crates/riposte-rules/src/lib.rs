//! Automation rules: model, compiled conditions, order, the plan of actions for one event.

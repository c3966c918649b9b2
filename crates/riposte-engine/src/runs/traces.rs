//! Expression traces: what the expressions of an action's inputs came to, made when somebody asks, from the definition
//! that the run is pinned to and the records that are kept.

use crate::Engine;
use crate::document::decode_some;
use crate::error::Result;
use crate::playbooks::PlaybookVersion;
use riposte_value::Value;
use riposte_workflow::{Past, expression_traces};
use std::sync::Arc;

impl Engine {
    /// `{inputs: [{path, text, value?, error?, subexpressions}]}` of an action, or of a repetition of it.
    pub async fn expression_traces(
        &self,
        playbook: &str,
        run: &str,
        (action, repetition): (&str, Option<&str>),
    ) -> Result<Value> {
        let history = self.history(Some(playbook), run).await?;
        let record = history.record_at(action, repetition)?;
        let (shared, key, number) =
            (Arc::clone(&self.shared), history.row.resource.clone(), history.row.version);
        let read = move |tx: &dyn riposte_store::Read| {
            let parameters = shared.load_version(tx, &key, number)?.map(|(_, parameters)| parameters);
            let version: Option<PlaybookVersion> =
                decode_some("playbook version", tx.playbook_definition(&key, number)?)?;
            Ok(parameters.zip(version))
        };
        let found: Result<_> = self.shared.store.read(move |tx| Ok(read(tx))).await?;
        // An action in a loop has many inputs: each repetition is asked for its own.
        let is_one = repetition.is_some() || record.repetition.is_empty();
        let inputs = match (found?, &history.program) {
            (Some((parameters, version)), Some(program)) if is_one => expression_traces(
                &Past {
                    program,
                    definition: &version.definition,
                    parameters: &parameters,
                    workflow: &history.beginning.workflow,
                    trigger: &history.beginning.trigger,
                    records: &history.records,
                },
                record,
            ),
            _ => Value::array([]),
        };
        Ok(Value::object([("inputs", inputs)]))
    }
}

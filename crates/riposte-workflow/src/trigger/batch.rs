//! The Batch trigger: messages are gathered by batch name and partition until one of the release criteria is met.

use super::read::read_recurrence;
use super::recurrence::Recurrence;
use riposte_diagnostic::{Diagnostic, join_path};
use riposte_value::{Object, Text, Value};

/// How many messages and bytes a batch may hold (documented).
const MESSAGES_MAX: i64 = 8_000;
const BYTES_MAX: i64 = 80 * 1024 * 1024;

/// When the batches of a name are released: any criterion that is met does it.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchConfiguration {
    /// The batch name.
    pub name: Text,
    /// So many messages.
    pub message_count: Option<i64>,
    /// So many bytes.
    pub batch_size: Option<i64>,
    /// At these times, if there is a message.
    pub recurrence: Option<Recurrence>,
}

/// A message that waits in a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchItem {
    /// Its id.
    pub id: Text,
    /// Its content.
    pub content: Value,
}

impl BatchConfiguration {
    /// Whether so many messages with so many bytes are enough.
    pub fn is_full(&self, messages: i64, bytes: i64) -> bool {
        // What the service would not hold is released too.
        messages >= self.message_count.unwrap_or(MESSAGES_MAX).min(MESSAGES_MAX)
            || bytes >= self.batch_size.unwrap_or(BYTES_MAX).min(BYTES_MAX)
    }
}

/// The body of the trigger that a released batch is.
pub fn released(name: &str, partition: &str, items: impl IntoIterator<Item = BatchItem>) -> Value {
    let items = items.into_iter().map(|item| {
        let mut one = Object::new();
        one.insert("batchName", name);
        one.insert("partitionName", partition);
        one.insert("messageId", item.id);
        one.insert("content", item.content);
        Value::from(one)
    });
    Value::object([
        ("batchName", Value::text(name)),
        ("partitionName", Value::text(partition)),
        ("items", Value::array(items)),
    ])
}

/// Reads `inputs` of a Batch trigger.
pub(super) fn read_configurations(
    inputs: Option<&Value>,
    path: &str,
    told: &mut Vec<Diagnostic>,
) -> Vec<BatchConfiguration> {
    let Some(inputs) = inputs else { return Vec::new() };
    let path = join_path(path, "configurations");
    let configurations = inputs.get_ignore_case("configurations").and_then(Value::as_object);
    let Some(configurations) = configurations.filter(|found| !found.is_empty()) else {
        let inline = inputs.get_ignore_case("mode").and_then(Value::as_str);
        if inline.is_some_and(|mode| mode.eq_ignore_ascii_case("IntegrationAccount")) {
            told.push(
                Diagnostic::error(
                    "IntegrationAccountNotSupported",
                    "batch configurations of an integration account are not supported, because there are no integration accounts here",
                )
                .at(path)
                .help("use `\"mode\": \"Inline\"` with the configurations in the trigger"),
            );
        } else {
            told.push(
                Diagnostic::error("MissingProperty", "`configurations` is missing: a Batch trigger needs it")
                    .at(path),
            );
        }
        return Vec::new();
    };
    configurations.iter().map(|(name, given)| read_one(name, given, &join_path(&path, name), told)).collect()
}

fn read_one(name: &Text, given: &Value, path: &str, told: &mut Vec<Diagnostic>) -> BatchConfiguration {
    let path = join_path(path, "releaseCriteria");
    let criteria = given.get_ignore_case("releaseCriteria");
    let criterion = |member: &str| criteria.and_then(|criteria| criteria.get_ignore_case(member));
    let mut number = |member: &str, most: i64| {
        let value = criterion(member).filter(|value| !value.is_null())?;
        let number = value.as_i64().filter(|number| (1..=most).contains(number));
        if number.is_none() {
            let message = format!("`{member}` must be a number from 1 to {most}, and is {value}");
            told.push(Diagnostic::error("InvalidReleaseCriteria", message).at(join_path(&path, member)));
        }
        number
    };
    let message_count = number("messageCount", MESSAGES_MAX);
    let batch_size = number("batchSize", BYTES_MAX);
    let recurrence = criterion("recurrence").filter(|value| !value.is_null()).and_then(|value| {
        read_recurrence(value, &join_path(&path, "recurrence")).map_err(|faults| told.extend(faults)).ok()
    });
    if message_count.is_none() && batch_size.is_none() && recurrence.is_none() {
        told.push(
            Diagnostic::error(
                "InvalidReleaseCriteria",
                format!("batch `{name}` has no criterion for its release"),
            )
            .at(path)
            .help("give `messageCount`, `batchSize` or `recurrence`"),
        );
    }
    BatchConfiguration { name: name.clone(), message_count, batch_size, recurrence }
}

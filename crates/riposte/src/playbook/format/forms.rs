//! The table: every object of a test or mock file, and its fields.

use super::{Field, Form, Kind};

const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, about, required: false }
}

const fn needed(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, about, required: true }
}

const PLAYBOOK: Field = field(
    "playbook",
    Kind::Text,
    "the playbook's file, seen from the test file; `azuredeploy.json` beside it, unless said",
);
const WORKFLOW: Field = field("workflow", Kind::Text, "which playbook, where the file has several");
const PARAMETERS: Field = field("parameters", Kind::Map(&Kind::Any), "values of template parameters");
const WORKFLOW_PARAMETERS: Field = field(
    "workflowParameters",
    Kind::Map(&Kind::Any),
    "values of the definition's own parameters, over those that the template gives",
);
const CONNECTIONS: Field = field(
    "connections",
    Kind::Map(&Kind::Map(&Kind::Any)),
    "entries of `$connections` by key: `connectionId`, `connectionName`, `id`; what is not given is made up",
);
const TRIGGER_KIND: Kind = Kind::Either(&[Kind::Word(&["auto"]), Kind::Object(&TRIGGER_FORM)]);
const TRIGGER: Field = field(
    "trigger",
    TRIGGER_KIND,
    "what starts the run; `auto`, a sample for the trigger's kind, unless said",
);
const MOCKS_FIELD: Field = field("mocks", Kind::Object(&MOCKS), "answers to outside calls");
const AT: Field =
    field("at", Kind::Time, "when the run starts, on its virtual clock; `2026-01-01T00:00:00Z`, unless said");
const SEED: Field = field(
    "seed",
    Kind::Number(0, i64::MAX),
    "what decides everything random (`guid()`, `rand()`, jitter); 1, unless said",
);

/// A test file.
pub static SUITE: Form = Form {
    name: "a test file",
    about: "Lies beside its playbook as `NAME.test.yaml` or `NAME.test.json`. What it says of playbook, trigger, mocks, … holds for all its tests; a test adds to it or says otherwise.",
    fields: &[
        PLAYBOOK,
        WORKFLOW,
        PARAMETERS,
        WORKFLOW_PARAMETERS,
        CONNECTIONS,
        TRIGGER,
        MOCKS_FIELD,
        AT,
        SEED,
        needed("tests", Kind::List(&Kind::Object(&TEST)), "the tests"),
    ],
};

/// A test of a test file.
pub static TEST: Form = Form {
    name: "a test",
    about: "One run of the playbook and what is expected of it; with `each`, one run for each row.",
    fields: &[
        needed("name", Kind::Text, "what the test shows; may name fields of the row: `blocks ${ip}`"),
        field(
            "each",
            Kind::List(&Kind::Map(&Kind::Any)),
            "rows of a table: the test runs once for each. `${name}` in any text of the test becomes the row's value; text that is nothing but `${name}` takes the value's type",
        ),
        PLAYBOOK,
        WORKFLOW,
        PARAMETERS,
        WORKFLOW_PARAMETERS,
        CONNECTIONS,
        TRIGGER,
        MOCKS_FIELD,
        AT,
        SEED,
        needed("expect", Kind::Object(&EXPECT), "what has to come of the run"),
    ],
};

static TRIGGER_FORM: Form = Form {
    name: "a trigger",
    about: "What starts the run: the sample with changes, a file, or headers and body. An incident in it is the one that the Sentinel connector works on.",
    fields: &[
        field(
            "override",
            Kind::Any,
            "changes to the sample's outputs (`{body: {…}}`), as a JSON merge patch: `null` takes a property away",
        ),
        field(
            "file",
            Kind::Text,
            "a file with the payload, seen from the test file: the body, or `{headers, body}`",
        ),
        field("body", Kind::Any, "the body"),
        field("headers", Kind::Map(&Kind::Text), "the headers, beside `body`"),
        field("queries", Kind::Map(&Kind::Text), "the query, beside `body`"),
        field("relativePathParameters", Kind::Map(&Kind::Text), "parameters in the path, beside `body`"),
    ],
};

/// A mock file, and the mocks of a test file.
pub static MOCKS: Form = Form {
    name: "mocks",
    about: "Answers to outside calls. A call is answered by the first that fits of `actions`, then of `calls`; those of a test come before those of its file. The Sentinel connector needs no mock: it works on the run's incident.",
    fields: &[
        field(
            "actions",
            Kind::Map(&ENTRY),
            "answers by the action's name. `Get_report[1]` is the second turn of its loop, `Get_report[1,0]` that of nested loops",
        ),
        field("calls", Kind::List(&Kind::Object(&PATTERN)), "answers by method and address"),
        field(
            "default",
            Kind::Either(&[Kind::Word(&["auto", "fail"]), Kind::Object(&REPLY)]),
            "what answers the rest: `auto`, a plausible success; `fail`, nothing (a call without a mock), which holds unless said; or an answer",
        ),
    ],
};

const ENTRY: Kind = Kind::Either(&[Kind::List(&Kind::Object(&REPLY)), Kind::Object(&REPLY)]);

static PATTERN: Form = Form {
    name: "a mocked call",
    about: "An answer to the calls that fit.",
    fields: &[
        field("method", Kind::Text, "the method, in any case; all, unless said"),
        needed(
            "url",
            Kind::Text,
            "the address of an HTTP call, or the path of a connector's operation (`/v2/Mail`), with or without query; `*` stands for any text, case does not count",
        ),
        field("connector", Kind::Text, "the managed API, of a connector's operation (`office365`)"),
        field("body", Kind::Matched, "what the request's body has to hold"),
        needed("answer", ENTRY, "the answer; of a list one after the other, the last again and again"),
    ],
};

static REPLY: Form = Form {
    name: "an answer",
    about: "Text in `headers`, `body` and `callback` may hold expressions of the workflow language: they see the request as a playbook sees its trigger (`@triggerBody()?['ip']`, `@triggerOutputs()['path']`, also `method`, `url`, `queries`, `headers`, `action`, `attempt`) and the count of answers before as `@iterationIndexes('calls')`. Text that begins with `@` and is none begins with `@@`.",
    fields: &[
        field("status", Kind::Number(100, 999), "the HTTP status; 200, unless said"),
        field("headers", Kind::Map(&Kind::Text), "the headers"),
        field("body", Kind::Any, "the body"),
        field(
            "delay",
            Kind::Delay,
            "how long the answer takes on the virtual clock, of an action that waits for a callback until that comes; 50 ms, unless said, and two minutes for the fault `timeout`",
        ),
        field(
            "fault",
            Kind::Word(&["timeout", "refused", "dns", "reset"]),
            "no answer: none in the action's time, nobody listens, the host's name is not known, the connection breaks off",
        ),
        field(
            "callback",
            Kind::Any,
            "what the callback address is called with, of an action that waits for it; else `body`",
        ),
        field(
            "unanswered",
            Kind::Flag,
            "whether nobody calls the callback address, of an action that waits for it",
        ),
        field("optional", Kind::Flag, "whether it is no failure if nobody asks for it"),
    ],
};

static EXPECT: Form = Form {
    name: "an expectation",
    about: "What has to come of the run. What is not said is not looked at. Values are compared as parts: an object may have more properties than expected, a list has exactly the items, numbers are equal in value. Matchers stand in place of values.",
    fields: &[
        field("status", Kind::Matched, "the run's status: `Succeeded`, `Failed`, `Cancelled`, …"),
        field("error", Kind::Matched, "why it failed: `code`, `message`; `null` if it did not"),
        field("outputs", Kind::Matched, "the outputs of the workflow"),
        field("response", Kind::Matched, "what the caller got: `statusCode`, `headers`, `body`"),
        field(
            "actions",
            Kind::Map(&Kind::Either(&[Kind::Text, Kind::Object(&ACTION)])),
            "by name: the status, or more. `Get_report[1]` is the second turn of its loop; without an index every turn has to fit",
        ),
        field(
            "calls",
            Kind::List(&Kind::Object(&CALL)),
            "outside calls that have to be made, in this order; others may come between",
        ),
        field("callsInAnyOrder", Kind::Flag, "whether their order does not matter"),
        field(
            "noOtherCalls",
            Kind::Flag,
            "whether each call but those of the Sentinel connector has to fit one of `calls`",
        ),
        field("incident", Kind::Object(&INCIDENT), "the incident as the run left it"),
        field("took", Kind::Object(&TOOK), "how long the run took, on its virtual clock"),
    ],
};

static ACTION: Form = Form {
    name: "an action's expectation",
    about: "What is expected of one action.",
    fields: &[
        field("status", Kind::Matched, "`Succeeded`, `Failed`, `Skipped`, `TimedOut`, …"),
        field("code", Kind::Matched, "its code: `OK`, `NotFound`, `ActionSkipped`, …"),
        field("inputs", Kind::Matched, "its inputs"),
        field("outputs", Kind::Matched, "its outputs: `{statusCode, headers, body}` of a call"),
        field("error", Kind::Matched, "its error: `code`, `message`"),
        field("attempts", Kind::Matched, "how many attempts it took"),
        field("repetitions", Kind::Matched, "how many turns it has, in loops"),
    ],
};

static CALL: Form = Form {
    name: "an expected call",
    about: "An outside call, also of the Sentinel connector. Credentials are not part of it.",
    fields: &[
        field("action", Kind::Text, "the action that makes it"),
        field("method", Kind::Text, "the method, in any case"),
        field(
            "url",
            Kind::Either(&[Kind::Text, Kind::Matched]),
            "the address or the connector's path; `*` stands for any text",
        ),
        field("connector", Kind::Text, "the managed API (`azuresentinel`)"),
        field("queries", Kind::Matched, "the query, where it stands apart from the address"),
        field("headers", Kind::Matched, "headers, in any case"),
        field("body", Kind::Matched, "the body"),
        field(
            "count",
            Kind::Number(0, 1_000_000),
            "how many calls fit: 0 forbids them; at least one, unless said",
        ),
    ],
};

static INCIDENT: Form = Form {
    name: "an expected incident",
    about: "The incident that the run is about, after the run.",
    fields: &[
        field("changed", Kind::Flag, "whether the run changed anything of it, comments and tasks included"),
        field("title", Kind::Matched, "its title"),
        field("description", Kind::Matched, "its description"),
        field("status", Kind::Matched, "`New`, `Active`, `Closed`"),
        field("severity", Kind::Matched, "`High`, `Medium`, `Low`, `Informational`"),
        field(
            "classification",
            Kind::Matched,
            "`TruePositive`, `BenignPositive`, `FalsePositive`, `Undetermined`",
        ),
        field("classificationReason", Kind::Matched, "its reason"),
        field("classificationComment", Kind::Matched, "its comment"),
        field("owner", Kind::Matched, "`assignedTo`, `email`, `userPrincipalName`, `objectId`"),
        field("labels", Kind::Matched, "the names of its labels, a list"),
        field("comments", Kind::Matched, "the texts of its comments, oldest first, a list"),
        field("tasks", Kind::Matched, "its tasks, a list: `title`, `description`, `status`"),
    ],
};

static TOOK: Form = Form {
    name: "a span",
    about: "Bounds of the time that a run took.",
    fields: &[field("atLeast", Kind::Delay, "the shortest"), field("atMost", Kind::Delay, "the longest")],
};

-- Times are nanoseconds since 1970 UTC. Documents are JSON text. Names and ids that are compared are lower case.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE workspace (
    key INTEGER PRIMARY KEY,
    resource TEXT NOT NULL UNIQUE,      -- ARM id, lower case
    id TEXT NOT NULL UNIQUE,            -- GUID
    name TEXT NOT NULL,                 -- lower case
    doc TEXT NOT NULL,
    incident_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX workspace_name ON workspace (name);

CREATE TABLE incident (
    workspace INTEGER NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    created INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (workspace, name)
) WITHOUT ROWID;
CREATE UNIQUE INDEX incident_number ON incident (workspace, number);

CREATE TABLE alert (
    workspace INTEGER NOT NULL,
    id TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (workspace, id)
) WITHOUT ROWID;

-- What hangs on an incident: comments, tasks, relations, in the order in which they came.
CREATE TABLE incident_part (
    workspace INTEGER NOT NULL,
    incident TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    seq INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (workspace, incident, kind, name)
) WITHOUT ROWID;

CREATE TABLE automation_rule (
    workspace INTEGER NOT NULL,
    name TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (workspace, name)
) WITHOUT ROWID;

CREATE TABLE playbook (
    resource TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    doc TEXT NOT NULL
) WITHOUT ROWID;

-- A run keeps the definition that it began with.
CREATE TABLE playbook_version (
    resource TEXT NOT NULL,
    version INTEGER NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (resource, version)
) WITHOUT ROWID;

CREATE TABLE connection (
    resource TEXT PRIMARY KEY,
    doc TEXT NOT NULL,
    secret BLOB
) WITHOUT ROWID;

-- Incident changes whose automation rules have not all been seen to yet.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL,
    incident TEXT NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX event_incident ON event (workspace, incident, seq);

CREATE TABLE run (
    id TEXT PRIMARY KEY,
    resource TEXT NOT NULL,
    version INTEGER NOT NULL,
    workspace INTEGER,
    incident TEXT,
    status TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    doc TEXT NOT NULL,                  -- what the run began with
    outcome TEXT                        -- how it ended
) WITHOUT ROWID;
CREATE INDEX run_resource ON run (resource, id);
CREATE INDEX run_incident ON run (workspace, incident, id) WHERE incident IS NOT NULL;
CREATE INDEX run_open ON run (id) WHERE ended IS NULL;

-- The interpreter's state of each run that has not ended, sealed: evaluated inputs may hold secrets.
CREATE TABLE run_state (run TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;

-- Action records, as many rows as there were commits; a later row replaces a record of the same action.
CREATE TABLE run_record (
    run TEXT NOT NULL,
    seq INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;

-- Outcomes of commands that were committed before the interpreter saw them.
CREATE TABLE run_inbox (
    run TEXT NOT NULL,
    command TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (run, command)
) WITHOUT ROWID;

CREATE TABLE timeline (
    workspace INTEGER NOT NULL,
    incident TEXT NOT NULL,
    seq INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (workspace, incident, seq)
) WITHOUT ROWID;

-- SecurityIncident, SecurityAlert and SentinelHealth rows: appended, never changed.
CREATE TABLE log_row (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL,
    log TEXT NOT NULL,
    time INTEGER NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX log_row_time ON log_row (workspace, log, seq);

CREATE TABLE role_assignment (resource TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;

-- Access tokens by the SHA-256 of their text.
CREATE TABLE token (hash TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;

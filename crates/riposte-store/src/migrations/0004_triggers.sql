-- Triggers of playbooks: what each waits for, and when it is to be seen to next. Names are lower case.
CREATE TABLE trigger_state (
    resource TEXT NOT NULL,
    name TEXT NOT NULL,
    due INTEGER,                            -- nanoseconds since 1970 UTC
    doc TEXT NOT NULL,
    secret BLOB,                            -- what it will say to a web service, sealed
    PRIMARY KEY (resource, name)
) WITHOUT ROWID;
CREATE INDEX trigger_state_due ON trigger_state (due) WHERE due IS NOT NULL;

-- Occurrences without a run: those with one are found among the runs.
CREATE TABLE trigger_history (
    resource TEXT NOT NULL,
    trigger_name TEXT NOT NULL,
    name TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (resource, trigger_name, name)
) WITHOUT ROWID;

-- Runs that wait for runs before them to end.
CREATE TABLE trigger_waiting (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    resource TEXT NOT NULL,
    trigger_name TEXT NOT NULL,
    run TEXT NOT NULL UNIQUE
);
CREATE INDEX trigger_waiting_resource ON trigger_waiting (resource, trigger_name, seq);
CREATE INDEX run_open_resource ON run (resource) WHERE ended IS NULL;

-- Messages in batches that are not released yet.
CREATE TABLE batch_item (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    resource TEXT NOT NULL,
    batch TEXT NOT NULL,
    part TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX batch_item_part ON batch_item (resource, batch, part, seq);

-- The keys that addresses of triggers are signed with, sealed.
CREATE TABLE workflow_key (
    resource TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,                -- what stands for the playbook in the addresses
    secret BLOB NOT NULL
) WITHOUT ROWID;

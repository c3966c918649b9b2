-- Events of alerts beside those of incidents: `incident` holds the name of either.
ALTER TABLE event ADD COLUMN kind TEXT NOT NULL DEFAULT 'incident';
DROP INDEX event_incident;
CREATE INDEX event_subject ON event (workspace, kind, incident, seq);

-- Automation rules that hold for several workspaces. Names are lower case.
CREATE TABLE tenant_rule (name TEXT NOT NULL PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;

-- What the runs of rules came to: the last of each status.
CREATE TABLE rule_run (
    workspace INTEGER NOT NULL,
    rule TEXT NOT NULL,
    status TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (workspace, rule, status)
) WITHOUT ROWID;

-- Rules that were evaluated and did not match, a row for each time that an event was looked at.
CREATE TABLE evaluation (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    time INTEGER NOT NULL,              -- nanoseconds since 1970 UTC
    rules TEXT NOT NULL,                -- the rules as they were: evaluated_rules.id
    doc TEXT NOT NULL
);
CREATE INDEX evaluation_subject ON evaluation (workspace, kind, subject, seq);
CREATE TABLE evaluated_rules (
    workspace INTEGER NOT NULL,
    id TEXT NOT NULL,
    time INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (workspace, id)
) WITHOUT ROWID;

-- Which incident takes the next alert of an analytics rule: by rule (its name, lower case) and what its alerts have in
-- common (a hash). Times are those of the incident's first and last alert.
CREATE TABLE alert_group (
    workspace INTEGER NOT NULL,
    rule TEXT NOT NULL,
    key TEXT NOT NULL,
    first INTEGER NOT NULL,
    incident TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (workspace, rule, key, first, incident)
) WITHOUT ROWID;

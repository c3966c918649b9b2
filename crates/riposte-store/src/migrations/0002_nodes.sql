-- Nodes that share a database. A row is a node's lease: when it is gone, what the node owned is anybody's.
CREATE TABLE node (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice
    name TEXT NOT NULL,
    until INTEGER NOT NULL,                 -- milliseconds since 1970 UTC by the database's clock
    batch INTEGER NOT NULL DEFAULT 0        -- the last batch of changes that the node has committed
);

-- Who works on what; 0 is nobody.
ALTER TABLE run ADD COLUMN node INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN node INTEGER NOT NULL DEFAULT 0;
DROP INDEX run_open;
CREATE INDEX run_open ON run (node, id) WHERE ended IS NULL;

-- 1: put there by another node than the run's, which has not seen it yet.
ALTER TABLE run_inbox ADD COLUMN posted INTEGER NOT NULL DEFAULT 0;
CREATE INDEX run_inbox_posted ON run_inbox (run) WHERE posted = 1;

-- The row that each writing transaction changes first, so that those of all nodes come one after the other.
CREATE TABLE writer (id INTEGER NOT NULL UNIQUE, turn INTEGER NOT NULL);
INSERT INTO writer (id, turn) VALUES (1, 0);

-- Counts the changes of what nodes keep in memory.
CREATE TABLE generation (kind TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO generation (kind, value)
VALUES ('access', 0), ('connections', 0), ('mail', 0), ('playbooks', 0), ('rules', 0), ('workspaces', 0);

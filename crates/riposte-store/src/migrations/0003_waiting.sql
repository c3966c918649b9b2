-- When a run that waits for time or callbacks alone is to be looked at again: nanoseconds since 1970 UTC. Null: the run
-- is under way, in the memory of its node.
ALTER TABLE run ADD COLUMN due INTEGER;
DROP INDEX run_open;
CREATE INDEX run_open ON run (node, due, id) WHERE ended IS NULL;

-- The earlier attempts of runs that were resumed: how each ended, and the number of its last row of records.
CREATE TABLE run_attempt (
    run TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    last_record INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (run, attempt)
) WITHOUT ROWID;

-- Runs that an action of another run has begun, so that it begins one however often it is carried out.
CREATE TABLE run_child (
    parent TEXT NOT NULL,
    command TEXT NOT NULL,
    child TEXT NOT NULL,
    PRIMARY KEY (parent, command)
) WITHOUT ROWID;

-- What the calls of a run's actions sent and got back, a row for each request. Names of actions are lower case; those of
-- later requests come first in the order of text.
CREATE TABLE run_request (
    run TEXT NOT NULL,
    action TEXT NOT NULL,
    repetition TEXT NOT NULL,               -- 000001-000000; empty outside loops
    name TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (run, action, repetition, name)
) WITHOUT ROWID;

-- Where in its incident's timeline an evaluation stands: after the entry of this number. -1 where an earlier version has
-- kept it without that.
ALTER TABLE evaluation ADD COLUMN position INTEGER NOT NULL DEFAULT -1;
DROP INDEX evaluation_subject;
CREATE INDEX evaluation_subject ON evaluation (workspace, kind, subject, time, position, seq);

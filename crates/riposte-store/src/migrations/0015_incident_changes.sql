-- In which turn of the writer an incident was last written. What nodes keep in memory of incidents follows it; turns
-- go up from commit to commit. Incidents of an earlier version have 0.
ALTER TABLE incident ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
CREATE INDEX incident_change ON incident (workspace, change, number);

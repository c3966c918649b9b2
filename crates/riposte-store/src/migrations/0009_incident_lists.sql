-- What incidents are listed by. Status and severity are Azure's names.
ALTER TABLE incident ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE incident ADD COLUMN severity TEXT NOT NULL DEFAULT '';
ALTER TABLE incident ADD COLUMN modified INTEGER NOT NULL DEFAULT 0;
CREATE INDEX incident_status ON incident (workspace, status, number);
CREATE INDEX incident_severity ON incident (workspace, severity, number);
CREATE INDEX incident_state ON incident (workspace, status, severity, number);
CREATE INDEX incident_modified ON incident (workspace, modified, number);

-- Programs that sign in with an id and a secret, and when tokens end.
CREATE TABLE service_principal (
    id TEXT PRIMARY KEY,
    app TEXT NOT NULL,
    doc TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX service_principal_app ON service_principal (app);
-- Nanoseconds since 1970; tokens without it do not end by themselves.
ALTER TABLE token ADD COLUMN expires INTEGER;
CREATE INDEX token_expires ON token (expires);

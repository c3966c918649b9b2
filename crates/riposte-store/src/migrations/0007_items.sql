-- What a workspace keeps by name beside incidents and automation rules: analytics rules, watchlists and their items,
-- bookmarks and the like. Names and parents are lower case; what lies below nothing has an empty parent.
CREATE TABLE workspace_item (
    workspace INTEGER NOT NULL,
    kind TEXT NOT NULL,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (workspace, kind, parent, name)
) WITHOUT ROWID;
INSERT INTO generation (kind, value) VALUES ('analytics', 0), ('watchlists', 0);

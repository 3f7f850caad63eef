-- +goose Up
-- What admins changed of the settings; each node follows.
CREATE TABLE setting_edits (
	name       TEXT NOT NULL PRIMARY KEY,
	value      TEXT NOT NULL,
	updated_at TIMESTAMP NOT NULL
);

-- +goose Down
DROP TABLE setting_edits;

-- +goose Up
-- What admins changed in the policy of limits; each node follows.
CREATE TABLE limit_edits (
	entry      TEXT NOT NULL PRIMARY KEY,
	value      TEXT NOT NULL,
	updated_at TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE limit_edits;

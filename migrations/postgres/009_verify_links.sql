-- +goose Up
-- Who opens one proves that the address is theirs, once.
CREATE TABLE verify_links (
	hash       TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	email      TEXT NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX verify_links_user ON verify_links (user_id);
CREATE INDEX verify_links_expires ON verify_links (expires_at);

-- +goose Down
DROP TABLE verify_links;

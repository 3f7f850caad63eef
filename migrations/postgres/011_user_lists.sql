-- +goose Up
-- A quota of one's own, in bytes; null: that of the tier.
ALTER TABLE users ADD COLUMN quota BIGINT CHECK (quota >= 0);

-- The panel's lists of users.
CREATE INDEX users_created ON users (created_at DESC, id DESC);
CREATE INDEX users_storage ON users (storage_used DESC, id DESC);
CREATE INDEX users_key ON users (username_key COLLATE "C");
CREATE INDEX users_email ON users (lower(email), id);

-- An admin, or a mail, hands one out; it sets a new password, once.
CREATE TABLE reset_links (
	hash       TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX reset_links_user ON reset_links (user_id);
CREATE INDEX reset_links_expires ON reset_links (expires_at);

-- +goose Down
DROP TABLE reset_links;
DROP INDEX users_email;
DROP INDEX users_key;
DROP INDEX users_storage;
DROP INDEX users_created;
ALTER TABLE users DROP COLUMN quota;

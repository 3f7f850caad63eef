-- +goose Up
CREATE TABLE users (
	id            TEXT      NOT NULL PRIMARY KEY,
	username      TEXT      NOT NULL,
	username_key  TEXT      NOT NULL UNIQUE,
	-- Not unique: nobody has proved that an address is theirs yet, and saying
	-- that one is taken would tell a stranger who has an account.
	email         TEXT      NOT NULL,
	password_hash TEXT      NOT NULL,
	role          TEXT      NOT NULL,
	tier          TEXT      NOT NULL,
	phone         TEXT      NOT NULL,
	website       TEXT      NOT NULL,
	bio           TEXT      NOT NULL,
	avatar        TEXT      NOT NULL,
	avatar_type   TEXT      NOT NULL,
	storage_used  INTEGER   NOT NULL CHECK (storage_used >= 0),
	created_at    TIMESTAMP NOT NULL,
	updated_at    TIMESTAMP NOT NULL
);
CREATE INDEX users_role ON users (role) WHERE role = 'admin';
CREATE INDEX users_avatar ON users (avatar) WHERE avatar <> '';

CREATE TABLE sessions (
	hash         TEXT      NOT NULL PRIMARY KEY,
	user_id      TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	user_agent   TEXT      NOT NULL,
	created_at   TIMESTAMP NOT NULL,
	last_seen_at TIMESTAMP NOT NULL,
	expires_at   TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id, created_at);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE api_tokens (
	id           TEXT      NOT NULL PRIMARY KEY,
	user_id      TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	name         TEXT      NOT NULL,
	hash         TEXT      NOT NULL UNIQUE,
	created_at   TIMESTAMP NOT NULL,
	last_used_at TIMESTAMP
);
CREATE INDEX api_tokens_user ON api_tokens (user_id, created_at);

CREATE TABLE setup_links (
	hash       TEXT      NOT NULL PRIMARY KEY,
	created_at TIMESTAMP NOT NULL,
	expires_at TIMESTAMP NOT NULL
);

-- +goose Down
DROP TABLE setup_links;
DROP TABLE api_tokens;
DROP TABLE sessions;
DROP TABLE users;

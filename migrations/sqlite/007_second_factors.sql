-- +goose Up
-- Whoever knows the secret, sealed with the site key, makes the codes. Each code
-- belongs to a step of time; none up to step is taken again.
CREATE TABLE totp_factors (
	user_id      TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
	sealed       BLOB NOT NULL,
	step         INTEGER NOT NULL,
	misses       INTEGER NOT NULL, -- codes that were tried since missed_at
	missed_at    TIMESTAMP NOT NULL,
	created_at   TIMESTAMP NOT NULL,
	confirmed_at TIMESTAMP -- null: it is being set up
);
-- A code that was used is gone.
CREATE TABLE recovery_codes (
	hash    TEXT NOT NULL PRIMARY KEY,
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);
-- Who gave the right password, and owes the second factor.
CREATE TABLE pending_log_ins (
	hash       TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	expires_at TIMESTAMP NOT NULL
);
CREATE INDEX pending_log_ins_user ON pending_log_ins (user_id);
CREATE INDEX pending_log_ins_expires ON pending_log_ins (expires_at);

-- +goose Down
DROP TABLE pending_log_ins;
DROP TABLE recovery_codes;
DROP TABLE totp_factors;

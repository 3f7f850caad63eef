-- +goose Up
-- Whoever knows the secret, sealed with the site key, makes the codes. Each code
-- belongs to a step of time; none up to step is taken again.
CREATE TABLE totp_factors (
	user_id      TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
	sealed       BYTEA NOT NULL,
	step         BIGINT NOT NULL,
	misses       BIGINT NOT NULL, -- codes that were tried since missed_at
	missed_at    TIMESTAMPTZ NOT NULL,
	created_at   TIMESTAMPTZ NOT NULL,
	confirmed_at TIMESTAMPTZ -- null: it is being set up
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
	expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX pending_log_ins_user ON pending_log_ins (user_id);
CREATE INDEX pending_log_ins_expires ON pending_log_ins (expires_at);

-- +goose Down
DROP TABLE pending_log_ins;
DROP TABLE recovery_codes;
DROP TABLE totp_factors;

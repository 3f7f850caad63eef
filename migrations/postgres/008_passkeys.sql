-- +goose Up
-- What an authenticator keeps the private key of (WebAuthn).
CREATE TABLE passkeys (
	id            TEXT NOT NULL PRIMARY KEY,
	user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	credential_id TEXT NOT NULL UNIQUE, -- in base64url, as the authenticator named it
	name          TEXT NOT NULL,
	record        BYTEA NOT NULL, -- the public key and what was said of it
	sign_count    BIGINT NOT NULL, -- the highest count of uses that the authenticator told
	created_at    TIMESTAMPTZ NOT NULL,
	last_used_at  TIMESTAMPTZ
);
CREATE INDEX passkeys_user ON passkeys (user_id, created_at);
-- What an authenticator was asked to sign, and for whom. It is answered once.
CREATE TABLE passkey_challenges (
	hash       TEXT NOT NULL PRIMARY KEY,
	asked_for  TEXT NOT NULL,
	state      BYTEA NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX passkey_challenges_expires ON passkey_challenges (expires_at);

-- +goose Down
DROP TABLE passkey_challenges;
DROP TABLE passkeys;

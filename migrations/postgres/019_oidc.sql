-- +goose Up
-- Who a user is at a provider of OpenID Connect.
CREATE TABLE oidc_identities (
	issuer     TEXT NOT NULL,
	subject    TEXT NOT NULL,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	created_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (issuer, subject)
);
CREATE INDEX oidc_identities_user ON oidc_identities (user_id);
-- Who was sent to the provider, and is not back yet. Each comes back once.
CREATE TABLE oidc_log_ins (
	hash       TEXT NOT NULL PRIMARY KEY,
	sealed     BYTEA NOT NULL, -- what the answer is judged by
	expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX oidc_log_ins_expires ON oidc_log_ins (expires_at);

-- +goose Down
DROP TABLE oidc_log_ins;
DROP TABLE oidc_identities;

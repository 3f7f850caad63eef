-- +goose Up
-- What is kept for TLS, sealed with the site key: certificates with their
-- keys, account keys, and answers to challenges.
CREATE TABLE certificate_entries (
	authority  TEXT NOT NULL,
	name       TEXT NOT NULL,
	sealed     BYTEA NOT NULL,
	updated_at TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (authority, name)
);
-- Why the last try to get a certificate failed.
CREATE TABLE certificate_failures (
	authority TEXT NOT NULL,
	name      TEXT NOT NULL,
	message   TEXT NOT NULL,
	tries     INTEGER NOT NULL,
	ordered   BOOLEAN NOT NULL,
	failed_at TIMESTAMPTZ NOT NULL,
	next_at   TIMESTAMPTZ NOT NULL,
	PRIMARY KEY (authority, name)
);
-- What only one node may do at a time.
CREATE TABLE leases (
	name       TEXT NOT NULL PRIMARY KEY,
	holder     TEXT NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE leases;
DROP TABLE certificate_failures;
DROP TABLE certificate_entries;

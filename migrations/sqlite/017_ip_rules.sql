-- +goose Up
-- Who may come, by address. Each node holds all of them in memory.
CREATE TABLE ip_rules (
	prefix     TEXT NOT NULL PRIMARY KEY,
	action     TEXT NOT NULL,
	note       TEXT NOT NULL,
	expires_at TIMESTAMP,
	created_at TIMESTAMP NOT NULL
);

-- +goose Down
DROP TABLE ip_rules;

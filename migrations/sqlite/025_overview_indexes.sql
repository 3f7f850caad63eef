-- +goose Up
-- What the panel counts, without reading the tables.
CREATE INDEX users_suspended ON users (suspended_at) WHERE suspended_at IS NOT NULL;
CREATE INDEX files_created ON files (created_at, size);

-- +goose Down
DROP INDEX files_created;
DROP INDEX users_suspended;

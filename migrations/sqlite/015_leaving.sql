-- +goose Up
-- When a user who asked to be deleted is. Until then they may keep their account.
ALTER TABLE users ADD COLUMN deletion_at TIMESTAMP;
CREATE INDEX users_deletion ON users (deletion_at) WHERE deletion_at IS NOT NULL;

-- +goose Down
DROP INDEX users_deletion;
ALTER TABLE users DROP COLUMN deletion_at;

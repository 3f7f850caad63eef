-- +goose Up
-- How many users of a tier have stored more than it gives.
CREATE INDEX users_tier ON users (tier, quota, storage_used);

-- +goose Down
DROP INDEX users_tier;

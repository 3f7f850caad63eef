-- +goose Up
-- What a token may, as names with spaces between. The tokens there are keep what
-- they could, and have no end.
ALTER TABLE api_tokens ADD COLUMN scopes TEXT NOT NULL DEFAULT 'read write upload';
ALTER TABLE api_tokens ADD COLUMN expires_at TIMESTAMP; -- null: never

-- +goose Down
ALTER TABLE api_tokens DROP COLUMN expires_at;
ALTER TABLE api_tokens DROP COLUMN scopes;

-- +goose Up
ALTER TABLE oidc_identities ADD COLUMN last_used_at TIMESTAMP; -- null: never
-- Whoever came by a provider has a password that nobody knows.
ALTER TABLE users ADD COLUMN no_password BOOLEAN NOT NULL DEFAULT FALSE;
-- When they last took a link away: none is made by an address alone since.
ALTER TABLE users ADD COLUMN unlinked_at TIMESTAMP;
-- Those who came so before are known by their link, which is as old as they
-- are; unless the audit log has that they set a password.
UPDATE users SET no_password = TRUE
	WHERE EXISTS (SELECT 1 FROM oidc_identities i WHERE i.user_id = users.id AND i.created_at = users.created_at)
	AND NOT EXISTS (SELECT 1 FROM audit_events e WHERE e.object = 'user:' || users.id AND e.action IN ('user.reset_password', 'user.change_password'));

-- +goose Down
ALTER TABLE users DROP COLUMN unlinked_at;
ALTER TABLE users DROP COLUMN no_password;
ALTER TABLE oidc_identities DROP COLUMN last_used_at;

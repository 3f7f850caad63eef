-- +goose Up
-- Whoever opens one may register, once. None makes an admin.
CREATE TABLE invitations (
	id         TEXT NOT NULL PRIMARY KEY,
	hash       TEXT NOT NULL UNIQUE,
	role       TEXT NOT NULL CHECK (role <> 'admin'),
	tier       TEXT NOT NULL,
	email      TEXT NOT NULL, -- whom it is for; empty: anybody
	note       TEXT NOT NULL,
	created_at TIMESTAMPTZ NOT NULL,
	expires_at TIMESTAMPTZ NOT NULL,
	used_at    TIMESTAMPTZ,
	used_by    TEXT REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX invitations_created ON invitations (created_at DESC, id DESC);
CREATE INDEX invitations_used_by ON invitations (used_by) WHERE used_by IS NOT NULL;

-- +goose Down
DROP TABLE invitations;

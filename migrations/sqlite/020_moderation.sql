-- +goose Up
-- What moderators hid: its author alone sees it, and of a file nobody has the
-- bytes. What they removed nobody sees, and seven days later it is gone. What
-- is removed is hidden too.
ALTER TABLE posts ADD COLUMN hidden_at TIMESTAMP;
ALTER TABLE posts ADD COLUMN removed_at TIMESTAMP;
ALTER TABLE comments ADD COLUMN hidden_at TIMESTAMP;
ALTER TABLE comments ADD COLUMN removed_at TIMESTAMP;
ALTER TABLE files ADD COLUMN hidden_at TIMESTAMP;
ALTER TABLE files ADD COLUMN removed_at TIMESTAMP;
CREATE INDEX comments_removed ON comments (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX files_removed ON files (removed_at) WHERE removed_at IS NOT NULL;

-- The feed again, without what is hidden.
DROP INDEX posts_feed;
CREATE INDEX posts_feed ON posts (created_at DESC, id DESC) WHERE visibility = 'public' AND deleted_at IS NULL AND hidden_at IS NULL;

-- The lists of the panel.
CREATE INDEX posts_created ON posts (created_at DESC, id DESC);
CREATE INDEX comments_created ON comments (created_at DESC, id DESC);
CREATE INDEX files_newest ON files (created_at DESC, id DESC);
CREATE INDEX posts_hidden ON posts (created_at DESC, id DESC) WHERE hidden_at IS NOT NULL;
CREATE INDEX comments_hidden ON comments (created_at DESC, id DESC) WHERE hidden_at IS NOT NULL;
CREATE INDEX files_hidden ON files (created_at DESC, id DESC) WHERE hidden_at IS NOT NULL;

-- What people said is wrong with a post, a comment, a file or a user. While one
-- is open, all who report the same thing join it.
CREATE TABLE reports (
	id         TEXT      NOT NULL PRIMARY KEY,
	object     TEXT      NOT NULL, -- a noun and an identifier, as in the audit log
	owner_id   TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- whose it is
	evidence   TEXT      NOT NULL, -- its words when it was reported first
	times      INTEGER   NOT NULL,
	created_at TIMESTAMP NOT NULL,
	last_at    TIMESTAMP NOT NULL,
	claimed_by TEXT      REFERENCES users (id) ON DELETE SET NULL,
	claimed_at TIMESTAMP,
	decided_by TEXT      REFERENCES users (id) ON DELETE SET NULL,
	decided_at TIMESTAMP,
	decision   TEXT      NOT NULL, -- empty: none yet
	note       TEXT      NOT NULL  -- to those who reported it
);
CREATE UNIQUE INDEX reports_open ON reports (object) WHERE decided_at IS NULL;
CREATE INDEX reports_waiting ON reports (created_at, id) WHERE decided_at IS NULL;
CREATE INDEX reports_decided ON reports (decided_at DESC, id DESC) WHERE decided_at IS NOT NULL;
CREATE INDEX reports_owner ON reports (owner_id);
CREATE INDEX reports_claimed_by ON reports (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX reports_decided_by ON reports (decided_by) WHERE decided_by IS NOT NULL;

-- Who reported it, each once, and why. A guest is nobody.
CREATE TABLE report_reasons (
	id          TEXT      NOT NULL PRIMARY KEY,
	report_id   TEXT      NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
	reporter_id TEXT      REFERENCES users (id) ON DELETE SET NULL,
	reason      TEXT      NOT NULL,
	words       TEXT      NOT NULL,
	created_at  TIMESTAMP NOT NULL
);
CREATE INDEX report_reasons_report ON report_reasons (report_id, created_at, id);
CREATE UNIQUE INDEX report_reasons_once ON report_reasons (report_id, reporter_id) WHERE reporter_id IS NOT NULL;
CREATE INDEX report_reasons_reporter ON report_reasons (reporter_id, created_at DESC, id DESC) WHERE reporter_id IS NOT NULL;

-- What a user is told, whether or not there is a mail server.
CREATE TABLE notices (
	id         TEXT      NOT NULL PRIMARY KEY,
	user_id    TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	kind       TEXT      NOT NULL,
	object     TEXT      NOT NULL,
	words      TEXT      NOT NULL,
	created_at TIMESTAMP NOT NULL,
	read_at    TIMESTAMP
);
CREATE INDEX notices_user ON notices (user_id, created_at DESC, id DESC);
CREATE INDEX notices_unread ON notices (user_id) WHERE read_at IS NULL;

-- Which admin may see what is private, for a while, and why.
CREATE TABLE break_glass (
	id         TEXT      NOT NULL PRIMARY KEY,
	admin_id   TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	object     TEXT      NOT NULL,
	why        TEXT      NOT NULL,
	created_at TIMESTAMP NOT NULL,
	expires_at TIMESTAMP NOT NULL
);
CREATE INDEX break_glass_object ON break_glass (object, admin_id, expires_at);
CREATE INDEX break_glass_admin ON break_glass (admin_id);
CREATE INDEX break_glass_expires ON break_glass (expires_at);

-- +goose Down
DROP TABLE break_glass;
DROP TABLE notices;
DROP TABLE report_reasons;
DROP TABLE reports;
DROP INDEX files_hidden;
DROP INDEX comments_hidden;
DROP INDEX posts_hidden;
DROP INDEX files_newest;
DROP INDEX comments_created;
DROP INDEX posts_created;
DROP INDEX posts_feed;
CREATE INDEX posts_feed ON posts (created_at DESC, id DESC) WHERE visibility = 'public' AND deleted_at IS NULL;
DROP INDEX files_removed;
DROP INDEX comments_removed;
ALTER TABLE files DROP COLUMN removed_at;
ALTER TABLE files DROP COLUMN hidden_at;
ALTER TABLE comments DROP COLUMN removed_at;
ALTER TABLE comments DROP COLUMN hidden_at;
ALTER TABLE posts DROP COLUMN removed_at;
ALTER TABLE posts DROP COLUMN hidden_at;

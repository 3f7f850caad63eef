-- +goose Up
-- A list of users by role, tier or state passes over all who are not of it: what
-- is asked of them stands in the index, and is asked as it stands there.
DROP INDEX users_created;
DROP INDEX users_storage;
DROP INDEX users_key;
CREATE INDEX users_created ON users (created_at DESC, id DESC, role, tier, (CASE WHEN suspended_at IS NULL THEN 0 ELSE 1 END));
CREATE INDEX users_storage ON users (storage_used DESC, id DESC, role, tier, (CASE WHEN suspended_at IS NULL THEN 0 ELSE 1 END));
CREATE INDEX users_key ON users (username_key COLLATE "C", role, tier, (CASE WHEN suspended_at IS NULL THEN 0 ELSE 1 END));

-- What was refused is sought among much that was not.
CREATE INDEX audit_events_refused ON audit_events (seq DESC) WHERE outcome = 'refused';
CREATE INDEX audit_events_refused_actor ON audit_events (actor_id, seq DESC) WHERE outcome = 'refused';
CREATE INDEX audit_events_refused_action ON audit_events (action, seq DESC) WHERE outcome = 'refused';
CREATE INDEX audit_events_actor_action ON audit_events (actor_id, action, seq DESC);
DROP INDEX audit_events_at;
CREATE INDEX audit_events_at ON audit_events (at, seq);

-- The posts of an author that are not deleted, for their page and their number.
CREATE INDEX posts_kept ON posts (author_id, created_at DESC, id DESC, deleted_at) WHERE deleted_at IS NULL;
-- A user's comments are exported, and deleted, in the order of their identifiers.
DROP INDEX comments_author;
CREATE INDEX comments_author ON comments (author_id, id);

-- +goose Down
DROP INDEX comments_author;
CREATE INDEX comments_author ON comments (author_id);
DROP INDEX posts_kept;
DROP INDEX audit_events_at;
CREATE INDEX audit_events_at ON audit_events (at);
DROP INDEX audit_events_actor_action;
DROP INDEX audit_events_refused_action;
DROP INDEX audit_events_refused_actor;
DROP INDEX audit_events_refused;
DROP INDEX users_key;
DROP INDEX users_storage;
DROP INDEX users_created;
CREATE INDEX users_key ON users (username_key COLLATE "C");
CREATE INDEX users_storage ON users (storage_used DESC, id DESC);
CREATE INDEX users_created ON users (created_at DESC, id DESC);

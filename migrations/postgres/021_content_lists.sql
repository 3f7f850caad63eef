-- +goose Up
-- The lists of the panel, by owner, by who may see a post, and by how far a
-- file is. What is usual has no index of its own: the newest are asked.
CREATE INDEX comments_author_created ON comments (author_id, created_at DESC, id DESC);
CREATE INDEX posts_visibility ON posts (visibility, created_at DESC, id DESC) WHERE visibility <> 'public';
CREATE INDEX files_state ON files (state, created_at DESC, id DESC) WHERE state <> 'ready';

-- An admin breaks a glass once, and again only when that has ended.
DROP INDEX break_glass_object;
CREATE UNIQUE INDEX break_glass_once ON break_glass (object, admin_id);

-- +goose Down
DROP INDEX break_glass_once;
CREATE INDEX break_glass_object ON break_glass (object, admin_id, expires_at);
DROP INDEX files_state;
DROP INDEX posts_visibility;
DROP INDEX comments_author_created;

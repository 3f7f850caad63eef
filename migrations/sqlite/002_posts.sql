-- +goose Up
CREATE TABLE posts (
	-- Ties the post to its row in the search table.
	seq           INTEGER   PRIMARY KEY,
	id            TEXT      NOT NULL UNIQUE,
	author_id     TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	title         TEXT      NOT NULL,
	excerpt       TEXT      NOT NULL,
	visibility    TEXT      NOT NULL,
	tags          TEXT      NOT NULL, -- with spaces between them, in the author's order
	comment_count INTEGER   NOT NULL CHECK (comment_count >= 0),
	created_at    TIMESTAMP NOT NULL,
	updated_at    TIMESTAMP NOT NULL,
	deleted_at    TIMESTAMP,
	-- Last, so that lists, which do not show it, do not read past it.
	content       TEXT      NOT NULL
);
CREATE INDEX posts_feed ON posts (created_at DESC, id DESC) WHERE visibility = 'public' AND deleted_at IS NULL;
CREATE INDEX posts_author ON posts (author_id, created_at DESC, id DESC);
CREATE INDEX posts_deleted ON posts (deleted_at) WHERE deleted_at IS NOT NULL;

-- The tags again, to find posts by. created_at is the post's, which never
-- changes; listed says whether the post is public and not deleted. So a tag's
-- page is one walk along the index.
CREATE TABLE post_tags (
	post_id    TEXT      NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	tag        TEXT      NOT NULL,
	created_at TIMESTAMP NOT NULL,
	listed     BOOLEAN   NOT NULL,
	PRIMARY KEY (post_id, tag)
) WITHOUT ROWID;
CREATE UNIQUE INDEX post_tags_listed ON post_tags (listed, tag, created_at DESC, post_id DESC);

CREATE TABLE comments (
	id         TEXT      NOT NULL PRIMARY KEY,
	post_id    TEXT      NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	author_id  TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	body       TEXT      NOT NULL,
	created_at TIMESTAMP NOT NULL
);
CREATE INDEX comments_post ON comments (post_id, created_at, id);
CREATE INDEX comments_author ON comments (author_id);

CREATE TABLE files (
	id           TEXT      NOT NULL PRIMARY KEY,
	owner_id     TEXT      NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	post_id      TEXT      REFERENCES posts (id) ON DELETE RESTRICT,
	position     INTEGER   NOT NULL,
	name         TEXT      NOT NULL,
	blob         TEXT      NOT NULL UNIQUE,
	size         INTEGER   NOT NULL CHECK (size >= 0),
	sha256       TEXT      NOT NULL,
	media_type   TEXT      NOT NULL,
	kind         TEXT      NOT NULL,
	state        TEXT      NOT NULL,
	reason       TEXT      NOT NULL,
	width        INTEGER   NOT NULL,
	height       INTEGER   NOT NULL,
	clean        TEXT      NOT NULL,
	clean_size   INTEGER   NOT NULL,
	clean_sha256 TEXT      NOT NULL,
	thumb_small  TEXT      NOT NULL,
	thumb_large  TEXT      NOT NULL,
	thumb_type   TEXT      NOT NULL,
	created_at   TIMESTAMP NOT NULL,
	updated_at   TIMESTAMP NOT NULL
);
CREATE INDEX files_owner ON files (owner_id, created_at DESC, id DESC);
CREATE INDEX files_post ON files (post_id, position, id) WHERE post_id IS NOT NULL;
-- The sweep asks by key which bytes have a record.
CREATE INDEX files_clean ON files (clean) WHERE clean <> '';
CREATE INDEX files_thumb_small ON files (thumb_small) WHERE thumb_small <> '';
CREATE INDEX files_thumb_large ON files (thumb_large) WHERE thumb_large <> '';

-- A row's docid is the seq of its post. FTS4 rather than FTS5: the driver has
-- it without a build tag, and our lists are newest first, not ranked. The words
-- come cut and in lower case: simple parts them at the spaces.
CREATE VIRTUAL TABLE post_search USING fts4 (document, tokenize=simple, matchinfo=fts3);

-- +goose Down
DROP TABLE post_search;
DROP TABLE files;
DROP TABLE comments;
DROP TABLE post_tags;
DROP TABLE posts;

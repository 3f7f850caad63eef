-- The schema of both dialects. The package replaces each token in braces and drops
-- lines that start with the name of the other dialect; migrations.go has the list.
-- A time is in UTC. A change of the schema is a new file, never an edit of an old one.

-- +goose Up

-- Accounts

CREATE TABLE users (
	id                TEXT NOT NULL PRIMARY KEY,
	username          TEXT NOT NULL,
	username_key      TEXT NOT NULL UNIQUE,
	email             TEXT NOT NULL, -- not unique: to say that an address is taken would reveal who has an account
	email_verified_at {time},
	password_hash     TEXT NOT NULL,
	no_password       BOOLEAN NOT NULL, -- the user only signs in through a provider, and knows no password
	unlinked_at       {time}, -- since when an email address alone links no identity to the account
	role              TEXT NOT NULL,
	tier              TEXT NOT NULL,
	phone             TEXT NOT NULL,
	website           TEXT NOT NULL,
	bio               TEXT NOT NULL,
	avatar            TEXT NOT NULL,
	avatar_type       TEXT NOT NULL,
	storage_used      {int} NOT NULL CHECK (storage_used >= 0),
	quota             {int} CHECK (quota >= 0), -- in bytes; null: the tier's
	last_visibility   TEXT NOT NULL DEFAULT '', -- what the user chose last in the form for a post; empty: nothing yet
	guessed_at        {time},                   -- when the user was last told that somebody guesses their password
	reset_mailed_at   {time},                   -- when the user was last mailed a reset link that somebody asked for
	suspended_at      {time},
	deletion_at       {time}, -- when the account is deleted; the user can cancel until then
	created_at        {time} NOT NULL,
	updated_at        {time} NOT NULL
);
CREATE INDEX users_role ON users (role) WHERE role = 'admin';
CREATE INDEX users_avatar ON users (avatar) WHERE avatar <> '';
CREATE INDEX users_email ON users (lower(email), id);
CREATE INDEX users_suspended ON users (suspended_at) WHERE suspended_at IS NOT NULL;
CREATE INDEX users_deletion ON users (deletion_at) WHERE deletion_at IS NOT NULL;
-- The panel counts the users of a tier who store more than it allows.
CREATE INDEX users_tier ON users (tier, quota, storage_used);
-- The panel's lists of users. Each index holds the columns of the filters, so that
-- a query need not read the rows that it skips.
CREATE INDEX users_created ON users (created_at DESC, id DESC, role, tier, {suspended});
CREATE INDEX users_storage ON users (storage_used DESC, id DESC, role, tier, {suspended});
CREATE INDEX users_key ON users (username_key{bytewise}, role, tier, {suspended});
-- The same for the users whom such a filter usually picks: few, among many that it skips.
CREATE INDEX users_role_created ON users (role, created_at DESC, id DESC, tier, {suspended}) WHERE role <> 'user';
CREATE INDEX users_role_storage ON users (role, storage_used DESC, id DESC, tier, {suspended}) WHERE role <> 'user';
CREATE INDEX users_role_key ON users (role, username_key{bytewise}, tier, {suspended}) WHERE role <> 'user';
CREATE INDEX users_tier_created ON users (tier, created_at DESC, id DESC, role, {suspended}) WHERE tier <> 'free';
CREATE INDEX users_tier_storage ON users (tier, storage_used DESC, id DESC, role, {suspended}) WHERE tier <> 'free';
CREATE INDEX users_tier_key ON users (tier, username_key{bytewise}, role, {suspended}) WHERE tier <> 'free';
CREATE INDEX users_suspended_created ON users (created_at DESC, id DESC, role, tier, {suspended}) WHERE suspended_at IS NOT NULL;
CREATE INDEX users_suspended_storage ON users (storage_used DESC, id DESC, role, tier, {suspended}) WHERE suspended_at IS NOT NULL;
CREATE INDEX users_suspended_key ON users (username_key{bytewise}, role, tier, {suspended}) WHERE suspended_at IS NOT NULL;

CREATE TABLE sessions (
	hash         TEXT NOT NULL PRIMARY KEY, -- of the secret, which is renewed
	first_hash   TEXT NOT NULL UNIQUE,      -- of the secret that it began with
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	user_agent   TEXT NOT NULL,
	address      TEXT NOT NULL, -- the network that it was opened from
	created_at   {time} NOT NULL,
	last_seen_at {time} NOT NULL,
	confirmed_at {time} NOT NULL, -- when the user last authenticated
	expires_at   {time} NOT NULL
){without_rowid};
CREATE INDEX sessions_user ON sessions (user_id, created_at);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- The networks from which users have signed in, so that guesses from others are told apart.
CREATE TABLE known_networks (
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	network TEXT NOT NULL,
	last_at {time} NOT NULL, -- of the last sign-in
	PRIMARY KEY (user_id, network)
){without_rowid};
CREATE INDEX known_networks_last ON known_networks (last_at);

CREATE TABLE api_tokens (
	id           TEXT NOT NULL PRIMARY KEY,
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	hash         TEXT NOT NULL UNIQUE,
	scopes       TEXT NOT NULL, -- names with spaces between them
	created_at   {time} NOT NULL,
	last_used_at {time},
	expires_at   {time} -- null: never
);
CREATE INDEX api_tokens_user ON api_tokens (user_id, created_at);

-- A setup link creates the first admin.
CREATE TABLE setup_links (
	hash       TEXT NOT NULL PRIMARY KEY,
	created_at {time} NOT NULL,
	expires_at {time} NOT NULL
);

-- A verification link proves once that an email address is the user's.
CREATE TABLE verify_links (
	hash       TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	email      TEXT NOT NULL,
	expires_at {time} NOT NULL
);
CREATE INDEX verify_links_user ON verify_links (user_id);
CREATE INDEX verify_links_expires ON verify_links (expires_at);

-- A reset link sets a new password once. An admin or an email delivers it.
CREATE TABLE reset_links (
	hash       TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	expires_at {time} NOT NULL
);
CREATE INDEX reset_links_user ON reset_links (user_id);
CREATE INDEX reset_links_expires ON reset_links (expires_at);

-- An invitation lets one person register. It never creates an admin.
CREATE TABLE invitations (
	id         TEXT NOT NULL PRIMARY KEY,
	hash       TEXT NOT NULL UNIQUE,
	role       TEXT NOT NULL CHECK (role <> 'admin'),
	tier       TEXT NOT NULL,
	email      TEXT NOT NULL, -- the invited address; empty: any
	note       TEXT NOT NULL,
	created_at {time} NOT NULL,
	expires_at {time} NOT NULL,
	used_at    {time},
	used_by    TEXT REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX invitations_created ON invitations (created_at DESC, id DESC);
CREATE INDEX invitations_used_by ON invitations (used_by) WHERE used_by IS NOT NULL;

-- Signing in

-- The secret of an authenticator app, sealed with the site key. A code belongs to a
-- step of time; codes up to step are not accepted again.
CREATE TABLE totp_factors (
	user_id      TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
	sealed       {bytes} NOT NULL,
	step         {int} NOT NULL,
	misses       {int} NOT NULL, -- wrong codes since missed_at
	missed_at    {time} NOT NULL,
	created_at   {time} NOT NULL,
	confirmed_at {time} -- null: the user is setting it up
);

-- A recovery code is deleted when it is used.
CREATE TABLE recovery_codes (
	hash    TEXT NOT NULL PRIMARY KEY,
	user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- A sign-in with the right password that still needs the second factor.
CREATE TABLE pending_log_ins (
	hash       TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	expires_at {time} NOT NULL
);
CREATE INDEX pending_log_ins_user ON pending_log_ins (user_id);
CREATE INDEX pending_log_ins_expires ON pending_log_ins (expires_at);

-- WebAuthn credentials.
CREATE TABLE passkeys (
	id            TEXT NOT NULL PRIMARY KEY,
	user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	credential_id TEXT NOT NULL UNIQUE, -- the authenticator's identifier, in base64url
	name          TEXT NOT NULL,
	record        {bytes} NOT NULL, -- the public key and its attributes
	sign_count    {int} NOT NULL, -- the highest count of uses that the authenticator reported
	created_at    {time} NOT NULL,
	last_used_at  {time}
);
CREATE INDEX passkeys_user ON passkeys (user_id, created_at);

-- A WebAuthn challenge is answered once, and only for the purpose it was made for.
CREATE TABLE passkey_challenges (
	hash       TEXT NOT NULL PRIMARY KEY,
	asked_for  TEXT NOT NULL,
	state      {bytes} NOT NULL,
	expires_at {time} NOT NULL
);
CREATE INDEX passkey_challenges_expires ON passkey_challenges (expires_at);

-- The identities of users at an OpenID Connect provider.
CREATE TABLE oidc_identities (
	issuer       TEXT NOT NULL,
	subject      TEXT NOT NULL,
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	created_at   {time} NOT NULL,
	last_used_at {time}, -- null: never
	PRIMARY KEY (issuer, subject)
);
CREATE INDEX oidc_identities_user ON oidc_identities (user_id);

-- A visitor at the provider who has not come back yet. Each comes back once.
CREATE TABLE oidc_log_ins (
	hash       TEXT NOT NULL PRIMARY KEY,
	sealed     {bytes} NOT NULL, -- what the provider's answer is checked against
	expires_at {time} NOT NULL
);
CREATE INDEX oidc_log_ins_expires ON oidc_log_ins (expires_at);

-- Posts, comments and files
--
-- hidden_at: a moderator hid it. Only its author sees it, and nobody gets the bytes
-- of a hidden file. removed_at: a moderator removed it. It is hidden too, even from
-- its author, and purged after seven days.

CREATE TABLE posts (
	{sqlite}seq        INTEGER PRIMARY KEY, -- the docid of its row in post_search
	{sqlite}id         TEXT NOT NULL UNIQUE,
	{postgres}id       TEXT NOT NULL PRIMARY KEY,
	author_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	title         TEXT NOT NULL,
	excerpt       TEXT NOT NULL,
	visibility    TEXT NOT NULL,
	tags          TEXT NOT NULL, -- with spaces between them, in the author's order
	comment_count INTEGER NOT NULL CHECK (comment_count >= 0),
	created_at    {time} NOT NULL,
	updated_at    {time} NOT NULL,
	deleted_at    {time},
	hidden_at     {time},
	removed_at    {time},
	-- Last: lists do not show them, and so do not read past them.
	html_version  INTEGER NOT NULL DEFAULT 0, -- of package sanitize, that rendered html
	html          TEXT NOT NULL DEFAULT '',   -- the content as sanitised HTML
	content       TEXT NOT NULL
);
CREATE INDEX posts_feed ON posts (created_at DESC, id DESC) WHERE visibility = 'public' AND deleted_at IS NULL AND hidden_at IS NULL;
CREATE INDEX posts_author ON posts (author_id, created_at DESC, id DESC);
CREATE INDEX posts_kept ON posts (author_id, created_at DESC, id DESC, deleted_at) WHERE deleted_at IS NULL;
CREATE INDEX posts_deleted ON posts (deleted_at) WHERE deleted_at IS NOT NULL;
-- The panel's lists. The usual visibility has no index of its own: posts_created serves it.
CREATE INDEX posts_created ON posts (created_at DESC, id DESC);
CREATE INDEX posts_hidden ON posts (created_at DESC, id DESC) WHERE hidden_at IS NOT NULL;
CREATE INDEX posts_visibility ON posts (visibility, created_at DESC, id DESC) WHERE visibility <> 'public';

-- The tags once more, to find posts by. created_at is the post's, and never changes;
-- listed: the post is public, and neither deleted nor hidden.
CREATE TABLE post_tags (
	post_id    TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	tag        TEXT{bytewise} NOT NULL,
	created_at {time} NOT NULL,
	listed     BOOLEAN NOT NULL,
	PRIMARY KEY (post_id, tag)
){without_rowid};
CREATE UNIQUE INDEX post_tags_listed ON post_tags (listed, tag, created_at DESC, post_id DESC);

-- Full-text search. FTS4 rather than FTS5: the driver has it without a build tag, and
-- our lists are newest first, not ranked. Our own code splits text into lower-case words,
-- so the simple tokenizer only has to split at spaces.
{sqlite}CREATE VIRTUAL TABLE post_search USING fts4 (document, tokenize=simple, matchinfo=fts3);
{postgres}CREATE TABLE post_search (
{postgres}	post_id  TEXT NOT NULL PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
{postgres}	document TSVECTOR NOT NULL
{postgres});
{postgres}CREATE INDEX post_search_document ON post_search USING GIN (document);

CREATE TABLE comments (
	id         TEXT NOT NULL PRIMARY KEY,
	post_id    TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	author_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	body       TEXT NOT NULL,
	created_at {time} NOT NULL,
	hidden_at  {time},
	removed_at {time},
	owner_deleted_at {time}, -- while it was hidden, by its author or that of the post
	html_version INTEGER NOT NULL DEFAULT 0, -- of package sanitize, that rendered html
	html         TEXT NOT NULL DEFAULT ''    -- the body as sanitised HTML
);
CREATE INDEX comments_post ON comments (post_id, created_at, id);
CREATE INDEX comments_author ON comments (author_id, id);
CREATE INDEX comments_author_created ON comments (author_id, created_at DESC, id DESC);
CREATE INDEX comments_created ON comments (created_at DESC, id DESC);
CREATE INDEX comments_hidden ON comments (created_at DESC, id DESC) WHERE hidden_at IS NOT NULL;
CREATE INDEX comments_removed ON comments (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE files (
	id           TEXT NOT NULL PRIMARY KEY,
	owner_id     TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	post_id      TEXT REFERENCES posts (id) ON DELETE RESTRICT,
	position     INTEGER NOT NULL,
	name         TEXT NOT NULL,
	name_key     TEXT{bytewise} NOT NULL DEFAULT '', -- its names (database.keyOfFile), to sort and search by
	blob         TEXT NOT NULL UNIQUE,
	size         {int} NOT NULL CHECK (size >= 0),
	sha256       TEXT NOT NULL,
	crc32        TEXT NOT NULL, -- for zip archives; empty: not known yet
	media_type   TEXT NOT NULL,
	kind         TEXT NOT NULL,
	state        TEXT NOT NULL,
	metadata     TEXT NOT NULL DEFAULT '' CHECK (metadata IN ('', 'kept', 'allowed')), -- kept: only its owner gets the file
	reason       TEXT NOT NULL,
	width        INTEGER NOT NULL,
	height       INTEGER NOT NULL,
	clean        TEXT NOT NULL, -- the copy without metadata
	clean_size   {int} NOT NULL,
	clean_sha256 TEXT NOT NULL,
	clean_crc32  TEXT NOT NULL,
	clean_type   TEXT NOT NULL DEFAULT '', -- the media type of the copy, if it is another one
	animated     BOOLEAN NOT NULL DEFAULT FALSE,
	thumb_small  TEXT NOT NULL,
	thumb_large  TEXT NOT NULL,
	thumb_type   TEXT NOT NULL,
	created_at   {time} NOT NULL,
	updated_at   {time} NOT NULL,
	hidden_at    {time},
	removed_at   {time},
	owner_deleted_at {time} -- while it was hidden
);
CREATE INDEX files_owner ON files (owner_id, created_at DESC, id DESC);
-- The orders of a user's list of their files. Each has the key of the name, so that a search reads no other row.
CREATE INDEX files_by_date ON files (owner_id, created_at DESC, id DESC, name_key) WHERE removed_at IS NULL;
CREATE INDEX files_by_size ON files (owner_id, size DESC, id DESC, name_key) WHERE removed_at IS NULL;
CREATE INDEX files_by_name ON files (owner_id, name_key, id) WHERE removed_at IS NULL;
CREATE INDEX files_by_kind ON files (owner_id, kind, name_key, id) WHERE removed_at IS NULL;
CREATE INDEX files_post ON files (post_id, position, id) WHERE post_id IS NOT NULL;
-- Each upload asks how many of its owner's images wait.
CREATE INDEX files_without_crc32 ON files (id) WHERE crc32 = '' OR clean <> '' AND clean_crc32 = '';
CREATE INDEX files_processing ON files (owner_id) WHERE state = 'processing';
-- The sweep asks which blobs have a record.
CREATE INDEX files_clean ON files (clean) WHERE clean <> '';
CREATE INDEX files_thumb_small ON files (thumb_small) WHERE thumb_small <> '';
CREATE INDEX files_thumb_large ON files (thumb_large) WHERE thumb_large <> '';
-- The panel's lists, and its count of what was uploaded.
CREATE INDEX files_newest ON files (created_at DESC, id DESC);
CREATE INDEX files_hidden ON files (created_at DESC, id DESC) WHERE hidden_at IS NOT NULL;
CREATE INDEX files_removed ON files (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX files_state ON files (state, created_at DESC, id DESC) WHERE state <> 'ready';
CREATE INDEX files_created ON files (created_at, size);

-- Sharing

-- A share is a link that opens one post or one file. Its secret is found by its hash,
-- and kept sealed, so that its owner can copy the link again.
CREATE TABLE shares (
	id               TEXT NOT NULL PRIMARY KEY,
	owner_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	post_id          TEXT REFERENCES posts (id) ON DELETE CASCADE,
	file_id          TEXT REFERENCES files (id) ON DELETE CASCADE,
	hash             TEXT NOT NULL UNIQUE,
	sealed           {bytes} NOT NULL,
	name             TEXT NOT NULL, -- before the secret in the link; may be empty
	sender           TEXT NOT NULL, -- the name that the page shows; empty: the owner's username
	note             TEXT NOT NULL,
	permission       TEXT NOT NULL,
	named            BOOLEAN NOT NULL, -- only for the users in share_users
	names            TEXT NOT NULL, -- their usernames as typed, also of nobody, separated by spaces
	preview          BOOLEAN NOT NULL, -- link previews may show a thumbnail
	password         TEXT NOT NULL, -- an argon2id hash; empty: none
	password_version INTEGER NOT NULL,
	max_pickups      INTEGER NOT NULL CHECK (max_pickups >= 0), -- 0: no limit
	picked_up        INTEGER NOT NULL CHECK (picked_up >= 0 AND (max_pickups = 0 OR picked_up <= max_pickups)),
	created_at       {time} NOT NULL,
	updated_at       {time} NOT NULL,
	expires_at       {time}, -- null: never
	revoked_at       {time},
	used_at          {time}, -- the last pickup
	told_first       BOOLEAN NOT NULL DEFAULT FALSE, -- of these three the owner is told once
	told_used_up     BOOLEAN NOT NULL DEFAULT FALSE,
	told_unused      BOOLEAN NOT NULL DEFAULT FALSE, -- it is about to expire, and nobody has used it
	by_token         BOOLEAN NOT NULL DEFAULT FALSE, -- an API token made it
	CHECK ((post_id IS NULL) <> (file_id IS NULL))
);
CREATE INDEX shares_owner ON shares (owner_id, created_at DESC, id DESC);
CREATE INDEX shares_post ON shares (post_id, created_at DESC, id DESC) WHERE post_id IS NOT NULL;
CREATE INDEX shares_unused ON shares (expires_at) WHERE picked_up = 0 AND revoked_at IS NULL AND NOT told_unused;
CREATE INDEX shares_file ON shares (file_id, created_at DESC, id DESC) WHERE file_id IS NOT NULL;

-- The users that a share for named users is for.
CREATE TABLE share_users (
	share_id TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
	user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	PRIMARY KEY (share_id, user_id)
){without_rowid};
CREATE INDEX share_users_user ON share_users (user_id);

-- A pickup is one visitor's download through a share. The holder is the hash of the
-- visitor's cookie. A pickup that ended too soon gives its place back: it is not
-- counted, and its bytes count against the next one from the same network.
CREATE TABLE pickups (
	id         TEXT NOT NULL PRIMARY KEY,
	share_id   TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
	holder     TEXT NOT NULL,
	network    TEXT NOT NULL, -- the visitor's IPv4 address or IPv6 /64, hashed with the share
	place      TEXT NOT NULL, -- the visitor's network as people see it: a /24 or a /48
	browser    TEXT NOT NULL,
	counted    BOOLEAN NOT NULL,
	only_one   BOOLEAN NOT NULL, -- no second request has used it
	sent       {int} NOT NULL,   -- bytes, of requests that ended too soon
	created_at {time} NOT NULL,
	expires_at {time} NOT NULL,
	UNIQUE (share_id, holder)
);
CREATE INDEX pickups_network ON pickups (share_id, network, created_at DESC);
CREATE INDEX pickups_created ON pickups (created_at);

-- The download log: what each pickup took.
CREATE TABLE downloads (
	pickup_id  TEXT NOT NULL REFERENCES pickups (id) ON DELETE CASCADE,
	item       TEXT NOT NULL, -- the ID of a file; empty: the zip
	share_id   TEXT NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
	post_id    TEXT, -- the post of the share or of its file, at that time
	name       TEXT NOT NULL,
	size       {int} NOT NULL,
	sent       {int} NOT NULL, -- bytes, over all requests
	complete   BOOLEAN NOT NULL,
	running    INTEGER NOT NULL, -- requests that have begun and not ended; a crash leaves them so
	created_at {time} NOT NULL,
	last_at    {time} NOT NULL,
	PRIMARY KEY (pickup_id, item)
){without_rowid};
CREATE INDEX downloads_share ON downloads (share_id, created_at DESC, pickup_id DESC, item);
CREATE INDEX downloads_post ON downloads (post_id, created_at DESC, pickup_id DESC, item) WHERE post_id IS NOT NULL;
CREATE INDEX downloads_item ON downloads (item, created_at DESC, pickup_id DESC);

-- A file request is a link with which others leave files in a post of its owner's. Its
-- secret is found and kept like that of a share. Files and bytes are reserved before
-- they come in, so they never exceed their limits.
CREATE TABLE file_requests (
	id               TEXT NOT NULL PRIMARY KEY,
	owner_id         TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	post_id          TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	hash             TEXT NOT NULL UNIQUE,
	sealed           {bytes} NOT NULL,
	name             TEXT NOT NULL, -- before the secret in the link; may be empty
	title            TEXT NOT NULL,
	message          TEXT NOT NULL,
	sender           TEXT NOT NULL, -- what guests must say about themselves
	kinds            TEXT NOT NULL, -- of files, with spaces between them; empty: all
	one_use          BOOLEAN NOT NULL,
	max_files        INTEGER NOT NULL CHECK (max_files > 0),
	max_bytes        {int} NOT NULL CHECK (max_bytes >= 0), -- 0: no limit
	max_file_bytes   {int} NOT NULL CHECK (max_file_bytes >= 0), -- 0: no limit
	password         TEXT NOT NULL, -- an argon2id hash; empty: none
	password_version INTEGER NOT NULL,
	files            INTEGER NOT NULL CHECK (files >= 0 AND files <= max_files), -- received, or coming in
	bytes            {int} NOT NULL CHECK (bytes >= 0 AND (max_bytes = 0 OR bytes <= max_bytes)),
	guest            TEXT NOT NULL, -- the holder for whom a request for one use is; empty: nobody yet
	created_at       {time} NOT NULL,
	updated_at       {time} NOT NULL,
	expires_at       {time}, -- null: never
	revoked_at       {time},
	used_at          {time}, -- when a guest last began or ended to leave a file
	by_token         BOOLEAN NOT NULL DEFAULT FALSE -- an API token made it
);
CREATE INDEX file_requests_owner ON file_requests (owner_id, created_at DESC, id DESC);
CREATE INDEX file_requests_post ON file_requests (post_id, created_at DESC, id DESC);

-- A file that a guest leaves. While it comes in, it reserves its place and its bytes. It
-- stays as the receipt when the owner deletes the file.
CREATE TABLE received_files (
	id           TEXT NOT NULL PRIMARY KEY,
	request_id   TEXT NOT NULL REFERENCES file_requests (id) ON DELETE CASCADE,
	holder       TEXT NOT NULL, -- the hash of the guest's cookie, or a code of their network
	sender_name  TEXT NOT NULL,
	sender_email TEXT NOT NULL,
	place        TEXT NOT NULL, -- the guest's network as people see it: a /24 or a /48
	file_id      TEXT REFERENCES files (id) ON DELETE SET NULL,
	name         TEXT NOT NULL,
	size         {int} NOT NULL CHECK (size >= 0),
	sha256       TEXT NOT NULL,
	created_at   {time} NOT NULL,
	expires_at   {time}, -- of the reservation; null: it is received
	received_at  {time} -- null: it is coming in
);
CREATE INDEX received_files_request ON received_files (request_id, created_at DESC, id DESC);
CREATE INDEX received_files_holder ON received_files (request_id, holder, created_at DESC, id DESC);
CREATE INDEX received_files_file ON received_files (file_id) WHERE file_id IS NOT NULL;
CREATE INDEX received_files_place ON received_files (created_at) WHERE place <> '';
CREATE INDEX received_files_expires ON received_files (expires_at) WHERE expires_at IS NOT NULL;

-- Moderation

-- A report is about a post, a comment, a file or a user. While it is open, further
-- reporters join it.
CREATE TABLE reports (
	id         TEXT NOT NULL PRIMARY KEY,
	object     TEXT NOT NULL, -- a noun and an identifier, as in the audit log
	owner_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- the owner of the object
	evidence   TEXT NOT NULL, -- the object's text at the first report
	times      INTEGER NOT NULL,
	created_at {time} NOT NULL,
	last_at    {time} NOT NULL,
	claimed_by TEXT REFERENCES users (id) ON DELETE SET NULL,
	claimed_at {time},
	decided_by TEXT REFERENCES users (id) ON DELETE SET NULL,
	decided_at {time},
	decision   TEXT NOT NULL, -- empty: none yet
	note       TEXT NOT NULL  -- to the reporters
);
CREATE UNIQUE INDEX reports_open ON reports (object) WHERE decided_at IS NULL;
CREATE INDEX reports_waiting ON reports (created_at, id) WHERE decided_at IS NULL;
CREATE INDEX reports_decided ON reports (decided_at DESC, id DESC) WHERE decided_at IS NOT NULL;
CREATE INDEX reports_owner ON reports (owner_id);
CREATE INDEX reports_claimed_by ON reports (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX reports_decided_by ON reports (decided_by) WHERE decided_by IS NOT NULL;

-- The reporters of a report, each once, with their reasons. A guest has no reporter_id.
CREATE TABLE report_reasons (
	id          TEXT NOT NULL PRIMARY KEY,
	report_id   TEXT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
	reporter_id TEXT REFERENCES users (id) ON DELETE SET NULL,
	reason      TEXT NOT NULL,
	words       TEXT NOT NULL,
	created_at  {time} NOT NULL
);
CREATE INDEX report_reasons_report ON report_reasons (report_id, created_at, id);
CREATE UNIQUE INDEX report_reasons_once ON report_reasons (report_id, reporter_id) WHERE reporter_id IS NOT NULL;
CREATE INDEX report_reasons_reporter ON report_reasons (reporter_id, created_at DESC, id DESC) WHERE reporter_id IS NOT NULL;

-- An admin's access to a private object, until it expires, with the reason. There is
-- one for an admin and an object at a time.
CREATE TABLE break_glass (
	id         TEXT NOT NULL PRIMARY KEY,
	admin_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	object     TEXT NOT NULL,
	why        TEXT NOT NULL,
	created_at {time} NOT NULL,
	expires_at {time} NOT NULL
);
CREATE UNIQUE INDEX break_glass_once ON break_glass (object, admin_id);
CREATE INDEX break_glass_admin ON break_glass (admin_id);
CREATE INDEX break_glass_expires ON break_glass (expires_at);

-- Notifications

-- The notifications of users. An email, if there is a mail server, only repeats them.
-- While one is unread, others of its kind about the same thing only count it up.
CREATE TABLE notifications (
	id           TEXT NOT NULL PRIMARY KEY,
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	kind         TEXT NOT NULL,
	object       TEXT NOT NULL, -- what it leads to: a noun and an identifier, as in the audit log
	about        TEXT NOT NULL, -- what it is about, in the same notation; empty: never counted up
	words        TEXT NOT NULL, -- the text, or the title of what it is about
	actor_id     TEXT REFERENCES users (id) ON DELETE SET NULL, -- who caused the last one
	times        {int} NOT NULL,
	created_at   {time} NOT NULL, -- of the last one
	read_at      {time},
	digest_since {time}, -- since when it waits for the daily email; null: it does not
	batch        TEXT NOT NULL -- the email that it is in; empty: none
);
CREATE INDEX notifications_user ON notifications (user_id, created_at DESC, id DESC);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL;
CREATE UNIQUE INDEX notifications_about ON notifications (user_id, kind, about) WHERE read_at IS NULL AND about <> '';
CREATE INDEX notifications_actor ON notifications (actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX notifications_digest ON notifications (digest_since) WHERE digest_since IS NOT NULL;
CREATE INDEX notifications_waiting ON notifications (user_id) WHERE digest_since IS NOT NULL;
CREATE INDEX notifications_batch ON notifications (batch, user_id, created_at DESC, id DESC) WHERE batch <> '';
CREATE INDEX notifications_created ON notifications (created_at);

-- What users have been notified of, so that they are notified once.
CREATE TABLE notified_events (
	user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	event      TEXT NOT NULL,
	created_at {time} NOT NULL,
	PRIMARY KEY (user_id, event)
){without_rowid};
CREATE INDEX notified_events_created ON notified_events (created_at);

-- How users want to be notified of a kind, where that is not the default.
CREATE TABLE notification_choices (
	user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	kind     TEXT NOT NULL,
	delivery TEXT NOT NULL,
	PRIMARY KEY (user_id, kind)
){without_rowid};

-- The audit log

-- Each event holds the hash of all events before it. It names users by identifier
-- alone, so that a deleted user leaves no personal data behind.
CREATE TABLE audit_events (
	seq      {int} NOT NULL PRIMARY KEY,
	at       {time} NOT NULL,
	actor_id TEXT NOT NULL,
	action   TEXT NOT NULL,
	object   TEXT NOT NULL,
	address  TEXT NOT NULL,
	outcome  TEXT NOT NULL,
	detail   TEXT NOT NULL,
	hash     TEXT NOT NULL
);
CREATE INDEX audit_events_actor ON audit_events (actor_id, seq DESC);
CREATE INDEX audit_events_action ON audit_events (action, seq DESC);
CREATE INDEX audit_events_object ON audit_events (object, seq DESC);
CREATE INDEX audit_events_actor_action ON audit_events (actor_id, action, seq DESC);
{sqlite}CREATE INDEX audit_events_at ON audit_events (at);
{postgres}CREATE INDEX audit_events_at ON audit_events (at, seq);
-- Refusals are few among many other events.
CREATE INDEX audit_events_refused ON audit_events (seq DESC) WHERE outcome = 'refused';
CREATE INDEX audit_events_refused_actor ON audit_events (actor_id, seq DESC) WHERE outcome = 'refused';
CREATE INDEX audit_events_refused_action ON audit_events (action, seq DESC) WHERE outcome = 'refused';

-- +goose StatementBegin
{sqlite}CREATE TRIGGER audit_events_unchanged BEFORE UPDATE ON audit_events
{sqlite}BEGIN
{sqlite}	SELECT RAISE(ABORT, 'audit events do not change');
{sqlite}END;
{postgres}CREATE FUNCTION audit_events_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
{postgres}BEGIN
{postgres}	RAISE EXCEPTION 'audit events do not change';
{postgres}END $$;
-- +goose StatementEnd
{postgres}CREATE TRIGGER audit_events_unchanged BEFORE UPDATE ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_events_unchanged();

-- The end of the chain: one row, which serialises appending.
CREATE TABLE audit_head (
	id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
	seq  {int} NOT NULL,
	hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

-- States of the audit log, signed with the site key. At most one is a cut: events up
-- to it passed their retention and are deleted.
CREATE TABLE audit_marks (
	seq       {int} NOT NULL PRIMARY KEY,
	hash      TEXT NOT NULL,
	at        {time} NOT NULL,
	cut       BOOLEAN NOT NULL,
	signature {bytes} NOT NULL
);
CREATE UNIQUE INDEX audit_marks_cut ON audit_marks (cut) WHERE cut;

-- The site

-- Which networks may use the site. Each node holds all rules in memory.
CREATE TABLE ip_rules (
	prefix     TEXT NOT NULL PRIMARY KEY,
	action     TEXT NOT NULL,
	note       TEXT NOT NULL,
	expires_at {time},
	created_at {time} NOT NULL
);

-- Settings, tiers and limits that admins changed. Each node reloads them.
CREATE TABLE setting_edits (
	name       TEXT NOT NULL PRIMARY KEY, -- a variable, or an entry of one: LIMITS:upload.free
	value      TEXT NOT NULL,
	updated_at {time} NOT NULL
);

-- How often something happened in an hour, on all nodes together.
CREATE TABLE hour_counts (
	hour {time} NOT NULL,
	kind TEXT NOT NULL,
	n    {int} NOT NULL,
	PRIMARY KEY (hour, kind)
){without_rowid};

-- The sums of a large site for the panel, in one row: counting takes longer than a page may.
CREATE TABLE kept_totals (
	id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
	counted_at {time} NOT NULL,
	users      {int} NOT NULL,
	suspended  {int} NOT NULL,
	admins     {int} NOT NULL,
	posts      {int} NOT NULL,
	comments   {int} NOT NULL,
	files      {int} NOT NULL,
	bytes      {int} NOT NULL
);

-- What browsers reported about violations of our policies.
CREATE TABLE browser_reports (
	id       TEXT NOT NULL PRIMARY KEY,
	kind     TEXT NOT NULL,
	page     TEXT NOT NULL,
	rule     TEXT NOT NULL,
	blocked  TEXT NOT NULL,
	times    {int} NOT NULL,
	first_at {time} NOT NULL,
	last_at  {time} NOT NULL
);
CREATE INDEX browser_reports_last ON browser_reports (last_at DESC, id DESC);

-- Certificates with their keys, account keys and answers to challenges, sealed with
-- the site key.
CREATE TABLE certificate_entries (
	authority  TEXT NOT NULL,
	name       TEXT NOT NULL,
	sealed     {bytes} NOT NULL,
	updated_at {time} NOT NULL,
	PRIMARY KEY (authority, name)
);

-- Why the last attempt to get a certificate failed, and when to try again.
CREATE TABLE certificate_failures (
	authority TEXT NOT NULL,
	name      TEXT NOT NULL,
	message   TEXT NOT NULL,
	tries     INTEGER NOT NULL,
	ordered   BOOLEAN NOT NULL,
	failed_at {time} NOT NULL,
	next_at   {time} NOT NULL,
	PRIMARY KEY (authority, name)
);

-- A lease makes one node at a time do a task.
CREATE TABLE leases (
	name       TEXT NOT NULL PRIMARY KEY,
	holder     TEXT NOT NULL,
	expires_at {time} NOT NULL
);

-- What each node holds in memory, and how often that has changed.
CREATE TABLE topics (
	topic   TEXT NOT NULL PRIMARY KEY,
	changes {int} NOT NULL
){without_rowid};
INSERT INTO topics (topic, changes) VALUES ('certificates', 0), ('ip_rules', 0), ('settings', 0);

-- Background work. A row is added in the transaction that asks for the work and deleted
-- when the work is done. One that runs belongs to a process until run_at: if it is still
-- there then, the process was killed and another takes it.
CREATE TABLE jobs (
	{sqlite}id   INTEGER PRIMARY KEY AUTOINCREMENT,
	{postgres}id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind         TEXT NOT NULL,
	args         TEXT NOT NULL, -- JSON
	queue        TEXT NOT NULL,
	priority     INTEGER NOT NULL, -- 1 goes first
	periodic     BOOLEAN NOT NULL, -- the row of a kind that is done again and again
	state        TEXT NOT NULL,    -- scheduled (periodic, waits for its time), waiting, running, failing or given-up
	tries        INTEGER NOT NULL,
	run_at       {time} NOT NULL,
	error        TEXT NOT NULL -- of the last attempt, shortened
);
CREATE INDEX jobs_turn ON jobs (queue, priority, run_at, id) WHERE state <> 'given-up';
CREATE INDEX jobs_ready ON jobs (queue, run_at) WHERE state <> 'given-up';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state <> 'given-up';
CREATE INDEX jobs_state ON jobs (state, id);
CREATE UNIQUE INDEX jobs_periodic ON jobs (kind) WHERE periodic;

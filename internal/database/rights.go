package database

// The rights: which users may see or get what. Each rule stands here alone, and
// every query that it concerns splices it in. In a rule, u is the author of the
// post p or the owner of the file f, and $2 is the viewer, empty for a guest; c
// is a comment, and a an admin.
const (
	// An active user is neither suspended nor about to be deleted. Others see
	// what active users share, and an API token of an active user works.
	activeUser  = `u.suspended_at IS NULL AND u.deletion_at IS NULL`
	activeAdmin = `a.role = 'admin' AND a.suspended_at IS NULL AND a.deletion_at IS NULL`

	// otherAdmin is true if there is an active admin other than the user $2.
	otherAdmin = `EXISTS (SELECT 1 FROM users a WHERE ` + activeAdmin + ` AND a.id <> $2)`

	// A public post is in the lists for everybody; a shown one opens for
	// everybody who has its link.
	publicPost = `p.visibility = 'public' AND p.deleted_at IS NULL AND p.hidden_at IS NULL`
	shownPost  = `p.visibility IN ('public', 'unlisted') AND p.deleted_at IS NULL AND p.hidden_at IS NULL`

	// The viewer finds public posts in lists and in the search, and their own posts.
	listedPost = activeUser + ` AND p.deleted_at IS NULL AND (p.author_id = $2 OR ` + publicPost + `)`
	// The viewer may open shown posts, and their own posts.
	readablePost = activeUser + ` AND p.deleted_at IS NULL AND (p.author_id = $2 OR ` + shownPost + `)`

	// The active user r may open the post, and so may be notified of it.
	notifiedReader = activeUser + ` AND r.suspended_at IS NULL AND r.deletion_at IS NULL AND p.deleted_at IS NULL
		AND (p.author_id = r.id OR ` + shownPost + `)`

	// Under a post that they may open, the viewer sees the comments that are not
	// hidden, and their own.
	readableComment = `c.removed_at IS NULL AND (c.author_id = $2 OR c.hidden_at IS NULL)`

	// A listed file is shown to every visitor who may open its post. One whose metadata cannot
	// be removed needs its owner's yes.
	listedFile = `f.state = 'ready' AND f.metadata <> 'kept' AND f.hidden_at IS NULL`
	// The viewer gets the bytes of the listed files of shown posts, and of their
	// own files, but nobody gets those of a file in quarantine.
	readableFile = readableFileOr + `f.owner_id = $2)`
	// The same if the viewer is the user of the session s.
	readableFileBySession = readableFileOr + `f.owner_id = s.user_id)`
	// readableFileOr is the rule without the owner: what follows it names them.
	readableFileOr = activeUser + ` AND p.deleted_at IS NULL AND f.hidden_at IS NULL
		AND (` + listedFile + ` AND ` + shownPost + ` OR `

	// An open share s, of the post p or the file f in the post fp, is neither revoked nor
	// expired at $3, and what it opens is neither deleted, hidden nor rejected. Whether it has a
	// place left is decided when a pickup takes one.
	openShare = activeUser + ` AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $3)
		AND p.deleted_at IS NULL AND p.hidden_at IS NULL AND f.hidden_at IS NULL AND COALESCE(f.state, '') <> 'rejected'
		AND fp.deleted_at IS NULL AND fp.hidden_at IS NULL`
	// The viewer is its owner, or one of the users it is for.
	invitedToShare = `(NOT s.named OR s.owner_id = $2
		OR EXISTS (SELECT 1 FROM share_users su WHERE su.share_id = s.id AND su.user_id = $2))`

	// A request q of the user u keeps its page while its post p is neither deleted nor
	// hidden. It is open while it is neither closed nor expired at $1.
	keptRequest = activeUser + ` AND p.deleted_at IS NULL AND p.hidden_at IS NULL`
	openRequest = keptRequest + ` AND q.revoked_at IS NULL AND (q.expires_at IS NULL OR q.expires_at > $1)`
)

package database_test

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// A list that reads or sorts a whole table is fast in a test and slow a year later.
func TestLists_WalkAlongAnIndex(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		must(t, databasetest.Fill(t.Context(), db, databasetest.Size{Users: 200, Posts: 300, Comments: 900, Events: 300}))
		type noted struct {
			query string
			args  []any
		}
		var queries []noted
		noting := db.Noting(func(query string, args []any) { queries = append(queries, noted{query, args}) })
		conn, err := db.SQLPool().Conn(t.Context())
		must(t, err)
		defer conn.Close()
		explain, wrong := planOf, slowOnSQLite
		if db.Dialect() == database.Postgres {
			explain, wrong = planOfPostgres(conn), slowOnPostgres
			for _, off := range []string{
				`SET enable_seqscan = off`, `SET enable_bitmapscan = off`, `SET enable_sort = off`,
				`SET enable_hashjoin = off`, `SET enable_mergejoin = off`,
			} {
				_, err := conn.ExecContext(t.Context(), off)
				must(t, err)
			}
		}
		lists := readsOf(t, db, noting)
		for _, name := range slices.Sorted(maps.Keys(lists)) {
			queries = nil
			must(t, lists[name]())
			if len(queries) == 0 || len(queries) > 4 {
				t.Errorf("%s asks %d questions", name, len(queries))
			}
			for _, q := range queries {
				plan := explain(t, db, q.query, q.args)
				// Few users share an address. In other lists a filter would read each row that is skipped.
				for kind, index := range map[string]string{"moderators": "users_role_", "of a tier": "users_tier_", "suspended": "users_suspended_"} {
					listed := strings.HasPrefix(name, "Users, "+kind) && strings.Contains(q.query, "LIMIT $8")
					if listed && !strings.Contains(plan, index) {
						t.Errorf("%s does not go along an index of few users:\n%s", name, plan)
					}
				}
				passing := strings.HasPrefix(name, "Users") && !strings.Contains(plan, "users_email") && strings.Contains(plan, "Filter:")
				if passing || slices.ContainsFunc(strings.Split(plan, "\n"), wrong) {
					t.Errorf("%s:\n%s\n%s", name, q.query, plan)
				}
			}
		}
	})
}

// readsOf returns the reads of growing tables, by name.
func readsOf(t *testing.T, db, noting *database.DB) map[string]func() error {
	t.Helper()
	ctx, before := t.Context(), models.Cursor{At: noon, ID: "A"}
	feed, err := db.Feed(ctx, models.Cursor{}, 1)
	must(t, err)
	post, author := feed.Items[0].ID, feed.Items[0].AuthorID
	reads := map[string]func() error{
		"Feed":          func() error { _, err := noting.Feed(ctx, before, 20); return err },
		"PostsByTag":    func() error { _, err := noting.PostsByTag(ctx, "tag1", before, 20); return err },
		"PostsBy":       func() error { _, err := noting.PostsBy(ctx, author, "", before, 20); return err },
		"AllPostsOf":    func() error { _, err := noting.AllPostsOf(ctx, author, before, 20); return err },
		"CommentsOf":    func() error { _, err := noting.CommentsOf(ctx, author, post, before, 20); return err },
		"AllCommentsOf": func() error { _, err := noting.AllCommentsOf(ctx, author, "A", 20); return err },
		"SessionWithFile": func() error {
			_, _, _, err := noting.SessionWithFile(ctx, secret, noon, noon, "A")
			return orMissing(err)
		},
		"ServedFile":  func() error { _, err := noting.ServedFile(ctx, author, "A"); return orMissing(err) },
		"FilesOf":     func() error { _, err := noting.FilesOf(ctx, author, before, 20); return err },
		"FileViewsOf": func() error { _, err := noting.FileViewsOf(ctx, author, before, 20); return err },
		"PostFor":     func() error { _, err := noting.PostFor(ctx, author, post); return err },
		"Tags":        func() error { _, err := noting.Tags(ctx, "tag", "tag1", 20); return err },
		"TierCount":   func() error { _, err := noting.TierCount(ctx, models.TierFree, 1, 2); return err },
		"CountOf":     func() error { _, err := noting.CountOf(ctx, author); return err },
		"FilesHeldBack": func() error {
			_, err := noting.FilesHeldBack(ctx, models.Share{OwnerID: "U", PostID: new(models.PostID)})
			return err
		},
		"FilesWithoutCRC32":    func() error { _, err := noting.FilesWithoutCRC32(ctx, "A", 20); return err },
		"CountProcessing":      func() error { _, err := noting.CountProcessing(ctx, author); return err },
		"KnownBlobs":           func() error { _, err := noting.KnownBlobs(ctx, []models.BlobKey{"A", "B"}); return err },
		"AnyAdmin":             func() error { _, err := noting.AnyAdmin(ctx); return err },
		"UserByUsername":       func() error { _, err := noting.UserByUsername(ctx, "user_1"); return err },
		"UsersOfEmail":         func() error { _, err := noting.UsersOfEmail(ctx, "user_1@example.org", 5); return err },
		"Invitations":          func() error { _, err := noting.Invitations(ctx, before, 20); return err },
		"DueDeletions":         func() error { _, err := noting.DueDeletions(ctx, noon, 20); return err },
		"AuditEventsAfter":     func() error { _, err := noting.AuditEventsAfter(ctx, 10, 20); return err },
		"FirstAuditEventSince": func() error { _, err := noting.FirstAuditEventSince(ctx, noon.AddDate(-10, 0, 0)); return err },
		"OpenReports":          func() error { _, err := noting.OpenReports(ctx, before, 50); return err },
		"DecidedReports":       func() error { _, err := noting.DecidedReports(ctx, before, 50); return err },
		"ReportVoices":         func() error { _, err := noting.ReportVoices(ctx, "A", 50); return err },
		"SentReports":          func() error { _, err := noting.SentReports(ctx, author, before, 50); return err },
		"DueDigests":           func() error { _, err := noting.DueDigests(ctx, noon, 20); return err },
		"DeliveriesOf":         func() error { _, err := noting.DeliveriesOf(ctx, author); return err },
		"NotificationBatch":    func() error { _, err := noting.NotificationBatch(ctx, author, "B", 30); return err },
		"CrowdedNotifications": func() error {
			n := models.Notification{UserID: author, Kind: models.NotificationComment, About: "post:A"}
			_, err := noting.CrowdedNotifications(ctx, n, noon, 20)
			return err
		},
		"NotificationsOf": func() error { _, err := noting.NotificationsOf(ctx, author, before, 50); return err },
		"SharesOf":        func() error { _, err := noting.SharesOf(ctx, author, before, 50); return err },
		"SharesOfPost":    func() error { _, err := noting.SharesOfPost(ctx, author, post, 50); return err },
		"SharesOfFilesIn": func() error { _, err := noting.SharesOfFilesIn(ctx, author, post, 50); return err },
		"SharesOfFile":    func() error { _, err := noting.SharesOfFile(ctx, author, "A", 50); return err },
		"OpenSharesOfPosts": func() error {
			_, err := noting.OpenSharesOfPosts(ctx, author, []models.PostID{post, "A"}, noon)
			return err
		},
		"UnusedShares": func() error {
			_, err := noting.UnusedShares(ctx, noon, noon.Add(time.Hour), noon, 50)
			return err
		},
		"OpenSharesOfFiles": func() error {
			_, err := noting.OpenSharesOfFiles(ctx, author, []models.FileID{"A", "B"}, noon)
			return err
		},
		"DownloadsOfPost":     func() error { _, err := noting.DownloadsOfPost(ctx, author, post, 50); return err },
		"DownloadsOfFile":     func() error { _, err := noting.DownloadsOfFile(ctx, author, "A", 50); return err },
		"DownloadsOfShare":    func() error { _, err := noting.DownloadsOfShare(ctx, author, "A", 50); return err },
		"PickupOf":            func() error { _, err := noting.PickupOf(ctx, "A", "B", "C", "D", noon); return orMissing(err) },
		"ShareOpens":          func() error { return orMissing(noting.ShareOpens(ctx, author, "A", 0, noon)) },
		"FileRequestsOf":      func() error { _, err := noting.FileRequestsOf(ctx, author, before, 50); return err },
		"FileRequestsOfPost":  func() error { _, err := noting.FileRequestsOfPost(ctx, author, post, 50); return err },
		"FileRequestOpens":    func() error { return orMissing(noting.FileRequestOpens(ctx, "A", 0, noon)) },
		"ReceivedFilesOf":     func() error { _, err := noting.ReceivedFilesOf(ctx, author, "A", before, 50); return err },
		"ReceivedFilesFrom":   func() error { _, err := noting.ReceivedFilesFrom(ctx, "A", "B", 50); return err },
		"LapsedReceivedFiles": func() error { _, err := noting.LapsedReceivedFiles(ctx, noon, 50); return err },
		"Jobs":                func() error { _, err := noting.Jobs(ctx, "", 10, 50); return err },
		"Jobs of a state":     func() error { _, err := noting.Jobs(ctx, models.JobFailing, 10, 50); return err },
		"NextJob":             func() error { _, err := noting.NextJob(ctx, noon); return err },
		"OldestDueJob":        func() error { _, err := noting.OldestDueJob(ctx, noon); return err },
		"ClaimJob":            func() error { _, _, err := noting.ClaimJob(ctx, "default", noon, noon); return err },
	}
	for name, f := range map[string]models.AuditFilter{
		"all": {}, "of an object": {Object: "user:A"}, "of an actor": {Actor: author}, "of an action": {Action: "user.suspend"},
		"refused": {Outcome: models.Refused}, "refused to an actor": {Outcome: models.Refused, Actor: author},
		"refused acts":           {Outcome: models.Refused, Action: "user.suspend"},
		"of an actor and action": {Actor: author, Action: "user.suspend"}, "of an actor on an object": {Actor: author, Object: "user:A"},
	} {
		f.Before = 200
		reads["AuditViews, "+name] = func() error { _, err := noting.AuditViews(ctx, f, 50); return err }
	}
	for _, sort := range []models.FileSort{models.FilesByDate, models.FilesByName, models.FilesBySize, models.FilesByKind} {
		for _, reverse := range []bool{false, true} {
			f := models.FileFilter{Sort: sort, Reverse: reverse, Text: "lake", After: models.FilePlace{ID: "A", At: noon, Key: "l", Kind: "image"}}
			reads[fmt.Sprint("FileLines by ", sort, ", reversed ", reverse)] = func() error {
				_, err := noting.FileLines(ctx, author, f, 50, noon)
				return err
			}
		}
	}
	for name, f := range map[string]models.UserFilter{
		"all": {}, "beginning": {Text: "user_1"}, "moderators": {Role: models.RoleModerator}, "moderators of a tier": {
			Role: models.RoleModerator, Tier: models.TierPro},
		"of a tier": {Tier: models.TierPro}, "suspended": {Suspended: true}, "suspended of a tier": {Tier: models.TierPro, Suspended: true},
	} {
		for _, f.Sort = range []models.UserSort{models.SortNewest, models.SortStorage, models.SortUsername} {
			name, f := name+", "+string(f.Sort), f
			reads["Users, "+name] = func() error { _, err := noting.Users(ctx, f, 50); return err }
			on := f
			on.After = author
			reads["Users, "+name+", on"] = func() error { _, err := noting.Users(ctx, on, 50); return err }
		}
	}
	reads["Users, of an address"] = func() error {
		_, err := noting.Users(ctx, models.UserFilter{Text: "user_1@example.org"}, 50)
		return err
	}
	return reads
}

// slowOnSQLite reports whether a step reads or sorts a whole table.
func slowOnSQLite(step string) bool {
	if step == "SEARCH posts USING INDEX posts_author (author_id=?)" || step == "SEARCH posts USING INDEX posts_kept (author_id=?)" {
		return true // one author may have written half of them
	}
	// What unreadCount counts, and what FileLines joins, ends with a LIMIT.
	bounded := step == "SCAN counted" || step == "SCAN lines" || strings.HasPrefix(step, "SCAN CONSTANT ROW")
	scan := strings.HasPrefix(step, "SCAN") && !bounded
	return scan || strings.Contains(step, "TEMP B-TREE") || strings.Contains(step, "AUTOMATIC")
}

// slowOnPostgres is slowOnSQLite for PostgreSQL, which the test allows to read or sort
// whole tables only if there is no other way.
func slowOnPostgres(step string) bool {
	return strings.Contains(step, "Seq Scan") || strings.Contains(step, "Sort  (") || strings.Contains(step, "Hash")
}

// Each list of the panel scans the index that was made for it. With a million comments,
// any other index would read most of them.
func TestContents_WalkAlongTheirIndex(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var query string
		var args []any
		noting := db.Noting(func(q string, a []any) { query, args = q, a })
		before := models.Cursor{At: noon, ID: "A"}
		for _, tt := range []struct {
			filter models.ContentFilter
			index  string
		}{
			{models.ContentFilter{Kind: models.SubjectPost}, "posts_created"},
			{models.ContentFilter{Kind: models.SubjectPost, State: models.ContentPublic}, "posts_created"},
			{models.ContentFilter{Kind: models.SubjectPost, State: models.ContentPrivate}, "posts_visibility"},
			{models.ContentFilter{Kind: models.SubjectPost, State: models.ContentHidden}, "posts_hidden"},
			{models.ContentFilter{Kind: models.SubjectPost, Owner: "A"}, "posts_author"},
			{models.ContentFilter{Kind: models.SubjectComment}, "comments_created"},
			{models.ContentFilter{Kind: models.SubjectComment, Owner: "A"}, "comments_author_created"},
			{models.ContentFilter{Kind: models.SubjectComment, State: models.ContentRemoved}, "comments_hidden"},
			{models.ContentFilter{Kind: models.SubjectFile}, "files_newest"}, // the overview uses it too
			{models.ContentFilter{Kind: models.SubjectFile, Owner: "A"}, "files_owner"},
			{models.ContentFilter{Kind: models.SubjectFile, State: models.ContentQuarantine}, "files_hidden"},
			{models.ContentFilter{Kind: models.SubjectFile, State: models.ContentRejected}, "files_state"},
		} {
			tt.filter.Before = before
			_, err := noting.Contents(t.Context(), tt.filter, 50)
			must(t, err)
			var plan string
			if db.Dialect() == database.SQLite {
				plan = planOf(t, db, query, args)
			} else {
				plan = planOnPostgres(t, db, query, args)
			}
			if strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort") || !strings.Contains(plan, " "+tt.index+" ") {
				t.Errorf("%+v does not go along %s alone:\n%s", tt.filter, tt.index, plan)
			}
		}
	})
}

// planOnPostgres returns the plan of PostgreSQL for the query on large tables.
func planOnPostgres(t *testing.T, db *database.DB, query string, args []any) string {
	t.Helper()
	conn, err := db.SQLPool().Conn(t.Context())
	must(t, err)
	defer conn.Close()
	for _, off := range []string{`SET enable_seqscan = off`, `SET enable_bitmapscan = off`, `SET enable_sort = off`} {
		_, err := conn.ExecContext(t.Context(), off)
		must(t, err)
	}
	return planOfPostgres(conn)(t, db, query, args)
}

// planOf returns the plan of SQLite for the query.
func planOf(t *testing.T, db *database.DB, query string, args []any) string {
	t.Helper()
	rows, err := db.SQLPool().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	must(t, err)
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		must(t, rows.Scan(&id, &parent, &unused, &step))
		steps = append(steps, step)
	}
	must(t, rows.Err())
	return strings.Join(steps, "\n")
}

// planOfPostgres is planOf for PostgreSQL, with the settings of a connection.
func planOfPostgres(conn *sql.Conn) func(t *testing.T, db *database.DB, query string, args []any) string {
	return func(t *testing.T, _ *database.DB, query string, args []any) string {
		t.Helper()
		rows, err := conn.QueryContext(t.Context(), "EXPLAIN "+query, args...)
		must(t, err)
		defer rows.Close()
		var steps []string
		for rows.Next() {
			var step string
			must(t, rows.Scan(&step))
			steps = append(steps, step)
		}
		must(t, rows.Err())
		return strings.Join(steps, "\n")
	}
}

// orMissing returns nil for NotFound.
func orMissing(err error) error {
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	return err
}

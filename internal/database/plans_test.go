package database_test

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

// A list that reads a whole table, or sorts it, is fast in a test and slow a
// year later.
func TestLists_WalkAlongAnIndex(t *testing.T) {
	db := databasetest.New(t)
	must(t, databasetest.Fill(t.Context(), db, 300, 900))
	type noted struct {
		query string
		args  []any
	}
	var queries []noted
	noting := db.Noting(func(query string, args []any) { queries = append(queries, noted{query, args}) })
	ctx, before := t.Context(), models.Cursor{At: noon, ID: "A"}
	feed, err := db.Feed(ctx, models.Cursor{}, 1)
	must(t, err)
	post, author := feed.Items[0].ID, feed.Items[0].AuthorID
	for name, run := range map[string]func() error{
		"Feed":        func() error { _, err := noting.Feed(ctx, before, 20); return err },
		"PostsByTag":  func() error { _, err := noting.PostsByTag(ctx, "tag1", before, 20); return err },
		"PostsBy":     func() error { _, err := noting.PostsBy(ctx, author, "", before, 20); return err },
		"CommentsOf":  func() error { _, err := noting.CommentsOf(ctx, author, post, before, 20); return err },
		"FilesOf":     func() error { _, err := noting.FilesOf(ctx, author, before, 20); return err },
		"FileViewsOf": func() error { _, err := noting.FileViewsOf(ctx, author, before, 20); return err },
		"PostFor":     func() error { _, err := noting.PostFor(ctx, author, post); return err },
		"Tags":        func() error { _, err := noting.Tags(ctx, "tag", "tag1", 20); return err },
		"Users, newest": func() error {
			_, err := noting.Users(ctx, models.UserFilter{Sort: models.SortNewest, After: author}, 50)
			return err
		},
		"Users, most stored": func() error {
			_, err := noting.Users(ctx, models.UserFilter{Sort: models.SortStorage, After: author}, 50)
			return err
		},
		"Users, by name": func() error {
			_, err := noting.Users(ctx, models.UserFilter{Text: "user_1", Sort: models.SortUsername}, 50)
			return err
		},
		"Users, by name, on": func() error {
			_, err := noting.Users(ctx, models.UserFilter{Sort: models.SortUsername, After: author}, 50)
			return err
		},
		"Users, by address": func() error {
			_, err := noting.Users(ctx, models.UserFilter{Text: "user@example.org", After: author}, 50)
			return err
		},
		"TierCount":       func() error { _, err := noting.TierCount(ctx, models.TierFree, 1, 2); return err },
		"CountOf":         func() error { _, err := noting.CountOf(ctx, author); return err },
		"AuditViews":      func() error { _, err := noting.AuditViews(ctx, models.AuditFilter{Object: "user:A"}, 50); return err },
		"CountProcessing": func() error { _, err := noting.CountProcessing(ctx, author); return err },
		"KnownBlobs":      func() error { _, err := noting.KnownBlobs(ctx, []models.BlobKey{"A", "B"}); return err },
		"AnyAdmin":        func() error { _, err := noting.AnyAdmin(ctx); return err },
		"UserByUsername":  func() error { _, err := noting.UserByUsername(ctx, "user_1"); return err },
	} {
		queries = nil
		must(t, run())
		if len(queries) == 0 || len(queries) > 4 {
			t.Errorf("%s asks %d questions", name, len(queries))
		}
		for _, q := range queries {
			plan := planOf(t, db, q.query, q.args)
			for _, step := range strings.Split(plan, "\n") {
				if strings.HasPrefix(step, "SCAN") && !strings.HasPrefix(step, "SCAN CONSTANT ROW") || strings.Contains(step, "TEMP B-TREE") || strings.Contains(step, "AUTOMATIC") {
					t.Errorf("%s: %s\n%s\n%s", name, step, q.query, plan)
				}
			}
		}
	}
}

// planOf returns how SQLite would answer the query.
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

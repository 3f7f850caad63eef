package handlers_test

import (
	"flag"
	"net/http"
	"net/url"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

var large = flag.Bool("large", false, "let BenchmarkLists fill a large site, which takes minutes and two gigabytes")

// largeSize is the size of the site on which lists must be fast.
var largeSize = databasetest.Size{Users: 100_000, Posts: 100_000, Comments: 1_000_000, Events: 1_000_000}

// BenchmarkLists times pages of each list of a large site, through the whole
// router, as an admin who is also its busiest user: the first page, and one far
// down. It runs with -large.
func BenchmarkLists(b *testing.B) {
	if !*large {
		b.Skip("fills a large site: give -large")
	}
	b.Run(database.SQLite, func(b *testing.B) { benchLists(b, databasetest.New(b)) })
	b.Run(database.Postgres, func(b *testing.B) { benchLists(b, databasetest.NewPostgres(b)) })
}

func benchLists(b *testing.B, db *database.DB) {
	s, admin := largeSite(b, db, largeSize)
	benchPages(b, admin, largeLists(s))
}

// largeSite returns a site of that size, and the browser of user_1.
func largeSite(b *testing.B, db *database.DB, size databasetest.Size) (*site, *browser) {
	b.Helper()
	begin := time.Now()
	if err := databasetest.Fill(b.Context(), db, size); err != nil {
		b.Fatal(err)
	}
	b.Logf("filled in %v", time.Since(begin).Round(time.Second))
	s := newSiteOn(b, db, handlers.Options{})
	user := s.userNamed("user_1")
	secret, now := models.NewSecret(), s.clock.now()
	session := models.Session{Hash: secret.Hash(), UserID: user.ID, UserAgent: "Firefox", CreatedAt: now, LastSeenAt: now, ConfirmedAt: now,
		ExpiresAt: now.Add(time.Hour)}
	if err := db.CreateSession(b.Context(), &session); err != nil {
		b.Fatal(err)
	}
	return s, s.holding(secret)
}

func benchPages(b *testing.B, by *browser, paths []string) {
	b.Helper()
	for _, path := range paths {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				if got := by.get(path); got.Code != http.StatusOK {
					b.Fatalf("%s: status %d\n%s", path, got.Code, got.Body)
				}
			}
		})
	}
}

// BenchmarkListsOfFiles times the files page of a user who has 100,000 files: each order from
// its begin, backwards and from its middle, and searches for what all, some and no names have.
// It runs with -large.
func BenchmarkListsOfFiles(b *testing.B) {
	if !*large {
		b.Skip("fills a large site: give -large")
	}
	b.Run(database.SQLite, func(b *testing.B) { benchFiles(b, databasetest.New(b)) })
	b.Run(database.Postgres, func(b *testing.B) { benchFiles(b, databasetest.NewPostgres(b)) })
}

func benchFiles(b *testing.B, db *database.DB) {
	s, user := largeSite(b, db, databasetest.Size{Users: 10, Posts: 100_000, Comments: 10, Events: 1})
	for _, statement := range []string{`UPDATE files SET owner_id = (SELECT id FROM users WHERE username_key = 'user_1')`, `ANALYZE`} {
		if _, err := db.SQLPool().ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	var at time.Time // of the file in the middle
	if err := s.db.SQLPool().QueryRowContext(b.Context(),
		`SELECT created_at FROM files ORDER BY created_at LIMIT 1 OFFSET 50000`).Scan(&at); err != nil {
		b.Fatal(err)
	}
	var paths []string
	for _, sort := range []models.FileSort{models.FilesByDate, models.FilesByName, models.FilesBySize, models.FilesByKind} {
		list := "/files?sort=" + string(sort)
		place := models.FilePlace{ID: "A", At: at, Size: 3000500, Key: "the lake 5000.jpg", Kind: models.KindImage}
		paths = append(paths, list, list+"&order=reverse", list+"&after="+place.String(sort), list+"&q=lake", list+"&q=77", list+"&q=nowhere")
	}
	benchPages(b, user, paths)
}

// largeLists returns the URLs to measure. The pages far down begin at a row in
// the middle.
func largeLists(s *site) []string {
	text := func(query string, args ...any) (found string) {
		s.t.Helper()
		if err := s.db.SQLPool().QueryRowContext(s.t.Context(), query, args...).Scan(&found); err != nil {
			s.t.Fatalf("%s: %v", query, err)
		}
		return found
	}
	crowded := text(`SELECT id FROM posts ORDER BY created_at LIMIT 1`)
	after := url.Values{"after": {text(`SELECT id FROM users WHERE username_key = 'user_50000'`)}}.Encode()
	var at time.Time // of the post in the middle
	if err := s.db.SQLPool().QueryRowContext(s.t.Context(),
		`SELECT created_at FROM posts ORDER BY created_at LIMIT 1 OFFSET 50000`).Scan(&at); err != nil {
		s.t.Fatal(err)
	}
	before := "before=" + models.Cursor{At: at, ID: "A"}.String()
	post := "/posts/" + crowded
	paths := []string{
		"/", "/?" + before, "/tags/tag7", "/tags/tag7?" + before, "/search?q=lake", "/search?q=walk+77123",
		"/users/user_1", "/users/user_1?" + before, post, post + "?after=" +
			models.Cursor{At: at, ID: "A"}.String(),
		"/admin/users/user_1", "/admin/users/user_70000", "/admin/users?q=user_7", "/admin/users?q=user_7&" + after,
		"/admin/users?q=user_77123@example.org",
		"/admin/audit", "/admin/audit?before=500000", "/admin/audit?actor=user_1", "/admin/audit?actor=user_1&before=500000",
		"/admin/audit?user=user_77",
		"/admin/audit?action=user.suspend", "/admin/audit?action=user.suspend&before=500000", "/admin/audit?action=none",
		"/admin/audit?outcome=refused", "/admin/audit?outcome=refused&before=500000", "/admin/audit?outcome=refused&actor=user_1",
		"/admin/audit?user=user_1&actor=user_1",
	}
	for _, sort := range []string{"newest", "storage", "username"} {
		for _, filter := range []string{"", "&role=moderator", "&role=user", "&tier=pro", "&tier=premium", "&suspended=1"} {
			paths = append(paths, "/admin/users?sort="+sort+filter, "/admin/users?sort="+sort+filter+"&"+after)
		}
	}
	return paths
}

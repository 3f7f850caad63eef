package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

// A nowhere is an http.ResponseWriter that keeps the status only.
type nowhere struct {
	header http.Header
	status int
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) WriteHeader(status int)      { n.status = status }

// BenchmarkHot measures what a site is asked most: small files, the files page with 50
// rows, and the feed, each without the network, so that the profile shows the server
// alone.
func BenchmarkHot(b *testing.B) {
	db := databasetest.New(b)
	if err := databasetest.Fill(b.Context(), db, databasetest.Size{Users: 100, Posts: 2000, Comments: 5000, Events: 1}); err != nil {
		b.Fatal(err)
	}
	s := newSiteOn(b, db, handlers.Options{})
	owner := s.userNamed("user_1")
	secret, now := models.NewSecret(), s.clock.now()
	if err := db.CreateSession(b.Context(), &models.Session{Hash: secret.Hash(), UserID: owner.ID, UserAgent: "Firefox", CreatedAt: now,
		LastSeenAt: now, ConfirmedAt: now, ExpiresAt: now.Add(24 * 365 * 10 * 1e9 * 3600)}); err != nil {
		b.Fatal(err)
	}
	user, guest := s.holding(secret), s.browser()
	at := s.registered("ann").write(postFields(), part{"file", "small.bin", "application/octet-stream", make([]byte, 10<<10)})
	small := "/files/" + s.cells(`SELECT id FROM files WHERE name = 'small.bin'`)[0] + "/small.bin"
	for _, one := range []struct {
		name string
		by   *browser
		path string
	}{
		{"small file by a user", user, small},
		{"small file by a guest", guest, small},
		{"files page", user, "/files"},
		{"feed by a user", user, "/"},
		{"feed by a guest", guest, "/"},
		{"post by a user", user, at},
	} {
		b.Run(one.name, func(b *testing.B) {
			b.ReportAllocs()
			cookies := one.by.jar.Cookies(must(url.Parse(publicURL))(b))
			b.RunParallel(func(pb *testing.PB) {
				r := httptest.NewRequest(http.MethodGet, publicURL+one.path, nil)
				for _, cookie := range cookies {
					r.AddCookie(cookie)
				}
				for pb.Next() {
					w := &nowhere{header: http.Header{}}
					if s.handler.ServeHTTP(w, r); w.status != http.StatusOK {
						b.Errorf("%s: status %d", one.path, w.status)
						return
					}
				}
			})
		})
	}
}

package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

// The owner of a link is told once of its first download, and once when it is used up.
func TestShare_TellsOfPickups(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newSiteOn(t, db, handlers.Options{})
		mara := s.registered("mara")
		sh := mara.shareFiles(url.Values{"downloads": {"2"}}, part{"file", "regatta.zip", "", zipOf(t, noise(700<<10))})
		s.browser().ask([2]string{http.MethodHead, sh.fileURL()}) // takes no place
		guest := s.browser().from("198.51.100.7", http.MethodGet, sh.fileURL())
		if guest.Code != http.StatusOK {
			t.Fatalf("a guest: %d", guest.Code)
		}
		const begun, over = "was downloaded through your link for the first time.</a>", "is used up: it has no download left.</a>"
		s.notificationOf(mara, begun)
		if page := mara.get("/notifications").Body.String(); strings.Contains(page, over) {
			t.Errorf("one of two downloads uses the link up:\n%s", page)
		}
		s.browser().from("198.51.100.8", http.MethodGet, sh.fileURL())
		page := s.notificationOf(mara, over)
		_, rest, _ := strings.Cut(page[:strings.Index(page, over)], `href="/notifications/`)
		used, _, _ := strings.Cut(rest, `"`)
		s.browser().from("198.51.100.9", http.MethodGet, sh.fileURL())
		page = mara.get("/notifications").Body.String()
		if strings.Count(page, begun) != 1 || strings.Count(page, over) != 1 || !strings.Contains(page, "regatta.zip") {
			t.Errorf("she is told more than once, or of nothing:\n%s", page)
		}
		if got := mara.get("/notifications/" + used).Header().Get("Location"); got != sh.page {
			t.Errorf("the notification leads to %q, not to the link %s", got, sh.page)
		}
	})
}

// The owner is told of a link that expires within a day and that nobody has used, unless
// it is younger than a day.
func TestShare_TellsOfLinksThatExpireUnused(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	mara.shareFiles(url.Values{"expires": {"2"}}, part{"file", "unused.txt", "", []byte("some notes")})
	used := mara.shareFiles(url.Values{"expires": {"2"}}, part{"file", "used.txt", "", []byte("some notes")})
	if got := s.browser().get(used.fileURL()); got.Code != http.StatusOK || used.pickedUp() != 1 {
		t.Fatalf("downloading: %d, %d places", got.Code, used.pickedUp())
	}
	ended := mara.shareFiles(url.Values{"expires": {"2"}}, part{"file", "ended.txt", "", []byte("some notes")})
	mara.post(ended.page+"/revoke", nil)
	mara.shareFiles(url.Values{"expires": {"24h"}}, part{"file", "short.txt", "", []byte("some notes")})
	tell := func() { must(0, s.shares.TellOfUnused(t.Context(), models.TellOfUnusedShares{}))(t) }
	const unused = "expires within a day, and nobody has used it.</a>"
	s.clock.advance(24*time.Hour - time.Second)
	tell()
	s.notificationOf(mara, "for the first time") // of the one that is used
	if page := mara.get("/notifications").Body.String(); strings.Contains(page, unused) {
		t.Errorf("a day and a second before:\n%s", page)
	}
	s.clock.advance(time.Second)
	tell()
	mara.post("/login", url.Values{"username": {"mara"}, "password": {testPassword}})
	s.notificationOf(mara, unused)
	tell()
	page := mara.get("/notifications").Body.String()
	if strings.Count(page, unused) != 1 || !strings.Contains(page, "unused.txt") {
		t.Errorf("she is told:\n%s", page)
	}
}

package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

func TestAdminOverview(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newSiteBy(t, db, handlers.Options{}, wide+",search=2-H")
		boss := s.withRole("boss", models.RoleAdmin)
		ann := s.registered("ann")
		post := ann.write(postFields(), part{"file", "mine.txt", "", []byte("mine")})
		ann.post(post+"/comments", map[string][]string{"body": {"said"}})
		for range 5 {
			ann.get("/search?q=sea") // of which 3 are refused
		}
		if err := s.overview.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.queued(models.SweepBlobs{}) // beside the notification of the comment
		page := boss.get("/admin").Body.String()
		for what, want := range map[string]string{
			"users":        `<dd><a href="/admin/users">2</a></dd>`,
			"admins":       `<a href="/admin/users?role=admin">1 admin</a>`,
			"posts":        `<dt>Posts</dt><dd><a href="/admin/posts">1</a></dd>`,
			"comments":     `<dt>Comments</dt><dd><a href="/admin/comments">1</a></dd>`,
			"files":        `<dt>Files</dt><dd><a href="/admin/files">1</a></dd>`,
			"bytes":        `<dt>Storage used</dt><dd>4 B</dd>`,
			"jobs":         `<dt>waiting</dt><dd><a href="/admin/jobs?state=waiting">2</a>`,
			"limits":       `<dt>Rate limits hit</dt><dd>3</dd>`,
			"errors":       `<dt>Errors</dt><dd>0</dd>`,
			"certificates": `<a href="/admin/certificates">Certificates</a>: not managed here`,
			"a picture":    `aria-label="New users per day: 2 in total, peak 2 on 14 Mar 2026"`,
			"a table":      `<time datetime="2026-03-14T00:00:00Z">14 Mar 2026</time></th><td>2</td>`,
			"its hours":    `<time datetime="2026-03-14T15:00:00Z">14 Mar, 15:00</time></th><td>3</td>`,
			"a tab":        `<a href="/admin" aria-current="page">Overview</a>`,
			"the menu":     `<li><a href="/admin">Administration</a></li>`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", what, want)
			}
		}
		if t.Failed() {
			t.Log(page)
		}
		s.registered("bob")
		if again := boss.get("/admin").Body.String(); again != page {
			t.Error("it is counted for each who looks")
		}
		s.clock.advance(time.Minute)
		if again := boss.get("/admin").Body.String(); !strings.Contains(again, `<dd><a href="/admin/users">3</a></dd>`) {
			t.Error("it is not counted again")
		}
		if got := ann.get("/admin").Code; got != http.StatusForbidden {
			t.Errorf("for a user it is answered %d", got)
		}
	})
}

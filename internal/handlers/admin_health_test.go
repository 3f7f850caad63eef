package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

// The overview says at its top whether something needs attention, and what.
func TestAdminOverview_Health(t *testing.T) {
	const gib = 1 << 30
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	space := func(free, whole int64, err error) func() (int64, int64, error) {
		return func() (int64, int64, error) { return free, whole, err }
	}
	for name, c := range map[string]struct {
		change func(*handlers.Host)
		want   []string
	}{
		"all is well": {func(*handlers.Host) {}, []string{"All is well", "SQLite answers", "1.2.3", "no email is sent", "none failed"}},
		"space":       {func(h *handlers.Host) { h.Space = space(5*gib, 100*gib, nil) }, []string{"All is well", "5 GiB of 100 GiB free"}},
		"a part is left": {func(h *handlers.Host) { h.Space = space(5*gib-1, 100*gib, nil) },
			[]string{"1 thing needs attention", `class="bad">`}},
		"a GiB is left": {func(h *handlers.Host) { h.Space = space(gib, 4*gib, nil) }, []string{"All is well"}},
		"less is left":  {func(h *handlers.Host) { h.Space = space(gib-1, 4*gib, nil) }, []string{"1 thing needs attention"}},
		"space unknown": {func(h *handlers.Host) { h.Space = space(0, 0, errors.New("hunter2")) }, []string{"the free space is unknown"}},
		"the database fails": {func(h *handlers.Host) { h.Ready = func(context.Context) error { return errors.New("hunter2") } },
			[]string{"SQLite does not answer"}},
		"mail": {func(h *handlers.Host) { h.Mail = "mail.example.org" }, []string{
			"set up, through mail.example.org", `action="/admin/test-mail"`,
		}},
	} {
		host := s.server.Host
		c.change(&s.server.Host)
		s.handler = must(s.server.Handler())(t)
		page := boss.get("/admin").Body.String()
		for _, want := range c.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", name, want)
			}
		}
		if strings.Contains(page, "hunter2") {
			t.Errorf("%s: the page shows the error", name)
		}
		s.server.Host = host
	}
}

// An admin sends a test email to themselves, and is told when the mail server does not take it.
func TestAdminTestMail(t *testing.T) {
	s, server := mailing(t)
	boss := s.withRole("boss", models.RoleAdmin)
	if got := boss.post("/admin/test-mail", nil); toldAt(got) != "/admin testmail" {
		t.Errorf("it is answered %d %s", got.Code, got.Body)
	}
	if m := s.mailOf(server, "boss@example.org", "test"); !strings.Contains(m.Text, publicURL) {
		t.Errorf("the email is\n%s", m.Text)
	}
	s.wantAudited("mail.test done")
	server.Stop()
	if got := boss.post("/admin/test-mail", nil); got.Code != http.StatusServiceUnavailable ||
		!strings.Contains(got.Body.String(), "did not accept the test") || strings.Contains(got.Body.String(), "127.0.0.1") {
		t.Errorf("without the server it is answered %d %s", got.Code, got.Body)
	}
	s.wantAudited("mail.test refused")
	without := newSite(t)
	if got := without.withRole("boss", models.RoleAdmin).post("/admin/test-mail", nil); got.Code != http.StatusConflict {
		t.Errorf("a site that sends no email answers %d", got.Code)
	}
}

// Admins find the way from what they see to its page of the panel; others have no such link.
func TestModerate_IsWhereTheContentIs(t *testing.T) {
	s := newSite(t)
	boss, nils, ann := s.withRole("boss", models.RoleAdmin), s.withRole("nils", models.RoleModerator), s.registered("ann")
	post := ann.write(postFields())
	ann.post(post+"/comments", map[string][]string{"body": {"said"}})
	_, file := ann.writeFile("public", "notes.txt", "words")
	file = strings.TrimSuffix(file, "/notes.txt")
	for path, want := range map[string][]string{
		post:              {`href="/admin/content/post/`, `href="/admin/content/comment/`},
		"/users/ann":      {`href="/admin/users/ann"`},
		file + "/preview": {`href="/admin/content/file/` + strings.TrimPrefix(file, "/files/")},
	} {
		for _, link := range want {
			if !strings.Contains(boss.get(path).Body.String(), link) {
				t.Errorf("%s has no %s for an admin", path, link)
			}
			if strings.Contains(nils.get(path).Body.String(), link) {
				t.Errorf("%s has %s for a moderator", path, link)
			}
		}
	}
}

// Who opens the site under another name reads its address, and what its admin can set.
func TestWrongHost_SaysWhatToDo(t *testing.T) {
	s := newSite(t)
	r := httptest.NewRequest(http.MethodGet, "https://nas.local/", nil)
	got := s.browser().do(r)
	for _, want := range []string{"This site is at " + publicURL, "ALLOWED_HOSTS", `href="` + publicURL + `"`} {
		if got.Code != http.StatusMisdirectedRequest || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%d: no %s", got.Code, want)
		}
	}
}

package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// notificationOf runs jobs until the user's list has words, and returns the page.
func (s *site) notificationOf(who *browser, words string) string {
	s.t.Helper()
	s.work(func() bool {
		return strings.Contains(who.get("/notifications").Body.String(), words)
	})
	// The header and the list of a page are read one after the other.
	return who.get("/notifications").Body.String()
}

// A comment with a mention is one notification, which counts in the header, leads to the
// comment and is then read.
func TestNotification_LeadsToTheComment(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann, bob := s.registered("ann"), s.registered("bob")
		at, _, _ := strings.Cut(ann.postForm("/posts", postFields()).Header().Get("Location"), "?")
		comment := bob.post(at+"/comments", url.Values{"body": {"for @ann"}}).Header().Get("Location")
		page := s.notificationOf(ann, "bob mentioned you in")
		if !holds(page, ", 1 new notification<", "1 new</span>") || strings.Contains(page, "commented on") {
			t.Errorf("ann sees\n%s", page)
		}
		_, rest, _ := strings.Cut(page, `href="/notifications/`)
		id, _, _ := strings.Cut(rest, `"`)
		if got := bob.get("/notifications/" + id); got.Code != http.StatusNotFound {
			t.Errorf("bob is answered %d", got.Code)
		}
		if got := bob.post("/notifications/"+id+"/read", nil); got.Code != http.StatusNotFound {
			t.Errorf("bob is answered %d", got.Code)
		}
		if got := ann.get("/notifications/" + id); got.Code != http.StatusSeeOther || got.Header().Get("Location") != comment {
			t.Errorf("it leads to %q (%d), not %q", got.Header().Get("Location"), got.Code, comment)
		}
		page = ann.get("/notifications").Body.String()
		if strings.Contains(page, "Mark as read") || strings.Contains(page, "new notification") {
			t.Errorf("it is still new\n%s", page)
		}
		ann.post(at+"/delete", nil)
		if got := ann.get("/notifications/" + id); got.Header().Get("Location") != "/notifications" {
			t.Errorf("of a deleted post it leads to %q", got.Header().Get("Location"))
		}
	})
}

// Without a mail server, the page says why there are no emails and keeps what is chosen.
func TestNotificationChoices(t *testing.T) {
	s, server := mailing(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	if page := ann.get("/settings/notifications").Body.String(); !holds(page, `value="daily" selected`, `value="at_once"`) {
		t.Errorf("the page is\n%s", page)
	}
	if got := ann.post("/settings/notifications", url.Values{"mention": {"x"}}); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(got.Body.String(), `id="mention-problem"`) {
		t.Errorf("a wrong choice is answered %d\n%s", got.Code, got.Body)
	}
	if got := ann.post("/settings/notifications", url.Values{"mention": {"at_once"}}); got.Code != http.StatusSeeOther {
		t.Errorf("a choice is answered %d\n%s", got.Code, got.Body)
	}
	bob.postForm("/posts", url.Values{"title": {"Old <b>maps"}, "content": {"for @ann"}, "visibility": {"public"}, "everyone": {"yes"}})
	m := s.mailOf(server, "ann@", "bob mentioned you")
	if !holds(m.HTML, "Old &lt;b&gt;maps") || !strings.Contains(m.Text, publicURL+"/notifications/") {
		t.Errorf("the mail is\n%s", m.Text)
	}
	leave := strings.TrimPrefix(strings.Trim(m.Leave, "<>"), publicURL)
	guest := s.browser()
	if got := guest.get(leave); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `<form method="post">`) {
		t.Errorf("the page to unsubscribe is answered %d\n%s", got.Code, got.Body)
	}
	if got := guest.post(leave, url.Values{"List-Unsubscribe": {"One-Click"}}); got.Code != http.StatusOK {
		t.Errorf("unsubscribing is answered %d\n%s", got.Code, got.Body)
	}
	s.notifications.Mail = nil
	page := ann.get("/settings/notifications").Body.String()
	if !holds(page, "no mail server", `value="site" selected`) || strings.Contains(page, string(models.DeliverAtOnce)) {
		t.Errorf("without a mail server the page is\n%s", page)
	}
}

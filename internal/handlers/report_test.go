package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// reportOn returns the URL of the open report.
func (b *browser) reportOn() string {
	b.t.Helper()
	found := regexp.MustCompile(`/admin/reports/[A-Z2-7]{26}`).FindString(b.get("/admin/reports").Body.String())
	if found == "" {
		b.t.Fatal("no report waits")
	}
	return found
}

// holds reports whether each of the words is in text.
func holds(text string, words ...string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func TestReport_FromTheFormToTheNotice(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann, bob, mod := s.registered("ann"), s.registered("bob"), s.withRole("meg", models.RoleModerator)
		at := ann.postForm("/posts", url.Values{"title": {"Old maps"}, "content": {"of the <b>quay</b>"},
			"visibility": {"public"}, "everyone": {"yes"}}).Header().Get("Location")
		form := "/report/post/" + strings.TrimPrefix(at, "/posts/")
		if page := bob.get(at).Body.String(); !strings.Contains(page, form) {
			t.Errorf("bob is offered no report\n%s", page)
		}
		if page := ann.get(at).Body.String(); strings.Contains(page, form) {
			t.Error("ann is offered to report her own post")
		}
		if got := bob.post(form, url.Values{"reason": {"other"}, "words": {""}}); got.Code != http.StatusUnprocessableEntity ||
			!holds(got.Body.String(), `id="words-problem"`, `value="other" selected`) {
			t.Errorf("a report without words is answered %d\n%s", got.Code, got.Body)
		}
		if got := bob.post(form, url.Values{"reason": {"other"}, "words": {"an <i>advertisement"}}); got.Code != http.StatusSeeOther ||
			toldAt(got) != at+" reported" {
			t.Fatalf("a report is answered %d to %s", got.Code, got.Header().Get("Location"))
		}
		if got := bob.post(form, url.Values{"reason": {"spam"}}); got.Code != http.StatusConflict {
			t.Errorf("a second one is answered %d", got.Code)
		}
		if got := s.browser().get(form); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "Old maps") {
			t.Errorf("a guest is answered %d", got.Code)
		}
		report := mod.reportOn()
		if page := s.withRole("boss", models.RoleAdmin).get("/admin").Body.String(); !strings.Contains(page, `<a href="/admin/reports">1</a>`) {
			t.Errorf("the overview does not tell of it\n%s", page)
		}
		if page := mod.get(report).Body.String(); !holds(page, "of the", "an &lt;i&gt;advertisement", `/claim"`, "bob", "everyone") ||
			strings.Contains(page, `/decide"`) {
			t.Errorf("the report is shown as\n%s", page)
		}
		if got := mod.post(report+"/claim", nil); got.Code != http.StatusSeeOther {
			t.Fatalf("claiming is answered %d\n%s", got.Code, got.Body)
		}
		if got := mod.post(report+"/decide", url.Values{"decision": {"hide"},
			"note": {"thanks <b>"}}); got.Code != http.StatusUnprocessableEntity ||
			!holds(got.Body.String(), `id="why-problem"`, `value="hide" required checked`, "thanks &lt;b&gt;") {
			t.Errorf("a decision without a reason is answered %d\n%s", got.Code, got.Body)
		}
		if got := mod.post(report+"/decide", url.Values{"decision": {"hide"}, "why": {"Not <here>."},
			"note": {"well seen"}}); got.Code != http.StatusSeeOther {
			t.Fatalf("deciding is answered %d\n%s", got.Code, got.Body)
		}
		if got := bob.get(at); got.Code != http.StatusNotFound {
			t.Errorf("bob is answered %d", got.Code)
		}
		if page := ann.get(at).Body.String(); !holds(page, `class="hidden-note"`, "new notification") {
			t.Errorf("ann sees\n%s", page)
		}
		if page := ann.get("/notifications").Body.String(); !holds(page, "Old maps", "Not &lt;here&gt;.", "Mark all as read") ||
			strings.Contains(page, "bob") {
			t.Errorf("ann's notices are\n%s", page)
		}
		if ann.post("/notifications/read", nil); strings.Contains(ann.get("/notifications").Body.String(), "Mark all as read") {
			t.Error("what ann has read is still new")
		}
		if page := bob.get("/settings/reports").Body.String(); !holds(page, "hidden", "well seen") || strings.Contains(page, "Not &lt;here") {
			t.Errorf("bob's reports are\n%s", page)
		}
		if page := mod.get("/admin/reports?state=decided").Body.String(); !strings.Contains(page, report) {
			t.Errorf("decided is\n%s", page)
		}
		if got := mod.post(report+"/undo", nil); got.Code != http.StatusSeeOther {
			t.Errorf("undoing is answered %d\n%s", got.Code, got.Body)
		}
		if got := bob.get(at); got.Code != http.StatusOK {
			t.Errorf("after that bob is answered %d", got.Code)
		}
	})
}

// A moderator has access to the queue only, and its pages link to no other.
func TestModerator_SeesOnlyTheQueue(t *testing.T) {
	s := newSite(t)
	mod := s.withRole("meg", models.RoleModerator)
	page := mod.get("/admin/reports").Body.String()
	for _, link := range regexp.MustCompile(`href="(/admin/[^"]*)"`).FindAllStringSubmatch(page, -1) {
		if got := mod.get(link[1]); got.Code != http.StatusOK {
			t.Errorf("%s, to which the page leads, is answered %d", link[1], got.Code)
		}
	}
	if got := mod.get("/admin/reports?from=x"); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a place that does not exist: %d", got.Code)
	}
	for _, path := range []string{"/admin/reports/NONE", "/report/post/NONE", "/report/job/ABC", "/report/user/a%2Fb"} {
		if got := mod.get(path); got.Code != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, got.Code)
		}
	}
	if got := s.browser().get("/report/comment/NONE"); got.Code != http.StatusNotFound {
		t.Errorf("a guest is answered %d", got.Code)
	}
}

func TestNotice_IsMailedToo(t *testing.T) {
	s, server := mailing(t)
	s.moderation.Mails = true
	ann, bob, mod := s.registered("ann"), s.registered("bob"), s.withRole("meg", models.RoleModerator)
	fields := url.Values{"title": {"Old <b>maps"}, "content": {"x"}, "visibility": {"public"}, "everyone": {"yes"}}
	at := ann.postForm("/posts", fields).Header().Get("Location")
	at, _, _ = strings.Cut(at, "?")
	bob.post("/report/post/"+strings.TrimPrefix(at, "/posts/"), url.Values{"reason": {"spam"}})
	report := mod.reportOn()
	mod.post(report+"/claim", nil)
	mod.post(report+"/decide", url.Values{"decision": {"remove"}, "why": {"an <i>ad"}})
	const subject = "moderators"
	if m := s.mailOf(server, "ann@", subject); !holds(m.Text, "Old <b>maps", "an <i>ad") || !holds(m.HTML, "Old &lt;b&gt;maps") ||
		linkIn(t, m) != "/notifications" {
		t.Errorf("ann's mail is\n%s\n%s", m.Text, m.HTML)
	}
	if m := s.mailOf(server, "bob@", subject); !strings.Contains(m.Text, "It was removed.") {
		t.Errorf("bob's mail is\n%s", m.Text)
	}
}

package handlers_test

import (
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// Guests are told what the site is, in the words of the admin; users see the form that shares first.
func TestLanding(t *testing.T) {
	s := newSite(t)
	boss, ann := s.withRole("boss", models.RoleAdmin), s.registered("ann")
	guest := s.browser()
	guest.wantPage("/", "Send large files with a link", "· Cloakroom</title>", `href="/login"`)
	if strings.Contains(guest.get("/").Body.String(), "Powered by") {
		t.Error("Cloakroom is powered by itself")
	}
	form := url.Values{"site_name": {"Files & Co"}, "welcome_text": {"For <b>members</b>."}, "contact": {"help@example.org"},
		"imprint_url": {"https://example.org/imprint"}, "terms_url": {"http://example.org/terms"},
		"privacy_url": {"https://example.org/privacy"}, "do": {"save"}}
	page := boss.get("/admin/settings").Body.String()
	fields := url.Values{"do": {"save"}}
	for name, values := range form {
		fields[name] = values
		if name != "do" && !strings.Contains(page, `name="`+name+`"`) {
			t.Errorf("the panel has no field %s", name)
		}
	}
	if got := boss.post("/admin/settings", fields); toldAt(got) != "/admin/settings saved" {
		t.Fatalf("saving: %d\n%s", got.Code, got.Body)
	}
	guest.wantPage("/", "· Files &amp; Co</title>", "<span>Files &amp; Co</span>", "For &lt;b&gt;members&lt;/b&gt;.",
		`href="mailto:help@example.org"`, `href="https://example.org/imprint"`, `href="http://example.org/terms"`,
		`href="https://example.org/privacy"`, "Powered by Cloakroom.")
	users := ann.get("/").Body.String()
	if !strings.Contains(users, `action="/shares"`) || strings.Index(users, "data-upload-share") > strings.Index(users, "<h1>") ||
		strings.Contains(users, "For &lt;b&gt;") {
		t.Errorf("a user sees\n%s", users)
	}
	for name, value := range map[string]string{"imprint_url": "javascript:alert(1)", "terms_url": "//example.org",
		"privacy_url": "privacy.html", "contact": "nobody", "site_name": strings.Repeat("x", 41), "welcome_text": strings.Repeat("x", 501)} {
		if got := boss.post("/admin/settings", url.Values{name: {value}, "do": {"save"}}); toldAt(got) == "/admin/settings saved" {
			t.Errorf("%s can be %q", name, value)
		}
	}
}

// Other sites show of a link what its post lets everybody see.
func TestPreview_OfALink(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	posts := map[string]string{}
	for _, visibility := range []string{"public", "unlisted", "private"} {
		fields := postFields()
		fields.Set("visibility", visibility)
		posts[visibility] = ann.write(fields, part{"file", "secret-name.pdf", "", pdf}, part{"file", "me.png", "", drawPNG(t, 400, 300)})
	}
	for _, file := range links(ann.get("/files").Body.String(), `/files/[A-Z2-7]+/[^"?]+`) {
		s.settle(models.FileID(strings.Split(file, "/")[2]))
	}
	for _, f := range must(s.db.FilesOf(t.Context(), s.userNamed("ann").ID, models.Cursor{}, 10))(t).Items {
		s.settle(f.ID)
	}
	head := func(b *browser, post string) string { return between(b.get(post).Body.String(), "<head>", "</head>") }
	public := head(s.browser(), posts["public"])
	if !holds(public, `og:title" content="Harbour &amp; &lt;b&gt;light`, `og:description" content="Some words`, `name="description"`,
		`og:image" content="`+publicURL+"/files/") {
		t.Errorf("the public post:\n%s", public)
	}
	unlisted := head(s.browser(), posts["unlisted"])
	meta := strings.Split(unlisted, "</title>")
	if !holds(unlisted, `og:title" content="Files were shared with you"`, `og:description" content="2 files, `) ||
		len(meta) != 2 || strings.Contains(meta[1], "Harbour") || strings.Contains(unlisted, "og:image") || strings.Contains(unlisted, "secret") {
		t.Errorf("the unlisted post:\n%s", unlisted)
	}
	if private := head(ann, posts["private"]); strings.Contains(private, "og:") {
		t.Errorf("the private post:\n%s", private)
	}
	boss := s.withRole("boss", models.RoleAdmin)
	boss.post("/admin/content/post/"+strings.TrimPrefix(posts["public"], "/posts/")+"/hide", url.Values{"why": {"spam"}, "reason": {"spam"}})
	if hidden := head(ann, posts["public"]); strings.Contains(hidden, "og:") || !strings.Contains(hidden, "noindex") {
		t.Errorf("the hidden post:\n%s", hidden)
	}
}

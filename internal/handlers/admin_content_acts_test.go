package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// subjects returns the URLs in a list of the panel, from all its pages.
func (b *browser) subjects(path string) (found []string) {
	b.t.Helper()
	for pages := 0; path != ""; pages++ {
		got := b.get(path)
		if got.Code != http.StatusOK || pages > 5 {
			b.t.Fatalf("%s, page %d: %d\n%s", path, pages, got.Code, got.Body)
		}
		page := got.Body.String()
		for _, part := range strings.Split(page, `<h2><a href="/admin/content/`)[1:] {
			at, _, _ := strings.Cut(part, `"`)
			found = append(found, at)
		}
		path = strings.ReplaceAll(between(page, `<p class="more"><a href="`, `"`), "&amp;", "&")
	}
	return found
}

// Lists are complete, newest first, and follow the filter.
func TestAdminContent_Lists(t *testing.T) {
	s := newSite(t)
	ann, bob, mona := s.registered("ann"), s.registered("bob"), s.withRole("mona", models.RoleAdmin)
	post, file := ann.writeFile("public", "a.txt", "hello")
	for range 60 {
		s.clock.advance(time.Second)
		bob.post(post+"/comments", url.Values{"body": {"a <b>comment"}})
	}
	fields := postFields()
	fields.Set("title", "Of bees")
	fields.Set("visibility", "unlisted")
	unlisted := bob.write(fields)
	all := mona.subjects("/admin/comments")
	if len(all) != 60 || len(mona.subjects("/admin/comments?user=bob")) != 60 || len(mona.subjects("/admin/comments?user=ann")) != 0 {
		t.Errorf("%d comments are listed", len(all))
	}
	first := strings.TrimPrefix(post, "/posts/")
	for path, want := range map[string]string{
		"/admin/posts?user=ann": "post/" + first, "/admin/posts?q=bee": "post/" + strings.TrimPrefix(unlisted, "/posts/"),
		"/admin/posts?q=bee&user=ann": "",
		"/admin/posts?state=private":  "", "/admin/files": "file/" + between(file, "/files/", "/"), "/admin/files?state=rejected": "",
		"/admin/files?user=bob":        "",
		"/admin/comments?state=hidden": "",
	} {
		if got := strings.Join(mona.subjects(path), " "); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for query, field := range map[string]string{"posts?user=nobody": "user", "posts?state=x": "state", "comments?state=private": "state",
		"posts?q=" + strings.Repeat("x", 201): "q"} {
		if got := mona.get("/admin/" + query); got.Code != http.StatusUnprocessableEntity ||
			!strings.Contains(got.Body.String(), `id="`+field+`-problem"`) {
			t.Errorf("%.40s: %d", query, got.Code)
		}
	}
	if page := mona.get("/admin/comments").Body.String(); !strings.Contains(page, "a &lt;b&gt;comment") {
		t.Error("the list does not show comments as text")
	}
}

// Each action needs a reason, notifies the owner, is audited and can be undone.
func TestAdminContent_Acts(t *testing.T) {
	s := newSite(t)
	ann, mona, guest := s.registered("ann"), s.withRole("mona", models.RoleAdmin), s.browser()
	post, file := ann.writeFile("public", "a.txt", "hello")
	ann.post(post+"/comments", url.Values{"body": {"a comment"}})
	page := ann.get(post).Body.String()
	comment := between(page, `id="comment-`, `"`)
	for _, tt := range []struct {
		kind, id string
		seen     func(b *browser) bool
	}{
		{"post", strings.TrimPrefix(post, "/posts/"), func(b *browser) bool { return b.get(post).Code == http.StatusOK }},
		{"comment", comment, func(b *browser) bool { return strings.Contains(b.get(post).Body.String(), "a comment") }},
		{"file", between(file, "/files/", "/"), func(b *browser) bool { return b.get(file).Code == http.StatusOK }},
	} {
		at := "/admin/content/" + tt.kind + "/" + tt.id
		act := func(verb, why string, code int, guests, owner bool) {
			t.Helper()
			got := mona.post(at+"/"+verb, url.Values{"why": {why}})
			if got.Code != code {
				t.Errorf("%s of a %s: %d, want %d\n%s", verb, tt.kind, got.Code, code, got.Body)
			}
			if code != http.StatusSeeOther && why != "" && !strings.Contains(got.Body.String(), ">"+why+"</textarea>") {
				t.Errorf("%s of a %s: what was typed is lost", verb, tt.kind)
			}
			if tt.seen(guest) != guests || tt.seen(ann) != owner {
				t.Errorf("after %s of a %s guests see it: %t, want %t; its owner: %t, want %t", verb, tt.kind, !guests, guests, tt.seen(ann), owner)
			}
		}
		own := tt.kind != "file" // quarantined files have no readable bytes
		act("hide", "", 422, true, true)
		act("restore", "a mistake", 409, true, true)
		act("hide", "spam", 303, false, own)
		act("hide", "spam again", 409, false, own)
		act("restore", "a mistake", 303, true, true)
		act("remove", "spam", 303, false, false)
		act("remove", "spam again", 409, false, false)
		if got := mona.get(at); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "nobody (it was removed)") {
			t.Errorf("the page of a removed %s: %d\n%s", tt.kind, got.Code, got.Body)
		}
		act("restore", "a mistake", 303, true, true)
		if page := mona.get(at).Body.String(); !strings.Contains(page, tt.kind+".remove") || !strings.Contains(page, "<dd>everyone<") {
			t.Errorf("the page of a %s:\n%s", tt.kind, page)
		}
		s.wantAudited(tt.kind+".hide done", tt.kind+".restore done", tt.kind+".remove done", tt.kind+".restore done")
	}
	for _, path := range []string{"user/" + string(s.userNamed("ann").ID), "post/" + comment, "x/" + comment} {
		if got := mona.get("/admin/content/" + path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
		if got := mona.post("/admin/content/"+path+"/open", url.Values{"reason": {"x"}}); got.Code != http.StatusNotFound {
			t.Errorf("breaking the glass of %s: %d", path, got.Code)
		}
	}
	if got := mona.post("/admin/content/post/"+strings.TrimPrefix(post, "/posts/")+"/open",
		url.Values{"reason": {"x"}}); got.Code != http.StatusConflict {
		t.Errorf("breaking the glass of nothing: %d", got.Code)
	}
}

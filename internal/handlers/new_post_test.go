package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// The first public post of a user asks once, and keeps what was typed and uploaded.
func TestNewPost_AsksBeforeTheFirstPublicOne(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann := s.registered("ann")
		fields := postFields()
		fields.Del("everyone")
		got := ann.postForm("/posts", fields, part{"file", "a.pdf", "", pdf})
		page := got.Body.String()
		if got.Code != http.StatusUnprocessableEntity || !holds(page, "your first public post", `name="everyone" value="yes"`,
			"Harbour &amp; &lt;b&gt;light", "Some **words**", "sea, Boats", `name="file_ids" value="`, `value="public" checked`) {
			t.Fatalf("the first public post: %d\n%s", got.Code, page)
		}
		if strings.Contains(s.browser().get("/").Body.String(), "Harbour") {
			t.Error("it is public before the answer")
		}
		fields["file_ids"], fields["everyone"] = []string{between(page, `name="file_ids" value="`, `"`)}, []string{"yes"}
		if post := ann.write(fields); len(links(ann.get(post).Body.String(), `/files/[A-Z2-7]+/a\.pdf`)) != 1 {
			t.Error("the file is lost")
		}
		fields.Del("everyone")
		fields.Del("file_ids")
		ann.write(fields) // the second one does not ask

		bob := s.registered("bob")
		fields.Set("visibility", "private")
		post := bob.write(fields)
		fields.Set("visibility", "public")
		if got := bob.postForm(post+"/edit", fields); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("making a private post the first public one: %d", got.Code)
		}
		fields.Set("title", "")
		if got := bob.postForm("/posts", fields); strings.Contains(got.Body.String(), `name="everyone"`) {
			t.Error("a form with another problem asks too")
		}
	})
}

// A file is enough for a post, and the form starts with what the user chose last.
func TestNewPost_OfAFileAlone(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	s.posts.Default.Set(models.Private)
	ann.wantPage("/posts/new", `value="private" checked`)
	fields := map[string][]string{"title": {""}, "content": {""}, "visibility": {"unlisted"}}
	post := ann.write(fields, part{"file", "plan.pdf", "", pdf}, part{"file", "b.pdf", "", pdf})
	ann.wantPage(post, "plan.pdf and 1 more</h1>")
	ann.wantPage("/posts/new", `value="unlisted" checked`)
	if got := ann.postForm("/posts", fields); got.Code != http.StatusUnprocessableEntity ||
		!holds(got.Body.String(), "Enter a title.", "Enter some text.") {
		t.Errorf("an empty post: %d", got.Code)
	}
}

// Search engines list what is public, and nothing else. Only the author sees who can open a post.
func TestPages_AreIndexedOnlyIfPublic(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	const meta = `<meta name="robots" content="noindex">`
	for visibility, want := range map[string]bool{"public": true, "unlisted": false, "private": false} {
		post, file := ann.writeFile(visibility, visibility+".pdf", string(pdf))
		got := ann.get(post)
		if listed := got.Header().Get("X-Robots-Tag") == ""; listed != want || strings.Contains(got.Body.String(), meta) == want {
			t.Errorf("the %s post is listed: %v, want %v", visibility, listed, want)
		}
		badge := `<a class="badge" href="` + post + `/access">`
		if !strings.Contains(got.Body.String(), badge) || strings.Contains(bob.get(post).Body.String(), badge) {
			t.Errorf("the badge of the %s post is wrong", visibility)
		}
		if got := ann.get(file).Header().Get("X-Robots-Tag"); got != "noindex" {
			t.Errorf("the file of the %s post: %q", visibility, got)
		}
	}
	for path, want := range map[string]bool{"/": true, "/tags/sea": true, "/users/ann": true, "/login": false, "/register": false,
		"/search?q=x": false, "/nowhere": false, "/reset/AAAA": false} {
		got := s.browser().get(path)
		if listed := got.Header().Get("X-Robots-Tag") == ""; listed != want || strings.Contains(got.Body.String(), meta) == want {
			t.Errorf("%s is listed: %v, want %v", path, listed, want)
		}
	}
}

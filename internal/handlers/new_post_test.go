package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// The first public post of a user asks once, as a question and not as a problem, and keeps what
// was typed and uploaded.
func TestNewPost_AsksBeforeTheFirstPublicOne(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann := s.registered("ann")
		fields := postFields()
		fields.Del("everyone")
		got := ann.postForm("/posts", fields, part{"file", "a.pdf", "", pdf})
		page := got.Body.String()
		if got.Code != http.StatusUnprocessableEntity || !holds(page, "your first public post", `name="everyone" value="yes"`,
			"Harbour &amp; &lt;b&gt;light", "Some **words**", "sea, Boats", `name="file_ids" value="`, `value="public" checked`,
			"One question before you publish") || strings.Contains(page, "Please fix") {
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
		if strings.Contains(ann.get("/posts/new").Body.String(), `name="everyone"`) {
			t.Error("the form for the second one asks")
		}

		bob := s.registered("bob")
		fields.Set("visibility", "private")
		post := bob.write(fields)
		fields.Set("visibility", "public")
		if got := bob.postForm(post+"/edit", fields); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("making a private post the first public one: %d", got.Code)
		}
		fields.Set("title", "")
		fields.Set("content", "")
		if got := bob.postForm("/posts", fields); strings.Contains(got.Body.String(), "One question") {
			t.Error("a form with another problem asks too")
		}
	})
}

// The address of a form that came back leads to the form, and not to a page that cannot be opened.
func TestNewPost_AtTheAddressOfItsForm(t *testing.T) {
	got := newSite(t).registered("ann").get("/posts")
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/posts/new" {
		t.Errorf("GET /posts: %d to %q", got.Code, got.Header().Get("Location"))
	}
}

// The script that brings a draft back learns which of its files the form can still attach.
func TestNewPost_DescribesFilesToTheScript(t *testing.T) {
	s := newSite(t)
	ann, bob := s.registered("ann"), s.registered("bob")
	ids := ann.uploaded("plan.txt", "list.txt", "gone.txt")
	ann.post("/files/"+ids[2]+"/delete", nil)
	fields := postFields()
	fields.Set("file_ids", ids[1])
	ann.write(fields)
	for who, want := range map[*browser]string{
		ann: `[{"id":"` + ids[0] + `","name":"plan.txt","size":19,"state":"ready","url":"/files/` + ids[0] + `/plan.txt"}]`, bob: "[]",
	} {
		got := who.with("/posts/new?files="+strings.Join(ids, ","), "Accept", "application/json")
		if text := strings.TrimSpace(got.Body.String()); got.Code != http.StatusOK || text != want {
			t.Errorf("%d %s, want %s", got.Code, text, want)
		}
	}
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

// The page of a post of one's own has one main action: to copy its link or, if nobody else can open it, to make one. The
// others are folded away, and a file has a badge only if others can open it than the post.
func TestPost_OfOnesOwnHasOneMainAction(t *testing.T) {
	ann := newSite(t).registered("ann")
	for visibility, want := range map[string]string{"public": ">Copy link</button>", "private": ">Share</button>"} {
		post, file := ann.writeFile(visibility, "a.pdf", string(pdf))
		file = strings.TrimSuffix(file, "/a.pdf")
		page := ann.get(post).Body.String()
		if main := between(page, `class="ticket-stub"`, "<details>"); strings.Count(main, "<button") != 1 || !strings.Contains(main, want) {
			t.Errorf("%s: the main action is %s", visibility, main)
		}
		if strings.Contains(page, file+"/access") {
			t.Errorf("%s: the file has the badge of its post", visibility)
		}
		ann.postForm("/shares", url.Values{"file_id": {strings.TrimPrefix(file, "/files/")}})
		if shown := strings.Contains(ann.get(post).Body.String(), file+"/access"); shown != (visibility == "private") {
			t.Errorf("%s: a file with a link has a badge: %v", visibility, shown)
		}
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

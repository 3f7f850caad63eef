package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

type doc = map[string]any

// want ends the test unless the answer has the status, and returns its JSON.
func want(t testing.TB, rec *httptest.ResponseRecorder, status int) doc {
	t.Helper()
	if rec.Code != status {
		t.Fatalf("status = %d, want %d\n%s", rec.Code, status, rec.Body)
	}
	if rec.Body.Len() == 0 {
		return nil
	}
	var d doc
	if err := json.Unmarshal(rec.Body.Bytes(), &d); err != nil {
		t.Fatalf("%v\n%s", err, rec.Body)
	}
	return d
}

// text returns the member called name, which must be a text.
func text(t testing.TB, d doc, name string) string {
	t.Helper()
	s, ok := d[name].(string)
	if !ok {
		t.Fatalf("%s = %v, want a text", name, d[name])
	}
	return s
}

// create makes a post and returns its identifier.
func (p *program) create(draft doc) string {
	p.t.Helper()
	return text(p.t, want(p.t, p.send("POST", "/posts", draft), http.StatusCreated), "id")
}

func (p *program) put(name, content string) string {
	p.t.Helper()
	return text(p.t, want(p.t, p.send("PUT", "/files/"+name, []byte(content)), http.StatusCreated), "id")
}

// members returns one member of each item of a list.
func members(t testing.TB, list doc, name string) (all []string) {
	t.Helper()
	items, ok := list["items"].([]any)
	if !ok {
		t.Fatalf("items = %v, want a list", list["items"])
	}
	for _, item := range items {
		all = append(all, fmt.Sprint(item.(doc)[name]))
	}
	return all
}

func TestAPI_APostFromStartToEnd(t *testing.T) {
	s := newSite(t)
	ann, bob := s.program("ann"), s.program("bob")
	file := ann.put("notes.txt", "hello")
	made := ann.send("POST", "/posts", doc{
		"title": "A <b>title</b>", "content": "**Bold** <script>alert(1)</script>", "tags": []string{"Go", "#fun"}, "visibility": "public",
		"files": []string{file},
	})
	post := want(t, made, http.StatusCreated)
	id := text(t, post, "id")
	if got, want := made.Header().Get("Location"), publicURL+"/api/v1/posts/"+id; got != want {
		t.Errorf("Location = %q, want %q", got, want)
	}
	if strings.ContainsAny(made.Body.String(), "<>") {
		t.Errorf("markup is not escaped: %s", made.Body)
	}
	if html := text(t, post, "html"); !strings.Contains(html, "<strong>Bold</strong>") || strings.Contains(html, "<script") {
		t.Errorf("html = %q", html)
	}
	if got := fmt.Sprint(post["tags"]); got != "[go fun]" {
		t.Errorf("tags = %s", got)
	}
	said := want(t, bob.send("POST", "/posts/"+id+"/comments", doc{"body": "*Nice* <img src=x onerror=alert(1)>"}), http.StatusCreated)
	if html := text(t, said, "html"); !strings.Contains(html, "<em>Nice</em>") || strings.Contains(html, "<img") {
		t.Errorf("html of the comment = %q", html)
	}
	if got := want(t, s.guest().send("GET", "/posts/"+id, nil), http.StatusOK); got["comment_count"] != 1.0 {
		t.Errorf("comment_count = %v", got["comment_count"])
	}
	if got := s.guest().send("GET", "/files/"+file+"/content", nil); got.Code != http.StatusOK || got.Body.String() != "hello" {
		t.Errorf("the file is %d %q to a guest", got.Code, got.Body)
	}
	want(t, bob.send("DELETE", "/comments/"+text(t, said, "id"), nil), http.StatusNoContent)

	want(t, ann.send("DELETE", "/posts/"+id, nil), http.StatusNoContent)
	want(t, ann.send("GET", "/posts/"+id, nil), http.StatusNotFound)
	deleted := want(t, ann.send("GET", "/me/posts/deleted", nil), http.StatusOK)
	if got := members(t, deleted, "restorable_until"); len(got) != 1 || got[0] != "2026-03-21T15:09:26.535897Z" {
		t.Errorf("restorable until %v", got)
	}
	want(t, ann.send("POST", "/posts/"+id+"/restore", nil), http.StatusOK)
	want(t, ann.send("DELETE", "/posts/"+id, nil), http.StatusNoContent)
	s.clock.advance(7*24*time.Hour + time.Second)
	want(t, ann.send("POST", "/posts/"+id+"/restore", nil), http.StatusNotFound)
}

func TestAPI_AChangeChangesWhatItNames(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	one, two, three := ann.put("1.txt", "1"), ann.put("2.txt", "2"), ann.put("3.txt", "3")
	id := ann.create(doc{"title": "Before", "content": "Words", "tags": []string{"a", "b"}, "visibility": "unlisted",
		"files": []string{one, two}})

	got := want(t, ann.send("PATCH", "/posts/"+id, doc{"title": "After"}), http.StatusOK)
	if got["title"] != "After" || got["content"] != "Words" || got["visibility"] != "unlisted" || fmt.Sprint(got["tags"]) != "[a b]" ||
		len(got["files"].([]any)) != 2 {
		t.Errorf("after a change of the title: %v", got)
	}
	got = want(t, ann.send("PATCH", "/posts/"+id, doc{"tags": []string{}, "files": []string{three, two}}), http.StatusOK)
	files := members(t, doc{"items": got["files"]}, "id")
	if fmt.Sprint(got["tags"]) != "[]" || !slices.Equal(files, []string{three, two}) {
		t.Errorf("after a change of lists: tags %v, files %v", got["tags"], files)
	}
	want(t, ann.send("GET", "/files/"+one, nil), http.StatusNotFound)

	me := want(t, ann.send("PATCH", "/me", doc{"phone": "555-123-4567", "bio": "Line\r\nbreak"}), http.StatusOK)
	if me["phone"] != "+15551234567" || me["bio"] != "Line\nbreak" || me["email"] != "ann@example.org" {
		t.Errorf("me = %v", me)
	}
	me = want(t, ann.send("PATCH", "/me", doc{"phone": ""}), http.StatusOK)
	if me["phone"] != "" || me["bio"] != "Line\nbreak" {
		t.Errorf("me = %v", me)
	}
	user := want(t, s.guest().send("GET", "/users/ANN", nil), http.StatusOK)
	if user["bio"] != "Line\nbreak" || user["email"] != nil || user["phone"] != nil {
		t.Errorf("to others, ann is %v", user)
	}
}

var nextLink = regexp.MustCompile(`^<([^<>]+)>; rel="next"$`)

// walk follows a list to its end and returns one member of each item.
func (p *program) walk(path, name string) (all []string, pages int) {
	p.t.Helper()
	for path != "" && pages < 20 {
		pages++
		rec := p.send("GET", path, nil)
		all = append(all, members(p.t, want(p.t, rec, http.StatusOK), name)...)
		path = ""
		if link := rec.Header().Get("Link"); link != "" {
			found := nextLink.FindStringSubmatch(link)
			if found == nil || !strings.HasPrefix(found[1], publicURL+"/api/v1/") {
				p.t.Fatalf("Link = %q", link)
			}
			path = strings.TrimPrefix(found[1], publicURL+"/api/v1")
		}
	}
	return all, pages
}

func TestAPI_ListsGoOn(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	first := ""
	for i := range 5 {
		s.clock.advance(time.Minute)
		id := ann.create(doc{"title": fmt.Sprint("Post ", i), "content": "common words", "visibility": "public",
			"tags": []string{"käse", fmt.Sprint("t", i)}})
		ann.put("same.txt", fmt.Sprint(i))
		if i == 0 {
			first = id
		}
	}
	for i := range 5 {
		s.clock.advance(time.Minute)
		want(t, ann.send("POST", "/posts/"+first+"/comments", doc{"body": fmt.Sprint("c", i)}), http.StatusCreated)
	}
	newest := "[Post 4 Post 3 Post 2 Post 1 Post 0]"
	tests := []struct{ path, member, want string }{
		{"/posts?limit=2", "title", newest},
		{"/users/ann/posts?limit=2", "title", newest},
		{"/tags/k%C3%A4se/posts?limit=2", "title", newest},
		{"/tags/k%c3%a4se/posts?limit=2", "title", newest},
		{"/search?q=common+wo&limit=2", "title", newest},
		{"/posts/" + first + "/comments?limit=2", "body", "[c0 c1 c2 c3 c4]"},
		{"/tags?limit=2&prefix=t", "tag", "[t0 t1 t2 t3 t4]"},
		{"/me/files?limit=2", "name", "[same.txt same.txt same.txt same.txt same.txt]"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			got, pages := ann.walk(tt.path, tt.member)
			if fmt.Sprint(got) != tt.want || pages != 3 {
				t.Errorf("got %v in %d pages; want %s in 3", got, pages, tt.want)
			}
		})
	}
	if got, pages := ann.walk("/posts", "title"); len(got) != 5 || pages != 1 {
		t.Errorf("without a limit: %d items in %d pages", len(got), pages)
	}
}

func TestAPI_ListsAreEmptyNotNull(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	for _, path := range []string{"/posts", "/tags", "/tags/none/posts", "/search?q=none", "/users/ann/posts", "/me/files", "/shares",
		"/me/posts/deleted"} {
		if got := ann.send("GET", path, nil).Body.String(); got != `{"items":[]}` {
			t.Errorf("GET %s = %s", path, got)
		}
	}
}

func TestAPI_TellsWhichQueryIsWrong(t *testing.T) {
	s := newSite(t)
	tests := []struct{ path, field string }{
		{"/posts?limit=0", "limit"},
		{"/posts?limit=101", "limit"},
		{"/posts?limit=ten", "limit"},
		{"/posts?before=nonsense", "before"},
		{"/tags/go/posts?before=%00", "before"},
		{"/tags?prefix=%00", "prefix"},
		{"/tags?after=a+b", "after"},
		{"/search", "q"},
		{"/search?q=%ff", "q"},
		{"/search?q=" + strings.Repeat("x", 201), "q"},
	}
	for _, tt := range tests {
		if got := want(t, s.guest().send("GET", tt.path, nil), http.StatusUnprocessableEntity); got["field"] != tt.field {
			t.Errorf("GET %s is wrong at %v, want %s", tt.path, got["field"], tt.field)
		}
	}
}

func TestAPI_EscapedAddresses(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	for sent, name := range map[string]string{
		"a%20b.txt": "a b.txt", "50%25.txt": "50%.txt", "%61%21.txt": "a!.txt", "%C3%A4.txt": "ä.txt", "content": "content", "..%2Fa.txt": "",
		"a%00.txt": "",
	} {
		got := ann.send("PUT", "/files/"+sent, []byte("x"))
		if name == "" {
			if got.Code < 400 || got.Code >= 500 {
				t.Errorf("PUT %s = %d", sent, got.Code)
			}
			continue
		}
		if d := want(t, got, http.StatusCreated); d["name"] != name {
			t.Errorf("PUT %s is named %q, want %q", sent, d["name"], name)
		}
	}
	for _, id := range []string{"%00", "%ff", "x", "..%2F..%2Fme", url.PathEscape(strings.Repeat("A", 2000))} {
		for _, path := range []string{"/posts/", "/files/", "/users/"} {
			want(t, ann.send("GET", path+id, nil), http.StatusNotFound)
		}
	}
}

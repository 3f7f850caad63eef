package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What a page cannot render is shown as it was typed, and invisible marks are dropped.
func TestText_KeepsWhatWasTyped(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	for typed, want := range map[string]string{
		"List<String> and ssh user@<host>":    "List&lt;String&gt; and ssh user@&lt;host&gt;",
		"<none>":                              "&lt;none&gt;",
		"see[^1]\n\n[^1]: the note":           "<p>[^1]: the note</p>",
		"[WARN]: late":                        "<p>[WARN]: late</p>",
		"call \u202d+49 30 1\u202c, \ufeffok": "call +49 30 1, ok",
		"a\vb":                                "a\nb",
	} {
		fields := postFields()
		fields.Set("content", typed)
		path := ann.write(fields)
		if page := ann.get(path).Body.String(); !strings.Contains(page, want) {
			t.Errorf("%q is not shown as %q:\n%s", typed, want, page)
		}
		ann.post(path+"/comments", url.Values{"body": {typed}})
		comments := ann.get(path).Body.String()
		if want = strings.ReplaceAll(want, "a\nb", "a<br>\nb"); strings.Count(comments, want) < 1 {
			t.Errorf("a comment %q is not shown as %q:\n%s", typed, want, comments)
		}
	}
	for field, typed := range map[string]string{"title": "\u200b\u2800", "content": "\u2060"} {
		fields := postFields()
		fields.Set(field, typed)
		if got := ann.postForm("/posts", fields); got.Code != http.StatusUnprocessableEntity {
			t.Errorf("an invisible %s: %d", field, got.Code)
		}
	}
	fields := postFields()
	fields.Set("content", "ring\x07")
	if got := ann.postForm("/posts", fields).Body.String(); !strings.Contains(got, "0007") || !strings.Contains(got, "character 5") {
		t.Errorf("the answer does not name the character and its place:\n%s", got)
	}
}

// Posts and comments are rendered when they are written, not for each reader, and again
// if the rules have changed since.
func TestText_IsRenderedOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann := s.registered("ann")
		path := ann.write(postFields())
		ann.post(path+"/comments", url.Values{"body": {"a *b*"}})
		ann.postForm(path+"/edit", url.Values{"title": {"T"}, "content": {"c **d**"}, "visibility": {"public"}})
		stored := strings.Join(append(s.cells(`SELECT html FROM posts`), s.cells(`SELECT html FROM comments`)...), "")
		for _, want := range []string{"<strong>d</strong>", "<em>b</em>"} {
			if page := ann.get(path).Body.String(); !strings.Contains(stored, want) || !strings.Contains(page, want) {
				t.Errorf("%s is not stored (%s) or not shown\n%s", want, stored, page)
			}
		}
		s.exec(`UPDATE posts SET html = '<p>stored post</p>'`)
		s.exec(`UPDATE comments SET html = '<p>stored comment</p>'`)
		if page := ann.get(path).Body.String(); !strings.Contains(page, "stored post") || !strings.Contains(page, "stored comment") {
			t.Errorf("it was rendered for the reader:\n%s", page)
		}
		s.exec(`UPDATE posts SET html_version = 0`)
		s.exec(`UPDATE comments SET html_version = 0`)
		if page := ann.get(path).Body.String(); strings.Contains(page, "stored") || !strings.Contains(page, "<strong>d</strong>") {
			t.Errorf("HTML of other rules is shown:\n%s", page)
		}
	})
}

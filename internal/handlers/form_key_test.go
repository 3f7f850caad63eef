package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

var formKey = regexp.MustCompile(`name="form_key" value="([A-Z2-7]{26})"`)

// A form that is sent twice gives one post, and the second answer leads to it. With other
// words it is another post.
func TestFormKey_GivesOnePost(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann := s.registered("ann")
		key := formKey.FindStringSubmatch(ann.get("/posts/new").Body.String())[1]
		fields := url.Values{"form_key": {key}, "title": {"T"}, "content": {"words"}, "visibility": {"unlisted"}}
		send := func(content string) string {
			t.Helper()
			sent := url.Values{}
			for name, values := range fields {
				sent[name] = values
			}
			sent.Set("content", content)
			got := ann.postForm("/posts", sent, part{"file", "a.txt", "", []byte("hello")})
			if got.Code != http.StatusSeeOther {
				t.Errorf("sending it: %d\n%s", got.Code, got.Body)
			}
			return got.Header().Get("Location")
		}
		var all sync.WaitGroup
		led := make([]string, 4)
		for i := range led {
			all.Go(func() { led[i] = send("words") })
		}
		all.Wait()
		for _, to := range led {
			if to != led[0] {
				t.Errorf("one form led to %q", led)
			}
		}
		if n := s.cells(`SELECT COUNT(*) FROM posts`)[0]; n != "1" {
			t.Errorf("%s posts", n)
		}
		if n := s.cells(`SELECT COUNT(*) FROM files`)[0]; n != "1" {
			t.Errorf("%s files", n)
		}
		if to := send("other words"); to == led[0] {
			t.Error("other words with the same key are lost")
		}
		ann.post(led[0]+"/delete", nil)
		if to := send("words"); to == led[0] || ann.get(to).Code != http.StatusOK {
			t.Errorf("after its post was deleted, the form leads to %s", to)
		}
		bob := s.registered("bob")
		if got := bob.postForm("/posts", fields); got.Header().Get("Location") == led[0] {
			t.Error("a key of another author leads to their post")
		}
	})
}

func TestFormKey_GivesOneComment(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	post := ann.write(postFields())
	key := formKey.FindStringSubmatch(ann.get(post).Body.String())[1]
	for range 2 {
		if got := ann.post(post+"/comments", url.Values{"form_key": {key}, "body": {"said once"}}); got.Code != http.StatusSeeOther {
			t.Errorf("commenting: %d", got.Code)
		}
	}
	page := ann.get(post).Body.String()
	if strings.Count(page, "said once") != 1 || !strings.Contains(page, "1 comment") {
		t.Errorf("the page is\n%s", page)
	}
	for range 2 {
		ann.post(post+"/comments", url.Values{"body": {"without a key"}})
	}
	if page := ann.get(post).Body.String(); strings.Count(page, "without a key") != 2 {
		t.Error("a form without a key counts once")
	}
}

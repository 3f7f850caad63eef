package handlers_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Each tag leads from the feed, the post and the lists of the API to its posts, whatever signs
// it has. It stays as it is in the form that edits the post.
func TestTags_WithSigns(t *testing.T) {
	s := newSite(t)
	ann, guest, program := s.registered("ann"), s.browser(), s.programOf("ann")
	tags := []string{"c++", "c#", ".net", "r&d", "käse.1"}
	post := ann.write(url.Values{"title": {"Many signs"}, "content": {"x"}, "visibility": {"public"}, "everyone": {"yes"},
		"tags": {"C++, #C# .NET r&d Käse.1."}})
	s.clock.advance(time.Minute)
	for _, tag := range tags { // 20 on a page
		for range 20 {
			ann.write(url.Values{"title": {"By sign"}, "content": {"x"}, "visibility": {"public"}, "everyone": {"yes"}, "tags": {tag}})
		}
	}
	followed := map[string]bool{}
	follow := func(from, pattern string) {
		t.Helper()
		page := guest.get(from).Body.String()
		for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(page, -1) {
			at, err := url.Parse(html.UnescapeString(found[1]))
			if err != nil || at.Fragment != "" {
				t.Errorf("%s links %q: %v", from, found[1], err)
				continue
			}
			tag := strings.TrimPrefix(at.Path, "/tags/")
			page := html.UnescapeString(guest.get(at.String()).Body.String())
			if !strings.Contains(page, "<h1>#"+tag+"</h1>") || !strings.Contains(page, "By sign") {
				t.Errorf("%s is not the page of %s:\n%s", at, tag, page)
			}
			older := between(page, `rel="next" href="`, `"`)
			if next := guest.get(older).Body.String(); !strings.Contains(next, "Many signs") {
				t.Errorf("%s, behind %s, lacks the oldest post of %s", older, at, tag)
			}
			followed[tag] = true
		}
	}
	follow(post, `<a href="(/tags/[^"]*)"`)
	for _, tag := range tags {
		if !followed[tag] {
			t.Errorf("the post leads to %v, not to %s", followed, tag)
		}
	}
	follow("/", `<a href="(/tags/[^"]*)"`)
	ann.wantPage(post+"/edit", `value="c&#43;&#43; c# .net r&amp;d käse.1"`)

	got, pages := program.walk("/tags?limit=1", "tag")
	slices.Sort(tags)
	if !slices.Equal(got, tags) || pages != len(tags) {
		t.Errorf("the API lists %v in %d pages, want %v", got, pages, tags)
	}
	for _, tag := range tags {
		if got, _ := program.walk("/tags/"+url.PathEscape(tag)+"/posts?limit=10", "title"); len(got) != 21 {
			t.Errorf("the API finds %d posts with %s", len(got), tag)
		}
	}
	for _, signs := range []string{"prefix=.", "prefix=_", "prefix=c%23&after=%2B"} { // a tag begins, or began, with them
		want(t, program.send("GET", "/tags?"+signs, nil), http.StatusOK)
	}
	if got := want(t, program.send("GET", "/tags?prefix=c%2B", nil), http.StatusOK); len(got["items"].([]any)) != 1 {
		t.Errorf("tags that begin with c+: %v", got)
	}
	for _, path := range []string{"/tags/%2e%2e", "/tags/..", "/tags/+", "/tags/%23", "/tags/a%2Fb"} {
		if got := guest.get(path); got.Code != http.StatusNotFound {
			t.Errorf("%s = %d", path, got.Code)
		}
	}
	if feed := guest.readFeed(); len(feed.Entries) != 20 {
		t.Errorf("the feed has %d entries", len(feed.Entries))
	}
}

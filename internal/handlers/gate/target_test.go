package gate

import (
	"net/url"
	"strings"
	"testing"
)

func TestTarget_IsAPathOfThisSite(t *testing.T) {
	for given, want := range map[string]string{
		"/posts/1?a=b%20c":                   "/posts/1?a=b%20c",
		"/a%2fb/%C3%BC":                      "/a%2fb/%C3%BC",
		"/":                                  "/",
		"//evil.example/x?y":                 "/evil.example/x?y",
		"///evil.example":                    "/evil.example",
		`/\evil.example`:                     "/%5Cevil.example",
		"http://evil.example/a?b":            "/a?b",
		"http://evil.example":                "/",
		"http://me:secret@evil.example//b/a": "/b/a",
		"x:@evil.example/":                   "/",
		"x:.evil.example/?q":                 "/?q",
		"*":                                  "/",
	} {
		u, err := url.ParseRequestURI(given) // as net/http does
		if err != nil {
			t.Fatal(err)
		}
		if got := Target(u); got != want {
			t.Errorf("the target of %q is %q, want %q", given, got, want)
		}
	}
}

func FuzzTarget(f *testing.F) {
	for _, seed := range []string{"/a?b=c", "//evil.example", "x:@evil.example/", "http://me@evil.example//b", "*", `/\x`, "/%2f/x", "?x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		u, err := url.ParseRequestURI(given)
		if err != nil || strings.ContainsFunc(given, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return // net/http answers 400
		}
		const host = "files.example.org"
		target := Target(u)
		to, err := url.Parse("https://" + host + target)
		if err != nil {
			return // a browser goes nowhere
		}
		if to.Host != host || to.User != nil || !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") ||
			strings.HasPrefix(target, `/\`) {
			t.Errorf("%q leads to %q", given, target)
		}
	})
}

package gate

import (
	"net/url"
	"testing"
)

func TestOwnPath(t *testing.T) {
	for _, own := range []string{"/", "/posts/new", "/search?q=a%20b", "/tags/%C3%BC", "/posts/X?after=Y#comment-Z", "/a//b"} {
		if got := OwnPath(own); got != own {
			t.Errorf("ownPath(%q) = %q", own, got)
		}
	}
	for _, other := range []string{
		"", "posts", "//evil.example", "///evil.example", `/\evil.example`, `\/evil.example`, "/\t/evil.example", "/\n/evil.example",
		"https://evil.example", "https:evil.example", "javascript:alert(1)", "/%2f/evil.example", "/%5cevil.example", "/%09/evil.example",
		" /x", "%2f%2fevil.example", "/x\r\nSet-Cookie: a=b", "/%0d%0aSet-Cookie:a=b", "/\x00",
	} {
		got := OwnPath(other)
		if got != "/" {
			t.Errorf("ownPath(%q) = %q, want /", other, got)
		}
	}
}

func FuzzOwnPath(f *testing.F) {
	f.Add("//evil.example")
	f.Add("/%2fevil")
	f.Fuzz(func(t *testing.T, next string) {
		base, _ := url.Parse("https://cloakroom.test/login")
		got, err := base.Parse(OwnPath(next))
		if err != nil || got.Host != "cloakroom.test" || got.Scheme != "https" {
			t.Errorf("%q leads to %v, %v", next, got, err)
		}
	})
}

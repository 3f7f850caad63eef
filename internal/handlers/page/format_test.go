package page

import (
	"testing"

	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/models"
)

func TestFileURL(t *testing.T) {
	for name, want := range map[models.Filename]string{
		"a.txt":          "/files/ID/a.txt",
		"a b?c#d%20.txt": "/files/ID/a%20b%3Fc%23d%2520.txt",
		"naïve “x”.pdf":  "/files/ID/na%C3%AFve%20%E2%80%9Cx%E2%80%9D.pdf",
	} {
		if got := FileURL(models.File{ID: "ID", Name: name}); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestAvatarURL(t *testing.T) {
	if got := AvatarURL(models.User{Username: "ann"}); got != "" {
		t.Errorf("without a picture: got %q", got)
	}
	one, two := AvatarURL(models.User{Username: "ann", Avatar: "A"}), AvatarURL(models.User{Username: "ann", Avatar: "B"})
	if one == two {
		t.Errorf("another picture has the same address %q", one)
	}
}

func TestDevice(t *testing.T) {
	for userAgent, want := range map[string]string{
		"": "Unknown browser",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                            "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0":                 "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604": "Safari on iPhone",
		"curl/8.5.0": "curl",
	} {
		if got := models.Device(userAgent); got != want {
			t.Errorf("%q: got %q, want %q", userAgent, got, want)
		}
	}
}

func TestNextAddress(t *testing.T) {
	next := models.Cursor{At: pagetest.Time, ID: "A"}
	for base, want := range map[string]string{"/": "/?before=" + next.String(), "/search?q=a&": "/search?q=a&before=" + next.String()} {
		if got := NextURL(base, "before", next); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := NextURL("/", "before", models.Cursor{}); got != "" {
		t.Errorf("at the end: got %q", got)
	}
}

package config_test

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/config"
)

func TestCORSOrigins(t *testing.T) {
	tests := []struct {
		origins string
		yes, no []string
	}{
		{"", nil, []string{"https://example.com", "null", ""}},
		{"https://app.example.com,http://localhost:3000", []string{"https://app.example.com", "http://localhost:3000"},
			[]string{"http://app.example.com", "https://app.example.com:8443", "https://app.example.com.evil.example", "https://xapp.example.com",
				"http://localhost:3001", "http://localhost", "https://APP.example.com", "null"}},
		{"https://*.example.com", []string{"https://a.example.com", "https://a.b.example.com"},
			[]string{"https://example.com", "https://evilexample.com", "https://.example.com", "https://a..example.com", "http://a.example.com",
				"https://a.example.com:444", "https://evil.example/.example.com", "https://evil.example#.example.com",
				"https://a@.example.com", "null"}},
		{"*", []string{"https://anyone.example"}, []string{"null", ""}},
	}
	for _, tt := range tests {
		c, err := config.Load([]string{"CORS_ORIGINS=" + tt.origins})
		if err != nil {
			t.Errorf("%q: %v", tt.origins, err)
		}
		for _, origin := range tt.yes {
			if !c.AllowsOrigin(origin) {
				t.Errorf("%q does not allow %q", tt.origins, origin)
			}
		}
		for _, origin := range tt.no {
			if c.AllowsOrigin(origin) {
				t.Errorf("%q allows %q", tt.origins, origin)
			}
		}
	}
}

func TestCORSOrigins_ThatStopTheStart(t *testing.T) {
	for _, wrong := range []string{"null", "example.com", "https://example.com/", "https://example.com/path",
		"https://user@example.com", "https://*",
		"https://*.com", "https://a.*.example.com", "https://*example.com", "ftp://example.com", "https://Example.com",
		"https://a.example.com,null",
		"https://exa mple.com", "https://example.com?x", "https://*.*.example.com"} {
		if _, err := config.Load([]string{"CORS_ORIGINS=" + wrong}); err == nil || !strings.Contains(err.Error(), "CORS_ORIGINS must be ") {
			t.Errorf("%q: err = %v", wrong, err)
		}
	}
	if _, err := config.Load([]string{"CORS_ORIGINS=*", "CORS_CREDENTIALS=true"}); err == nil ||
		!strings.Contains(err.Error(), "CORS_CREDENTIALS") {
		t.Errorf("any origin with credentials: %v", err)
	}
	if _, err := config.Load([]string{"CORS_ORIGINS=https://*.example.com", "CORS_CREDENTIALS=true"}); err != nil {
		t.Errorf("a pattern with credentials: %v", err)
	}
}

func FuzzOrigin(f *testing.F) {
	f.Add("https://a.example.com")
	f.Add("https://evil.example/.example.com")
	c, err := config.Load([]string{"CORS_ORIGINS=https://*.example.com"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, origin string) {
		if c.AllowsOrigin(origin) && (!strings.HasPrefix(origin, "https://") || !strings.HasSuffix(origin, ".example.com") ||
			strings.ContainsAny(origin, "@#?\\ ") || strings.Count(origin, "/") != 2) {
			t.Errorf("%q is allowed", origin)
		}
	})
}

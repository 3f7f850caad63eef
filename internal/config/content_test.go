package config_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/cloakroom/internal/config"
)

func TestContentOrigin(t *testing.T) {
	const key = "CONTENT_KEY=0123456789abcdef0123456789abcdef"
	tests := []struct {
		set  []string
		want string // the variable at fault; empty: none
	}{
		{nil, ""}, {[]string{"CONTENT_KEY=short"}, ""},
		{[]string{"CONTENT_ORIGIN=http://content.example.org", key}, ""},
		{[]string{"CONTENT_ORIGIN=http://content.example.org"}, "CONTENT_KEY"},
		{[]string{"CONTENT_ORIGIN=http://content.example.org", "CONTENT_KEY="}, "CONTENT_KEY"},
		{[]string{"CONTENT_ORIGIN=http://content.example.org", "CONTENT_KEY=hunter2-hunter2-hunter2-hunter2"}, "CONTENT_KEY"},
		{[]string{"CONTENT_ORIGIN=http://localhost:9090", key}, "CONTENT_ORIGIN"},
		{[]string{"CONTENT_ORIGIN=http://LOCALHOST.", key}, "CONTENT_ORIGIN"},
		{[]string{"CONTENT_ORIGIN=http://127.0.0.1:8080", key}, ""},
		{[]string{"CONTENT_ORIGIN=http://b.example.org", "ALLOWED_HOSTS=a.example.org, B.example.org", key}, "CONTENT_ORIGIN"},
		{[]string{"CONTENT_ORIGIN=http://b.example.org", "PUBLIC_URL=https://a.example.org", key}, "CONTENT_ORIGIN"},
		{[]string{"CONTENT_ORIGIN=https://b.example.org", "PUBLIC_URL=https://a.example.org", key}, ""},
		{[]string{"CONTENT_ORIGIN=https://b.example.org/path", key}, "CONTENT_ORIGIN"},
		{[]string{"CONTENT_ORIGIN=ftp://b.example.org", key}, "CONTENT_ORIGIN"},
	}
	for _, tt := range tests {
		c, err := config.Load(tt.set)
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want+" must be ") {
			t.Errorf("%q: %v, want %q at fault", tt.set, err, tt.want)
		}
		if shown := fmt.Sprintf("%v %+v %v", c, c, err); strings.Contains(shown, "hunter2") || strings.Contains(shown, "0123456789abcdef") {
			t.Errorf("%q: the key is shown:\n%s", tt.set, shown)
		}
	}
}

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.org/cloakroom/internal/config"
)

// withSecrets are settings that are valid together, with a value for each secret.
var withSecrets = map[string]string{
	"DATABASE_URL": "postgres://ann:canary@db/cloakroom?sslmode=disable", "REDIS_URL": "redis://:canary@cache:6379/0",
	"SMTP_URL": "smtp://ann:canary@mail:587", "ACME_EAB_HMAC_KEY": "canary", "SITE_KEY": strings.Repeat("canary", 6),
	"CONTENT_KEY": strings.Repeat("canary", 7), "S3_ACCESS_KEY": "canary-id", "S3_SECRET_KEY": "canary-key",
	"OIDC_CLIENT_SECRET": "canary-oidc",
}

// besides are the settings that those secrets need.
var besides = []string{
	"MAIL_FROM=a@example.org", "ACME_EAB_KEY_ID=kid", "CONTENT_ORIGIN=http://content.example.net", "S3_ENDPOINT=http://127.0.0.1:9000",
	"S3_BUCKET=b", "OIDC_ISSUER=https://sso.example.org", "OIDC_CLIENT_ID=cloakroom",
}

// write returns the path of a new file with text.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Each secret can be in a file, and means the same there as in the environment.
func TestFiles_HoldEverySecret(t *testing.T) {
	inline, files := append([]string{}, besides...), append([]string{}, besides...)
	for name, value := range withSecrets {
		inline = append(inline, name+"="+value)
		if name != "SITE_KEY" { // the server reads or creates that file
			files = append(files, name+"_FILE="+write(t, value+"\n"))
		}
	}
	want, err := config.Load(inline)
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(append(files, "SITE_KEY_FILE=/etc/site.key"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := 0
	for _, s := range got.Manual() {
		if !s.Secret {
			continue
		}
		secrets++
		if withSecrets[s.Name] == "" {
			t.Errorf("the test has no value for %s", s.Name)
		}
		if s.Name != "SITE_KEY" && (!got.Same(want, s.Name) || !s.Named || s.Value != "") {
			t.Errorf("%s is not what its file says: %+v", s.Name, s)
		}
		if !strings.Contains(config.Markdown(), "`"+s.Name+"`") {
			t.Errorf("the manual does not name %s", s.Name)
		}
	}
	if secrets != len(withSecrets) {
		t.Errorf("there are %d secrets, and the test has %d", secrets, len(withSecrets))
	}
	if got.SiteKeyFile != "/etc/site.key" || got.SiteKey != "" {
		t.Errorf("the site key is %q in %q", got.SiteKey.Reveal(), got.SiteKeyFile)
	}
}

// A file that cannot hold a secret is an error that names the setting, and neither
// the path nor the content.
func TestFiles_AreRejected(t *testing.T) {
	const url = "redis://:canary@cache:6379/0"
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	largest := url + strings.Repeat("?", 16<<10-len(url)-1) + "\n"
	for _, tt := range []struct{ name, path, says string }{
		{"a missing file", filepath.Join(dir, "canary"), "REDIS_URL_FILE names a file that cannot be read: no such file or directory"},
		{"a directory", dir, "REDIS_URL_FILE names a file that cannot be read: is a directory"},
		{"the secret itself", url, "REDIS_URL_FILE names a file that cannot be read: no such file or directory"},
		{"an empty file", write(t, ""), "REDIS_URL_FILE names an empty file"},
		{"an empty line", write(t, "\r\n"), "REDIS_URL_FILE names an empty file"},
		{"two lines", write(t, url+"\ncanary\n"), "REDIS_URL_FILE names a file with more than one line of text"},
		{"zeros", write(t, url+"\x00"), "REDIS_URL_FILE names a file with more than one line of text"},
		{"a large file", write(t, "?"+largest), "REDIS_URL_FILE names a file with more than 16 KiB"},
		{"a wrong value", write(t, "smtp://canary"), ""}, // Redis is opened later
		{"the null device", os.DevNull, ""},
		{"another device", "/dev/zero", "REDIS_URL_FILE names no regular file"},
		{"a pipe", pipe, "REDIS_URL_FILE names no regular file"},
		{"the largest file", write(t, largest), ""},
		{"one line", write(t, url+"\r\n"), ""},
		{"a line without its end", write(t, url), ""},
	} {
		_, err := config.Load([]string{"REDIS_URL_FILE=" + tt.path})
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || err.Error() != tt.says) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
		}
	}
}

// A secret has one place.
func TestFiles_AndVariableAreNotBothSet(t *testing.T) {
	for name, value := range withSecrets {
		for file, both := range map[string]bool{write(t, value): true, filepath.Join(t.TempDir(), "none"): true, os.DevNull: false, "": false} {
			_, err := config.Load(append([]string{name + "=" + value, name + "_FILE=" + file}, besides...))
			says := name + " and " + name + "_FILE are both set: remove one of them"
			if got := err != nil && strings.Contains(err.Error(), says); got != both {
				t.Errorf("%s and a file %q: %v", name, file, err)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error shows a secret: %v", err)
			}
		}
	}
}

// What is wrong in a file is reported like what is wrong in the environment.
func TestFiles_AreChecked(t *testing.T) {
	_, err := config.Load([]string{"DATABASE_URL_FILE=" + write(t, "mysql://canary"), "SITE_KEY_FILE=" + os.DevNull})
	if err == nil || !strings.HasPrefix(err.Error(), "DATABASE_URL must be ") || strings.Contains(err.Error(), "canary") {
		t.Errorf("a wrong database: %v", err)
	}
	c, err := config.Load([]string{"SITE_KEY_FILE=" + os.DevNull})
	if err != nil || c.SiteKeyFile != "site.key" {
		t.Errorf("the site key is in %q: %v", c.SiteKeyFile, err)
	}
}

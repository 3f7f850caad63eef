package config_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/config"
)

func TestLoad_Defaults(t *testing.T) {
	c, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.TLS() || c.MaxFileSizeFree != 1<<30 || c.Secure() || c.SessionIdle != 168*time.Hour {
		t.Errorf("defaults = %+v", c)
	}
}

func TestLoad_ReportsAllThatIsWrongAtOnce(t *testing.T) {
	_, err := config.Load([]string{
		"ADDR=nowhere", "PUBLIC_URL=ftp://x", "DATABASE_URL=mysql://hunter2@x", "IMAGE_WORKERS=0",
		"MAX_FILE_SIZE_FREE=lots", "LOG_LEVEL=loud", "S3_ENDPOINT=http://127.0.0.1:9000", "ARGON2_PASSES=two",
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"ADDR", "PUBLIC_URL", "DATABASE_URL", "IMAGE_WORKERS", "MAX_FILE_SIZE_FREE", "LOG_LEVEL",
		"S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY", "ARGON2_PASSES"} {
		if strings.Count("\n"+err.Error(), "\n"+name+" must be ") != 1 {
			t.Errorf("%s is not named once in:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error repeats a value that may be secret:\n%v", err)
	}
}

func TestLoad_AtTheBounds(t *testing.T) {
	tests := []struct {
		set string
		ok  bool
	}{
		{"IMAGE_WORKERS=1", true}, {"IMAGE_WORKERS=64", true}, {"IMAGE_WORKERS=65", false},
		{"IMAGE_TIMEOUT=999ms", false}, {"IMAGE_TIMEOUT=1s", true}, {"IMAGE_TIMEOUT=10m", true}, {"IMAGE_TIMEOUT=601s", false},
		{"ARGON2_MEMORY=8MiB", true}, {"ARGON2_MEMORY=8388607", false},
		{"STORAGE_FREE=0", true}, {"STORAGE_FREE=-1", false}, {"STORAGE_FREE=1.5GiB", true}, {"STORAGE_FREE=1e3", false},
		{"MAX_POST_FILES_FREE=0", false}, {"MAX_POST_FILES_FREE=1", true}, {"MAX_POST_FILES_PREMIUM=100", true}, {"MAX_POST_FILES_PREMIUM=101", false},
		{"MAX_CONNECTIONS=9", false}, {"MAX_CONNECTIONS=10", true}, {"MAX_CONNECTIONS=1000000", true}, {"MAX_CONNECTIONS=1000001", false},
		{"SESSION_IDLE=721h", false}, // longer than SESSION_LIFETIME
		{"PUBLIC_URL=https://files.example.org/", true}, {"PUBLIC_URL=https://files.example.org/sub", false},
		{"PUBLIC_URL=https://user@files.example.org", false}, {"PUBLIC_URL=", true},
		{"TRUSTED_PROXIES=10.0.0.0/8,fd00::/8", true}, {"TRUSTED_PROXIES=10.0.0.1", false}, {"ALLOWED_HOSTS=a.example.org,b.example.org", true}, {"ALLOWED_HOSTS=https://a.example.org", false},
	}
	for _, tt := range tests {
		if _, err := config.Load([]string{tt.set}); (err == nil) != tt.ok {
			t.Errorf("%s: err = %v, want ok %v", tt.set, err, tt.ok)
		}
	}
}

// The manual must not fall behind the program.
func TestManualNamesEverySetting(t *testing.T) {
	for _, file := range []string{"../../README.md", "../../.env.example"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range reflect.TypeFor[config.Config]().NumField() {
			if !reflect.TypeFor[config.Config]().Field(i).IsExported() {
				continue
			}
			tag := reflect.TypeFor[config.Config]().Field(i).Tag
			name, says, allowed, fallback := tag.Get("env"), tag.Get("says"), tag.Get("allowed"), tag.Get("envDefault")
			line := "# " + says + ": " + allowed + "\n#" + name + "=" + fallback + "\n"
			if file == "../../README.md" {
				shown := ""
				if fallback != "" {
					shown = "`" + fallback + "`"
				}
				line = "| `" + name + "` | " + shown + " | " + allowed + " | " + says + " |\n"
			}
			if !strings.Contains(string(text), line) {
				t.Errorf("%s has no line %s", file, line)
			}
			if allowed == "" || says == "" {
				t.Errorf("%s does not say what it is, or what is allowed", name)
			}
		}
	}
}

func FuzzSize(f *testing.F) {
	f.Add("1.5GiB")
	f.Add("-1")
	f.Fuzz(func(t *testing.T, s string) {
		var n config.Size
		if err := n.UnmarshalText([]byte(s)); err == nil && n < 0 {
			t.Errorf("%q became %d", s, n)
		}
	})
}

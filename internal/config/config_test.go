package config_test

import (
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/models"
)

func TestLoad_Defaults(t *testing.T) {
	c, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.TLS() || c.Tier(models.TierFree).MaxFileSize != 1<<30 || c.Secure() ||
		c.SessionIdle != 168*time.Hour {
		t.Errorf("defaults = %+v", c)
	}
}

func TestLoad_ReportsAllThatIsWrongAtOnce(t *testing.T) {
	_, err := config.Load([]string{
		"ADDR=nowhere", "PUBLIC_URL=ftp://x", "DATABASE_URL=mysql://hunter2@x", "IMAGE_WORKERS=0",
		"TIERS=free.file=lots", "LOG_LEVEL=loud", "S3_ENDPOINT=http://127.0.0.1:9000", "ARGON2=19MiB,two,2",
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"ADDR", "PUBLIC_URL", "DATABASE_URL", "IMAGE_WORKERS", "TIERS:free.file", "LOG_LEVEL",
		"S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY", "ARGON2"} {
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
		{"READ_TIMEOUT=999ms", false}, {"READ_TIMEOUT=1s", true}, {"READ_TIMEOUT=1h", true}, {"READ_TIMEOUT=3601s", false},
		{"ARGON2=46MiB,1,1", true}, {"ARGON2=45MiB,1,1", false}, {"ARGON2=19MiB,2,1", true}, {"ARGON2=18MiB,2,1", false},
		{"ARGON2=12MiB,3,1", true}, {"ARGON2=11MiB,3,1", false}, {"ARGON2=9MiB,4,1", true}, {"ARGON2=8MiB,4,1", false},
		{"ARGON2=7MiB,5,1", true}, {"ARGON2=7340031,5,1", false}, {"ARGON2=7MiB,10,1", true}, {"ARGON2=6MiB,10,1", false},
		{"ARGON2=1GiB, 10, 64", true}, {"ARGON2=1025MiB,1,1", false},
		{"ARGON2=46MiB,0,1", false}, {"ARGON2=46MiB,11,1", false}, {"ARGON2=46MiB,1,0", false}, {"ARGON2=46MiB,1,65", false},
		{"ARGON2=46MiB,1", false},
		{"TIERS=free.storage=0", true}, {"TIERS=free.storage=-1", false}, {"TIERS=free.storage=1.5GiB", true},
		{"TIERS=free.storage=1e3", false},
		{"TIERS=free.post-files=0", false}, {"TIERS=free.post-files=1", true}, {"TIERS=premium.post-files=100", true},
		{"TIERS=premium.post-files=101", false},
		{"TIERS=free.file", false}, {"TIERS=gold.file=1GiB", false}, {"TIERS=free.shoes=1", false}, {"TIERS=free=1GiB", false},
		{"TIERS= free.file = 2GiB , ", true},
		{"TLS_MODE=OFF", false}, {"REGISTRATION=", true}, {"REGISTRATION=Open", false}, {"SECOND_FACTOR_ROLES=Admin, user", true},
		{"SECOND_FACTOR_ROLES=king", false},
		{"MAX_CONNECTIONS=9", false}, {"MAX_CONNECTIONS=10", true}, {"MAX_CONNECTIONS=1000000", true}, {"MAX_CONNECTIONS=1000001", false},
		{"MAX_CONNECTIONS_PER_ADDRESS=7", false}, {"MAX_CONNECTIONS_PER_ADDRESS=8", true},
		{"SESSION_IDLE=721h", false}, // longer than SESSION_LIFETIME
		{"PUBLIC_URL=https://files.example.org/", true}, {"PUBLIC_URL=https://files.example.org/sub", false},
		{"PUBLIC_URL=https://user@files.example.org", false}, {"PUBLIC_URL=", true},
		{"TRUSTED_PROXIES=10.0.0.0/8,fd00::/8", true}, {"TRUSTED_PROXIES=10.0.0.1", false},
		{"ALLOWED_HOSTS=a.example.org,b.example.org", true}, {"ALLOWED_HOSTS=https://a.example.org", false},
	}
	for _, tt := range tests {
		if _, err := config.Load([]string{tt.set}); (err == nil) != tt.ok {
			t.Errorf("%s: err = %v, want ok %v", tt.set, err, tt.ok)
		}
	}
}

// The error about TIERS names the entry and what it must be, and does not repeat its value.
func TestLoad_NamesTheWrongEntryOfTiers(t *testing.T) {
	_, err := config.Load([]string{"TIERS=free.file=9PiB,pro.post-files=3,premium.image-side=0"})
	if err == nil {
		t.Fatal("a tier out of bounds is accepted")
	}
	for want, there := range map[string]bool{
		"TIERS:free.file must be": true, "1TiB": true, "TIERS:premium.image-side must be": true, "pro.post-files": false, "9PiB": false,
	} {
		if strings.Contains(err.Error(), want) != there {
			t.Errorf("%q in the error: %v, want %v\n%v", want, !there, there, err)
		}
	}
	if _, err := config.Load([]string{"TIERS=gold.file=1GiB"}); err == nil || !strings.Contains(err.Error(), "TIERS must be") {
		t.Errorf("an unknown tier: %v", err)
	}
}

// A variable of an earlier version stops the start, and the error says what to do.
func TestLoad_NamesWhatReplacesASetting(t *testing.T) {
	for set, instead := range map[string]string{
		"MAX_FILE_SIZE_FREE=1GiB": "TIERS=free.file=", "STORAGE_PREMIUM=1GiB": "TIERS=premium.storage=",
		"MAX_IMAGE_SIDE_PRO=9":  "TIERS=pro.image-side=",
		"MAX_POST_FILES_FREE=3": "TIERS=free.post-files=", "ARGON2_PASSES=3": "ARGON2=", "SWEEP_AFTER=1h": "remove",
	} {
		name, _, _ := strings.Cut(set, "=")
		if _, err := config.Load([]string{set}); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), instead) {
			t.Errorf("%s: %v", set, err)
		}
	}
	if _, err := config.Load([]string{"SWEEP_AFTER="}); err != nil {
		t.Errorf("an empty one: %v", err)
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

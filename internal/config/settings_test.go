package config_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"example.org/cloakroom/internal/config"
	"example.org/cloakroom/internal/models"
)

// secretive are the names of what may open something.
var secretive = regexp.MustCompile(`KEY|SECRET|PASSW|PHRASE|TOKEN|CREDENTIAL|HMAC|_DSN|AUTH`)

// open are those that open nothing, whatever they are called.
var open = map[string]bool{
	"TLS_KEY_FILES": true, "SITE_KEY_FILE": true, "ACME_EAB_KEY_ID": true, // where or which a key is
	"TOKEN_LIFETIME_MAX": true, "CORS_CREDENTIALS": true, // numbers and switches
}

// A new setting that sounds like a secret must be one.
func TestSettings_ThatSoundSecretAreSecret(t *testing.T) {
	for _, field := range reflect.VisibleFields(reflect.TypeFor[config.Config]()) {
		name, allowed := field.Tag.Get("env"), field.Tag.Get("allowed")
		if !field.IsExported() || open[name] {
			continue
		}
		sounds := secretive.MatchString(name) || strings.Contains(allowed, "password") ||
			strings.Contains(allowed, "random characters") || strings.Contains(allowed, "secret")
		if is := field.Type == reflect.TypeFor[models.Secret](); is != sounds {
			t.Errorf("%s sounds secret: %v, and is: %v", name, sounds, is)
		}
	}
}

// Whatever holds a secret says so, and nothing of it; what prints a Config
// prints none either.
func TestSettings_ShowNoSecret(t *testing.T) {
	const canary = "canary2-canary2-canary2-canary2-canary2-"
	set := map[string]string{
		"DATABASE_URL": "postgres://ann:" + canary + "@db/cloakroom?sslmode=disable", "REDIS_URL": "redis://:" + canary + "@cache:6379/0",
		"SMTP_URL":  "smtp://ann:" + canary + "@mail:587",
		"MAIL_FROM": "a@example.org", "ACME_EAB_HMAC_KEY": canary, "ACME_EAB_KEY_ID": "kid", "SITE_KEY": canary,
		"CONTENT_ORIGIN": "http://content.example.net", "CONTENT_KEY": canary, "S3_ENDPOINT": "http://127.0.0.1:9000", "S3_BUCKET": "b",
		"S3_ACCESS_KEY": canary, "S3_SECRET_KEY": canary,
		"OIDC_CLIENT_SECRET": canary, "OIDC_ISSUER": "https://sso.example.org", "OIDC_CLIENT_ID": "cloakroom",
		"SECURITY_CONTACTS": "https://ann:" + canary + "@example.org",
	}
	var environ []string
	for name, value := range set {
		environ = append(environ, name+"="+value)
	}
	c, err := config.Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	secrets := 0
	for _, s := range c.Manual() {
		if strings.Contains(fmt.Sprintf("%+v", s), "canary") {
			t.Errorf("%s is shown: %+v", s.Name, s)
		}
		if strings.Contains(set[s.Name], canary) {
			secrets++
			if !s.Secret || !s.Set || !s.Named {
				t.Errorf("of %s it says %+v", s.Name, s)
			}
		}
	}
	if secrets != 10 {
		t.Errorf("%d of 10 secrets are listed", secrets)
	}
	c.SecurityContacts = nil // it is meant for everybody
	for _, text := range []string{fmt.Sprintf("%v", c), fmt.Sprintf("%+v", c), fmt.Sprintf("%+v", &c)} {
		if strings.Contains(text, "canary") {
			t.Errorf("printing it prints a secret: %s", text)
		}
	}
}

// freeStorage is an entry of a setting.
const freeStorage = "TIERS:free.storage"

func TestSettings_SayWhereTheyComeFrom(t *testing.T) {
	c, err := config.Load([]string{"REGISTRATION=closed", "TIERS=", "PATH=/bin", "TLS_MODE=off"})
	if err != nil {
		t.Fatal(err)
	}
	of := func(c config.Config, name string) (found config.Setting) {
		for _, s := range c.Manual() {
			if s.Name == name {
				found = s
			}
		}
		return found
	}
	if s := of(c, "REGISTRATION"); !s.Named || s.Value != "closed" || s.Default != "open" || s.Group != "Accounts" || s.Says == "" ||
		s.Allowed == "" {
		t.Errorf("%+v", s)
	}
	if s := of(c, "TIERS"); s.Named || !strings.HasPrefix(s.Value, "free.file=1GiB,free.storage=5GiB,") || s.Group != "Tiers and limits" {
		t.Errorf("%+v", s)
	}
	if s, ok := c.Setting(freeStorage); !ok || s.Named || s.Value != "5GiB" || s.Default != "5GiB" || s.Allowed != "a size from 0B to 1PiB" {
		t.Errorf("%+v", s)
	}
	if s := of(c, "ADDR"); s.Value != "auto" || s.StandsFor != "127.0.0.1:8080" {
		t.Errorf("%+v", s)
	}
	if s := of(c, "SITE_KEY"); !s.Secret || s.Set {
		t.Errorf("%+v", s)
	}
	next, wrong, err := c.With(map[string]string{"REGISTRATION": "open", freeStorage: "7GiB"})
	if err != nil || wrong != nil || next.Registration != "closed" || next.Tier(models.TierFree).Storage != 7<<30 ||
		next.Text(freeStorage) != "7GiB" || next.Names(freeStorage) {
		t.Errorf("with others: %v, %v, %+v", wrong, err, next)
	}
	if c.Tier(models.TierFree).Storage != 5<<30 || c.Text(freeStorage) != "5GiB" {
		t.Error("the first one changed too")
	}
	if !c.Same(next, "REGISTRATION") || c.Same(next, freeStorage) || c.Same(next, "TIERS") {
		t.Error("they are not compared")
	}
	if again, _, _ := next.With(map[string]string{freeStorage: ""}); again.Tier(models.TierFree).Storage != 5<<30 {
		t.Errorf("back to the default it is %d", again.Tier(models.TierFree).Storage)
	}
	for _, bad := range []string{"lots", "1GiB,pro.file=1KiB", "-1", ""} {
		_, wrong, err := c.With(map[string]string{freeStorage: bad, "EMAIL_VERIFICATION": "required"})
		if bad != "" && (len(wrong) != 2 || wrong[0].Name != freeStorage) || bad == "" && len(wrong) != 1 || err != nil ||
			wrong[len(wrong)-1].Name != "EMAIL_VERIFICATION" {
			t.Errorf("what is wrong with %q: %v, %v", bad, wrong, err)
		}
	}
	if _, _, err := c.With(map[string]string{"PATH": "/"}); err == nil {
		t.Error("what is no setting can be set")
	}
}

// What the environment says of a tier is laid over the defaults, and what admins
// change over that, but for what the environment says.
func TestTiers_AreLaidOverOneAnother(t *testing.T) {
	c, err := config.Load([]string{"TIERS=free.file=2GiB,pro.post-files=7,free.file=3GiB"})
	if err != nil {
		t.Fatal(err)
	}
	next, wrong, err := c.With(map[string]string{"TIERS:free.file": "4GiB", freeStorage: "9GiB"})
	want := config.Tier{MaxFileSize: 3 << 30, Storage: 9 << 30, MaxSide: 16384, MaxPostFiles: 10, ShareDays: 365}
	if got := next.Tier(models.TierFree); err != nil || wrong != nil || got != want {
		t.Errorf("free gets %+v, want %+v: %v %v", got, want, wrong, err)
	}
	if got := next.Tier(models.TierPro); got != (config.Tier{MaxFileSize: 5 << 30, Storage: 50 << 30, MaxSide: 16384, MaxPostFiles: 7}) {
		t.Errorf("pro gets %+v", got)
	}
	if !next.Names("TIERS:free.file") || next.Names(freeStorage) {
		t.Error("it is not known what the environment names")
	}
}

// Each entry sets what its name says, and nothing of another tier.
func TestTiers_AreReadByTheirNames(t *testing.T) {
	c, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, tier := range models.Tiers() {
		values := map[string]string{}
		for j, field := range config.TierFields() {
			values[field.Name(tier)] = fmt.Sprint(2000 + 10*i + j)
		}
		values["TIERS:"+string(tier)+".post-files"] = fmt.Sprint(30 + i)
		next, wrong, err := c.With(values)
		n := int64(2000 + 10*i)
		if want := (config.Tier{MaxFileSize: n, Storage: n + 1, MaxSide: n + 2, MaxPostFiles: int64(30 + i), ShareDays: n + 4}); err != nil ||
			wrong != nil || next.Tier(tier) != want {
			t.Errorf("%s gets %+v, want %+v: %v %v", tier, next.Tier(tier), want, wrong, err)
		}
		for _, other := range models.Tiers() {
			if other != tier && next.Tier(other) != c.Tier(other) {
				t.Errorf("%s changed %s too", tier, other)
			}
		}
	}
}

package config_test

import (
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/config"
)

func TestTLS(t *testing.T) {
	const site = "PUBLIC_URL=https://files.example.org"
	tests := []struct {
		set  []string
		want string // the variable at fault; empty: none
	}{
		{[]string{"TLS_MODE=autocert", site}, ""},
		{[]string{"TLS_MODE=on", site}, "TLS_MODE"},
		{[]string{"TLS_MODE=autocert"}, "TLS_MODE"}, // by http
		{[]string{"TLS_MODE=autocert", "PUBLIC_URL=https://192.0.2.1"}, "TLS_MODE"},
		{[]string{"TLS_MODE=autocert", "PUBLIC_URL=https://localhost"}, "TLS_MODE"},
		{[]string{"TLS_MODE=autocert", site, "ALLOWED_HOSTS=intranet"}, "TLS_MODE"},
		{[]string{"TLS_MODE=self-signed", "PUBLIC_URL=https://localhost:8443"}, ""},
		{[]string{"TLS_MODE=files", site}, "TLS_CERT_FILES"},
		{[]string{"TLS_MODE=files", site, "TLS_CERT_FILES=a.pem"}, "TLS_KEY_FILES"},
		{[]string{"TLS_MODE=files", site, "TLS_CERT_FILES=a.pem,b.pem", "TLS_KEY_FILES=a.key"}, "TLS_KEY_FILES"},
		{[]string{"TLS_MODE=files", site, "TLS_CERT_FILES=a.pem", "TLS_KEY_FILES=a.key"}, ""},
		{[]string{"ADDR=off"}, "ADDR"}, {[]string{"ADDR=localhost:"}, "ADDR"},
		{[]string{"REDIRECT_ADDR=80"}, "REDIRECT_ADDR"}, {[]string{"REDIRECT_ADDR=:80"}, ""},
		{[]string{"ACME_DIRECTORY=http://ca.example.org/dir"}, "ACME_DIRECTORY"},
		{[]string{"ACME_DIRECTORY=https://ca.example.org/dir"}, ""},
		{[]string{"ACME_EMAIL=nobody"}, "ACME_EMAIL"}, {[]string{"ACME_EMAIL=ann@example.org"}, ""},
		{[]string{"ACME_EAB_KEY_ID=kid"}, "ACME_EAB_KEY_ID"},
		{[]string{"ACME_EAB_HMAC_KEY=aHVudGVyMg"}, "ACME_EAB_KEY_ID"},
		{[]string{"ACME_EAB_KEY_ID=kid", "ACME_EAB_HMAC_KEY=%hunter2%"}, "ACME_EAB_HMAC_KEY"},
		{[]string{"ACME_EAB_KEY_ID=kid", "ACME_EAB_HMAC_KEY=aHVudGVyMg=="}, ""},
		{[]string{"SITE_KEY=hunter2-hunter2-hunter2-hunter2"}, "SITE_KEY"}, // 31 bytes
		{[]string{"SITE_KEY=hunter2-hunter2-hunter2-hunter2-"}, ""},
	}
	for _, tt := range tests {
		_, err := config.Load(tt.set)
		if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want+" must be ") {
			t.Errorf("%q: %v, want %q at fault", tt.set, err, tt.want)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "aHVudGVyMg")) {
			t.Errorf("%q: the error repeats a secret: %v", tt.set, err)
		}
	}
}

func TestAddresses_OfEachMode(t *testing.T) {
	tests := []struct {
		set            []string
		addr, redirect string
		hsts           bool
	}{
		{nil, "127.0.0.1:8080", "", true},
		{[]string{"REDIRECT_ADDR=:80"}, "127.0.0.1:8080", "", true}, // nowhere to send people to
		{[]string{"TLS_MODE=autocert", "PUBLIC_URL=https://a.example.org"}, ":443", ":80", true},
		{[]string{"TLS_MODE=autocert", "PUBLIC_URL=https://a.example.org:8443", "REDIRECT_ADDR=off"}, ":8443", "", true},
		{[]string{"TLS_MODE=files", "TLS_CERT_FILES=a", "TLS_KEY_FILES=b", "PUBLIC_URL=https://a.example.org", "ADDR=10.0.0.1:443",
			"REDIRECT_ADDR=10.0.0.1:80"}, "10.0.0.1:443", "10.0.0.1:80", true},
		{[]string{"TLS_MODE=self-signed", "PUBLIC_URL=https://localhost:8443"}, "127.0.0.1:8443", "", false},
	}
	for _, tt := range tests {
		c, err := config.Load(tt.set)
		if err != nil || c.Addr != tt.addr || c.RedirectAddr != tt.redirect || (c.HSTS() != "") != tt.hsts {
			t.Errorf("%q: %q, %q, HSTS %q, %v", tt.set, c.Addr, c.RedirectAddr, c.HSTS(), err)
		}
	}
}

// Subdomains are bound unless a host of the site is a whole domain, whose subdomains may
// be other sites (OWASP ASVS 5.0, 3.4.1).
func TestHSTS_Subdomains(t *testing.T) {
	const alone, all = "max-age=63072000", "max-age=63072000; includeSubDomains"
	for _, tt := range []struct {
		set  []string
		want string
	}{
		{[]string{"PUBLIC_URL=https://files.example.org"}, all},
		{[]string{"PUBLIC_URL=https://Files.Example.co.uk."}, all},
		{[]string{"PUBLIC_URL=https://example.org"}, alone},
		{[]string{"PUBLIC_URL=https://example.co.uk"}, alone},
		{[]string{"PUBLIC_URL=https://me.github.io"}, alone},
		{[]string{"PUBLIC_URL=https://files.example.org", "ALLOWED_HOSTS=example.org"}, alone},
		{[]string{"PUBLIC_URL=https://files.example.org", "CONTENT_ORIGIN=https://example.net", "CONTENT_KEY=" + strings.Repeat("k", 32)}, alone},
		{[]string{"PUBLIC_URL=https://192.0.2.1"}, alone},
		{[]string{"PUBLIC_URL=https://intranet"}, alone},
		{[]string{"PUBLIC_URL=https://example.org", "HSTS_SUBDOMAINS=on"}, all},
		{[]string{"PUBLIC_URL=https://files.example.org", "HSTS_SUBDOMAINS=off"}, alone},
		{[]string{"PUBLIC_URL=https://example.org", "HSTS_SUBDOMAINS=off", "HSTS_PRELOAD=true"}, all + "; preload"},
	} {
		c, err := config.Load(tt.set)
		if err != nil || c.HSTS() != tt.want {
			t.Errorf("%q: HSTS %q, %v; want %q", tt.set, c.HSTS(), err, tt.want)
		}
	}
	if _, err := config.Load([]string{"HSTS_SUBDOMAINS=yes"}); err == nil {
		t.Error("HSTS_SUBDOMAINS=yes is taken")
	}
}

func TestHosts(t *testing.T) {
	c, err := config.Load([]string{
		"PUBLIC_URL=https://Files.example.org:8443", "ALLOWED_HOSTS=files.example.org,b.example.org",
		"CONTENT_ORIGIN=https://content.example.net", "CONTENT_KEY=0123456789abcdef0123456789abcdef",
	})
	if want := []string{"files.example.org", "b.example.org", "content.example.net"}; err != nil || !slices.Equal(c.Hosts(), want) {
		t.Errorf("hosts %q, %v, want %q", c.Hosts(), err, want)
	}
}

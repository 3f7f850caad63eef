package main

import (
	"testing"

	"example.org/cloakroom/internal/config"
)

// A health check trusts any certificate on loopback, and nowhere else.
func TestHealthcheck_VerifiesTheCertificateBeyondLoopback(t *testing.T) {
	cfg, err := config.Load([]string{"TLS_MODE=self-signed", "PUBLIC_URL=https://files.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	for host, skips := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "localhost": true,
		"192.0.2.1": false, "2001:db8::1": false, "localhost.example.org": false, "files.example.org": false, "": false,
	} {
		got := healthTLS(cfg, host)
		if got.ServerName != "files.example.org" || got.InsecureSkipVerify != skips || got.RootCAs != nil {
			t.Errorf("at %q: server name %q, skips verification: %v", host, got.ServerName, got.InsecureSkipVerify)
		}
	}
}

package config_test

import (
	"strings"
	"testing"

	"example.org/cloakroom/internal/config"
)

// A connection to PostgreSQL on another machine is verified, or unencrypted because the
// operator says so, but never one because the other failed.
func TestDatabaseURL_SaysIfItIsEncrypted(t *testing.T) {
	for url, ok := range map[string]bool{
		"sqlite://cloakroom.db":                                   true,
		"postgres://ann:hunter2@db/cloakroom":                     false,
		"postgresql://ann@db.example.org:5432/cloakroom?x=1":      false,
		"postgres://db/cloakroom?sslmode=":                        false,
		"postgres://db/cloakroom?sslmode=allow":                   false,
		"postgres://db/cloakroom?sslmode=prefer":                  false,
		"postgres://db/cloakroom?sslmode=require":                 false,
		"postgres://db/cloakroom?sslmode=verify-ca":               true,
		"postgres://db/cloakroom?sslmode=verify-full":             true,
		"postgres://db/cloakroom?sslmode=disable":                 true,
		"postgres://127.0.0.1/cloakroom":                          true,
		"postgres://localhost:5432/cloakroom":                     true,
		"postgres://[::1]:5432/cloakroom":                         true,
		"postgres:///cloakroom?host=/run/postgresql":              true,
		"postgres://127.0.0.1/cloakroom?host=db.example.org":      false,
		"postgres://127.0.0.1,db.example.org/cloakroom":           false,
		"postgres://db/cloakroom?host=/run/postgresql,db&user=me": false,
	} {
		_, err := config.Load([]string{"DATABASE_URL=" + url})
		if (err == nil) != ok {
			t.Errorf("%s: %v, want ok %v", url, err, ok)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

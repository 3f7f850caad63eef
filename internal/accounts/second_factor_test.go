package accounts_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/seal"
)

// withFactor sets up TOTP for a user, and returns a generator of its codes and the
// recovery codes.
func withFactor(t *testing.T, s *accounts.Service, ann models.User) (codeAt func(time.Time) string, codes []string) {
	t.Helper()
	if err := s.BeginFactor(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	key, err := s.PendingFactorKey(t.Context(), ann)
	if err != nil {
		t.Fatal(err)
	}
	codeAt = func(at time.Time) string {
		code, err := totp.GenerateCode(key.Secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	codes, err = s.FinishFactor(t.Context(), models.Actor{User: ann}, codeAt(s.Now()), "")
	if err != nil {
		t.Fatal(err)
	}
	return codeAt, codes
}

// A code works once, even for concurrent requests.
func TestFinishLogIn_CodeWorksOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, clock := newService(t, db)
		ann, _ := register(t, s, "ann")
		codeAt, codes := withFactor(t, s, ann)
		clock.now = clock.now.Add(time.Minute)
		for name, codeNow := range map[string]func() string{
			"a code": func() string { return codeAt(clock.now) }, "a recovery code": func() string { return codes[0] },
		} {
			code := codeNow()
			var in atomic.Int32
			var all sync.WaitGroup
			for range 8 {
				_, entry, err := s.LogIn(t.Context(), "ann", password, models.Client{})
				if err != nil || entry.Pending == "" || entry.Session != "" {
					t.Fatalf("LogIn = %+v, %v", entry, err)
				}
				all.Go(func() {
					if _, secret, err := s.FinishLogIn(t.Context(), entry.Pending, code, models.Client{}); err == nil && secret != "" {
						in.Add(1)
					}
				})
			}
			all.Wait()
			if in.Load() != 1 {
				t.Errorf("%s opens %d sessions", name, in.Load())
			}
			clock.now = clock.now.Add(2 * time.Hour)
		}
		if sessions, err := s.Sessions(t.Context(), ann); err != nil || len(sessions) != 2 {
			t.Errorf("%d sessions, %v", len(sessions), err)
		}
	})
}

// A TOTP secret copied to another user in the database cannot be opened.
func TestTOTP_IsSealedForItsUser(t *testing.T) {
	db := databasetest.New(t)
	s, _ := newService(t, db)
	ann, _ := register(t, s, "ann")
	bob, _ := register(t, s, "bob")
	withFactor(t, s, ann)
	stored, err := db.TOTPOf(t.Context(), ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.BeginTOTP(t.Context(), models.TOTPFactor{UserID: bob.ID, Sealed: stored.Sealed, CreatedAt: s.Now()}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PendingFactorKey(t.Context(), bob); err == nil {
		t.Error("another user's secret can be opened")
	}
}

// The check fails if the secrets were sealed with another site key.
func TestCheckKey(t *testing.T) {
	s, _ := newService(t, databasetest.New(t))
	right := s.Key
	other, err := seal.NewKey("another key, and it is long enough too", "accounts")
	if err != nil {
		t.Fatal(err)
	}
	ann, _ := register(t, s, "ann")
	s.Key = other
	if err := s.CheckKey(t.Context()); err != nil {
		t.Errorf("without secrets: %v", err)
	}
	s.Key = right
	withFactor(t, s, ann)
	if err := s.CheckKey(t.Context()); err != nil {
		t.Errorf("the right key: %v", err)
	}
	s.Key = other
	if err := s.CheckKey(t.Context()); err == nil || !strings.Contains(err.Error(), "another site key") {
		t.Errorf("another key: %v", err)
	}
}

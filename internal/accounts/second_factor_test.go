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

// withFactor gives ann a second factor, and returns what makes its codes and
// her recovery codes.
func withFactor(t *testing.T, s *accounts.Service, ann models.User) (codeAt func(time.Time) string, codes []string) {
	t.Helper()
	if err := s.BeginFactor(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	key, err := s.BegunFactor(t.Context(), ann)
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

// Of many who come at once with the same code, one comes in.
func TestFinishLogIn_OneCodeOneSession(t *testing.T) {
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

// What the database keeps opens with the site key alone, and for its user.
func TestTOTP_IsSealed(t *testing.T) {
	db := databasetest.New(t)
	s, _ := newService(t, db)
	ann, _ := register(t, s, "ann")
	bob, _ := register(t, s, "bob")
	withFactor(t, s, ann)
	kept, err := db.TOTPOf(t.Context(), ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.BeginTOTP(t.Context(), models.TOTPFactor{UserID: bob.ID, Sealed: kept.Sealed, CreatedAt: s.Now()}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.BegunFactor(t.Context(), bob); err == nil {
		t.Error("another's secret opens")
	}
}

// A server with another site key than the secrets were sealed with does not
// start.
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
		t.Errorf("nothing is sealed, and: %v", err)
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

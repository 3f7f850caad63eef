package accounts_test

import (
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// If all admins are demoted or suspended concurrently, one stays.
func TestLastAdmin_Stays(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, _ := newService(t, db)
		names := []string{"ann", "bob", "eve", "joe"}
		for _, name := range names {
			user, _ := register(t, s, name)
			if err := db.ChangeRole(t.Context(), user.ID, models.RoleAdmin); err != nil {
				t.Fatal(err)
			}
		}
		var all sync.WaitGroup
		for i, name := range names {
			all.Go(func() {
				var err error
				if i%2 == 0 {
					_, err = s.Suspend(t.Context(), models.Actor{}, name, "")
				} else {
					_, err = s.SetRole(t.Context(), models.Actor{}, name, "user", "")
				}
				if err != nil && problem.KindOf(err) != problem.Conflict {
					t.Error(err)
				}
			})
		}
		all.Wait()
		left := 0
		users, _, err := s.Users(t.Context(), models.UserFilter{Role: models.RoleAdmin})
		for _, u := range users {
			if u.SuspendedAt == nil {
				left++
			}
		}
		if err != nil || left != 1 {
			t.Errorf("%d active admins are left, %v; want 1", left, err)
		}
	})
}

// A reset link works once, even for concurrent requests, and ends all sessions.
func TestResetPassword_LinkWorksOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, clock := newService(t, db)
		_, session := register(t, s, "ann")
		_, old, err := s.NewResetLink(t.Context(), models.Actor{}, "ann", "")
		if err != nil {
			t.Fatal(err)
		}
		_, link, err := s.NewResetLink(t.Context(), models.Actor{}, "ann", "")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.ResetPassword(t.Context(), old, "another long password", false, models.Client{}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the older link: %v", err)
		}
		if err := s.ResetPassword(t.Context(), link, "short", false, models.Client{}); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a short password: %v", err)
		}
		var all sync.WaitGroup
		done := make(chan string, 8)
		for i := range 8 {
			all.Go(func() {
				password := "another long password " + string(rune('a'+i))
				switch err := s.ResetPassword(t.Context(), link, password, false, models.Client{}); {
				case err == nil:
					done <- password
				case problem.KindOf(err) != problem.NotFound:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(done) != 1 {
			t.Fatalf("the link worked %d times", len(done))
		}
		if _, _, err := s.LogIn(t.Context(), "ann", <-done, models.Client{}); err != nil {
			t.Errorf("the new password: %v", err)
		}
		if _, _, err := s.BySession(t.Context(), session); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the old session: %v", err)
		}
		_, link, err = s.NewResetLink(t.Context(), models.Actor{}, "ann", "")
		if err != nil {
			t.Fatal(err)
		}
		clock.now = clock.now.Add(30 * time.Minute)
		if err := s.ResetPassword(t.Context(), link, "another long password", false, models.Client{}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("after 30 minutes: %v", err)
		}
	})
}

// A reset starts no session, and the second factor is still required.
func TestResetPassword_StillNeedsTheSecondFactor(t *testing.T) {
	s, _ := newService(t, databasetest.New(t))
	ann, _ := register(t, s, "ann")
	withFactor(t, s, ann)
	_, link, err := s.NewResetLink(t.Context(), models.Actor{}, "ann", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ResetPassword(t.Context(), link, "another long password", false, models.Client{}); err != nil {
		t.Fatal(err)
	}
	_, entry, err := s.LogIn(t.Context(), "ann", "another long password", models.Client{})
	if err != nil || entry != (accounts.LogInResult{Pending: entry.Pending}) {
		t.Errorf("after a reset the password alone gives %+v, %v", entry, err)
	}
}

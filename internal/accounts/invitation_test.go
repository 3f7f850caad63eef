package accounts_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func invite(t *testing.T, s *accounts.Service, in models.InvitationInput) models.Secret {
	t.Helper()
	_, secret, err := s.Invite(t.Context(), models.Actor{}, in)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// as returns the input to register with this name.
func as(name string) accounts.RegistrationInput {
	return accounts.RegistrationInput{Username: name, Email: name + "@example.org", Password: password}
}

// An invitation works once, even for concurrent requests.
func TestInvitation_WorksOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, _ := newService(t, db)
		setPolicy(s, func(policy *accounts.Policy) { policy.Registering = models.RegisterInvitation })
		secret := invite(t, s, models.InvitationInput{Role: "moderator", Tier: "pro", Days: "1"})
		var all sync.WaitGroup
		created := make(chan models.User, 8)
		for i := range 8 {
			all.Go(func() {
				user, _, err := s.RegisterInvited(t.Context(), secret, as(fmt.Sprintf("user_%d", i)), models.Client{})
				if err == nil {
					created <- user
				} else if problem.KindOf(err) != problem.NotFound {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(created) != 1 {
			t.Fatalf("%d users were created", len(created))
		}
		user, err := db.UserByID(t.Context(), (<-created).ID)
		if err != nil || user.Role != models.RoleModerator || user.Tier != models.TierPro {
			t.Errorf("the user is %+v, %v", user, err)
		}
		list, err := s.Invitations(t.Context(), models.Cursor{}, 50)
		if err != nil || len(list.Items) != 1 || list.Items[0].UsedBy != user.Username {
			t.Errorf("the list has %+v, %v", list, err)
		}
	})
}

// An invitation expires, can be revoked, may be bound to an address, and never
// creates an admin.
func TestInvitation_Restrictions(t *testing.T) {
	s, clock := newService(t, databasetest.New(t))
	use := func(secret models.Secret, name string) problem.Kind {
		_, _, err := s.RegisterInvited(t.Context(), secret, as(name), models.Client{})
		if err != nil && problem.All(err) == nil {
			t.Fatal(err)
		}
		return problem.KindOf(err)
	}
	late := invite(t, s, models.InvitationInput{Role: "user", Tier: "free", Days: "1"})
	clock.now = clock.now.Add(24 * time.Hour)
	if got := use(late, "late"); got != problem.NotFound {
		t.Errorf("expired: %v", got)
	}
	revoked := invite(t, s, models.InvitationInput{Role: "user", Tier: "free", Days: "30"})
	list, err := s.Invitations(t.Context(), models.Cursor{}, 50)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeInvitation(t.Context(), models.Actor{}, list.Items[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := use(revoked, "back"); got != problem.NotFound {
		t.Errorf("revoked: %v", got)
	}
	bound := invite(t, s, models.InvitationInput{Role: "user", Tier: "free", Days: "30", Email: "Eve@Example.org"})
	if got := use(bound, "bob"); got != problem.Invalid {
		t.Errorf("with another address: %v", got)
	}
	if _, _, err := s.RegisterInvited(t.Context(), bound, as("eve"), models.Client{}); err != nil {
		t.Errorf("with the right address: %v", err)
	}
	if got := use("NOSUCHSECRET", "joe"); got != problem.NotFound {
		t.Errorf("unknown: %v", got)
	}
	for field, in := range map[string]models.InvitationInput{
		"role":  {Role: "admin", Tier: "free", Days: "1"},
		"tier":  {Role: "user", Tier: "gold", Days: "1"},
		"days":  {Role: "user", Tier: "free", Days: "31"},
		"email": {Role: "user", Tier: "free", Days: "1", Email: "x"},
		"note":  {Role: "user", Tier: "free", Days: "1", Note: "a\nb"},
	} {
		_, _, err := s.Invite(t.Context(), models.Actor{}, in)
		if found := problem.All(err); len(found) != 1 || found[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	// The database rejects it too.
	admin := models.Invitation{
		ID: "X", Hash: "X", Role: models.RoleAdmin, Tier: models.TierFree, CreatedAt: clock.now, ExpiresAt: clock.now,
	}
	if err := s.DB.CreateInvitation(t.Context(), admin); err == nil {
		t.Error("the database accepts an invitation for an admin")
	}
}

func TestRegister_DomainsAndModes(t *testing.T) {
	s, _ := newService(t, databasetest.New(t))
	secret := invite(t, s, models.InvitationInput{Role: "user", Tier: "free", Days: "1"})
	setPolicy(s, func(policy *accounts.Policy) { policy.Domains = []string{"example.org"} })
	for address, good := range map[string]bool{
		"ann@example.org": true, "ann@EXAMPLE.org": true, "ann@sub.example.org": false,
		"ann@example.org.evil.example": false, "ann@notexample.org": false, "ann@other.example": false,
	} {
		in := as(fmt.Sprintf("user_%d", len(address)))
		in.Email = address
		if address == "ann@EXAMPLE.org" {
			in.Username = "upper"
		}
		_, _, err := s.Register(t.Context(), in, models.Client{})
		if found := problem.All(err); (err == nil) != good || err != nil && (len(found) != 1 || found[0].Field != "email") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, mode := range []models.Registering{models.RegisterInvitation, models.RegisterClosed, "", "opne"} {
		setPolicy(s, func(policy *accounts.Policy) { policy.Registering = mode })
		if _, _, err := s.Register(t.Context(), as("bob"), models.Client{}); problem.KindOf(err) != problem.Forbidden {
			t.Errorf("%q: %v", mode, err)
		}
	}
	setPolicy(s, func(policy *accounts.Policy) { policy.Registering = models.RegisterClosed })
	if _, _, err := s.RegisterInvited(t.Context(), secret, as("bob"), models.Client{}); problem.KindOf(err) != problem.Forbidden {
		t.Errorf("closed, with an invitation: %v", err)
	}
}

// setPolicy changes the policy of s.
func setPolicy(s *accounts.Service, change func(*accounts.Policy)) {
	policy := s.Policy.Get()
	change(&policy)
	s.Policy.Set(policy)
}

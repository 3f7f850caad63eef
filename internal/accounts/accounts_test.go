package accounts_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/images"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/passwords"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/storage/disk"
)

const password = "correct horse battery"

// A clock is set by the test.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newService(t *testing.T, db *database.DB) (*accounts.Service, *clock) {
	t.Helper()
	blobs, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	queue := &jobs.Queue{DB: db, Now: time.Now}
	hasher, err := passwords.NewHasher(64<<10, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.NewKey("the site key of the tests, forty letters", "accounts")
	if err != nil {
		t.Fatal(err)
	}
	relying, err := accounts.NewRelyingParty("http://cloakroom.test")
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	return &accounts.Service{
		DB: db, Jobs: queue, Blobs: blobs, Hasher: hasher, Mail: nil, Key: key, Relying: relying, Now: c.Now,
		Images: &images.Decoder{Workers: 1, Memory: 1 << 30, Timeout: 10 * time.Second},
		Policy: models.NewLive(accounts.Policy{
			SessionIdle: time.Hour, SessionLifetime: 24 * time.Hour, ConfirmedFor: 30 * time.Minute,
			Registering: models.RegisterOpen, Domains: nil, FactorRoles: nil, PublicURL: "http://cloakroom.test",
			VerifyEmail: false, Issuer: "cloakroom.test", MaxAvatarSize: 1 << 20,
			AvatarLimits: images.Limits{MaxSide: 1000, MaxPixels: 1e6, MaxFrames: 10, MaxFramePixels: 1e7},
		}),
	}, c
}

func register(t *testing.T, s *accounts.Service, name string) (models.User, models.Secret) {
	t.Helper()
	user, secret, err := s.Register(t.Context(), as(name), models.Client{})
	if err != nil {
		t.Fatal(err)
	}
	return user, secret
}

func TestRegister_ReportsEveryInvalidField(t *testing.T) {
	s, _ := newService(t, databasetest.New(t))
	_, _, err := s.Register(t.Context(), accounts.RegistrationInput{Username: "x", Email: "y", Password: "short"}, models.Client{})
	var fields []string
	for _, p := range problem.All(err) {
		fields = append(fields, p.Field)
	}
	if got := strings.Join(fields, " "); got != "username email password" {
		t.Errorf("problems at %q", got)
	}
}

func TestRegister_UniqueNameAndRoleUser(t *testing.T) {
	s, _ := newService(t, databasetest.New(t))
	user, _ := register(t, s, "Ann")
	if user.Role != models.RoleUser || user.Tier != models.TierFree {
		t.Errorf("registered as %s, %s", user.Role, user.Tier)
	}
	_, _, err := s.Register(t.Context(), as("aNN"), models.Client{})
	if all := problem.All(err); len(all) != 1 || all[0].Kind != problem.Conflict || all[0].Field != "username" {
		t.Errorf("the same name in another case: %v", err)
	}
	// Registration does not reveal whether an email address is in use.
	sameEmail := accounts.RegistrationInput{Username: "bob", Email: "Ann@example.org", Password: password}
	if _, _, err := s.Register(t.Context(), sameEmail, models.Client{}); err != nil {
		t.Errorf("the same address: %v", err)
	}
}

func TestPassword(t *testing.T) {
	s, _ := newService(t, databasetest.New(t))
	tests := []struct {
		name, password string
		ok             bool
	}{
		{"shortest", "xq7 veil torn", true},
		{"eleven characters", "elevenchars", false},
		{"twelve characters of two bytes", "üäößéèñçøåþð", true},
		{"longest", strings.Repeat("xq7 veil torn ", 10)[:128], true},
		{"too long", strings.Repeat("xq7 veil torn ", 10)[:129], false},
		{"common", "1q2w3e4r5t6y", false},
		{"common, repeated", "dragondragon", false},
		{"common, in capitals", "1QAZ2wsx3EDC", false},
		{"one character", "aaaaaaaaaaaaaaaa", false},
		{"easy", "Summer2027!!", false},
		{"the site", "cloakroom-2027", false},
		{"the email", "a.example.org", false},
		{"contains the name", "my dear Annika!!", false},
		{"not UTF-8", "twelve chars\xff", false},
	}
	for i, tt := range tests {
		name := "user" + string(rune('a'+i))
		if strings.Contains(tt.name, "name") {
			name = "annika"
		}
		in := accounts.RegistrationInput{Username: name, Email: "a@example.org", Password: tt.password}
		_, _, err := s.Register(t.Context(), in, models.Client{})
		if (err == nil) != tt.ok {
			t.Errorf("%s: err = %v, want ok %v", tt.name, err, tt.ok)
		}
	}
}

func TestLogIn_DoesNotRevealWhetherAnAccountExists(t *testing.T) {
	s, _ := newService(t, databasetest.New(t))
	register(t, s, "ann")
	_, _, wrongPassword := s.LogIn(t.Context(), "ann", "not the password", models.Client{})
	_, _, noSuchUser := s.LogIn(t.Context(), "nobody", "not the password", models.Client{})
	_, _, tooLong := s.LogIn(t.Context(), "ann", strings.Repeat("x", 1<<20), models.Client{})
	for _, err := range []error{wrongPassword, noSuchUser, tooLong} {
		if err == nil || err.Error() != wrongPassword.Error() || problem.KindOf(err) != problem.Invalid {
			t.Errorf("err = %v, want %v", err, wrongPassword)
		}
	}
	if _, _, err := s.LogIn(t.Context(), "ANN", password, models.Client{}); err != nil {
		t.Errorf("in another case: %v", err)
	}
}

func TestSession_IdleAndAbsoluteTimeout(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, clock := newService(t, db)
		_, idle := register(t, s, "ann")
		_, used := register(t, s, "bob")
		alive := func(secret models.Secret) bool {
			_, _, err := s.BySession(t.Context(), secret)
			if err != nil && problem.KindOf(err) != problem.NotFound {
				t.Fatal(err)
			}
			return err == nil
		}
		for range 23 { // used within every hour
			clock.now = clock.now.Add(59 * time.Minute)
			if !alive(used) {
				t.Fatal("a session in use ended early")
			}
		}
		if alive(idle) {
			t.Error("an idle session did not expire")
		}
		clock.now = clock.now.Add(59 * time.Minute)
		alive(used)
		clock.now = clock.now.Add(25 * time.Minute)
		if alive(used) {
			t.Error("a session outlived its absolute timeout")
		}
		if err := s.ExpireSessions(t.Context(), models.ExpireSessions{}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLogOutAndPasswordChangeEndSessions(t *testing.T) {
	s, _ := newService(t, databasetest.New(t))
	ann, first := register(t, s, "ann")
	_, entry, err := s.LogIn(t.Context(), "ann", password, models.Client{})
	second := entry.Session
	if err != nil || first == second {
		t.Fatalf("LogIn = %v, the same secret %v", err, first == second)
	}
	in := accounts.PasswordInput{Current: "wrong", Password: "a new one, and long"}
	if _, err := s.ChangePassword(t.Context(), models.Actor{User: ann}, in, second.Hash()); problem.All(err) == nil {
		t.Errorf("with a wrong password: %v", err)
	}
	in.Current = password
	second, err = s.ChangePassword(t.Context(), models.Actor{User: ann}, in, second.Hash())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.BySession(t.Context(), first); problem.KindOf(err) != problem.NotFound {
		t.Errorf("the other session did not end: %v", err)
	}
	if _, _, err := s.BySession(t.Context(), second); err != nil {
		t.Errorf("the session that changed the password ended: %v", err)
	}
	if err := s.LogOut(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.BySession(t.Context(), second); problem.KindOf(err) != problem.NotFound {
		t.Errorf("the session did not end: %v", err)
	}
	if _, _, err := s.LogIn(t.Context(), "ann", "a new one, and long", models.Client{}); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func TestSessionsAndTokens_BelongToTheirOwner(t *testing.T) {
	s, _ := newService(t, databasetest.New(t))
	ann, annSession := register(t, s, "ann")
	bob, _ := register(t, s, "bob")
	token, secret, err := s.NewToken(t.Context(), models.Actor{User: ann}, accounts.TokenInput{Name: "laptop", Scopes: []string{"read"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.EndSession(t.Context(), bob, annSession.Hash()); problem.KindOf(err) != problem.NotFound {
		t.Errorf("bob ends ann's session: %v", err)
	}
	if err := s.DeleteToken(t.Context(), models.Actor{User: bob}, token.ID); problem.KindOf(err) != problem.NotFound {
		t.Errorf("bob deletes ann's token: %v", err)
	}
	if _, user, err := s.ByToken(t.Context(), secret); err != nil || user.ID != ann.ID {
		t.Errorf("ByToken = %s, %v", user.Username, err)
	}
	if err := s.DeleteToken(t.Context(), models.Actor{User: ann}, token.ID); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []models.Secret{secret, "cloakroom_x", "", annSession} {
		if _, _, err := s.ByToken(t.Context(), gone); problem.KindOf(err) != problem.Unauthenticated {
			t.Errorf("ByToken = %v, want unauthenticated", err)
		}
	}
}

// Concurrent requests cannot exceed the limit: counting and inserting are atomic.
func TestTokens_AreLimited(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, _ := newService(t, db)
		ann, _ := register(t, s, "ann")
		bob, _ := register(t, s, "bob")
		create := func(who models.User) error {
			in := accounts.TokenInput{Name: "laptop", Scopes: []string{"read"}}
			_, _, err := s.NewToken(t.Context(), models.Actor{User: who}, in)
			return err
		}
		var made atomic.Int64
		var wg sync.WaitGroup
		for range 66 {
			wg.Go(func() {
				err := create(ann)
				if err == nil {
					made.Add(1)
				} else if problem.KindOf(err) != problem.Invalid {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		tokens, err := s.Tokens(t.Context(), ann)
		if err != nil || len(tokens) != 50 || made.Load() != 50 {
			t.Fatalf("%d tokens, %d made, %v; want 50", len(tokens), made.Load(), err)
		}
		if err := s.DeleteToken(t.Context(), models.Actor{User: ann}, tokens[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := create(ann); err != nil {
			t.Errorf("after one was deleted: %v", err)
		}
		if err := create(ann); problem.KindOf(err) != problem.Invalid {
			t.Errorf("the 51st token: %v", err)
		}
		if err := create(bob); err != nil {
			t.Errorf("another user's token: %v", err)
		}
	})
}

func TestSetupLink_CreatesOneAdmin(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, _ := newService(t, db)
		old, err := s.NewSetupLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		link, err := s.NewSetupLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CheckSetupLink(t.Context(), old); problem.KindOf(err) != problem.NotFound {
			t.Errorf("the previous link is still valid: %v", err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		admins := 0
		for i := range 8 {
			wg.Go(func() {
				in := accounts.RegistrationInput{Username: "admin" + string(rune('a'+i)), Email: "a@example.org", Password: password}
				user, _, err := s.SetUp(t.Context(), link, in, models.Client{})
				if err == nil && user.IsAdmin() {
					mu.Lock()
					admins++
					mu.Unlock()
				} else if problem.KindOf(err) != problem.NotFound {
					t.Errorf("SetUp: %v", err)
				}
			})
		}
		wg.Wait()
		if admins != 1 {
			t.Errorf("one link created %d admins", admins)
		}
		if again, err := s.NewSetupLink(t.Context()); again != "" || err != nil {
			t.Errorf("a link was created although there is an admin: %v", err)
		}
	})
}

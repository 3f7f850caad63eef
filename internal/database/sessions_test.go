package database_test

import (
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func newSession(t *testing.T, db *database.DB, user models.User, at time.Time) models.Session {
	t.Helper()
	s := models.Session{Hash: models.NewSecret().Hash(), UserID: user.ID, UserAgent: "Test/1.0",
		CreatedAt: at, LastSeenAt: at, ExpiresAt: at.Add(24 * time.Hour)}
	must(t, db.CreateSession(t.Context(), &s))
	return s
}

func TestSessionByHash(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		u := newUser(t, db, "ann")
		want := newSession(t, db, u, noon)
		newSession(t, db, newUser(t, db, "bob"), noon)
		s, user, err := db.SessionByHash(t.Context(), want.Hash, noon, noon.Add(-time.Hour))
		must(t, err)
		wantEqual(t, "the session", s, models.Session{
			Hash: want.Hash, FirstHash: want.Hash, UserID: want.UserID, LastSeenAt: want.LastSeenAt, ExpiresAt: want.ExpiresAt,
		})
		wantEqual(t, "its user", user, models.User{ID: u.ID, Username: u.Username, Role: u.Role, Tier: u.Tier,
			Avatar: u.Avatar, AvatarType: u.AvatarType, StorageUsed: u.StorageUsed, LastVisibility: u.LastVisibility})
		west, east := time.FixedZone("west", -9*3600), time.FixedZone("east", 9*3600)
		for name, c := range map[string]struct {
			hash      models.SecretHash
			now, idle time.Time
			want      problem.Kind
		}{
			"another hash":     {secret, noon, noon.Add(-time.Hour), problem.NotFound},
			"a moment before":  {want.Hash, want.ExpiresAt.Add(-time.Microsecond), noon.Add(-time.Microsecond), problem.Internal},
			"at its end":       {want.Hash, want.ExpiresAt, noon.Add(-time.Hour), problem.NotFound},
			"idle":             {want.Hash, noon, noon, problem.NotFound},
			"in another zone":  {want.Hash, noon.In(west), noon.Add(-time.Second).In(east), problem.Internal},
			"ended, elsewhere": {want.Hash, want.ExpiresAt.In(west), noon.Add(-time.Hour), problem.NotFound},
		} {
			_, _, err := db.SessionByHash(t.Context(), c.hash, c.now, c.idle)
			wantKind(t, name, err, c.want)
		}
	})
}

// A look-up of a session with a file finds what SessionByHash finds of the one and FileFor of
// the other, and nothing unless both do.
func TestSessionWithFile(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		f, of := newFile(t, db, ann, models.Ready), newPost(t, db, ann, noon, models.Public)
		attach(t, db, of, f)
		hash := newSession(t, db, bob, noon).Hash
		s, u, got, err := db.SessionWithFile(t.Context(), hash, noon, noon.Add(-time.Hour), f.ID)
		must(t, err)
		wantS, wantU, err := db.SessionByHash(t.Context(), hash, noon, noon.Add(-time.Hour))
		must(t, err)
		wantEqual(t, "the session", s, wantS)
		wantEqual(t, "the user", u, wantU)
		wantEqual(t, "the file", got, models.File{ID: f.ID, Name: f.Name, Blob: f.Blob, SHA256: f.SHA256, MediaType: f.MediaType,
			Kind: f.Kind, State: f.State, Clean: f.Clean, CleanSHA256: f.CleanSHA256, CleanType: f.CleanType,
			ThumbSmall: f.ThumbSmall, ThumbLarge: f.ThumbLarge, ThumbType: f.ThumbType})
		missing := func(what string, hash models.SecretHash, now, idle time.Time, id models.FileID) {
			t.Helper()
			_, _, _, err := db.SessionWithFile(t.Context(), hash, now, idle, id)
			wantKind(t, what, err, problem.NotFound)
		}
		missing("another session", secret, noon, noon.Add(-time.Hour), f.ID)
		missing("another file", hash, noon, noon.Add(-time.Hour), "A")
		missing("expired", hash, noon.Add(24*time.Hour), noon.Add(-time.Hour), f.ID)
		missing("idle", hash, noon, noon, f.ID)
		must(t, db.Exec(t.Context(), `UPDATE users SET suspended_at = created_at WHERE username = 'ann'`))
		missing("its owner is suspended", hash, noon, noon.Add(-time.Hour), f.ID)
		must(t, db.Exec(t.Context(), `UPDATE users SET suspended_at = NULL`))
		must(t, db.Exec(t.Context(), `UPDATE users SET suspended_at = created_at WHERE username = 'bob'`))
		missing("the visitor is suspended", hash, noon, noon.Add(-time.Hour), f.ID)
	})
}

// SQLite compares times as text. A time in another zone must be found too, through GORM
// and through our own SQL.
func TestTimes_InAnyZone(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		east, west := time.FixedZone("east", 9*3600), time.FixedZone("west", -9*3600)
		u := newUser(t, db, "ann")
		s := newSession(t, db, u, noon.In(east))
		must(t, db.TouchSession(t.Context(), s.Hash, noon.Add(time.Minute).In(west), noon.Add(time.Second).In(east)))
		got, _, err := db.SessionByHash(t.Context(), s.Hash, noon.In(west), noon.Add(59*time.Second).In(east))
		must(t, err)
		if !got.LastSeenAt.Equal(noon.Add(time.Minute)) || got.LastSeenAt.Location() != time.UTC {
			t.Errorf("LastSeenAt = %v, want %v in UTC", got.LastSeenAt, noon.Add(time.Minute))
		}
		p := newPost(t, db, u, noon.In(west), models.Public)
		must(t, db.DeletePost(t.Context(), u.ID, p.ID, noon.In(west)))
		deleted, err := db.DeletedPostsOf(t.Context(), u.ID, noon.Add(-time.Microsecond).In(east)) // through GORM's Where
		must(t, err)
		wantEqual(t, "posts deleted since", len(deleted), 1)
		if at := deleted[0].DeletedAt; at == nil || !at.Equal(noon) || at.Location() != time.UTC {
			t.Errorf("DeletedAt = %v, want %v in UTC", at, noon)
		}
		deleted, err = db.DeletedPostsOf(t.Context(), u.ID, noon.In(west))
		must(t, err)
		wantEqual(t, "posts deleted after", len(deleted), 0)
	})
}

func TestTouchSession(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		u := newUser(t, db, "ann")
		s, other := newSession(t, db, u, noon), newSession(t, db, u, noon)
		seen := func(hash models.SecretHash) time.Time {
			s, _, err := db.SessionByHash(t.Context(), hash, noon, noon.Add(-time.Hour))
			must(t, err)
			return s.LastSeenAt
		}
		must(t, db.TouchSession(t.Context(), s.Hash, noon.Add(30*time.Second), noon.Add(-30*time.Second)))
		wantEqual(t, "touched too soon", seen(s.Hash), noon)
		must(t, db.TouchSession(t.Context(), s.Hash, noon.Add(time.Minute), noon.Add(time.Microsecond)))
		wantEqual(t, "touched", seen(s.Hash), noon.Add(time.Minute))
		wantEqual(t, "the other one", seen(other.Hash), noon)
	})
}

func TestSessions_End(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		first, second, third := newSession(t, db, ann, noon), newSession(t, db, ann, noon.Add(1)), newSession(t, db, ann, noon.Add(2*time.Second))
		others := newSession(t, db, bob, noon)
		count := func(u models.User, want int) {
			t.Helper()
			sessions, err := db.SessionsOf(t.Context(), u.ID)
			must(t, err)
			wantEqual(t, "sessions", len(sessions), want)
		}
		sessions, err := db.SessionsOf(t.Context(), ann.ID)
		must(t, err)
		wantEqual(t, "the newest", sessions[0].Hash, third.Hash)

		must(t, db.DeleteSession(t.Context(), first.Hash))
		must(t, db.DeleteSession(t.Context(), first.Hash))
		count(ann, 2)
		must(t, db.DeleteSessionsOf(t.Context(), ann.ID, second.Hash))
		count(ann, 1)
		must(t, db.DeleteSessionsOf(t.Context(), ann.ID, ""))
		count(ann, 0)
		count(bob, 1)

		must(t, db.CreateSetupLink(t.Context(), &models.SetupLink{Hash: secret, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}))
		idle := newSession(t, db, ann, noon.Add(-2*time.Hour))
		n, err := db.DeleteExpiredSessions(t.Context(), noon.Add(time.Hour), idle.LastSeenAt)
		must(t, err)
		wantEqual(t, "sessions removed for being idle", n, 1)
		count(bob, 1)
		valid, err := db.SetupLinkValid(t.Context(), secret, noon)
		must(t, err)
		wantEqual(t, "the setup link whose time is over", valid, false)
		n, err = db.DeleteExpiredSessions(t.Context(), others.ExpiresAt, noon.Add(-time.Hour))
		must(t, err)
		wantEqual(t, "sessions removed at their end", n, 1)
	})
}

func TestAPITokens(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann, bob := newUser(t, db, "ann"), newUser(t, db, "bob")
		want := models.APIToken{ID: models.NewTokenID(), UserID: ann.ID, Name: "my script", Hash: secret, Scopes: "read write",
			CreatedAt: noon, LastUsedAt: nil, ExpiresAt: new(noon.Add(time.Hour))}
		for i, wantMade := range []bool{true, false} { // the maximum is one
			made, err := db.CreateAPIToken(t.Context(), &models.APIToken{ID: want.ID + models.TokenID("X"[:i]), UserID: ann.ID,
				Name: want.Name, Hash: want.Hash + models.SecretHash("X"[:i]), Scopes: want.Scopes,
				CreatedAt: noon, LastUsedAt: nil, ExpiresAt: want.ExpiresAt}, 1)
			must(t, err)
			wantEqual(t, "made", made, wantMade)
		}
		_, err := db.CreateAPIToken(t.Context(), &models.APIToken{ID: "T", UserID: "NOBODY", Name: "n", Hash: "h", Scopes: "read",
			CreatedAt: noon, LastUsedAt: nil, ExpiresAt: nil}, 1)
		wantKind(t, "a token of nobody", err, problem.NotFound)
		token, user, err := db.UserByAPIToken(t.Context(), secret)
		must(t, err)
		wantEqual(t, "the token", token, want)
		ann.PasswordHash = "" // a request does not need it
		wantEqual(t, "its user", user, ann)
		_, _, err = db.UserByAPIToken(t.Context(), "no such hash")
		wantKind(t, "another hash", err, problem.NotFound)

		for _, c := range []struct{ now, notSince, want time.Time }{
			{noon, noon.Add(-time.Minute), noon},
			{noon.Add(time.Second), noon.Add(-time.Minute), noon},
			{noon.Add(2 * time.Minute), noon.Add(time.Minute), noon.Add(2 * time.Minute)},
		} {
			must(t, db.TouchAPIToken(t.Context(), want.ID, c.now, c.notSince))
			tokens, err := db.APITokensOf(t.Context(), ann.ID)
			must(t, err)
			if len(tokens) != 1 || tokens[0].LastUsedAt == nil || !tokens[0].LastUsedAt.Equal(c.want) {
				t.Errorf("tokens = %+v, want one last used at %v", tokens, c.want)
			}
		}
		wantKind(t, "another's token", db.DeleteAPIToken(t.Context(), bob.ID, want.ID), problem.NotFound)
		must(t, db.DeleteAPIToken(t.Context(), ann.ID, want.ID))
		wantKind(t, "deleting it twice", db.DeleteAPIToken(t.Context(), ann.ID, want.ID), problem.NotFound)
	})
}

func TestSetupLink_OpensOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		link := func(hash models.SecretHash) {
			must(t, db.CreateSetupLink(t.Context(), &models.SetupLink{Hash: hash, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}))
		}
		link("older")
		link(secret)
		wantKind(t, "the older link", db.RedeemSetupLink(t.Context(), "older", noon), problem.NotFound)
		wantKind(t, "too late", db.RedeemSetupLink(t.Context(), secret, noon.Add(time.Hour)), problem.NotFound)
		valid, err := db.SetupLinkValid(t.Context(), secret, noon)
		must(t, err)
		wantEqual(t, "valid", valid, true)
		wins := race(t, 16, func(int) bool {
			err := db.RedeemSetupLink(t.Context(), secret, noon)
			if err != nil {
				wantKind(t, "redeeming", err, problem.NotFound)
			}
			return err == nil
		})
		wantEqual(t, "times it opened", wins, 1)
	})
}

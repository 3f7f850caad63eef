package database_test

import (
	"reflect"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

func TestShares_ComeBackAsTheyWere(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara, jonas := newUser(t, db, "mara"), newUser(t, db, "jonas")
		f := newFile(t, db, mara, models.Ready)
		expires := noon.Add(time.Hour)
		s := models.Share{
			ID: models.NewShareID(), OwnerID: mara.ID, FileID: &f.ID, Hash: secret, Sealed: []byte{0, 1, 255}, Name: "minutes",
			Sender: "Mara at work", Note: "Two\nlines", Permission: models.SharePreview, Named: true, Names: "jonas nobody",
			Preview: true, Password: "$argon2id$",
			MaxPickups: 3, CreatedAt: noon, UpdatedAt: noon, ExpiresAt: &expires,
		}
		made, err := db.CreateShare(t.Context(), &s, []models.UserID{jonas.ID}, 2)
		must(t, err)
		got, err := db.ShareOf(t.Context(), mara.ID, s.ID)
		must(t, err)
		got.CreatedAt, got.UpdatedAt, *got.ExpiresAt = got.CreatedAt.UTC(), got.UpdatedAt.UTC(), got.ExpiresAt.UTC()
		want := models.ShareView{Share: s, Title: "a picture.jpg"}
		if !made || !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if _, err := db.ShareOf(t.Context(), jonas.ID, s.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another user reads the share: %v", err)
		}
		for _, viewer := range []struct {
			id      models.UserID
			invited bool
		}{{mara.ID, true}, {jonas.ID, true}, {"", false}, {newUser(t, db, "other").ID, false}} {
			_, owner, invited, err := db.ShareByHash(t.Context(), viewer.id, secret, noon)
			if err != nil || invited != viewer.invited || owner.Username != "mara" {
				t.Errorf("%q: invited %v by %q (%v)", viewer.id, invited, owner.Username, err)
			}
		}
	})
}

func TestCreateShare_KnowsItsOwnerAndTheLimit(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara, other := newUser(t, db, "mara"), newUser(t, db, "other")
		post := newPost(t, db, mara, noon, models.Public).ID
		for i, want := range []bool{true, true, false} {
			s := models.Share{ID: models.NewShareID(), OwnerID: mara.ID, PostID: &post, Hash: models.NewSecret().Hash(), Sealed: []byte{1},
				Permission: models.ShareDownload, CreatedAt: noon, UpdatedAt: noon}
			if made, err := db.CreateShare(t.Context(), &s, nil, 2); made != want || err != nil {
				t.Errorf("share %d: made %v (%v)", i+1, made, err)
			}
		}
		s := models.Share{ID: models.NewShareID(), OwnerID: other.ID, PostID: &post, Hash: models.NewSecret().Hash(), Sealed: []byte{1},
			Permission: models.ShareDownload, CreatedAt: noon, UpdatedAt: noon}
		if _, err := db.CreateShare(t.Context(), &s, nil, 2); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a user shares the post of another: %v", err)
		}
	})
}

func TestUpdateShare_CountsPasswordsAndKeepsPickups(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara := newUser(t, db, "mara")
		s := newShare(t, db, mara, newPost(t, db, mara, noon, models.Private).ID, 5)
		take(t, db, s, pickup(s, "a", "net"), noon)
		take(t, db, s, pickup(s, "b", "net"), noon)
		s.MaxPickups, s.Note = 1, "changed"
		must(t, db.UpdateShare(t.Context(), &s, nil))
		got, err := db.ShareOf(t.Context(), mara.ID, s.ID)
		must(t, err)
		if got.MaxPickups != 2 || got.PickedUp != 2 || got.PasswordVersion != 0 || got.Note != "changed" {
			t.Errorf("got %+v", got.Share)
		}
		s.Password = "first"
		must(t, db.UpdateShare(t.Context(), &s, nil))
		must(t, db.UpdateShare(t.Context(), &s, nil))
		s.Password = ""
		must(t, db.UpdateShare(t.Context(), &s, nil))
		if got, _ := db.ShareOf(t.Context(), mara.ID, s.ID); got.PasswordVersion != 2 {
			t.Errorf("two changes of the password make version %d", got.PasswordVersion)
		}
	})
}

// Everything that ends a right ends it for each way in.
func TestOpenShare_EndsWithEverythingThatEndsARight(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mara := newUser(t, db, "mara")
		for name, end := range map[string]string{
			"revoked":       `UPDATE shares SET revoked_at = created_at`,
			"expired":       `UPDATE shares SET expires_at = created_at`,
			"post deleted":  `UPDATE posts SET deleted_at = created_at`,
			"post hidden":   `UPDATE posts SET hidden_at = created_at`,
			"suspended":     `UPDATE users SET suspended_at = created_at`,
			"leaving":       `UPDATE users SET deletion_at = created_at`,
			"another lock":  `UPDATE shares SET password_version = password_version + 1`,
			"file removed":  `UPDATE files SET removed_at = created_at`,
			"file hidden":   `UPDATE files SET hidden_at = created_at`,
			"rejected":      `UPDATE files SET state = 'rejected'`,
			"file detached": `UPDATE files SET post_id = NULL`,
		} {
			must(t, db.Tx(t.Context(), func(tx *database.DB) error {
				post, file := newPost(t, tx, mara, noon, models.Private), newFile(t, tx, mara, models.Ready)
				attach(t, tx, post, file)
				s := newShare(t, tx, mara, post.ID, 0)
				if _, err := tx.SharedFile(t.Context(), "", s, file.ID, noon); err != nil {
					t.Fatalf("%s: the share does not open: %v", name, err)
				}
				must(t, tx.Exec(t.Context(), end))
				if _, err := tx.SharedFile(t.Context(), "", s, file.ID, noon); problem.KindOf(err) != problem.NotFound {
					t.Errorf("%s: the file still opens (%v)", name, err)
				}
				must(t, tx.Exec(t.Context(), `UPDATE users SET suspended_at = NULL, deletion_at = NULL`))
				must(t, tx.Exec(t.Context(), `DELETE FROM files`))
				return tx.Exec(t.Context(), `DELETE FROM posts`)
			}))
		}
	})
}

package database_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/testenv"
)

// TestMain stops the servers that the tests started.
func TestMain(m *testing.M) { testenv.Main(m) }

// noon is the time of the tests. It has microseconds, like every stored time.
var noon = time.Date(2026, time.January, 1, 12, 0, 0, 123456000, time.UTC)

// secret is an arbitrary hash.
const secret = models.SecretHash("5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8")

func newUser(t *testing.T, db *database.DB, name models.Username) models.User {
	t.Helper()
	u := models.User{ID: models.NewUserID(), Username: name, UsernameKey: name.Key(), Email: "a@example.org",
		PasswordHash: "$argon2id$", Role: models.RoleUser, Tier: models.TierFree, Phone: "+15551234567",
		Website: "https://example.org", Bio: "Hello.\nIt is me.", Avatar: models.NewBlobKey(), AvatarType: "image/png",
		StorageUsed: 0, CreatedAt: noon, UpdatedAt: noon, LastVisibility: models.Unlisted}
	must(t, db.CreateUser(t.Context(), &u))
	return u
}

func newPost(
	t *testing.T, db *database.DB, author models.User, at time.Time, visibility models.Visibility, tags ...models.Tag,
) models.Post {
	t.Helper()
	p := models.Post{ID: models.NewPostID(), AuthorID: author.ID, Title: "A title", Content: "Some *words*.", Excerpt: "Some words.",
		Visibility: visibility, CommentCount: 0, CreatedAt: at, UpdatedAt: at, DeletedAt: nil}
	must(t, db.CreatePost(t.Context(), &p, tags))
	return p
}

func newFile(t *testing.T, db *database.DB, owner models.User, state models.FileState) models.File {
	t.Helper()
	f := models.File{ID: models.NewFileID(), OwnerID: owner.ID, PostID: nil, Position: 0, Name: "a picture.jpg", Blob: models.NewBlobKey(),
		Size: 1 << 40, SHA256: strings.Repeat("ab", 32), CRC32: "cbf43926", MediaType: "image/jpeg",
		Kind: models.KindImage, State: state, Metadata: "allowed", Reason: "", Width: 0, Height: 0, Clean: "", CleanSize: 0, CleanSHA256: "",
		CleanCRC32: "", ThumbSmall: "", ThumbLarge: "", ThumbType: "",
		CreatedAt: noon, UpdatedAt: noon}
	must(t, db.CreateFile(t.Context(), &f))
	return f
}

func attach(t *testing.T, db *database.DB, post models.Post, files ...models.File) {
	t.Helper()
	ids := make([]models.FileID, len(files))
	for i := range files {
		ids[i] = files[i].ID
	}
	must(t, db.AttachFiles(t.Context(), post.AuthorID, post.ID, ids, noon))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantKind checks the kind of err; the empty kind is no error.
func wantKind(t *testing.T, what string, err error, want problem.Kind) {
	t.Helper()
	if got := problem.KindOf(err); got != want || (want == problem.Internal && err != nil) {
		t.Errorf("%s: err = %v, want %q", what, err, want)
	}
}

func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("%s\n got %s\nwant %s", what, g, w)
	}
}

// shuffledIDs returns n IDs in no order.
func shuffledIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = rand.Text()
	}
	return ids
}

package notifications_test

import (
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/mail"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/notifications"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/seal"
	"example.org/cloakroom/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const publicURL = "https://cloakroom.test"

// A fixture is a Service with three users and a clock that the test moves.
type fixture struct {
	*notifications.Service
	t             *testing.T
	now           time.Time
	posts         *posts.Service
	server        *testenv.SMTPServer
	ann, bob, cat models.User
}

func newFixture(t *testing.T, db *database.DB) *fixture {
	t.Helper()
	h := &fixture{t: t, now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return h.now }
	queue := &jobs.Queue{DB: db, Now: time.Now}
	key := must(seal.NewKey("0123456789abcdef0123456789abcdef", "notifications"))(t)
	sender := must(mail.NewSender("smtp://localhost", "cloakroom@example.org"))(t) // no test sends with it: see mailing
	h.Service = &notifications.Service{DB: db, Jobs: queue, Mail: sender, Key: key, PublicURL: publicURL, Now: clock}
	h.posts = &posts.Service{DB: db, Jobs: queue, Now: clock, MaxFiles: models.NewLive(map[models.Tier]int{models.TierFree: 3})}
	h.ann, h.bob, h.cat = h.user("ann"), h.user("bob"), h.user("cat")
	return h
}

// mailing gives h a real mail server.
func (h *fixture) mailing() {
	h.t.Helper()
	h.server = testenv.SMTP(h.t)
	h.Mail = must(mail.NewSender(models.Secret(h.server.URL()), "cloakroom@example.org"))(h.t)
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (h *fixture) user(name models.Username) models.User {
	h.t.Helper()
	u := models.User{ID: models.NewUserID(), Username: name, UsernameKey: name.Key(), Email: models.Email(name + "@example.org"),
		Role: models.RoleUser, Tier: models.TierFree, CreatedAt: h.now, UpdatedAt: h.now}
	h.do(h.DB.CreateUser(h.t.Context(), &u))
	return u
}

func (h *fixture) do(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// post publishes a post of who, and does its job.
func (h *fixture) post(who models.User, title, content, visibility string) models.PostID {
	h.t.Helper()
	id := must(h.posts.Create(h.t.Context(), who, posts.Draft{Title: title, Content: content, Visibility: visibility}))(h.t)
	h.do(h.OfPost(h.t.Context(), models.NotifyOfPost{Post: id}))
	return id
}

// comment adds a comment, and does its job twice, as the queue may.
func (h *fixture) comment(who models.User, post models.PostID, body string) models.CommentID {
	h.t.Helper()
	h.now = h.now.Add(time.Second)
	id := must(h.posts.AddComment(h.t.Context(), who, post, body, ""))(h.t)
	for range 2 {
		h.do(h.OfComment(h.t.Context(), models.NotifyOfComment{Comment: id}))
	}
	return id
}

// choose sets a delivery of who.
func (h *fixture) choose(who models.User, kind models.NotificationKind, d models.Delivery) {
	h.t.Helper()
	h.do(h.Choose(h.t.Context(), who, map[models.NotificationKind]string{kind: string(d)}))
}

// texts returns the texts of who's notifications, newest first.
func (h *fixture) texts(who models.User) (texts []string) {
	h.t.Helper()
	for _, n := range must(h.List(h.t.Context(), who, models.Cursor{}))(h.t).Items {
		texts = append(texts, n.Text())
	}
	return texts
}

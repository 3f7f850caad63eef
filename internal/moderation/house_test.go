package moderation_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/jobs"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/posts"
	"example.org/cloakroom/internal/problem"
)

// A house is a site with one post by ann, and those who look after it. Time
// stands still until a test moves it.
type house struct {
	*moderation.Service
	t                        *testing.T
	now                      time.Time
	posts                    *posts.Service
	ann, bob, mod, two, boss models.User
	post                     models.Subject // of ann's, public, with the tag "maps"
	comment                  models.Subject // of bob's, under it
	file                     models.Subject // of ann's, attached to it
}

func eachHouse(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(t, newHouse(t, db)) })
}

func newHouse(t *testing.T, db *database.DB) *house {
	t.Helper()
	queue := must(jobs.NewQueue(db, slog.New(slog.DiscardHandler)))(t)
	h := &house{t: t, now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return h.now }
	h.Service = &moderation.Service{DB: db, Jobs: queue, Blobs: nil, Mails: false, ClaimFor: 30 * time.Minute, GlassFor: 15 * time.Minute, Now: clock}
	h.posts = &posts.Service{DB: db, Jobs: queue, Now: clock, MaxFiles: models.NewLive(map[models.Tier]int{models.TierFree: 3})}
	h.ann, h.bob = h.user("ann", models.RoleUser), h.user("bob", models.RoleUser)
	h.mod, h.two, h.boss = h.user("mod", models.RoleModerator), h.user("two", models.RoleModerator), h.user("boss", models.RoleAdmin)
	file := models.File{ID: models.NewFileID(), OwnerID: h.ann.ID, Name: "harbour.txt", Blob: models.NewBlobKey(), Size: 10,
		MediaType: "text/plain", Kind: models.KindText, State: models.Ready, CreatedAt: h.now, UpdatedAt: h.now}
	if room, err := db.ReserveStorage(t.Context(), h.ann.ID, file.Size, 1<<20); !room || err != nil {
		t.Fatal(room, err)
	}
	ok(t, db.CreateFile(t.Context(), &file))
	post := must(h.posts.Create(t.Context(), h.ann, posts.Draft{Title: "Old maps", Content: "of the quay", Tags: "maps", Visibility: "public", Files: []models.FileID{file.ID}}))(t)
	comment := must(h.posts.AddComment(t.Context(), h.bob, post, "What a find"))(t)
	h.post = models.Subject{Kind: models.SubjectPost, ID: string(post)}
	h.comment = models.Subject{Kind: models.SubjectComment, ID: string(comment)}
	h.file = models.Subject{Kind: models.SubjectFile, ID: string(file.ID)}
	return h
}

func (h *house) user(name models.Username, role models.Role) models.User {
	h.t.Helper()
	u := models.User{ID: models.NewUserID(), Username: name, UsernameKey: name.Key(), Role: role, Tier: models.TierFree, CreatedAt: h.now, UpdatedAt: h.now}
	ok(h.t, h.DB.CreateUser(h.t.Context(), &u))
	return u
}

func by(u models.User) models.Actor { return models.Actor{User: u} }

func userSubject(u models.User) models.Subject {
	return models.Subject{Kind: models.SubjectUser, ID: string(u.ID)}
}

// reported has who report what, and returns the report.
func (h *house) reported(who models.User, what models.Subject) models.ReportID {
	h.t.Helper()
	ok(h.t, h.Report(h.t.Context(), who, what, "spam", ""))
	for _, r := range must(h.Waiting(h.t.Context(), models.Cursor{}))(h.t).Items {
		if r.Object == what.Object() {
			return r.ID
		}
	}
	h.t.Fatal("the report does not wait")
	return ""
}

// decided has who claim a report and decide it.
func (h *house) decided(who models.User, id models.ReportID, decision models.Decision) {
	h.t.Helper()
	ok(h.t, h.Claim(h.t.Context(), by(who), id))
	ok(h.t, h.Decide(h.t.Context(), by(who), id, moderation.Verdict{Decision: string(decision), Why: "against the rules", Note: "well seen"}))
}

// seen is what of the house somebody finds, a letter each: by the feed, the
// tag, the search and the author's page, then whether they can open the post,
// the file and the comment.
func (h *house) seen(who models.User) string {
	h.t.Helper()
	ctx, letters := h.t.Context(), ""
	add := func(letter string, there bool, err error) {
		if err != nil && problem.KindOf(err) != problem.NotFound {
			h.t.Fatal(letter, err)
		}
		if there && err == nil {
			letters += letter
		}
	}
	start := models.Cursor{}
	feed, err := h.posts.Feed(ctx, start, 10)
	add("F", len(feed.Items) == 1, err)
	tagged, err := h.posts.WithTag(ctx, "maps", start, 10)
	add("T", len(tagged.Items) == 1, err)
	found, err := h.posts.Search(ctx, who, "quay", start, 10)
	add("S", len(found.Items) == 1, err)
	page, err := h.posts.By(ctx, h.ann.ID, who, start, 10)
	add("A", len(page.Items) == 1, err)
	_, err = h.posts.Show(ctx, who, models.PostID(h.post.ID))
	add("P", true, err)
	_, err = h.DB.FileFor(ctx, who.ID, models.FileID(h.file.ID))
	add("f", true, err)
	comments, err := h.posts.Comments(ctx, who, models.PostID(h.post.ID), start, 10)
	add("c", len(comments.Items) == 1, err)
	return letters
}

// notices is what a user was told.
func (h *house) notices(who models.User) (words []string) {
	h.t.Helper()
	for _, n := range must(h.Notices(h.t.Context(), who, models.Cursor{}))(h.t).Items {
		words = append(words, n.Words)
	}
	return words
}

// acts is what the audit log has, oldest first.
func (h *house) acts() (acts []string) {
	h.t.Helper()
	for _, e := range must(h.DB.AuditEventsAfter(h.t.Context(), 0, 100))(h.t) {
		acts = append(acts, string(e.Action))
	}
	return acts
}

func wants(t *testing.T, err error, kind problem.Kind, field string) {
	t.Helper()
	fields := []string{}
	for _, p := range problem.All(err) {
		fields = append(fields, p.Field)
	}
	if problem.KindOf(err) != kind || !slices.Contains(fields, field) {
		t.Errorf("got %v at %s; want %s at %q", err, strings.Join(fields, ","), kind, field)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

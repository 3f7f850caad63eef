package moderation_test

import (
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

// A site has one post by ann, two moderators and an admin, and a clock that the
// test sets.
type site struct {
	*moderation.Service
	t                        *testing.T
	now                      time.Time
	posts                    *posts.Service
	ann, bob, mod, two, boss models.User
	post                     models.Subject // by ann, public, with the tag "maps"
	comment                  models.Subject // by bob, on the post
	file                     models.Subject // by ann, attached to the post
}

func eachSite(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(t, newSite(t, db)) })
}

func newSite(t *testing.T, db *database.DB) *site {
	t.Helper()
	queue := &jobs.Queue{DB: db, Now: time.Now}
	s := &site{t: t, now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return s.now }
	s.Service = &moderation.Service{
		DB: db, Jobs: queue, Blobs: nil, Mails: false, ClaimFor: 30 * time.Minute, GlassFor: 15 * time.Minute, Now: clock,
	}
	s.posts = &posts.Service{DB: db, Jobs: queue, Now: clock, MaxFiles: models.NewLive(map[models.Tier]int{models.TierFree: 3}),
		Default: models.NewLive(models.Unlisted)}
	s.ann, s.bob = s.user("ann", models.RoleUser), s.user("bob", models.RoleUser)
	s.mod, s.two, s.boss = s.user("mod", models.RoleModerator), s.user("two", models.RoleModerator), s.user("boss", models.RoleAdmin)
	file := models.File{ID: models.NewFileID(), OwnerID: s.ann.ID, Name: "harbour.txt", Blob: models.NewBlobKey(), Size: 10,
		MediaType: "text/plain", Kind: models.KindText, State: models.Ready, CreatedAt: s.now, UpdatedAt: s.now}
	if room, err := db.ReserveStorage(t.Context(), s.ann.ID, file.Size, 1<<20); !room || err != nil {
		t.Fatal(room, err)
	}
	ok(t, db.CreateFile(t.Context(), &file))
	post := must(s.posts.Create(t.Context(), s.ann, posts.Draft{
		Title: "Old maps", Content: "of the quay", Tags: "maps", Visibility: "public", Files: []models.FileID{file.ID},
	}))(t)
	comment := must(s.posts.AddComment(t.Context(), s.bob, post, "What a find", ""))(t)
	s.post = models.Subject{Kind: models.SubjectPost, ID: string(post)}
	s.comment = models.Subject{Kind: models.SubjectComment, ID: string(comment)}
	s.file = models.Subject{Kind: models.SubjectFile, ID: string(file.ID)}
	return s
}

func (s *site) user(name models.Username, role models.Role) models.User {
	s.t.Helper()
	u := models.User{
		ID: models.NewUserID(), Username: name, UsernameKey: name.Key(), Role: role, Tier: models.TierFree, CreatedAt: s.now, UpdatedAt: s.now,
	}
	ok(s.t, s.DB.CreateUser(s.t.Context(), &u))
	return u
}

func by(u models.User) models.Actor { return models.Actor{User: u} }

func userSubject(u models.User) models.Subject {
	return models.Subject{Kind: models.SubjectUser, ID: string(u.ID)}
}

// reported lets a user report a subject, and returns the report.
func (s *site) reported(who models.User, what models.Subject) models.ReportID {
	s.t.Helper()
	ok(s.t, s.Report(s.t.Context(), who, what, "spam", ""))
	for _, r := range must(s.OpenReports(s.t.Context(), models.Cursor{}))(s.t).Items {
		if r.Object == what.Object() {
			return r.ID
		}
	}
	s.t.Fatal("the report is not open")
	return ""
}

// decided lets a moderator claim and decide a report.
func (s *site) decided(who models.User, id models.ReportID, decision models.Decision) {
	s.t.Helper()
	ok(s.t, s.Claim(s.t.Context(), by(who), id))
	in := moderation.DecisionInput{Decision: string(decision), Why: "against the rules", Note: "well seen"}
	ok(s.t, s.Decide(s.t.Context(), by(who), id, in))
}

// seen returns a letter for each place where a visitor finds the post: F for the
// feed, T for the tag, S for the search, A for the author's page; and for what they
// can open: P for the post, f for the file, c for the comment.
func (s *site) seen(who models.User) string {
	s.t.Helper()
	ctx, letters := s.t.Context(), ""
	add := func(letter string, there bool, err error) {
		if err != nil && problem.KindOf(err) != problem.NotFound {
			s.t.Fatal(letter, err)
		}
		if there && err == nil {
			letters += letter
		}
	}
	start := models.Cursor{}
	feed, err := s.posts.Feed(ctx, start, 10)
	add("F", len(feed.Items) == 1, err)
	tagged, err := s.posts.WithTag(ctx, "maps", start, 10)
	add("T", len(tagged.Items) == 1, err)
	found, err := s.posts.Search(ctx, who, "quay", start, 10)
	add("S", len(found.Items) == 1, err)
	page, err := s.posts.By(ctx, s.ann.ID, who, start, 10)
	add("A", len(page.Items) == 1, err)
	_, err = s.posts.Show(ctx, who, models.PostID(s.post.ID))
	add("P", true, err)
	_, err = s.DB.FileFor(ctx, who.ID, models.FileID(s.file.ID))
	add("f", true, err)
	comments, err := s.posts.Comments(ctx, who, models.PostID(s.post.ID), start, 10)
	add("c", len(comments.Items) == 1, err)
	return letters
}

// notices returns the texts of a user's notifications.
func (s *site) notices(who models.User) (words []string) {
	s.t.Helper()
	for _, n := range must(s.DB.NotificationsOf(s.t.Context(), who.ID, models.Cursor{}, 50))(s.t).Items {
		words = append(words, n.Words)
	}
	return words
}

// acts returns the actions in the audit log, oldest first.
func (s *site) acts() (acts []string) {
	s.t.Helper()
	for _, e := range must(s.DB.AuditEventsAfter(s.t.Context(), 0, 100))(s.t) {
		acts = append(acts, string(e.Action))
	}
	return acts
}

// wantProblem fails unless err is a problem of this kind at this field.
func wantProblem(t *testing.T, err error, kind problem.Kind, field string) {
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

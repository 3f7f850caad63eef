package database_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
)

// A shop holds posts, comments and files in every state, each under a name.
type shop struct {
	db       *database.DB
	ann, bob models.User
	names    map[string]string // by ID
}

func newShop(t *testing.T, db *database.DB) *shop {
	t.Helper()
	s := &shop{db: db, ann: newUser(t, db, "ann"), bob: newUser(t, db, "bob"), names: map[string]string{}}
	at := noon
	post := func(name string, author models.User, visibility models.Visibility) models.Post {
		at = at.Add(time.Minute)
		p := newPost(t, db, author, at, visibility)
		must(t, db.IndexPost(t.Context(), p.ID, "walk "+name))
		s.names[string(p.ID)] = name
		return p
	}
	public, private := post("public", s.ann, models.Public), post("private", s.ann, models.Private)
	post("unlisted", s.bob, models.Unlisted)
	hidden, removed := post("hidden", s.bob, models.Public), post("removed", s.ann, models.Public)
	deleted := post("deleted", s.bob, models.Public)
	for i, name := range []string{"said", "said-hidden", "said-removed", "said-private"} {
		at = at.Add(time.Minute)
		author := []models.User{s.ann, s.bob}[i%2]
		c := models.Comment{ID: models.NewCommentID(), PostID: public.ID, AuthorID: author.ID, Body: models.CommentBody(name), CreatedAt: at}
		if name == "said-private" {
			c.PostID, c.AuthorID = private.ID, s.ann.ID
		}
		must(t, db.CreateComment(t.Context(), &c))
		s.names[string(c.ID)] = name
		s.judge(t, models.SubjectComment, string(c.ID), name)
	}
	for i, name := range []string{"ready", "processing", "rejected", "quarantined", "file-removed"} {
		state := models.Ready
		if i == 1 || i == 2 {
			state = models.FileState(name)
		}
		f := newFile(t, db, []models.User{s.ann, s.bob}[i%2], state)
		s.names[string(f.ID)] = name
		if name == "ready" {
			attach(t, db, public, f)
		}
		s.judge(t, models.SubjectFile, string(f.ID), name)
	}
	s.judge(t, models.SubjectPost, string(hidden.ID), "hidden")
	s.judge(t, models.SubjectPost, string(removed.ID), "removed")
	must(t, db.DeletePost(t.Context(), s.bob.ID, deleted.ID, noon))
	return s
}

// judge makes the decision that the name says.
func (s *shop) judge(t *testing.T, kind models.SubjectKind, id, name string) {
	t.Helper()
	what := models.Subject{Kind: kind, ID: id}
	var err error
	switch {
	case strings.Contains(name, "removed"):
		_, err = s.db.Remove(t.Context(), what, noon)
	case strings.Contains(name, "hidden"), name == "quarantined":
		_, err = s.db.Hide(t.Context(), what, noon)
	}
	must(t, err)
}

// listed returns the names of what f selects, read in pages of two.
func (s *shop) listed(t *testing.T, f models.ContentFilter) string {
	t.Helper()
	var names []string
	var last models.Cursor
	for range 20 {
		page, err := s.db.Contents(t.Context(), f, 2)
		must(t, err)
		for _, v := range page.Items {
			if names = append(names, s.names[v.ID]); !last.IsZero() && v.CreatedAt.After(last.At) {
				t.Errorf("%+v: %s is not in its order", f, s.names[v.ID])
			}
			last = v.Cursor()
		}
		if page.Next.IsZero() {
			slices.Sort(names)
			return strings.Join(names, " ")
		}
		f.Before = page.Next
	}
	t.Fatal("the list has no end")
	return ""
}

func TestContents(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newShop(t, db)
		const post, comment, file = models.SubjectPost, models.SubjectComment, models.SubjectFile
		for _, tt := range []struct {
			kind  models.SubjectKind
			state models.ContentState
			owner models.UserID
			text  string
			want  string
		}{
			{post, "", "", "", "deleted hidden private public removed unlisted"},
			{post, "", s.ann.ID, "", "private public removed"},
			{post, models.ContentHidden, "", "", "hidden"},
			{post, models.ContentHidden, s.ann.ID, "", ""},
			{post, models.ContentRemoved, "", "", "removed"},
			{post, models.ContentRemoved, s.ann.ID, "", "removed"},
			{post, models.ContentPublic, "", "", "deleted hidden public removed"},
			{post, models.ContentPrivate, "", "", "private"},
			{post, models.ContentPrivate, s.bob.ID, "", ""},
			{post, models.ContentUnlisted, "", "", "unlisted"},
			{post, "", "", "wal", "hidden public removed unlisted"}, // neither private nor deleted
			{post, "", s.ann.ID, "walk", "public removed"},
			{post, models.ContentHidden, "", "walk hid", "hidden"},
			{post, "", "", "private", ""},
			{post, "", "", "…", ""},
			{comment, "", "", "", "said said-hidden said-private said-removed"},
			{comment, "", s.bob.ID, "", "said-hidden"},
			{comment, models.ContentHidden, "", "", "said-hidden"},
			{comment, models.ContentHidden, s.ann.ID, "", ""},
			{comment, models.ContentRemoved, "", "", "said-removed"},
			{file, "", "", "", "file-removed processing quarantined ready rejected"},
			{file, "", s.bob.ID, "", "processing quarantined"},
			{file, models.ContentQuarantine, "", "", "quarantined"},
			{file, models.ContentRemoved, "", "", "file-removed"},
			{file, models.ContentProcessing, "", "", "processing"},
			{file, models.ContentRejected, s.ann.ID, "", "rejected"},
			{file, models.ContentRejected, s.bob.ID, "", ""},
		} {
			if got := s.listed(t, models.ContentFilter{Kind: tt.kind, State: tt.state, Owner: tt.owner, Text: tt.text}); got != tt.want {
				t.Errorf("%s %q of %q with %q: %q, want %q", tt.kind, tt.state, tt.owner, tt.text, got, tt.want)
			}
		}
		if _, err := db.Contents(t.Context(), models.ContentFilter{Kind: models.SubjectUser}, 2); err == nil {
			t.Error("users are listed")
		}
	})
}

// A search for a word that is in many posts ends at the newest of them, along the index of
// all posts; a search for a rare one asks the index of words.
func TestContents_SearchBeginsAmongTheNewest(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		must(t, databasetest.Fill(t.Context(), db, databasetest.Size{Users: 20, Posts: 300, Comments: 1, Events: 1}))
		var queries []string
		var args []any
		noting := db.Noting(func(q string, a []any) { queries, args = append(queries, q), a })
		all, err := db.Contents(t.Context(), models.ContentFilter{Kind: models.SubjectPost, State: models.ContentPublic}, 300)
		must(t, err)
		all.Items = slices.DeleteFunc(all.Items, func(v models.SubjectView) bool { return v.DeletedAt != nil })
		f := models.ContentFilter{Kind: models.SubjectPost, State: models.ContentPublic, Text: "walk"}
		for at := 0; at < 30; at += 10 {
			queries = nil
			page, err := noting.Contents(t.Context(), f, 10)
			must(t, err)
			wantEqual(t, "questions for a common word", len(queries), 1)
			for i, v := range page.Items {
				wantEqual(t, "a post with a common word", v.ID, all.Items[at+i].ID)
			}
			f.Before = page.Next
		}
		var plan string
		if db.Dialect() == database.SQLite {
			plan = planOf(t, db, queries[0], args)
		} else {
			plan = planOnPostgres(t, db, queries[0], args)
		}
		if strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort") || !strings.Contains(plan, " posts_created ") {
			t.Errorf("the search does not go along posts_created:\n%s", plan)
		}
		queries = nil
		rare, err := noting.Contents(t.Context(), models.ContentFilter{Kind: models.SubjectPost, Text: "walk 123"}, 10)
		must(t, err)
		if len(queries) != 2 || len(rare.Items) == 0 {
			t.Errorf("a rare word: %d questions and %d posts", len(queries), len(rare.Items))
		}
	})
}

// A list says the same of a subject as SubjectByID, except for the text.
func TestContents_SayWhatSubjectsSay(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newShop(t, db)
		must(t, db.SuspendUser(t.Context(), s.bob.ID, noon))
		for _, kind := range []models.SubjectKind{models.SubjectPost, models.SubjectComment, models.SubjectFile} {
			page, err := db.Contents(t.Context(), models.ContentFilter{Kind: kind}, 20)
			must(t, err)
			for _, v := range page.Items {
				alone, err := db.SubjectByID(t.Context(), v.Subject)
				must(t, err)
				v.Words, alone.Words = "", ""
				wantSame(t, s.names[v.ID], v, alone)
			}
		}
	})
}

func wantSame(t *testing.T, name string, a, b models.SubjectView) {
	t.Helper()
	text := func(v models.SubjectView) string {
		who, why := v.Audience()
		v.HiddenAt, v.RemovedAt, v.DeletedAt, v.CreatedAt = nil, nil, nil, v.CreatedAt.UTC()
		return fmt.Sprintf("%+v %s %s %t", v, who, why, v.Sealed())
	}
	wantEqual(t, name, text(a), text(b))
}

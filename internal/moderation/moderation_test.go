package moderation_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/problem"
)

func TestHide_AuthorStillSeesTheirPost(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		guest := models.User{}
		for _, step := range []struct {
			name                  string
			do                    func() error
			toAnn, toBob, toGuest string
		}{
			{"nothing", func() error { return nil }, "FTSAPfc", "FTSAPfc", "FTSAPfc"},
			{"a post", func() error { return s.Hide(t.Context(), by(s.mod), s.post, "spam") }, "SAPfc", "c", "c"},
			{"it again", func() error { return s.Restore(t.Context(), by(s.mod), s.post, "sorry") }, "FTSAPfc", "FTSAPfc", "FTSAPfc"},
			{"a comment", func() error { return s.Hide(t.Context(), by(s.mod), s.comment, "spam") }, "FTSAPf", "FTSAPfc", "FTSAPf"},
			{"a file", func() error { return s.Hide(t.Context(), by(s.mod), s.file, "malware") }, "FTSAP", "FTSAPc", "FTSAP"},
			{"a removed post", func() error { return s.Remove(t.Context(), by(s.mod), s.post, "spam") }, "", "c", ""},
		} {
			ok(t, step.do())
			if a, b, g := s.seen(s.ann), s.seen(s.bob), s.seen(guest); a != step.toAnn || b != step.toBob || g != step.toGuest {
				t.Errorf("%s: ann finds %q, bob %q and a guest %q; want %q, %q, %q", step.name, a, b, g, step.toAnn, step.toBob, step.toGuest)
			}
		}
		want := []string{
			"file “harbour.txt” quarantine malware", "post “Old maps” hidden spam",
			"post “Old maps” removed spam", "post “Old maps” restored sorry",
		}
		got := s.notices(s.ann)
		slices.Sort(got)
		if !slices.EqualFunc(got, want, holdsWords) {
			t.Errorf("ann's notifications are %q", got)
		}
		if got, want := s.acts(), []string{"post.hide", "post.restore", "comment.hide", "file.hide", "post.remove"}; !slices.Equal(got, want) {
			t.Errorf("the audit log has %v; want %v", got, want)
		}
	})
}

// A hidden post stays hidden, whatever its author does.
func TestHide_AuthorCannotUndo(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx, id := t.Context(), models.PostID(s.post.ID)
		ok(t, s.Hide(ctx, by(s.mod), s.post, "spam"))
		ok(t, s.DB.UpdatePost(ctx, s.ann.ID, id, changeOf("Old maps again"), []models.Tag{"maps"}, s.now))
		ok(t, s.posts.Delete(ctx, s.ann, id))
		ok(t, s.posts.Restore(ctx, s.ann, id))
		if got := s.seen(s.bob); got != "c" {
			t.Errorf("bob finds %q", got)
		}
		wantProblem(t, s.commentOf(s.ann, "still there"), problem.NotFound, "")
		ok(t, s.Remove(ctx, by(s.mod), s.post, "spam"))
		wantProblem(t, s.posts.Restore(ctx, s.ann, id), problem.NotFound, "")
		if deleted := must(s.posts.Deleted(ctx, s.ann))(t); len(deleted) != 0 {
			t.Errorf("ann can restore %d posts", len(deleted))
		}
		ok(t, s.Restore(ctx, by(s.mod), s.post, "sorry"))
		if got := s.seen(s.bob); !strings.HasPrefix(got, "FT") || !strings.Contains(got, "P") {
			t.Errorf("after the restore bob finds %q", got)
		}
		ok(t, s.posts.Delete(ctx, s.ann, id))
		for _, act := range []func(context.Context, models.Actor, models.Subject, string) error{s.Hide, s.Remove} {
			s.now = s.now.Add(time.Second)
			ok(t, act(ctx, by(s.mod), s.post, "spam"))
			wantProblem(t, act(ctx, by(s.mod), s.post, "spam"), problem.Conflict, "")
		}
		ok(t, s.Restore(ctx, by(s.mod), s.post, "spam"))
		wantProblem(t, s.Restore(ctx, by(s.mod), s.post, "spam"), problem.Conflict, "")
	})
}

func TestHide_UpdatesTheCommentCount(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		for _, step := range []struct {
			name string
			do   func() error
			want int
		}{
			{"hidden", func() error { return s.Hide(ctx, by(s.mod), s.comment, "x") }, 0},
			{"removed", func() error { return s.Remove(ctx, by(s.mod), s.comment, "x") }, 0},
			{"restored", func() error { return s.Restore(ctx, by(s.mod), s.comment, "x") }, 1},
			{"removed at once", func() error { return s.Remove(ctx, by(s.mod), s.comment, "x") }, 0},
			{"restored again", func() error { return s.Restore(ctx, by(s.mod), s.comment, "x") }, 1},
			{"hidden again", func() error { return s.Hide(ctx, by(s.mod), s.comment, "x") }, 0},
			{"deleted by its author", func() error { return s.posts.DeleteComment(ctx, s.bob, models.CommentID(s.comment.ID)) }, 0},
		} {
			ok(t, step.do())
			if got := must(s.posts.Show(ctx, s.ann, models.PostID(s.post.ID)))(t).CommentCount; got != step.want {
				t.Errorf("%s: %d are counted; want %d", step.name, got, step.want)
			}
		}
		hidden := must(s.posts.AddComment(ctx, s.bob, models.PostID(s.post.ID), "another", ""))(t)
		must(s.posts.AddComment(ctx, s.ann, models.PostID(s.post.ID), "a third", ""))(t)
		ok(t, s.Hide(ctx, by(s.mod), models.Subject{Kind: models.SubjectComment, ID: string(hidden)}, "x"))
		if n, err := s.DB.DeleteCommentsBy(ctx, s.bob.ID, 10); n != 2 || err != nil {
			t.Errorf("%d comments of bob are deleted, %v; want both, also the one that is kept", n, err)
		}
		if got := must(s.posts.Show(ctx, s.ann, models.PostID(s.post.ID)))(t).CommentCount; got != 1 {
			t.Errorf("without bob's comments %d are counted; want 1", got)
		}
	})
}

// Of concurrent calls, exactly one succeeds.
func TestHide_ConcurrentCalls(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		for _, act := range []func(models.Subject) error{
			func(what models.Subject) error { return s.Hide(t.Context(), by(s.mod), what, "x") },
			func(what models.Subject) error { return s.Restore(t.Context(), by(s.two), what, "x") },
			func(what models.Subject) error { return s.Remove(t.Context(), by(s.boss), what, "x") },
		} {
			if done := atOnce(8, func() error { return act(s.comment) }); done != 1 {
				t.Errorf("%d of 8 calls succeeded", done)
			}
		}
		if got := must(s.posts.Show(t.Context(), s.ann, models.PostID(s.post.ID)))(t).CommentCount; got != 0 {
			t.Errorf("%d comments are counted", got)
		}
	})
}

func TestRemove_IsFinalAfterTheRestorePeriod(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		ok(t, s.Remove(ctx, by(s.mod), s.comment, "x"))
		ok(t, s.Remove(ctx, by(s.mod), s.file, "x"))
		s.now = s.now.Add(moderation.RestorePeriod - time.Microsecond)
		ok(t, s.Purge(ctx, models.PurgeRemoved{}))
		for _, what := range []models.Subject{s.comment, s.file} {
			ok(t, s.Restore(ctx, by(s.mod), what, "x"))
			ok(t, s.Remove(ctx, by(s.mod), what, "x"))
		}
		used := must(s.DB.UserByID(ctx, s.ann.ID))(t).StorageUsed
		s.now = s.now.Add(moderation.RestorePeriod)
		ok(t, s.Purge(ctx, models.PurgeRemoved{}))
		for _, what := range []models.Subject{s.comment, s.file} {
			wantProblem(t, s.Restore(ctx, by(s.mod), what, "x"), problem.NotFound, "")
		}
		if now := must(s.DB.UserByID(ctx, s.ann.ID))(t).StorageUsed; used != 10 || now != 0 {
			t.Errorf("ann uses %d bytes before and %d after, want 10 and 0", used, now)
		}
	})
}

func TestHide_RequiresAReason(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		wantProblem(t, s.Hide(t.Context(), by(s.mod), s.post, " \n"), problem.Invalid, "why")
		wantProblem(t, s.Hide(t.Context(), by(s.mod), s.post, strings.Repeat("é", models.MaxReason+1)), problem.Invalid, "why")
		ok(t, s.Hide(t.Context(), by(s.mod), s.post, strings.Repeat("é", models.MaxReason)))
		wantProblem(t, s.Hide(t.Context(), by(s.mod), models.Subject{Kind: models.SubjectPost, ID: "NONE"}, "x"), problem.NotFound, "")
		wantProblem(t, s.Hide(t.Context(), by(s.boss), userSubject(s.ann), "x"), problem.Conflict, "")
	})
}

// Moderators do not see private content.
func TestShow_HidesPrivateContent(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		if v := must(s.Show(t.Context(), s.post))(t); v.Title != "Old maps" || v.Words != "of the quay" {
			t.Errorf("a public post is shown as %+v", v)
		}
		change := changeOf("Secret maps")
		change.Visibility = models.Private
		ok(t, s.DB.UpdatePost(t.Context(), s.ann.ID, models.PostID(s.post.ID), change, nil, s.now))
		for _, what := range []models.Subject{s.post, s.comment, s.file} {
			if v := must(s.Show(t.Context(), what))(t); v.Title != "" || v.Words != "" {
				t.Errorf("a private %s is shown as %+v", what.Kind, v)
			}
		}
		ok(t, s.Hide(t.Context(), by(s.mod), s.comment, "spam"))
		if got := s.notices(s.bob); len(got) != 1 || strings.Contains(got[0], "maps") {
			t.Errorf("the notifications %q name a private post", got)
		}
	})
}

// holdsWords reports whether text has each of the words, in their order.
func holdsWords(text, words string) bool {
	for word := range strings.FieldsSeq(words) {
		var found bool
		if _, text, found = strings.Cut(text, word); !found {
			return false
		}
	}
	return true
}

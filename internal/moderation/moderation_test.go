package moderation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/problem"
)

func TestHide_LeavesAnAuthorTheirOwn(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		guest := models.User{}
		for _, step := range []struct {
			name                  string
			do                    func() error
			toAnn, toBob, toGuest string
		}{
			{"nothing", func() error { return nil }, "FTSAPfc", "FTSAPfc", "FTSAPfc"},
			{"a post", func() error { return h.Hide(t.Context(), by(h.mod), h.post, "spam") }, "SAPfc", "c", "c"},
			{"it again", func() error { return h.Restore(t.Context(), by(h.mod), h.post, "sorry") }, "FTSAPfc", "FTSAPfc", "FTSAPfc"},
			{"a comment", func() error { return h.Hide(t.Context(), by(h.mod), h.comment, "spam") }, "FTSAPf", "FTSAPfc", "FTSAPf"},
			{"a file", func() error { return h.Hide(t.Context(), by(h.mod), h.file, "malware") }, "FTSAP", "FTSAPc", "FTSAP"},
			{"a removed post", func() error { return h.Remove(t.Context(), by(h.mod), h.post, "spam") }, "", "c", ""},
		} {
			ok(t, step.do())
			if a, b, g := h.seen(h.ann), h.seen(h.bob), h.seen(guest); a != step.toAnn || b != step.toBob || g != step.toGuest {
				t.Errorf("after %s ann finds %q, bob %q and a guest %q; want %q, %q, %q", step.name, a, b, g, step.toAnn, step.toBob, step.toGuest)
			}
		}
		want := []string{"file “harbour.txt” quarantine malware", "post “Old maps” hidden spam", "post “Old maps” removed spam", "post “Old maps” restored sorry"}
		got := h.notices(h.ann)
		slices.Sort(got)
		if !slices.EqualFunc(got, want, holdsWords) {
			t.Errorf("ann was told %q", got)
		}
		if got, want := h.acts(), []string{"post.hide", "post.restore", "comment.hide", "file.hide", "post.remove"}; !slices.Equal(got, want) {
			t.Errorf("the audit log has %v; want %v", got, want)
		}
	})
}

// What is hidden stays so, whatever its author does to it.
func TestHide_OutlastsItsAuthor(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx, id := t.Context(), models.PostID(h.post.ID)
		ok(t, h.Hide(ctx, by(h.mod), h.post, "spam"))
		ok(t, h.DB.UpdatePost(ctx, h.ann.ID, id, changeOf("Old maps again"), []models.Tag{"maps"}, h.now))
		ok(t, h.posts.Delete(ctx, h.ann, id))
		ok(t, h.posts.Restore(ctx, h.ann, id))
		if got := h.seen(h.bob); got != "c" {
			t.Errorf("bob finds %q", got)
		}
		wants(t, h.commentOf(h.ann, "still there"), problem.NotFound, "")
		ok(t, h.Remove(ctx, by(h.mod), h.post, "spam"))
		wants(t, h.posts.Restore(ctx, h.ann, id), problem.NotFound, "")
		if deleted := must(h.posts.Deleted(ctx, h.ann))(t); len(deleted) != 0 {
			t.Errorf("ann is offered %d posts back", len(deleted))
		}
		ok(t, h.Restore(ctx, by(h.mod), h.post, "sorry"))
		if got := h.seen(h.bob); !strings.HasPrefix(got, "FT") || !strings.Contains(got, "P") {
			t.Errorf("after all bob finds %q", got)
		}
		ok(t, h.posts.Delete(ctx, h.ann, id))
		for _, act := range []error{h.Hide(ctx, by(h.mod), h.post, "spam"), h.Remove(ctx, by(h.mod), h.post, "spam"), h.Restore(ctx, by(h.mod), h.post, "spam")} {
			wants(t, act, problem.Conflict, "")
		}
	})
}

func TestHide_KeepsTheCountOfComments(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, step := range []struct {
			name string
			do   func() error
			want int
		}{
			{"hidden", func() error { return h.Hide(ctx, by(h.mod), h.comment, "x") }, 0},
			{"removed", func() error { return h.Remove(ctx, by(h.mod), h.comment, "x") }, 0},
			{"restored", func() error { return h.Restore(ctx, by(h.mod), h.comment, "x") }, 1},
			{"removed at once", func() error { return h.Remove(ctx, by(h.mod), h.comment, "x") }, 0},
			{"restored again", func() error { return h.Restore(ctx, by(h.mod), h.comment, "x") }, 1},
			{"hidden again", func() error { return h.Hide(ctx, by(h.mod), h.comment, "x") }, 0},
			{"deleted by its author", func() error { return h.posts.DeleteComment(ctx, h.bob, models.CommentID(h.comment.ID)) }, 0},
		} {
			ok(t, step.do())
			if got := must(h.posts.Show(ctx, h.ann, models.PostID(h.post.ID)))(t).CommentCount; got != step.want {
				t.Errorf("%s: %d are counted; want %d", step.name, got, step.want)
			}
		}
		hidden := must(h.posts.AddComment(ctx, h.bob, models.PostID(h.post.ID), "another"))(t)
		must(h.posts.AddComment(ctx, h.ann, models.PostID(h.post.ID), "a third"))(t)
		ok(t, h.Hide(ctx, by(h.mod), models.Subject{Kind: models.SubjectComment, ID: string(hidden)}, "x"))
		if n, err := h.DB.DeleteCommentsBy(ctx, h.bob.ID, 10); n != 1 || err != nil {
			t.Errorf("%d of bob's go, %v", n, err)
		}
		if got := must(h.posts.Show(ctx, h.ann, models.PostID(h.post.ID)))(t).CommentCount; got != 1 {
			t.Errorf("once bob has left %d are counted; want 1", got)
		}
	})
}

// A decision is one statement: of many at once, one does it.
func TestHide_OnceOfMany(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for _, act := range []func(models.Subject) error{
			func(what models.Subject) error { return h.Hide(t.Context(), by(h.mod), what, "x") },
			func(what models.Subject) error { return h.Restore(t.Context(), by(h.two), what, "x") },
			func(what models.Subject) error { return h.Remove(t.Context(), by(h.boss), what, "x") },
		} {
			if done := atOnce(8, func() error { return act(h.comment) }); done != 1 {
				t.Errorf("%d of 8 did it", done)
			}
		}
		if got := must(h.posts.Show(t.Context(), h.ann, models.PostID(h.post.ID)))(t).CommentCount; got != 0 {
			t.Errorf("%d comments are counted", got)
		}
	})
}

func TestRemove_IsForGoodAfterSevenDays(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ok(t, h.Remove(ctx, by(h.mod), h.comment, "x"))
		ok(t, h.Remove(ctx, by(h.mod), h.file, "x"))
		h.now = h.now.Add(moderation.UndoPeriod - time.Microsecond)
		ok(t, h.Purge(ctx, models.PurgeRemoved{}))
		for _, what := range []models.Subject{h.comment, h.file} {
			ok(t, h.Restore(ctx, by(h.mod), what, "x"))
			ok(t, h.Remove(ctx, by(h.mod), what, "x"))
		}
		used := must(h.DB.UserByID(ctx, h.ann.ID))(t).StorageUsed
		h.now = h.now.Add(moderation.UndoPeriod)
		ok(t, h.Purge(ctx, models.PurgeRemoved{}))
		for _, what := range []models.Subject{h.comment, h.file} {
			wants(t, h.Restore(ctx, by(h.mod), what, "x"), problem.NotFound, "")
		}
		if now := must(h.DB.UserByID(ctx, h.ann.ID))(t).StorageUsed; used != 10 || now != 0 {
			t.Errorf("ann has stored %d bytes, and then %d", used, now)
		}
	})
}

func TestHide_WantsAReason(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		wants(t, h.Hide(t.Context(), by(h.mod), h.post, " \n"), problem.Invalid, "why")
		wants(t, h.Hide(t.Context(), by(h.mod), h.post, strings.Repeat("é", models.MaxReportWords+1)), problem.Invalid, "why")
		ok(t, h.Hide(t.Context(), by(h.mod), h.post, strings.Repeat("é", models.MaxReportWords)))
		wants(t, h.Hide(t.Context(), by(h.mod), models.Subject{Kind: models.SubjectPost, ID: "NONE"}, "x"), problem.NotFound, "")
		wants(t, h.Hide(t.Context(), by(h.boss), userSubject(h.ann), "x"), problem.Conflict, "")
	})
}

// What is private is not for those who judge.
func TestShow_KeepsWhatIsPrivate(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		if v := must(h.Show(t.Context(), h.post))(t); v.Title != "Old maps" || v.Words != "of the quay" {
			t.Errorf("a public post is shown as %+v", v)
		}
		change := changeOf("Secret maps")
		change.Visibility = models.Private
		ok(t, h.DB.UpdatePost(t.Context(), h.ann.ID, models.PostID(h.post.ID), change, nil, h.now))
		for _, what := range []models.Subject{h.post, h.comment, h.file} {
			if v := must(h.Show(t.Context(), what))(t); v.Title != "" || v.Words != "" {
				t.Errorf("a private %s is shown as %+v", what.Kind, v)
			}
		}
		ok(t, h.Hide(t.Context(), by(h.mod), h.comment, "spam"))
		if got := h.notices(h.bob); len(got) != 1 || strings.Contains(got[0], "maps") {
			t.Errorf("bob is told %q of a post that is private", got)
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

package moderation_test

import (
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/problem"
)

// An author cannot escape a decision by deleting a post and restoring it afterwards.
func TestDecide_OnWhatItsAuthorDeleted(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx, id := t.Context(), models.PostID(s.post.ID)
		report := s.reported(s.bob, s.post)
		ok(t, s.posts.Delete(ctx, s.ann, id))
		s.now = s.now.Add(time.Hour)
		ok(t, s.Claim(ctx, by(s.mod), report))
		ok(t, s.Decide(ctx, by(s.mod), report, moderation.DecisionInput{Decision: "hide", Why: "x"}))
		ok(t, s.posts.Restore(ctx, s.ann, id))
		if got := s.seen(s.bob); strings.Contains(got, "P") {
			t.Errorf("the restored post is seen: %q", got)
		}

		ok(t, s.posts.Delete(ctx, s.ann, id))
		s.now = s.now.Add(time.Second)
		ok(t, s.Remove(ctx, by(s.boss), s.post, "x"))
		wantProblem(t, s.posts.Restore(ctx, s.ann, id), problem.NotFound, "")
		s.now = s.now.Add(6*24*time.Hour + 23*time.Hour)
		ok(t, s.posts.Purge(ctx, models.PurgePosts{}))
		ok(t, s.Restore(ctx, by(s.boss), s.post, "x")) // the decision can be undone for as long as it may
		if got := s.seen(s.bob); strings.Contains(got, "P") {
			t.Errorf("undoing the decision undid the author's deletion: %q", got)
		}
		ok(t, s.posts.Restore(ctx, s.ann, id))
		if got := s.seen(s.bob); !strings.Contains(got, "P") {
			t.Errorf("its author restored it, and it is not seen: %q", got)
		}
	})
}

// A removed post is purged a restore period after its removal, whenever its author deleted
// it.
func TestPurge_WaitsForTheDecision(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		ok(t, s.posts.Delete(ctx, s.ann, models.PostID(s.post.ID)))
		s.now = s.now.Add(6 * 24 * time.Hour)
		ok(t, s.Remove(ctx, by(s.boss), s.post, "x"))
		for _, after := range []struct {
			pass time.Duration
			kept bool
		}{{6 * 24 * time.Hour, true}, {24 * time.Hour, false}} {
			s.now = s.now.Add(after.pass)
			ok(t, s.posts.Purge(ctx, models.PurgePosts{}))
			if _, err := s.DB.SubjectByID(ctx, s.post); (err == nil) != after.kept {
				t.Errorf("after %v more: %v", after.pass, err)
			}
		}
	})
}

// What is hidden is kept, though its owner deletes it, until the decision can no longer be
// undone.
func TestHidden_OutlivesItsDeletion(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		ok(t, s.Hide(ctx, by(s.mod), s.file, "x"))
		ok(t, s.Hide(ctx, by(s.mod), s.comment, "x"))
		deleted, err := s.DB.DeleteFile(ctx, s.ann.ID, models.FileID(s.file.ID), s.now)
		if err != nil || len(deleted.Blobs()) != 0 {
			t.Fatalf("deleting a file in quarantine: %v, and its bytes %q go", err, deleted.Blobs())
		}
		ok(t, s.posts.DeleteComment(ctx, s.bob, models.CommentID(s.comment.ID)))
		wantProblem(t, s.posts.DeleteComment(ctx, s.bob, models.CommentID(s.comment.ID)), problem.NotFound, "")
		if _, err := s.DB.FileOf(ctx, s.ann.ID, models.FileID(s.file.ID)); problem.KindOf(err) != problem.NotFound {
			t.Errorf("its owner still has it: %v", err)
		}
		for _, what := range []models.Subject{s.file, s.comment} {
			if _, err := s.DB.SubjectByID(ctx, what); err != nil {
				t.Errorf("the %s is gone: %v", what.Kind, err)
			}
		}
		for _, what := range []models.Subject{s.file, s.comment} {
			wantProblem(t, s.Restore(ctx, by(s.boss), what, "x"), problem.Conflict, "") // its owner deleted it
			s.now = s.now.Add(time.Second)
			ok(t, s.Remove(ctx, by(s.boss), what, "x"))
			wantProblem(t, s.Remove(ctx, by(s.boss), what, "x"), problem.Conflict, "")
			wantProblem(t, s.Restore(ctx, by(s.boss), what, "x"), problem.Conflict, "")
		}
		s.now = s.now.Add(moderation.RestorePeriod)
		ok(t, s.Purge(ctx, models.PurgeRemoved{}))
		for _, what := range []models.Subject{s.file, s.comment} {
			if _, err := s.DB.SubjectByID(ctx, what); problem.KindOf(err) != problem.NotFound {
				t.Errorf("the %s is kept for ever: %v", what.Kind, err)
			}
		}
	})
}

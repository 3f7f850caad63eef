package moderation_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
	"example.org/cloakroom/internal/problem"
)

func changeOf(title models.Title) database.PostChange {
	return database.PostChange{Title: title, Content: "of the quay", Excerpt: "of the quay", Visibility: models.Public}
}

func (s *site) commentOf(who models.User, body string) error {
	_, err := s.posts.AddComment(s.t.Context(), who, models.PostID(s.post.ID), body, "")
	return err
}

// atOnce calls do n times concurrently, and returns how many calls succeeded.
func atOnce(n int, do func() error) int64 {
	var done atomic.Int64
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if do() == nil {
				done.Add(1)
			}
		})
	}
	all.Wait()
	return done.Load()
}

func TestReport(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx, guest := t.Context(), models.User{}
		wantProblem(t, s.Report(ctx, s.bob, s.post, "nothing", ""), problem.Invalid, "reason")
		wantProblem(t, s.Report(ctx, s.bob, s.post, "other", " "), problem.Invalid, "words")
		wantProblem(t, s.Report(ctx, s.bob, s.post, "spam", strings.Repeat("é", models.MaxReportWords+1)), problem.Invalid, "words")
		wantProblem(t, s.Report(ctx, s.ann, s.post, "spam", ""), problem.Conflict, "")
		wantProblem(t, s.Report(ctx, s.bob, models.Subject{Kind: models.SubjectPost, ID: "NONE"}, "spam", ""), problem.NotFound, "")
		ok(t, s.Report(ctx, s.bob, s.post, "other", strings.Repeat("é", models.MaxReportWords)))
		wantProblem(t, s.Report(ctx, s.bob, s.post, "abuse", ""), problem.Conflict, "")
		ok(t, s.Report(ctx, guest, s.post, "spam", "and again"))
		ok(t, s.Report(ctx, guest, s.post, "spam", "and again"))
		for _, what := range []models.Subject{s.comment, s.file, userSubject(s.ann)} {
			ok(t, s.Report(ctx, s.two, what, "abuse", ""))
		}
		waiting := must(s.OpenReports(ctx, models.Cursor{}))(t).Items
		if len(waiting) != 4 {
			t.Fatalf("%d reports are open, want 4", len(waiting))
		}
		i := slices.IndexFunc(waiting, func(r models.ReportView) bool { return r.Object == s.post.Object() })
		if r := waiting[i]; r.Times != 3 || r.Owner != "ann" || r.Evidence != "Old maps\n\nof the quay" {
			t.Errorf("the report is %+v", r)
		}
		d := must(s.Detail(ctx, waiting[i].ID))(t)
		reporters := []string{}
		for _, v := range d.Reporters {
			reporters = append(reporters, string(v.Reporter))
		}
		slices.Sort(reporters)
		if !slices.Equal(reporters, []string{"", "", "bob"}) || d.Now.Title != "Old maps" {
			t.Errorf("the report is %+v", d)
		}
		sent := must(s.SentReports(ctx, s.bob, models.Cursor{}))(t).Items
		if len(sent) != 1 || sent[0].Object != s.post.Object() || sent[0].DecidedAt != nil {
			t.Errorf("bob has sent %+v", sent)
		}
		if sent := must(s.SentReports(ctx, s.ann, models.Cursor{}))(t).Items; len(sent) != 0 {
			t.Errorf("ann has sent %+v", sent)
		}
	})
}

// Visitors cannot report what they cannot open: reporting must not reveal that it
// exists.
func TestReport_RequiresAccess(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		ok(t, s.Hide(ctx, by(s.mod), s.file, "x"))
		wantProblem(t, s.Report(ctx, s.bob, s.file, "spam", ""), problem.NotFound, "")
		private := changeOf("Old maps")
		private.Visibility = models.Private
		ok(t, s.DB.UpdatePost(ctx, s.ann.ID, models.PostID(s.post.ID), private, nil, s.now))
		ok(t, s.DB.SuspendUser(ctx, s.two.ID, s.now))
		for _, what := range []models.Subject{s.post, s.comment, userSubject(s.two)} {
			wantProblem(t, s.Report(ctx, s.mod, what, "spam", ""), problem.NotFound, "")
		}
	})
}

func TestReport_ConcurrentReportsAreMerged(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		if done := atOnce(10, func() error { return s.Report(t.Context(), models.User{}, s.post, "spam", "") }); done != 10 {
			t.Errorf("%d of 10 guests could report", done)
		}
		if done := atOnce(10, func() error { return s.Report(t.Context(), s.bob, s.post, "spam", "") }); done != 1 {
			t.Errorf("bob could report %d times", done)
		}
		if waiting := must(s.OpenReports(t.Context(), models.Cursor{}))(t).Items; len(waiting) != 1 || waiting[0].Times != 11 {
			t.Errorf("open reports: %+v", waiting)
		}
	})
}

func TestClaim_OneModeratorAtATime(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx, id := t.Context(), s.reported(s.bob, s.post)
		users := []models.User{s.mod, s.two, s.boss}
		var next atomic.Int64
		if done := atOnce(len(users), func() error { return s.Claim(ctx, by(users[next.Add(1)-1]), id) }); done != 1 {
			t.Errorf("%d claimed it", done)
		}
		d := must(s.Detail(ctx, id))(t)
		winner := users[slices.IndexFunc(users, func(u models.User) bool { return u.ID == d.ClaimedBy })]
		loser := users[slices.IndexFunc(users, func(u models.User) bool { return u.ID != d.ClaimedBy })]
		dismiss := moderation.DecisionInput{Decision: "dismiss"}
		wantProblem(t, s.Decide(ctx, by(loser), id, dismiss), problem.Conflict, "")
		wantProblem(t, s.Release(ctx, by(loser), id), problem.Conflict, "")
		ok(t, s.Claim(ctx, by(winner), id)) // again
		s.now = s.now.Add(s.ClaimFor - time.Microsecond)
		wantProblem(t, s.Claim(ctx, by(loser), id), problem.Conflict, "")
		s.now = s.now.Add(time.Microsecond)
		ok(t, s.Claim(ctx, by(loser), id))
		wantProblem(t, s.Decide(ctx, by(winner), id, dismiss), problem.Conflict, "")
		ok(t, s.Release(ctx, by(loser), id))
		wantProblem(t, s.Decide(ctx, by(loser), id, dismiss), problem.Conflict, "")
		ok(t, s.Claim(ctx, by(winner), id))
		if done := atOnce(6, func() error { return s.Decide(ctx, by(winner), id, dismiss) }); done != 1 {
			t.Errorf("it was decided %d times", done)
		}
		for _, u := range []models.User{winner, loser} {
			wantProblem(t, s.Claim(ctx, by(u), id), problem.Conflict, "")
		}
	})
}

func TestDecide_NotifiesReportersAndOwner(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx, id := t.Context(), s.reported(s.bob, s.post)
		ok(t, s.Claim(ctx, by(s.mod), id))
		invalid := moderation.DecisionInput{Decision: "suspend", Note: strings.Repeat("x", models.MaxReportWords+1)}
		err := s.Decide(ctx, by(s.mod), id, invalid)
		wantProblem(t, err, problem.Invalid, "decision")
		wantProblem(t, err, problem.Invalid, "why")
		wantProblem(t, err, problem.Invalid, "note")
		ok(t, s.Decide(ctx, by(s.mod), id, moderation.DecisionInput{Decision: "hide", Why: "an advertisement", Note: "well seen"}))
		if got := s.seen(s.bob); got != "c" {
			t.Errorf("bob finds %q", got)
		}
		if got := s.notices(s.bob); len(got) != 1 || !strings.Contains(got[0], "It was hidden.") ||
			!strings.Contains(got[0], "well seen") || strings.Contains(got[0], "advertisement") {
			t.Errorf("the reporter's notifications are %q", got)
		}
		if got := s.notices(s.ann); len(got) != 1 || !strings.Contains(got[0], "advertisement") ||
			strings.Contains(got[0], "bob") || strings.Contains(got[0], "well seen") {
			t.Errorf("the owner's notifications are %q", got)
		}
		if got, want := s.acts(), []string{"report.claim", "post.hide", "report.decide"}; !slices.Equal(got, want) {
			t.Errorf("the audit log has %v", got)
		}
		sent := must(s.SentReports(ctx, s.bob, models.Cursor{}))(t).Items[0]
		if sent.Decision != models.DecisionHide || sent.Note != "well seen" || sent.DecidedAt == nil {
			t.Errorf("bob sees %+v", sent)
		}
		if u := must(s.DB.UserByID(ctx, s.bob.ID))(t); u.SuspendedAt != nil {
			t.Error("bob is suspended")
		}
		if decided := must(s.DecidedReports(ctx, models.Cursor{}))(t).Items; len(decided) != 1 || decided[0].Decider != "mod" {
			t.Errorf("decided reports: %+v", decided)
		}
		if waiting := must(s.OpenReports(ctx, models.Cursor{}))(t).Items; len(waiting) != 0 {
			t.Errorf("open reports: %+v", waiting)
		}
	})
}

func TestUndo(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		for _, decision := range []models.Decision{models.DecisionDismiss, models.DecisionHide, models.DecisionRemove} {
			id := s.reported(s.bob, s.post)
			wantProblem(t, s.Undo(ctx, by(s.mod), id), problem.Conflict, "") // undecided
			s.decided(s.mod, id, decision)
			wantProblem(t, s.Undo(ctx, by(s.two), id), problem.Conflict, "") // decided by another moderator
			if done := atOnce(4, func() error { return s.Undo(ctx, by(s.mod), id) }); done != 1 {
				t.Errorf("%s was undone %d times", decision, done)
			}
			if got := s.seen(s.bob); got != "FTSAPfc" {
				t.Errorf("after %s was undone bob finds %q", decision, got)
			}
			if d := must(s.Detail(ctx, id))(t); !d.Open() || d.ClaimedBy != s.mod.ID || d.Note != "" {
				t.Errorf("the report is %+v", d.Report)
			}
			s.decided(s.mod, id, models.DecisionDismiss)
			if done := atOnce(4, func() error { return s.Undo(ctx, by(s.boss), id) }); done != 1 { // admins can undo all
				t.Errorf("an admin undid it %d times", done)
			}
			s.decided(s.boss, id, models.DecisionDismiss)
		}
		id := s.reported(s.bob, s.post)
		s.decided(s.mod, id, models.DecisionDismiss)
		anew := s.reported(s.bob, s.post)
		wantProblem(t, s.Undo(ctx, by(s.mod), id), problem.Conflict, "")
		s.decided(s.two, anew, models.DecisionHide)
		ok(t, s.Undo(ctx, by(s.mod), id))
		if got := s.seen(s.bob); got != "c" {
			t.Errorf("the other moderator's decision was undone too: bob finds %q", got)
		}
	})
}

func TestDecide_SuspendsUsersOnly(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		for _, whom := range []models.User{s.two, s.boss} {
			id := s.reported(s.bob, userSubject(whom))
			ok(t, s.Claim(ctx, by(s.mod), id))
			wantProblem(t, s.Decide(ctx, by(s.mod), id, moderation.DecisionInput{Decision: "suspend", Why: "x"}), problem.Forbidden, "")
			if u := must(s.DB.UserByID(ctx, whom.ID))(t); u.SuspendedAt != nil || must(s.Detail(ctx, id))(t).DecidedAt != nil {
				t.Errorf("a moderator suspended a %s", whom.Role)
			}
		}
		id := s.reported(s.bob, userSubject(s.ann))
		s.decided(s.mod, id, models.DecisionSuspend)
		if u := must(s.DB.UserByID(ctx, s.ann.ID))(t); u.SuspendedAt == nil {
			t.Error("ann is not suspended")
		}
		ok(t, s.Undo(ctx, by(s.mod), id))
		if u := must(s.DB.UserByID(ctx, s.ann.ID))(t); u.SuspendedAt != nil {
			t.Error("ann is still suspended")
		}
		want := []string{"report.claim", "user.suspend", "report.decide", "user.reinstate", "report.undo"}
		if got := s.acts()[2:]; !slices.Equal(got, want) {
			t.Errorf("the audit log has %v", got)
		}
	})
}

// Moderators cannot judge their own content; admins can, as there may be no other.
func TestOwnContent_IsForbiddenToModerators(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		s.ann.Role = models.RoleModerator
		id := s.reported(s.bob, s.post)
		for _, err := range []error{
			s.Claim(ctx, by(s.ann), id), s.Release(ctx, by(s.ann), id), s.Undo(ctx, by(s.ann), id), s.Hide(ctx, by(s.ann), s.post, "x"),
			s.Decide(ctx, by(s.ann), id, moderation.DecisionInput{Decision: "dismiss"}),
		} {
			wantProblem(t, err, problem.Forbidden, "")
		}
		s.ann.Role = models.RoleAdmin
		s.decided(s.ann, id, models.DecisionDismiss)
	})
}

// Reports of deleted or already hidden content can still be decided.
func TestDecide_DeletedContent(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		post, comment := s.reported(s.bob, s.post), s.reported(s.two, s.comment)
		ok(t, s.Hide(ctx, by(s.boss), s.post, "x"))
		s.now = s.now.Add(time.Second)
		s.decided(s.mod, post, models.DecisionHide)
		ok(t, s.Undo(ctx, by(s.mod), post))
		if got := s.seen(s.bob); strings.Contains(got, "P") {
			t.Errorf("the earlier hiding by an admin was undone too: bob finds %q", got)
		}
		ok(t, s.posts.DeleteComment(ctx, s.bob, models.CommentID(s.comment.ID)))
		if d := must(s.Detail(ctx, comment))(t); !d.Gone() || !strings.Contains(d.Evidence, "What a find") {
			t.Errorf("the report of deleted content is %+v", d)
		}
		ok(t, s.Claim(ctx, by(s.mod), comment))
		err := s.Decide(ctx, by(s.mod), comment, moderation.DecisionInput{Decision: "hide", Why: "x"})
		wantProblem(t, err, problem.Conflict, "")
		if err != nil && errors.Unwrap(err) != nil {
			t.Error(err)
		}
		s.decided(s.mod, comment, models.DecisionDismiss)
	})
}

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

func (h *house) commentOf(who models.User, body string) error {
	_, err := h.posts.AddComment(h.t.Context(), who, models.PostID(h.post.ID), body)
	return err
}

// atOnce does one thing n times at once, and returns how often it went well.
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
	eachHouse(t, func(t *testing.T, h *house) {
		ctx, guest := t.Context(), models.User{}
		wants(t, h.Report(ctx, h.bob, h.post, "nothing", ""), problem.Invalid, "reason")
		wants(t, h.Report(ctx, h.bob, h.post, "other", " "), problem.Invalid, "words")
		wants(t, h.Report(ctx, h.bob, h.post, "spam", strings.Repeat("é", models.MaxReportWords+1)), problem.Invalid, "words")
		wants(t, h.Report(ctx, h.ann, h.post, "spam", ""), problem.Conflict, "")
		wants(t, h.Report(ctx, h.bob, models.Subject{Kind: models.SubjectPost, ID: "NONE"}, "spam", ""), problem.NotFound, "")
		ok(t, h.Report(ctx, h.bob, h.post, "other", strings.Repeat("é", models.MaxReportWords)))
		wants(t, h.Report(ctx, h.bob, h.post, "abuse", ""), problem.Conflict, "")
		ok(t, h.Report(ctx, guest, h.post, "spam", "and again"))
		ok(t, h.Report(ctx, guest, h.post, "spam", "and again"))
		for _, what := range []models.Subject{h.comment, h.file, userSubject(h.ann)} {
			ok(t, h.Report(ctx, h.two, what, "abuse", ""))
		}
		waiting := must(h.Waiting(ctx, models.Cursor{}))(t).Items
		if len(waiting) != 4 {
			t.Fatalf("%d reports wait", len(waiting))
		}
		i := slices.IndexFunc(waiting, func(r models.ReportView) bool { return r.Object == h.post.Object() })
		if r := waiting[i]; r.Times != 3 || r.Owner != "ann" || r.Evidence != "Old maps\n\nof the quay" {
			t.Errorf("the report is %+v", r)
		}
		d := must(h.Detail(ctx, waiting[i].ID))(t)
		reporters := []string{}
		for _, v := range d.Voices {
			reporters = append(reporters, string(v.Reporter))
		}
		slices.Sort(reporters)
		if !slices.Equal(reporters, []string{"", "", "bob"}) || d.Now.Title != "Old maps" {
			t.Errorf("the report is %+v", d)
		}
		if sent := must(h.Sent(ctx, h.bob, models.Cursor{}))(t).Items; len(sent) != 1 || sent[0].Object != h.post.Object() || sent[0].DecidedAt != nil {
			t.Errorf("bob has sent %+v", sent)
		}
		if sent := must(h.Sent(ctx, h.ann, models.Cursor{}))(t).Items; len(sent) != 0 {
			t.Errorf("ann has sent %+v", sent)
		}
	})
}

// What one cannot open one cannot report: else a report would tell that it is
// there.
func TestReport_WantsToHaveSeen(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		ok(t, h.Hide(ctx, by(h.mod), h.file, "x"))
		wants(t, h.Report(ctx, h.bob, h.file, "spam", ""), problem.NotFound, "")
		private := changeOf("Old maps")
		private.Visibility = models.Private
		ok(t, h.DB.UpdatePost(ctx, h.ann.ID, models.PostID(h.post.ID), private, nil, h.now))
		ok(t, h.DB.SuspendUser(ctx, h.two.ID, h.now))
		for _, what := range []models.Subject{h.post, h.comment, userSubject(h.two)} {
			wants(t, h.Report(ctx, h.mod, what, "spam", ""), problem.NotFound, "")
		}
	})
}

func TestReport_ManyAtOnceAreOne(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		if done := atOnce(10, func() error { return h.Report(t.Context(), models.User{}, h.post, "spam", "") }); done != 10 {
			t.Errorf("%d of 10 guests could report", done)
		}
		if done := atOnce(10, func() error { return h.Report(t.Context(), h.bob, h.post, "spam", "") }); done != 1 {
			t.Errorf("bob could report %d times", done)
		}
		if waiting := must(h.Waiting(t.Context(), models.Cursor{}))(t).Items; len(waiting) != 1 || waiting[0].Times != 11 {
			t.Errorf("what waits is %+v", waiting)
		}
	})
}

func TestClaim_OneOfMany(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx, id := t.Context(), h.reported(h.bob, h.post)
		users := []models.User{h.mod, h.two, h.boss}
		var next atomic.Int64
		if done := atOnce(len(users), func() error { return h.Claim(ctx, by(users[next.Add(1)-1]), id) }); done != 1 {
			t.Errorf("%d claimed it", done)
		}
		d := must(h.Detail(ctx, id))(t)
		winner := users[slices.IndexFunc(users, func(u models.User) bool { return u.ID == d.ClaimedBy })]
		loser := users[slices.IndexFunc(users, func(u models.User) bool { return u.ID != d.ClaimedBy })]
		dismiss := moderation.Verdict{Decision: "dismiss"}
		wants(t, h.Decide(ctx, by(loser), id, dismiss), problem.Conflict, "")
		wants(t, h.Release(ctx, by(loser), id), problem.Conflict, "")
		ok(t, h.Claim(ctx, by(winner), id)) // again
		h.now = h.now.Add(h.ClaimFor - time.Microsecond)
		wants(t, h.Claim(ctx, by(loser), id), problem.Conflict, "")
		h.now = h.now.Add(time.Microsecond)
		ok(t, h.Claim(ctx, by(loser), id))
		wants(t, h.Decide(ctx, by(winner), id, dismiss), problem.Conflict, "")
		ok(t, h.Release(ctx, by(loser), id))
		wants(t, h.Decide(ctx, by(loser), id, dismiss), problem.Conflict, "")
		ok(t, h.Claim(ctx, by(winner), id))
		if done := atOnce(6, func() error { return h.Decide(ctx, by(winner), id, dismiss) }); done != 1 {
			t.Errorf("it was decided %d times", done)
		}
		for _, u := range []models.User{winner, loser} {
			wants(t, h.Claim(ctx, by(u), id), problem.Conflict, "")
		}
	})
}

func TestDecide_TellsWhomItConcerns(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx, id := t.Context(), h.reported(h.bob, h.post)
		ok(t, h.Claim(ctx, by(h.mod), id))
		err := h.Decide(ctx, by(h.mod), id, moderation.Verdict{Decision: "suspend", Note: strings.Repeat("x", models.MaxReportWords+1)})
		wants(t, err, problem.Invalid, "decision")
		wants(t, err, problem.Invalid, "why")
		wants(t, err, problem.Invalid, "note")
		ok(t, h.Decide(ctx, by(h.mod), id, moderation.Verdict{Decision: "hide", Why: "an advertisement", Note: "well seen"}))
		if got := h.seen(h.bob); got != "c" {
			t.Errorf("bob still finds %q", got)
		}
		if got := h.notices(h.bob); len(got) != 1 || !strings.Contains(got[0], "It was hidden.") || !strings.Contains(got[0], "well seen") || strings.Contains(got[0], "advertisement") {
			t.Errorf("bob is told %q", got)
		}
		if got := h.notices(h.ann); len(got) != 1 || !strings.Contains(got[0], "advertisement") || strings.Contains(got[0], "bob") || strings.Contains(got[0], "well seen") {
			t.Errorf("ann is told %q", got)
		}
		if got, want := h.acts(), []string{"report.claim", "post.hide", "report.decide"}; !slices.Equal(got, want) {
			t.Errorf("the audit log has %v", got)
		}
		if sent := must(h.Sent(ctx, h.bob, models.Cursor{}))(t).Items[0]; sent.Decision != models.DecisionHide || sent.Note != "well seen" || sent.DecidedAt == nil {
			t.Errorf("bob sees %+v", sent)
		}
		if u := must(h.DB.UserByID(ctx, h.bob.ID))(t); u.SuspendedAt != nil {
			t.Error("bob is suspended")
		}
		if decided := must(h.Decided(ctx, models.Cursor{}))(t).Items; len(decided) != 1 || decided[0].Decider != "mod" {
			t.Errorf("decided is %+v", decided)
		}
		if waiting := must(h.Waiting(ctx, models.Cursor{}))(t).Items; len(waiting) != 0 {
			t.Errorf("still waiting is %+v", waiting)
		}
	})
}

func TestUndo(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, decision := range []models.Decision{models.DecisionDismiss, models.DecisionHide, models.DecisionRemove} {
			id := h.reported(h.bob, h.post)
			wants(t, h.Undo(ctx, by(h.mod), id), problem.Conflict, "") // nothing is decided
			h.decided(h.mod, id, decision)
			wants(t, h.Undo(ctx, by(h.two), id), problem.Conflict, "") // another's
			if done := atOnce(4, func() error { return h.Undo(ctx, by(h.mod), id) }); done != 1 {
				t.Errorf("%s was undone %d times", decision, done)
			}
			if got := h.seen(h.bob); got != "FTSAPfc" {
				t.Errorf("after %s was undone bob finds %q", decision, got)
			}
			if d := must(h.Detail(ctx, id))(t); !d.Open() || d.ClaimedBy != h.mod.ID || d.Note != "" {
				t.Errorf("the report is %+v", d.Report)
			}
			h.decided(h.mod, id, models.DecisionDismiss)
			if done := atOnce(4, func() error { return h.Undo(ctx, by(h.boss), id) }); done != 1 { // an admin undoes all
				t.Errorf("an admin undid it %d times", done)
			}
			h.decided(h.boss, id, models.DecisionDismiss)
		}
		id := h.reported(h.bob, h.post)
		h.decided(h.mod, id, models.DecisionDismiss)
		anew := h.reported(h.bob, h.post)
		wants(t, h.Undo(ctx, by(h.mod), id), problem.Conflict, "")
		h.decided(h.two, anew, models.DecisionHide)
		ok(t, h.Undo(ctx, by(h.mod), id))
		if got := h.seen(h.bob); got != "c" {
			t.Errorf("what another decided was undone too: bob finds %q", got)
		}
	})
}

func TestSuspend_IsForUsers(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for _, whom := range []models.User{h.two, h.boss} {
			id := h.reported(h.bob, userSubject(whom))
			ok(t, h.Claim(ctx, by(h.mod), id))
			wants(t, h.Decide(ctx, by(h.mod), id, moderation.Verdict{Decision: "suspend", Why: "x"}), problem.Forbidden, "")
			if u := must(h.DB.UserByID(ctx, whom.ID))(t); u.SuspendedAt != nil || must(h.Detail(ctx, id))(t).DecidedAt != nil {
				t.Errorf("a moderator suspended a %s", whom.Role)
			}
		}
		id := h.reported(h.bob, userSubject(h.ann))
		h.decided(h.mod, id, models.DecisionSuspend)
		if u := must(h.DB.UserByID(ctx, h.ann.ID))(t); u.SuspendedAt == nil {
			t.Error("ann is not suspended")
		}
		ok(t, h.Undo(ctx, by(h.mod), id))
		if u := must(h.DB.UserByID(ctx, h.ann.ID))(t); u.SuspendedAt != nil {
			t.Error("ann is still suspended")
		}
		if got, want := h.acts()[2:], []string{"report.claim", "user.suspend", "report.decide", "user.reinstate", "report.undo"}; !slices.Equal(got, want) {
			t.Errorf("the audit log has %v", got)
		}
	})
}

// Nobody judges what is their own, but for an admin: there may be no other.
func TestOwn_IsJudgedByAnother(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.ann.Role = models.RoleModerator
		id := h.reported(h.bob, h.post)
		for _, err := range []error{
			h.Claim(ctx, by(h.ann), id), h.Release(ctx, by(h.ann), id), h.Undo(ctx, by(h.ann), id), h.Hide(ctx, by(h.ann), h.post, "x"),
			h.Decide(ctx, by(h.ann), id, moderation.Verdict{Decision: "dismiss"}),
		} {
			wants(t, err, problem.Forbidden, "")
		}
		h.ann.Role = models.RoleAdmin
		h.decided(h.ann, id, models.DecisionDismiss)
	})
}

// What is gone, or hidden already, can still be decided.
func TestDecide_WhatIsGone(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		post, comment := h.reported(h.bob, h.post), h.reported(h.two, h.comment)
		ok(t, h.Hide(ctx, by(h.boss), h.post, "x"))
		h.now = h.now.Add(time.Second)
		h.decided(h.mod, post, models.DecisionHide)
		ok(t, h.Undo(ctx, by(h.mod), post))
		if got := h.seen(h.bob); strings.Contains(got, "P") {
			t.Errorf("what an admin had hidden before is undone too: bob finds %q", got)
		}
		ok(t, h.posts.DeleteComment(ctx, h.bob, models.CommentID(h.comment.ID)))
		if d := must(h.Detail(ctx, comment))(t); !d.Gone() || !strings.Contains(d.Evidence, "What a find") {
			t.Errorf("of what is gone there is %+v", d)
		}
		ok(t, h.Claim(ctx, by(h.mod), comment))
		err := h.Decide(ctx, by(h.mod), comment, moderation.Verdict{Decision: "hide", Why: "x"})
		wants(t, err, problem.Conflict, "")
		if err != nil && errors.Unwrap(err) != nil {
			t.Error(err)
		}
		h.decided(h.mod, comment, models.DecisionDismiss)
	})
}

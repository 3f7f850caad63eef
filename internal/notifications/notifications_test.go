package notifications_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/notifications"
	"example.org/cloakroom/internal/problem"
)

// each runs test with a fixture on both dialects.
func each(t *testing.T, test func(t *testing.T, h *fixture)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(t, newFixture(t, db)) })
}

func (h *fixture) want(who models.User, want ...string) {
	h.t.Helper()
	if got := h.texts(who); !slices.Equal(got, want) {
		h.t.Errorf("the notifications of %s are %q, not %q", who.Username, got, want)
	}
}

func TestMentions(t *testing.T) {
	many := ""
	for i := range 12 {
		many += fmt.Sprintf("@user_%d, ", i)
	}
	for text, want := range map[string]int{
		"@ann": 1, "hi @ann!": 1, "(@ann)": 1, "@ann @ANN @Ann": 1, "@ann @bob": 2, "@ann,@bob": 2, many: notifications.MaxMentions,
		"": 0, "ann": 0, "@": 0, "@ ann": 0, "ann@example.org": 0, "a.@ann": 0, "https://example.org/@ann": 0, "@@ann": 0, "@ann@example.org": 0,
		"@ab": 0, "@aaaaaaaaaaaaaaaaaaaaa": 0, "é@ann": 0,
	} {
		if got := notifications.Mentions(text); len(got) != want {
			t.Errorf("%q mentions %q", text, got)
		}
	}
}

// A comment notifies the author of the post, and whom it mentions: each once, and nobody
// of their own act.
func TestOfComment_NotifiesEachOnce(t *testing.T) {
	each(t, func(_ *testing.T, h *fixture) {
		post := h.post(h.ann, "Maps", "words", "public")
		h.comment(h.bob, post, "for @ann, @cat, @bob and @nobody_here")
		h.want(h.ann, "bob mentioned you in “Maps”.")
		h.want(h.cat, "bob mentioned you in “Maps”.")
		h.want(h.bob)
		h.comment(h.ann, post, "an answer")
		h.comment(h.cat, post, "words")
		h.want(h.ann, "cat commented on “Maps”.", "bob mentioned you in “Maps”.")
	})
}

// Who turned mentions off is still notified of the comment on their post.
func TestOff_LeavesTheOtherKinds(t *testing.T) {
	each(t, func(_ *testing.T, h *fixture) {
		post := h.post(h.ann, "Maps", "words", "public")
		h.choose(h.ann, models.NotificationMention, models.DeliverOff)
		h.comment(h.bob, post, "@ann")
		h.want(h.ann, "bob commented on “Maps”.")
		h.choose(h.ann, models.NotificationComment, models.DeliverOff)
		h.comment(h.cat, post, "@ann")
		h.want(h.ann, "bob commented on “Maps”.")
	})
}

// A mention notifies only users who may open the post, and who can use the site.
func TestMention_OnlyNotifiesReaders(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.post(h.ann, "Secret", "@bob", "private")
		h.want(h.bob)
		h.post(h.ann, "Unlisted", "@bob", "unlisted")
		h.want(h.bob, "ann mentioned you in “Unlisted”.")
		h.do(h.DB.SuspendUser(t.Context(), h.cat.ID, h.now))
		h.post(h.ann, "Public", "@cat", "public")
		h.want(h.cat)
		gone := h.post(h.ann, "Gone", "words", "public")
		id := must(h.posts.AddComment(t.Context(), h.ann, gone, "@bob", ""))(t)
		h.do(h.posts.Delete(t.Context(), h.ann, gone))
		h.do(h.OfComment(t.Context(), models.NotifyOfComment{Comment: id}))
		h.want(h.bob, "ann mentioned you in “Unlisted”.")
	})
}

// An edited post notifies only users whom it has not notified before.
func TestOfPost_NotifiesOfAnEditOnce(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		post := h.post(h.ann, "Maps", "@bob", "public")
		for range 2 {
			h.do(h.OfPost(t.Context(), models.NotifyOfPost{Post: post}))
		}
		h.want(h.bob, "ann mentioned you in “Maps”.")
	})
}

// While a notification is unread, comments on the same post count it up, and it leads to
// the first of them; after it is read, there is a new one.
func TestComments_AreCountedUp(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		post := h.post(h.ann, "Maps", "words", "public")
		first := h.comment(h.bob, post, "1")
		for i := range 11 {
			h.comment(h.cat, post, fmt.Sprint(i))
		}
		h.want(h.ann, "12 new comments on “Maps”.")
		found := must(h.List(t.Context(), h.ann, models.Cursor{}))(t).Items[0]
		if want := "comment:" + string(first); found.Object != want {
			t.Errorf("it leads to %s, not %s", found.Object, want)
		}
		if _, err := h.Open(t.Context(), h.bob, found.ID); problem.KindOf(err) != problem.NotFound {
			t.Errorf("bob opens it: %v", err)
		}
		must(h.Open(t.Context(), h.ann, found.ID))(t)
		h.comment(h.bob, post, "2")
		h.want(h.ann, "bob commented on “Maps”.", "12 new comments on “Maps”.")
		h.now = h.now.Add(time.Second)
		h.do(h.ReadAll(t.Context(), h.ann))
		for _, n := range must(h.List(t.Context(), h.ann, models.Cursor{}))(t).Items {
			if n.ReadAt == nil {
				t.Errorf("%q is unread", n.Text())
			}
		}
	})
}

// At the limit of an hour, further notifications of a kind are counted up in one; an hour
// later they are separate again.
func TestNotify_IsLimitedByTheHour(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		for i := range notifications.MaxPerHour + 5 {
			h.post(h.ann, fmt.Sprint("P", i), "@bob", "public")
		}
		got := h.texts(h.bob)
		if len(got) != notifications.MaxPerHour+1 || !slices.Contains(got, "More mentions of you: 5.") {
			t.Errorf("%d notifications: %q", len(got), got)
		}
		h.now = h.now.Add(time.Hour + time.Second)
		h.post(h.ann, "Later", "@bob", "public")
		if got := h.texts(h.bob); got[0] != "ann mentioned you in “Later”." {
			t.Errorf("after an hour it is %q", got[0])
		}
	})
}

func TestExpire_After90Days(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.post(h.ann, "Maps", "@bob", "public")
		h.now = h.now.Add(notifications.Keep)
		h.do(h.Expire(t.Context(), models.ExpireNotifications{}))
		h.want(h.bob, "ann mentioned you in “Maps”.")
		h.now = h.now.Add(time.Microsecond)
		h.do(h.Expire(t.Context(), models.ExpireNotifications{}))
		h.want(h.bob)
	})
}

func TestChoose_ValidatesEachKind(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		err := h.Choose(t.Context(), h.ann, map[models.NotificationKind]string{"comment": "x", "mention": ""})
		if found := problem.All(err); len(found) != 2 || found[0].Field != "comment" || found[1].Field != "mention" {
			t.Errorf("the problems are %v", found)
		}
		h.choose(h.ann, models.NotificationComment, models.DeliverAtOnce)
		h.Mail = nil // without a mail server
		err = h.Choose(t.Context(), h.ann, map[models.NotificationKind]string{"comment": "daily"})
		if found := problem.All(err); len(found) != 1 || found[0].Field != "comment" {
			t.Errorf("without a mail server the problems are %v", found)
		}
		h.choose(h.ann, models.NotificationComment, models.DeliverSite) // what the form shows
		if got := must(h.Deliveries(t.Context(), h.ann))(t)["comment"]; got != models.DeliverAtOnce {
			t.Errorf("the choice became %q", got)
		}
	})
}

package notifications_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/notifications"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/testenv"
)

// batches returns the batches of who's notifications.
func (h *fixture) batches(who models.User) (batches []string) {
	h.t.Helper()
	for _, n := range must(h.List(h.t.Context(), who, models.Cursor{}))(h.t).Items {
		if n.Batch != "" {
			batches = append(batches, n.Batch)
		}
	}
	return batches
}

// mailed does the job of a batch and returns the emails that there are by then.
func (h *fixture) mailed(who models.User, batch string) []testenv.Mail {
	h.t.Helper()
	h.do(h.MailBatch(h.t.Context(), models.MailNotifications{UserID: who.ID, Batch: batch}))
	return h.server.Mails(h.t)
}

func TestMail_AtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.mailing()
		h.choose(h.bob, models.NotificationMention, models.DeliverAtOnce)
		h.post(h.ann, "Maps", "@bob", "public")
		batches := h.batches(h.bob)
		if len(batches) != 1 {
			t.Fatalf("the batches are %q", batches)
		}
		mails := h.mailed(h.bob, batches[0])
		if len(mails) != 1 || mails[0].To != "<bob@example.org>" || mails[0].Subject != "ann mentioned you in “Maps”." ||
			!strings.Contains(mails[0].Text, publicURL+"/notifications/"+batches[0]) {
			t.Errorf("the mails are %+v", mails)
		}
		h.do(h.ReadAll(t.Context(), h.bob))
		if mails := h.mailed(h.bob, batches[0]); len(mails) != 1 {
			t.Errorf("what is read is mailed: %+v", mails)
		}
	})
}

// A day after the first notification, one email has all of them, whatever the number of
// nodes; then the next waits for a day again.
func TestMail_DailyOnce(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.mailing()
		for i := range notifications.MaxLines/2 + 3 { // mentions and comments: more than the lines of an email
			h.post(h.ann, fmt.Sprint("M", i), "@bob", "public")
			h.comment(h.cat, h.post(h.bob, fmt.Sprint("C", i), "words", "public"), "words")
		}
		run := func() {
			var nodes sync.WaitGroup
			for range 4 {
				nodes.Go(func() {
					if err := h.SendDigests(t.Context(), models.SendDigests{}); err != nil {
						t.Error(err)
					}
				})
			}
			nodes.Wait()
		}
		if run(); len(h.batches(h.bob)) != 0 {
			t.Fatal("the email is sent before a day is over")
		}
		h.now = h.now.Add(notifications.DigestEvery)
		run()
		batches := h.batches(h.bob)
		if len(batches) != notifications.MaxLines+6 {
			t.Fatalf("%d notifications are in an email", len(batches))
		}
		for _, batch := range batches {
			if batch != batches[0] {
				t.Fatalf("two emails: %q", batches)
			}
		}
		mails := h.mailed(h.bob, batches[0])
		if len(mails) != 1 || mails[0].Subject != "Your notifications: 36" || !strings.Contains(mails[0].Text, "And 6 more.") {
			t.Errorf("the mails are %+v", mails)
		}
		h.now = h.now.Add(time.Hour)
		h.post(h.ann, "Later", "@bob", "public")
		if run(); len(h.batches(h.bob)) != len(batches) {
			t.Error("a second email is sent on the same day")
		}
	})
}

// The link in an email ends that kind of email, by one POST without a session.
func TestLeave_EndsTheEmails(t *testing.T) {
	each(t, func(t *testing.T, h *fixture) {
		h.mailing()
		h.choose(h.bob, models.NotificationMention, models.DeliverAtOnce)
		h.post(h.ann, "Maps", "@bob", "public")
		m := h.mailed(h.bob, h.batches(h.bob)[0])[0]
		link, err := url.Parse(strings.Trim(m.Leave, "<>"))
		token, ok := strings.CutPrefix(link.Path, "/unsubscribe/")
		if err != nil || !ok || m.OneClick != "List-Unsubscribe=One-Click" {
			t.Fatalf("the header is %+v", m)
		}
		h.do(h.CheckLeave(token))
		for range 2 {
			h.do(h.Leave(t.Context(), token))
		}
		got := must(h.Deliveries(t.Context(), h.bob))(t)
		if got["mention"] != models.DeliverSite || got["comment"] != models.DeliverDaily {
			t.Errorf("bob's deliveries are %v", got)
		}
		for _, bad := range []string{"", "x", "%", token[1:], token + "A", strings.Repeat("A", 1000)} {
			if err := h.Leave(t.Context(), bad); problem.KindOf(err) != problem.NotFound {
				t.Errorf("%.10q: %v", bad, err)
			}
		}
	})
}

package e2e_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestModeration reports a post, decides and reverses the decision, and breaks the glass of
// a private post.
func TestModeration(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newAdmin(t, s)
	browser := startBrowser(t)
	scripted(t, func(t *testing.T, js bool) {
		name := fmt.Sprintf("ann_%v", js)
		author := newUser(t, s, name)
		ad := author.sendPost(url.Values{"title": {"Cheap watches"}, "content": {"Buy **now**"}, "visibility": {"public"}, "everyone": {"yes"}})
		private := author.sendPost(url.Values{"title": {"A diary"}, "content": {"Dear diary"}, "visibility": {"private"}})
		ann, boss, guest := newTab(t, browser, s, js), newTab(t, browser, s, js), newTab(t, browser, s, js)

		guest.open(ad, 200)
		guest.do(click(".report summary"))
		guest.submit("a[href^='/report/post/']", 200)
		guest.choose("#reason", "other")
		guest.submit("main form button[type=submit]", 422)
		guest.wantCount("#words[aria-invalid=true]", 1)
		guest.fill("#words", "The third one this week.")
		guest.checkNarrow()
		guest.submit("main form button[type=submit]", 200)
		guest.wantPath(ad)
		guest.wantText(".notice", "Report sent")

		boss.logInTo("/admin/reports", "boss")
		boss.submit("ul.rows a", 200)
		report := boss.path()
		boss.wantText("main", "The third one this week.")
		boss.submit("form[action$='/claim'] button", 200)
		boss.checkNarrow()
		boss.do(click("input[name=decision][value=hide]"))
		boss.fill("#why", "Advertising is not for this place.")
		boss.submit("form[action$='/decide'] button", 200)
		boss.wantCount(".empty", 1)
		guest.open(ad, 404)

		ann.logInTo("/notifications", name)
		ann.wantText("ul.rows", "Advertising is not for this place.")
		ann.submit("form[action='/notifications/read'] button", 200)
		ann.wantCount("form[action='/notifications/read']", 0)
		ann.open(ad, 200)
		ann.wantText(".hidden-note", "Only you")

		boss.open(report, 200)
		undo := boss.submit
		if js {
			undo = boss.confirm
		}
		undo("form[action$='/undo'] button", 200)
		guest.open(ad, 200)
		boss.submit("form[action$='/decide'] button[formaction$='/release']", 200)
		boss.submit("form[action$='/claim'] button", 200)
		boss.do(click("input[name=decision][value=dismiss]"))
		boss.submit("form[action$='/decide'] button", 200)
		boss.wantCount(".empty", 1)

		boss.open("/admin/content/post/"+strings.TrimPrefix(private, "/posts/"), 200)
		if strings.Contains(boss.text("main"), "diary") {
			t.Errorf("an admin sees what is private:\n%s", boss.text("main"))
		}
		boss.submit("form[action$='/open'] button", 422)
		boss.fill("#reason", "A court asks for it.")
		boss.checkNarrow()
		boss.submit("form[action$='/open'] button", 200)
		boss.wantText("main .judged", "Dear diary")
		ann.open("/notifications", 200)
		ann.wantText("ul.rows", "A court asks for it.")
		for _, list := range []string{"posts", "comments", "files"} {
			boss.open("/admin/"+list, 200)
			boss.checkNarrow()
		}
	})
	s.wantNoErrors()
}

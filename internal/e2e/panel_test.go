package e2e_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// scripted runs test with and without JavaScript.
func scripted(t *testing.T, test func(t *testing.T, js bool)) {
	t.Helper()
	for _, js := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", js), func(t *testing.T) { test(t, js) })
	}
}

// logInTo opens a page that requires signing in, and signs in.
func (b *tab) logInTo(path, username string) {
	b.t.Helper()
	b.open("/login?next="+url.QueryEscape(path), 200)
	b.fill("#username", username)
	b.fill("#password", password)
	b.submit("form[action='/login'] button[type=submit]", 200)
}

// choose selects an option of a select element.
func (b *tab) choose(selector, option string) {
	b.t.Helper()
	if !eval[bool](b, `(e => (e.value = `+quote(option)+`, e.value === `+quote(option)+`))(document.querySelector(`+quote(selector)+`))`) {
		b.t.Fatalf("%s at %s has no option %q", selector, b.path(), option)
	}
}

// secretPath returns the path of the link that the page shows once.
func (b *tab) secretPath() string {
	b.t.Helper()
	link, err := url.Parse(b.text("#secret"))
	if err != nil || link.Path == "" {
		b.t.Fatalf("%s shows the link %q", b.path(), b.text("#secret"))
	}
	return link.Path
}

// wantPath requires the tab to be at path.
func (b *tab) wantPath(want string) {
	b.t.Helper()
	if got := b.path(); got != want {
		b.t.Fatalf("the way leads to %s, want %s\n%s", got, want, b.text("main"))
	}
}

// expireConfirmations makes every session require a new confirmation of the password.
func expireConfirmations(t *testing.T, p place) {
	t.Helper()
	if _, err := openDatabase(t, p).SQLPool().ExecContext(t.Context(),
		"UPDATE sessions SET confirmed_at = '1970-01-01 00:00:00+00:00'"); err != nil {
		t.Fatal(err)
	}
}

// A panel is an admin's way through the panel.
type panel struct {
	t       *testing.T
	site    *site
	browser context.Context
	js      bool
	boss    *tab
	user    string // the user who is administered
}

// An admin uses each part of the panel.
func TestPanel(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "SMTP_URL=smtp://127.0.0.1:1", "MAIL_FROM=cloakroom@example.org",
		// These are the limits that the test does not edit.
		"LIMITS=page=1000000-S,admin=1000000-S,reset=1000000-S,login=1000000-S,login-account=1000000-S,register=1000000-S")
	newAdmin(t, s)
	browser := startBrowser(t)
	scripted(t, func(t *testing.T, js bool) {
		p := &panel{t: t, site: s, browser: browser, js: js, boss: newTab(t, browser, s, js), user: fmt.Sprintf("ann_%v", js)}
		newUser(t, s, p.user)
		p.boss.logInTo("/admin/users", "boss")
		p.boss.wantPath("/admin/users")
		p.findUsers()
		p.changeUser()
		p.suspend()
		p.reset()
		p.invite()
		p.ipRules()
		p.limits()
		p.jobs()
		p.audit()
	})
	s.wantNoErrors()
}

// findUsers searches, filters and sorts.
func (p *panel) findUsers() {
	p.t.Helper()
	b, filter := p.boss, "form.filter button"
	b.fill("#q", p.user)
	b.submit(filter, 200)
	b.wantText("tbody", p.user)
	b.wantCount("tbody tr", 1)
	if b.value("#q") != p.user {
		p.t.Errorf("the form comes back with %q", b.value("#q"))
	}
	b.fill("#q", "")
	b.choose("#role", "admin")
	b.submit(filter, 200)
	b.wantText("tbody th", "boss")
	b.wantCount("tbody tr", 1)
	b.choose("#role", "moderator")
	b.submit(filter, 200)
	b.wantCount(".empty", 1)
	b.choose("#role", "")
	b.choose("#sort", "username")
	b.submit(filter, 200)
	if names := strings.Split(b.text("tbody th"), "\n"); !slices.IsSorted(names) || len(names) < 2 {
		p.t.Errorf("by username there are %q", names)
	}
	b.checkNarrow()
	if p.js { // a choice applies at once
		choose := `(e => (e.value = "admin", e.dispatchEvent(new Event("change", {bubbles: true}))))(document.querySelector("#role"))`
		b.load(200, func(ctx context.Context) (*network.Response, error) {
			return chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](choose))
		})
		b.wantCount("tbody tr", 1)
		b.open("/admin/users?sort=username", 200)
	}
	b.submit(fmt.Sprintf("tbody a[href='/admin/users/%s']", p.user), 200)
	b.wantPath("/admin/users/" + p.user)
	b.checkNarrow()
}

// changeUser confirms the password first, and then repeats the change.
func (p *panel) changeUser() {
	p.t.Helper()
	b, at := p.boss, "/admin/users/"+p.user
	expireConfirmations(p.t, p.site.place)
	b.choose("#tier", "pro")
	b.submit("form[action$='/tier'] button", 403)
	b.wantCount(`main a[href^="/confirm"]`, 1)
	b.submit("main a.primary", 200)
	b.wantPath("/confirm")
	b.fill("#password", "not my password")
	b.submit("form[action='/confirm'] button[type=submit]", 422)
	b.fill("#password", password)
	b.submit("form[action='/confirm'] button[type=submit]", 200)
	b.wantPath(at)
	b.wantText("#about ~ dl", "free") // nothing has changed yet
	b.choose("#tier", "pro")
	b.submit("form[action$='/tier'] button", 200)
	b.wantText("#about ~ dl", "pro")
	b.fill("#quota", "much")
	b.submit("form[action$='/quota'] button", 422)
	b.wantText("#quota-problem", "20GiB")
	b.fill("#quota", "7GiB")
	b.submit("form[action$='/quota'] button", 200)
	b.wantText("#about ~ dl", "7 GiB (own quota)")
	b.choose("#role", "moderator")
	b.submit("form[action$='/role'] button", 200)
	b.wantText("#about ~ dl", "moderator")
	b.choose("#role", "user")
	b.submit("form[action$='/role'] button", 200)
}

// suspend suspends a user who has a page open, and reinstates them.
func (p *panel) suspend() {
	p.t.Helper()
	b, theirs := p.boss, newTab(p.t, p.browser, p.site, p.js)
	theirs.logInTo("/files", p.user)
	theirs.wantPath("/files")
	b.open("/admin/users/"+p.user, 200)
	b.do(click("details:has(#why-suspend) summary"))
	b.fill("#why-suspend", "spam, again")
	b.confirm("form[action$='/suspend'] button", 200)
	b.wantText("#about", "suspended")
	b.wantText(".notice", p.user+" is suspended.")
	b.wantCount("form.undo button", 1)
	theirs.submit(".site-nav a[href='/posts/new']", 200)
	theirs.wantPath("/login")
	theirs.fill("#username", p.user)
	theirs.fill("#password", password)
	theirs.submit("form[action='/login'] button[type=submit]", 403)
	theirs.wantText("main", "suspended")
	b.open("/admin/users?suspended=1", 200)
	b.wantText("tbody th", p.user)
	b.open("/admin/users/"+p.user, 200)
	b.do(click("details:has(#why-reinstate) summary"))
	b.confirm("form[action$='/reinstate'] button", 200)
	theirs.logInTo("/files", p.user)
	theirs.wantPath("/files")
}

// reset creates a link with which the user sets a new password, which ends all their sessions.
func (p *panel) reset() {
	p.t.Helper()
	b, old, fresh := p.boss, newTab(p.t, p.browser, p.site, p.js), newTab(p.t, p.browser, p.site, p.js)
	old.logInTo("/files", p.user)
	b.open("/admin/users/"+p.user, 200)
	b.do(click("details:has(#why-reset) summary"))
	b.fill("#why-reset", "asked for a new one")
	b.confirm("form[action$='/reset'] button", 201)
	link := b.secretPath()
	fresh.open(link, 200)
	fresh.wantText("main", p.user)
	fresh.fill("#password", "short")
	eval[bool](fresh, `document.querySelector("#password").form.noValidate = true`)
	fresh.submit("main form button[type=submit]", 422)
	const other = "another way to the harbour"
	fresh.fill("#password", other)
	fresh.submit("main form button[type=submit]", 200)
	fresh.wantPath("/login")
	fresh.open(link, 404)
	old.open("/files", 200)
	old.wantPath("/login")
	fresh.open("/login", 200)
	fresh.fill("#username", p.user)
	fresh.fill("#password", password)
	fresh.submit("form[action='/login'] button[type=submit]", 422)
	fresh.fill("#password", other)
	fresh.submit("form[action='/login'] button[type=submit]", 200)
	fresh.wantText(".menu-name", p.user)
}

// pick clicks a radio button or a checkbox.
func (b *tab) pick(selector string) {
	b.t.Helper()
	b.do(click(selector))
}

package e2e_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestWalk visits every page, as a guest, a user and an admin, with and without JavaScript, on
// wide and narrow screens. The requirements are in check, checkNarrow and checkAxe.
func TestWalk(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	out, code := run(t, s.command("seed"), "")
	if code != 0 {
		t.Fatalf("seed: %s", out)
	}
	wantDemo(t, s)
	browser := startBrowser(t)
	setup := setupLinkIn(out) // which replaced that of the server
	for _, js := range []bool{true, false} {
		newTab(t, browser, s, js).visit(visit{setup, 200, ""})
	}
	newAdmin(t, s) // and the link opens nothing any more
	for _, js := range []bool{true, false} {
		name := map[bool]string{true: "with JavaScript", false: "without JavaScript"}[js]
		t.Run(name, func(t *testing.T) {
			guest := newTab(t, browser, s, js)
			for _, v := range guestVisits(setup) {
				guest.visit(v)
			}
			guest.open("/", 200)
			post := eval[string](guest, `document.querySelector(".ticket:has(.ticket-picture) h2 a").getAttribute("href")`)
			guest.visit(visit{post, 200, post})

			user := newTab(t, browser, s, js)
			user.logIn("ines", "cloakroom for a look round")
			for _, v := range userVisits(post) {
				user.visit(v)
			}
			user.tooMuch(post)
			walkLinks(user, guest)
			walkRequests(user, guest)

			admin := newTab(t, browser, s, js)
			admin.logIn("boss", password)
			for _, path := range adminPages {
				admin.visit(visit{path, 200, ""})
			}
		})
	}
	s.wantNoErrors()
}

// A visit is a page to open: its path, its status, and where it redirects to.
type visit struct {
	path   string
	status int
	ends   string // empty: no redirect
}

// walkLinks visits the pages about the links of ines, one of which has a password, and
// what they open for a guest.
func walkLinks(user, guest *tab) {
	user.t.Helper()
	user.visit(visit{"/share", 200, ""})
	user.visit(visit{"/shares", 200, ""})
	pages := eval[[]string](user, `[...document.querySelectorAll(".rows h3 a")].map(a => a.getAttribute("href"))`)
	if len(pages) != 2 {
		user.t.Fatalf("ines has the links %v", pages)
	}
	locked := 0
	for _, page := range pages {
		user.visit(visit{page, 200, ""})
		link, err := url.Parse(user.text("#share-link"))
		if err != nil {
			user.t.Fatal(err)
		}
		status := http.StatusOK
		if strings.Contains(user.text("main"), "It needs a password.") {
			status = http.StatusUnauthorized
			locked++
		}
		guest.visit(visit{link.Path, status, ""})
	}
	if locked != 1 {
		user.t.Errorf("%d of two links are locked", locked)
	}
	guest.visit(visit{"/s/nowhere", http.StatusGone, ""})
	user.open("/files", 200)
	user.visit(visit{eval[string](user, `document.querySelector(".file-rows a.file-name").getAttribute("href")`), 200, ""})
	user.open("/files", 200)
	user.visit(visit{eval[string](user, `document.querySelector(".file-rows a.badge").getAttribute("href")`), 200, ""})
}

// walkRequests visits the pages about the file request of ines, and what it opens for a
// guest.
func walkRequests(user, guest *tab) {
	user.t.Helper()
	user.visit(visit{"/requests", 200, ""})
	page := eval[string](user, `document.querySelector(".rows h3 a").getAttribute("href")`)
	user.visit(visit{"/requests/new", 200, ""})
	user.visit(visit{page, 200, ""})
	link, err := url.Parse(user.text("#share-link"))
	if err != nil {
		user.t.Fatal(err)
	}
	guest.visit(visit{link.Path, 200, ""})
	guest.visit(visit{link.Path + "/receipt", 200, ""})
	guest.visit(visit{"/r/nowhere", http.StatusGone, ""})
}

func guestVisits(setup string) []visit {
	return []visit{
		{"/", 200, ""}, {"/register", 200, ""}, {"/login", 200, ""}, {setup, 404, ""},
		{"/tags/photos", 200, ""}, {"/tags/nothing", 200, ""}, {"/users/ines", 200, ""}, {"/users/INES", 200, ""},
		{"/search", 200, ""}, {"/search?q=dunes", 200, "/search"}, {"/search?q=nowhere", 200, "/search"}, {"/file-types", 200, ""},
		{"/search?q=" + strings.Repeat("w", 201), 422, "/search"},
		{"/posts/new", 200, "/login"}, {"/posts/deleted", 200, "/login"}, {"/files", 200, "/login"}, {"/settings/profile", 200, "/login"},
		{"/nowhere", 404, ""}, {"/posts/nowhere", 404, ""}, {"/users/nobody", 404, ""}, {"/tags/a%20b", 404, "/tags/a b"},
		{"/files/nowhere/a.txt", 404, ""}, {"/setup/nowhere", 404, ""},
	}
}

func userVisits(post string) []visit {
	return []visit{
		{"/", 200, ""}, {post, 200, ""}, {post + "/edit", 200, ""}, {"/posts/new", 200, ""}, {"/posts/deleted", 200, ""},
		{"/files", 200, ""}, {"/users/ines", 200, ""}, {"/users/jonas", 200, ""}, {"/search?q=dunes", 200, "/search"},
		{"/settings/profile", 200, ""}, {"/settings/security", 200, ""}, {"/settings/sessions", 200, ""}, {"/settings/sign-in", 200, ""},
		{"/settings/tokens", 200, ""}, {"/settings/usage", 200, ""}, {"/settings/data", 200, ""}, {"/settings/reports", 200, ""},
		{"/settings/notifications", 200, ""}, {"/notifications", 200, ""}, {"/notifications/nowhere", 404, ""}, {"/unsubscribe/nowhere", 404, ""},
		{"/login", 200, "/"}, {"/register", 200, "/"}, {"/nowhere", 404, ""}, {"/posts/nowhere/edit", 404, ""},
	}
}

// adminPages are the pages of the panel.
var adminPages = []string{"/admin", "/admin/users", "/admin/users/ines", "/admin/posts", "/admin/comments", "/admin/files",
	"/admin/reports", "/admin/invitations", "/admin/ip-rules", "/admin/limits", "/admin/limits/upload", "/admin/settings", "/admin/tiers",
	"/admin/tiers/free", "/admin/jobs", "/admin/certificates", "/admin/browser-reports", "/admin/audit"}

// newAdmin creates an admin named boss.
func newAdmin(t *testing.T, s *site) {
	t.Helper()
	if out, code := run(t, s.command("admin", "create", "--username", "boss", "--email", "boss@example.org"), password+"\n"); code != 0 {
		t.Fatalf("making an admin: %s", out)
	}
}

func (b *tab) visit(v visit) {
	b.t.Helper()
	b.open(v.path, v.status)
	if v.ends == "" {
		v.ends = v.path
	}
	if got := b.path(); got != v.ends {
		b.t.Errorf("%s leads to %s, want %s", v.path, got, v.ends)
	}
	b.wantCount(`link[rel="stylesheet"][href*="/app-"]`, 1)
	b.checkNarrow()
	if b.js { // without scripts it is the same page with less
		b.checkAxe()
	}
}

func (b *tab) logIn(username, password string) {
	b.t.Helper()
	b.open("/login", 200)
	b.fill("#username", username)
	b.fill("#password", password)
	b.submit("main form button[type=submit]", 200)
	b.wantText(".menu-name", username)
}

// tooMuch submits a comment that is larger than any form may be.
func (b *tab) tooMuch(post string) {
	b.t.Helper()
	b.open(post, 200)
	eval[bool](b, `document.querySelector("#body").value = "w".repeat(70000), true`)
	b.submit(".comment-form button[type=submit]", http.StatusRequestEntityTooLarge)
	b.wantText("main", "too large")
	b.checkNarrow()
}

// TestKeyboard signs in without a mouse.
func TestKeyboard(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	b := newTab(t, startBrowser(t), s, true)
	b.open("/login", 200)
	order := b.tabThrough(12)
	want := []string{".skip", ".brand", "#site-search", "#username", "#password", "main button"}
	at := 0
	for _, place := range order {
		if at < len(want) && place == want[at] {
			at++
		}
	}
	if at < len(want) || order[0] != want[0] {
		t.Errorf("Tab goes to %q, want %q in this order", order, want)
	}
	b.open("/login", 200)
	for range slices.Index(order, "#username") + 1 {
		b.do(chromedp.KeyEvent(kb.Tab))
	}
	b.do(chromedp.KeyEvent("ann"), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent("not my password"))
	b.press(kb.Enter, 422)
	if got := eval[string](b, `document.activeElement.id`); got != "problems" {
		t.Errorf("after a mistake %q has the focus, want the list of problems", got)
	}
	b.do(chromedp.Focus(chromedp.CSS("#password")), chromedp.KeyEvent(password))
	b.press(kb.Enter, 200)
	b.wantText(".menu-name", "ann")

	b.do(chromedp.Focus(chromedp.CSS(".menu summary")), chromedp.KeyEvent(kb.Enter))
	b.wantCount(".menu[open]", 1)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.wantCount(".menu[open]", 0)
	b.open("/", 200)
	b.do(chromedp.KeyEvent(kb.Tab))
	b.do(chromedp.KeyEvent(kb.Enter)) // on the skip link
	if got := eval[string](b, `document.activeElement.id + location.hash`); got != "main#main" {
		t.Errorf("the first link leads to %s, want main#main", got)
	}
}

// tabThrough presses Tab repeatedly and returns the focused elements. The focus must always be
// visible (WCAG 2.2, 2.4.7).
func (b *tab) tabThrough(times int) (order []string) {
	b.t.Helper()
	for range times {
		b.do(chromedp.KeyEvent(kb.Tab))
		order = append(order, eval[string](b, `(e => ["skip", "brand"].includes(e.className) ? "." + e.className :
			e.id ? "#" + e.id : (e.closest("main") ? "main " : "") + e.localName)(document.activeElement)`))
		if order[len(order)-1] == "body" { // past the last element, before it starts over
			break
		}
		seen := eval[bool](b, `(s => s.outlineStyle !== "none" && s.outlineWidth !== "0px" || s.boxShadow !== "none")(
			getComputedStyle(document.activeElement))`)
		if !seen {
			b.t.Errorf("the focus on %s is not to be seen", order[len(order)-1])
		}
	}
	return order
}

package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestAxe_OfRarePages has axe look at what TestWalk does not visit: the pages that only come after something was
// done, those that show a mistake, and a preview of each kind of file.
func TestAxe_OfRarePages(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t), "UPLOAD_TYPES=*")
	newAdmin(t, s)
	ann := newUser(t, s, "ann")
	post := ann.sendPost(url.Values{"title": {"Cheap watches"}, "content": {"Buy **now**"}, "visibility": {"public"}, "everyone": {"yes"}})
	browser := startBrowser(t)
	guest, user := newTab(t, browser, s, true), newTab(t, browser, s, true)
	guest.rareAsGuest(post)
	user.logIn("ann", password)
	user.rareAsUser(ann)
	user.rareInPanel(post)
	s.wantNoErrors()
}

// see opens a page and has axe look at it.
func (b *tab) see(path string, status int) {
	b.t.Helper()
	b.open(path, status)
	b.checkAxe()
}

// seeSent submits a form and has axe look at the page that comes.
func (b *tab) seeSent(selector string, status int) {
	b.t.Helper()
	b.submit(selector, status)
	b.checkAxe()
}

// rareAsGuest reports the post, first with a mistake, and looks at the ways back into an account.
func (b *tab) rareAsGuest(post string) {
	b.t.Helper()
	b.see("/report/post/"+strings.TrimPrefix(post, "/posts/"), http.StatusOK)
	b.choose("#reason", "other")
	b.seeSent("main form button[type=submit]", http.StatusUnprocessableEntity)
	b.fill("#words", "The third one this week.")
	b.submit("main form button[type=submit]", http.StatusOK)
	b.see("/forgot", http.StatusOK)
	b.see("/verify/nowhere", http.StatusNotFound)
	out, code := run(b.t, b.site.command("user", "reset", "--username", "ann"), "")
	_, secret, found := strings.Cut(out, "/reset/")
	if code != 0 || !found {
		b.t.Fatalf("a link to reset the password: %s", out)
	}
	b.see("/reset/"+strings.Fields(secret)[0], http.StatusOK)
	b.open("/register", http.StatusOK)
	b.fill("#username", "ann")
	b.fill("#email", "ann@example.net")
	b.fill("#password", password)
	b.seeSent("main form button[type=submit]", http.StatusConflict)
}

// rareAsUser looks at the previews of a user's files, at what the user changes, and at the steps of two-factor
// authentication. Then the session ends while a post is being written.
func (b *tab) rareAsUser(ann *client) {
	b.t.Helper()
	for name, content := range map[string][]byte{
		"photo.jpg": photo(b.t, 60, 40, 1), "tone.wav": tone(1), "boats.webm": b.film(), "paper.pdf": document(), "names.zip": archive(b.t),
		"code.go":   []byte("package a // a comment\n\nvar s = \"words\" + string(rune(12))\n"),
		"README.md": []byte("# A title\n\nA [link](https://example.org), `code`.\n\n- [ ] one\n\n> A quote\n\n|a|b|\n|-|-|\n|1|2|\n"),
		"table.csv": []byte("Name,Size\nAnna,12\n"), "data.bin": {0, 1, 2, 0xff}, "page.html": []byte("<!doctype html><p>x"),
	} {
		file := ann.mustUpload(name, content)
		ann.awaitReady(file.ID)
		b.see("/files/"+file.ID+"/preview", http.StatusOK)
		if name == "paper.pdf" {
			b.see("/files/"+file.ID+"/preview?show=1", http.StatusOK)
			b.wantCount("iframe.preview-frame", 1)
		}
		if name == "code.go" {
			b.see("/files/"+file.ID+"/edit", http.StatusOK)
			b.see("/files/"+file.ID+"/access", http.StatusOK)
		}
	}
	b.see("/confirm?next=/files", http.StatusOK)
	b.open("/settings/second-factor", http.StatusOK)
	b.seeSent("form[action$='/begin'] button", http.StatusOK)
	key := b.text("#scan ~ p code")
	b.fill("#code", codeAt(b.t, key, time.Now()))
	b.seeSent("form[action$='/finish'] button", http.StatusCreated)
	b.open("/posts/new", http.StatusOK)
	b.seeSent("form[action='/posts'] button[type=submit]", http.StatusUnprocessableEntity)
	b.fill("#title", "Written with care")
	b.client(b.t).post("/logout", nil, http.StatusSeeOther)
	b.seeSent("form[action='/posts'] button[type=submit]", http.StatusUnauthorized)
	b.fill("#username", "ann")
	b.fill("#password", password)
	b.seeSent("form[action='/login'] button[type=submit]", http.StatusOK)
	b.wantText("h1", "Two-factor authentication")
}

// rareInPanel looks at the report, at the post that it is about, and at mistakes in forms of the panel.
func (b *tab) rareInPanel(post string) {
	b.t.Helper()
	b.client(b.t).post("/logout", nil, http.StatusSeeOther)
	b.logIn("boss", password)
	b.open("/admin/reports", http.StatusOK)
	b.seeSent("ul.rows a", http.StatusOK)
	b.see("/admin/content/post/"+strings.TrimPrefix(post, "/posts/"), http.StatusOK)
	b.fill("#why", "")
	b.seeSent("form[action$='/hide'] button", http.StatusUnprocessableEntity)
	b.open("/admin/tiers/free", http.StatusOK)
	b.fill("form.sheet input[spellcheck]", "much")
	b.seeSent("form.sheet button[type=submit]", http.StatusUnprocessableEntity)
}

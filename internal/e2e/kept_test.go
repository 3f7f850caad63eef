package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

// A post that is sent after its session has ended is not lost: sign in on the page that
// comes, and send it.
func TestKept_AfterTheSession(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	browser := startBrowser(t)
	for _, js := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", js), func(t *testing.T) {
			b := newTab(t, browser, s, js)
			b.logIn("ann", password)
			b.open("/posts/new", 200)
			b.fill("#title", "Written with care")
			b.fill("#content", "List<String>, and a long text.")
			elsewhere := b.client(t)
			elsewhere.post("/logout", nil, http.StatusSeeOther)
			b.submit("form[action='/posts'] button[type=submit]", 401)
			b.wantText("main", "Your text is kept")
			b.fill("#username", "ann@example.org")
			b.fill("#password", "not the one I have")
			b.submit("form[action='/login'] button[type=submit]", 422)
			b.fill("#username", "ann")
			b.fill("#password", password)
			b.submit("form[action='/login'] button[type=submit]", 200)
			if got := b.value("#content"); got != "List<String>, and a long text." {
				t.Errorf("the text that comes back is %q", got)
			}
			b.submit("form[action='/posts'] button[type=submit]", 200)
			b.wantText("h1", "Written with care")
			b.wantText(".prose", "List<String>")
			b.open("/posts/new", 200)
			if got := b.value("#title"); got != "" {
				t.Errorf("what was published is offered again: %q", got)
			}
		})
	}
	s.wantNoErrors()
}

// What was typed into a form is still there when its page is opened again, until the site
// has it: also when the form was sent and no answer came.
func TestDraft_OutlivesThePage(t *testing.T) {
	s, b := halfAThought(t)
	b.attach("#file", b.written("a plan.txt"), b.written("b list.txt"))
	b.wantSoon(".uploads .done", 2)
	// The server is away when the form is sent.
	eval[bool](b, `document.querySelector("form[data-draft]").dispatchEvent(new Event("submit", { bubbles: true })), true`)
	ids := eval[[]string](b, `[...document.querySelectorAll("[name=file_ids]")].map(e => e.value)`)
	b.client(t).post("/files/"+ids[0]+"/delete", nil, http.StatusSeeOther)
	b.open("/posts/new", 200)
	if got := b.value("#title"); got != "Half a thought" {
		t.Errorf("what was typed is now %q", got)
	}
	b.wantSoon(".uploads .done", 1)
	b.wantText(".uploads", "b list.txt")
	says := regexp.MustCompile(`^We kept what you wrote at \d\d:\d\d\. Discard\s+what you wrote$`)
	if got := b.text("form .notice"); !says.MatchString(got) {
		t.Errorf("what came back says %q", got)
	}
	b.fill("#content", "and the rest of it")
	b.submit("form[action='/posts'] button[type=submit]", 200)
	b.wantText("h1", "Half a thought")
	b.wantText(".file-rows", "b list.txt")
	b.open("/posts/new", 200)
	if got := b.value("#title"); got != "" {
		t.Errorf("what was published is offered again: %q", got)
	}
	s.wantNoErrors()
}

// A draft that comes back can be discarded. Its files stay among the user's own, and one that was
// uploaded since stays in the form.
func TestDraft_CanBeDiscarded(t *testing.T) {
	s, b := halfAThought(t)
	b.attach("#file", b.written("a plan.txt"))
	b.wantSoon(".uploads .done", 1)
	// The server is away when the form is sent.
	eval[bool](b, `document.querySelector("form[data-draft]").dispatchEvent(new Event("submit", { bubbles: true })), true`)
	b.open("/posts/new", 200)
	b.wantSoon(".uploads .done", 1)
	b.attach("#file", b.written("a map.txt"))
	b.wantSoon(".uploads .done", 2)
	b.do(click("form .notice button"))
	b.wantCount(".uploads li", 1)
	b.wantText(".uploads", "a map.txt")
	for _, again := range []bool{false, true} {
		if got := b.value("#title"); got != "" {
			t.Errorf("opened again %v: the title is %q", again, got)
		}
		b.open("/posts/new", 200)
		b.wantCount("form .notice", 0)
	}
	b.open("/files", 200)
	b.wantText(".file-list", "a plan.txt")
	b.wantText(".file-list", "a map.txt")
	s.wantNoErrors()
}

// A page with a draft is left without a question if the draft comes back: for another page in the same tab. It is
// not left so by signing out, which forgets the drafts.
func TestDraft_AsksOnlyIfItIsLost(t *testing.T) {
	s, b := halfAThought(t)
	asked := b.acceptDialogs()
	b.do(chromedp.KeyEvent("!")) // browsers ask only if a person has used the page
	b.submit("a[href='/files']", 200)
	b.open("/posts/new", 200)
	b.wantText("form .notice", "We kept what you wrote")
	if n := asked.Load(); n != 0 {
		t.Errorf("following a link asks %d times", n)
	}
	b.attach("#file", b.written("a plan.txt"))
	b.wantSoon(".uploads .done", 1)
	for name, stay := range map[string]string{
		"a place of the page": `document.querySelector("a.skip").click(), true`,
		"a download": `addEventListener("click", (event) => event.preventDefault(), { once: true }), // the page stays
			document.querySelector("a[href='/files']").click(), dispatchEvent(new Event("beforeunload", { cancelable: true }))`,
	} {
		b.do(click("#title"), chromedp.KeyEvent("!"))
		asked.Store(0)
		eval[bool](b, stay)
		b.open("/posts/new", 200)
		if n := asked.Load(); n != 1 {
			t.Errorf("closing the page after a link to %s asks %d times, want once", name, n)
		}
	}
	asked.Store(0)
	// Signing out begins, and the user stays: the text is on the page alone.
	b.do(click("#title"), chromedp.KeyEvent("!"))
	eval[bool](b, `document.querySelector("form[action='/logout']").dispatchEvent(new Event("submit", { bubbles: true })), true`)
	b.submit("a[href='/files']", 200)
	if n := asked.Swap(0); n != 1 {
		t.Errorf("following a link after staying asks %d times, want once", n)
	}
	b.open("/posts/new", 200)
	b.do(click("#title"), chromedp.KeyEvent("!"), click(".menu summary"))
	b.submit("form[action='/logout'] button", 200)
	if n := asked.Load(); n != 1 {
		t.Errorf("signing out asks %d times, want once", n)
	}
	s.wantNoErrors()
}

// The message and the options of a link are kept like a post.
func TestDraft_OfALink(t *testing.T) {
	s, b := halfAThought(t)
	b.submit("a[href='/files']", 200)
	b.open("/share", 200)
	b.do(click("main details summary"))
	b.fill("#note", "The minutes, as promised.")
	b.submit("a[href='/files']", 200)
	b.open("/share", 200)
	if got := b.value("#note"); got != "The minutes, as promised." {
		t.Errorf("the message is %q", got)
	}
	s.wantNoErrors()
}

// Changes to a post are kept like a new one, until they are saved or discarded.
func TestDraft_OfChanges(t *testing.T) {
	s, b := halfAThought(t)
	b.attach("#file", b.written("a plan.txt"))
	b.wantSoon(".uploads .done", 1)
	b.submit("form[action='/posts'] button[type=submit]", 200)
	edit := b.path() + "/edit"
	b.open(edit, 200)
	b.wantCount("form .notice", 0)
	b.fill("#title", "The whole thought")
	b.submit("a[href='/files']", 200)
	b.open(edit, 200)
	if got := b.value("#title"); got != "The whole thought" {
		t.Errorf("the title is %q", got)
	}
	b.do(click("form .notice button"))
	if got := b.value("#title"); got != "Half a thought" {
		t.Errorf("discarded, the title is %q", got)
	}
	b.fill("#title", "Another thought")
	b.submit("form[data-draft] button[type=submit]", 200)
	b.wantText("h1", "Another thought")
	b.wantText(".file-rows", "a plan.txt")
	b.open(edit, 200)
	b.wantCount("form .notice", 0)
	s.wantNoErrors()
}

// halfAThought returns a site, and a tab of a user who began to write a post.
func halfAThought(t *testing.T) (*site, *tab) {
	t.Helper()
	s := startSite(t, sqliteAndDisk(t))
	newUser(t, s, "ann")
	b := newTab(t, startBrowser(t), s, true)
	b.logIn("ann", password)
	b.open("/posts/new", 200)
	b.fill("#title", "Half a thought")
	return s, b
}

// written returns the path of a new file of this name.
func (b *tab) written(name string) string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(path, []byte("content of "+name+"\n"), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// wantSoon waits until the page has this number of elements.
func (b *tab) wantSoon(selector string, want int) {
	b.t.Helper()
	eventually(b.t, selector+" is there", func() bool { return b.count(selector) == want })
}

// A password can be looked at while it is typed, and is a password again when it is sent.
func TestPassword_CanBeShown(t *testing.T) {
	s := startSite(t, sqliteAndDisk(t))
	b := newTab(t, startBrowser(t), s, true)
	b.open("/register", 200)
	b.fill("#password", "seventeen green umbrellas")
	b.wantCount("meter.strength:not([hidden])", 1)
	b.do(click(".show-password"))
	b.wantCount("#password[type=text]", 1)
	b.wantText(".show-password", "Hide")
	b.fill("#username", "ann")
	b.fill("#email", "ann@example.org")
	b.do(chromedp.Focus(chromedp.CSS("#username")))
	b.press("\r", 200)
	b.wantText(".menu-name", "ann")
	s.wantNoErrors()
}

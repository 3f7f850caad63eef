package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A user goes through the whole site in a real browser, with and without JavaScript, on each
// backend. The server of the second backend has the race detector: one journey covers most of
// what runs concurrently, and the other tests are faster without it.
func TestJourney(t *testing.T) {
	for _, backend := range backends() {
		t.Run(backend.name, func(t *testing.T) {
			s := &site{t: t, place: backend.open(t), binary: backend.binary}
			s.start()
			browser := startBrowser(t)
			t.Run("with JavaScript", func(t *testing.T) { newJourney(t, browser, s, true, "ann_script").whole() })
			t.Run("without JavaScript", func(t *testing.T) { newJourney(t, browser, s, false, "ann_plain").whole() })
			s.wantNoErrors()
			if code := s.stop(); code != 0 {
				t.Errorf("the server ended with %d, want 0:\n%s", code, s.said)
			}
		})
	}
}

// A journey is the way of one user through the site.
type journey struct {
	t        *testing.T
	site     *site
	browser  context.Context
	js       bool
	name     string
	tab      *tab
	material map[string][]byte // content of the files by name
	dir      string            // directory of the files
	post     string            // path of the post
	word     string            // a word that occurs in no other post
}

// pictures and others are the names of the post's files.
var (
	pictures = []string{"harbour.jpg", "lights.png", "upright photo.jpg"}
	others   = []string{"leaflet.pdf", "notes.txt", "papers.zip"}
)

func newJourney(t *testing.T, browser context.Context, s *site, js bool, name string) *journey {
	t.Helper()
	j := &journey{t: t, site: s, browser: browser, js: js, name: name, dir: t.TempDir(), word: "quokka" + name[4:]}
	j.tab = newTab(t, browser, s, js)
	j.material = map[string][]byte{
		"harbour.jpg": photo(t, 1600, 1200, 10), "lights.png": drawing(t, 900, 600, 120), "upright photo.jpg": photo(t, 640, 480, 200),
		"leaflet.pdf": document(), "notes.txt": []byte("Bring a coat.\n"), "papers.zip": archive(t),
		"me.jpg": photo(t, 500, 400, 77), "later.txt": []byte("One more thing.\n"),
	}
	for name, content := range j.material {
		if err := os.WriteFile(filepath.Join(j.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func (j *journey) whole() {
	j.register()
	j.editProfile()
	j.write()
	j.processedImages()
	j.asGuest()
	j.comment()
	j.download()
	j.edit()
	j.find()
	j.undo()
	j.tokens()
	j.sessions()
	j.changePassword()
	j.logOut()
}

func (j *journey) paths(names ...string) (paths []string) {
	for _, name := range names {
		paths = append(paths, filepath.Join(j.dir, name))
	}
	return paths
}

// register tries a password that contains the username, which only the server checks, and
// then a good one.
func (j *journey) register() {
	j.t.Helper()
	b := j.tab
	b.open("/", 200)
	b.submit(`.site-nav a[href="/register"]`, 200)
	b.fill("#username", j.name)
	b.fill("#email", j.name+"@example.org")
	b.fill("#password", "my name is "+j.name)
	b.submit("main form button[type=submit]", 422)
	b.wantText("#password-problem", "your username")
	b.wantCount(`#password[aria-invalid="true"]`, 1)
	b.wantCount(`#username[aria-invalid="true"]`, 0)
	if name, email, pass := b.value("#username"), b.value("#email"), b.value("#password"); name != j.name ||
		email != j.name+"@example.org" || pass != "" {
		j.t.Errorf("the form came back with %q, %q and the password %q", name, email, pass)
	}
	b.fill("#password", password)
	b.submit("main form button[type=submit]", 200)
	b.wantText(".notice", "Welcome")
	b.wantText(".menu-name", j.name)
}

// editProfile fills in the profile, with a mistake first, and sets an avatar.
func (j *journey) editProfile() {
	j.t.Helper()
	b := j.tab
	b.open("/settings/profile", 200)
	b.fill("#phone", "12")
	b.fill("#bio", "I live by the water.")
	b.submit(`form[action="/settings/profile"] button`, 422)
	b.wantText("#phone-problem", "with its country")
	if got := b.value("#bio"); got != "I live by the water." {
		j.t.Errorf("the bio came back as %q", got)
	}
	b.fill("#phone", "555-123-4567")
	b.fill("#website", "https://example.org/me")
	b.submit(`form[action="/settings/profile"] button`, 200)
	b.wantText(".notice", "saved")
	if got := b.value("#phone"); got != "+15551234567" {
		j.t.Errorf("the phone is kept as %q, want it in E.164 form", got)
	}
	b.attach("#avatar", j.paths("notes.txt")...)
	b.submit(`form[action="/settings/avatar"] button`, 415)
	b.wantText("#avatar-problem", "JPEG")
	b.attach("#avatar", j.paths("me.jpg")...)
	b.submit(`form[action="/settings/avatar"] button`, 200)
	b.wantImages(".site-head img.avatar", 1)
	b.open("/users/"+j.name, 200)
	b.wantText(".bio", "by the water")
	b.wantCount(`a[href="https://example.org/me"][rel~="nofollow"]`, 1)
	b.wantImages(".profile img.avatar", 1)
}

// write creates a post with files, with a mistake first: files that were uploaded by then
// must not be uploaded again.
func (j *journey) write() {
	j.t.Helper()
	b := j.tab
	names := append(append([]string{}, pictures...), others...)
	b.open("/posts/new", 200)
	b.fill("#title", longTitle)
	b.fill("#content", "A walk, with **wind**.\n\n- one "+j.word+"\n- two\n\n<script>alert(1)</script>")
	b.fill("#tags", "walk "+j.word)
	b.wantCount(`input[name="visibility"][value="unlisted"]:checked`, 1)
	b.pick(`input[name="visibility"][value="public"]`)
	b.attach("#file", j.paths(names...)...)
	if j.js {
		b.wantCount("[data-upload-rows] > li", len(names))
		eventually(j.t, "all files are uploaded", func() bool { return b.count("[data-upload-rows] > li.done") == len(names) })
		b.wantCount(`[data-upload-rows] input[name="file_ids"]`, len(names))
	}
	b.submit(postButton, 422)
	b.wantText("#title-problem", "200 characters")
	if got := b.text(receivedFiles + " .file-name"); got != strings.Join(names, "\n") {
		j.t.Errorf("the form came back with the files %q, want %q", got, names)
	}
	if got := b.value("#tags"); got != "walk "+j.word {
		j.t.Errorf("the tags came back as %q", got)
	}
	b.fill("#title", "A walk by "+j.name)
	b.submit(postButton, 422)
	b.wantCount(".problems, .field-problem", 0)
	b.wantText("#visibility label:has(:checked) + label", "This is your first public post.")
	b.pick(`input[name="everyone"]`)
	b.submit(postButton, 200)
	b.wantText(".notice", "Published")
	j.post = b.path()
	b.wantText("h1", "A walk by "+j.name)
	b.wantText(".prose strong", "wind")
	b.wantCount(".prose script", 0)
}

const (
	postButton    = "form.sheet > .form-end button"
	receivedFiles = `ul[aria-label="Files of this post"] > li`
)

// longTitle exceeds the limit by one character.
var longTitle = strings.Repeat("w", 201)

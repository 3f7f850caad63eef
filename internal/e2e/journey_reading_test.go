package e2e_test

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// processedImages waits for the jobs, then checks the gallery.
func (j *journey) processedImages() {
	j.t.Helper()
	b := j.tab
	eventually(j.t, "the pictures are ready", func() bool {
		b.open(j.post, 200)
		return b.count(".gallery img") == len(pictures)
	})
	b.wantImages(".gallery img", len(pictures))
	b.wantCount("#waiting", 0)
	b.wantText("#files", "6 files")
	upright := eval[bool](b, `(() => { const i = document.querySelector('.gallery img[alt^="upright"]');
		return i.naturalHeight > i.naturalWidth })()`)
	if !upright {
		j.t.Error("a picture that was taken on its side is not upright")
	}
	b.checkNarrow()
}

// asGuest opens the feed and the post without an account.
func (j *journey) asGuest() {
	j.t.Helper()
	guest := newTab(j.t, j.browser, j.site, j.js)
	guest.open("/", 200)
	card := `.ticket:has(a[href="` + j.post + `"])`
	guest.wantText(card, "A walk by "+j.name)
	guest.wantImages(card+" .ticket-picture img", 1)
	guest.submit(card+" h2 a", 200)
	guest.wantImages(".gallery img", len(pictures))
	guest.wantCount("#body", 0)
	guest.wantCount(`a[href$="/edit"]`, 0)
	guest.wantCount(`a[href$="/original"]`, 0)
	guest.submit(".join a", 200) // to the log-in page and back
	guest.fill("#username", j.name)
	guest.fill("#password", password)
	guest.submit("main form button[type=submit]", 200)
	if got := guest.path(); got != j.post {
		j.t.Errorf("logging in led to %s, want back to %s", got, j.post)
	}
}

// comment comments as another user, in Markdown that includes forbidden HTML.
func (j *journey) comment() {
	j.t.Helper()
	bob := newTab(j.t, j.browser, j.site, j.js)
	bob.open("/register", 200)
	name := strings.Replace(j.name, "ann", "bob", 1)
	bob.fill("#username", name)
	bob.fill("#email", name+"@example.org")
	bob.fill("#password", password)
	bob.submit("main form button[type=submit]", 200)
	say := func(text string, status int) {
		bob.open(j.post, 200)
		bob.fill("#body", text)
		bob.submit(".comment-form button[type=submit]", status)
	}
	say("Lovely, **really**. [More](https://example.org/more) <img src=x onerror=alert(1)><script>alert(2)</script>", 200)
	bob.wantText("#comments-title", "1 comment")
	bob.wantText(".comment .prose strong", "really")
	bob.wantCount(`.comment a[href="https://example.org/more"][rel="nofollow noopener ugc"]`, 1)
	bob.wantCount(".comment .prose script, .comment .prose img", 0)
	say(strings.Repeat("w", 5001), 422)
	bob.wantText("#body-problem", "at most")
	if got := len(bob.value("#body")); got != 5001 {
		j.t.Errorf("the comment came back with %d characters, want 5001", got)
	}
	say("To be taken back.", 200)
	bob.wantCount(".comment-list > li", 2)
	bob.confirm(`.comment-list > li:last-child form button`, 200)
	bob.wantCount(".comment-list > li", 1)
	bob.wantText("#comments-title", "1 comment")
}

// download downloads the files with a program, as a guest and as their owner.
func (j *journey) download() {
	j.t.Helper()
	j.tab.open(j.post, 200)
	links := eval[[]string](j.tab, `[...document.querySelectorAll('.file-rows a[href$="?download=1"]')]
		.map(a => a.getAttribute("href").replace("?download=1", ""))`)
	owner, guest := j.tab.client(j.t), newClient(j.t, j.site)
	seen := 0
	for _, link := range links {
		name, err := url.PathUnescape(link[strings.LastIndexByte(link, '/')+1:])
		if err != nil {
			j.t.Fatal(err)
		}
		seen++
		if !slices.Contains(pictures, name) {
			j.downloadExactly(guest, link, name)
			continue
		}
		got := guest.get(link, http.StatusOK)
		if bytes.Contains(got.body, []byte(canary)) || bytes.Contains(got.body, []byte("Exif")) {
			j.t.Errorf("%s still tells where it was taken", name)
		}
		id := strings.Split(link, "/")[2]
		original := owner.get("/files/"+id+"/original", http.StatusOK)
		if !bytes.Equal(original.body, j.material[name]) || !bytes.Contains(original.body, []byte(canary)) {
			j.t.Errorf("the original of %s is not what was uploaded", name)
		}
		guest.get("/files/"+id+"/original", http.StatusSeeOther)
	}
	if seen != len(j.material)-2 {
		j.t.Errorf("the post has %d files: %q", seen, links)
	}
}

// downloadExactly downloads one file completely, in ranges, and conditionally.
func (j *journey) downloadExactly(c *client, link, name string) {
	j.t.Helper()
	want := j.material[name]
	whole := c.get(link+"?download=1", http.StatusOK)
	if !bytes.Equal(whole.body, want) {
		j.t.Errorf("%s came with %d bytes, want the %d that were sent", name, len(whole.body), len(want))
	}
	if got := whole.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") || !strings.Contains(got, name) {
		j.t.Errorf("%s came as %q", name, got)
	}
	if got := whole.header.Get("Content-Security-Policy"); !strings.Contains(got, "sandbox") {
		j.t.Errorf("%s came with the policy %q, want a sandbox", name, got)
	}
	part := c.get(link, http.StatusPartialContent, "Range", "bytes=3-9")
	if !bytes.Equal(part.body, want[3:10]) {
		j.t.Errorf("bytes 3 to 9 of %s are %q, want %q", name, part.body, want[3:10])
	}
	c.get(link, http.StatusRequestedRangeNotSatisfiable, "Range", "bytes=100000000-")
	c.get(link, http.StatusNotModified, "If-None-Match", whole.header.Get("ETag"))
}

// edit removes one file from the post and adds another.
func (j *journey) edit() {
	j.t.Helper()
	b := j.tab
	b.open(j.post, 200)
	b.do(click(".ticket.big summary"))
	b.submit(`a[href="`+j.post+`/edit"]`, 200)
	b.wantCount(receivedFiles, 6)
	b.do(click(`li:has(> .file-about > .file-name):nth-child(5) input[name="remove_files"]`)) // notes.txt
	b.attach("#file", j.paths("later.txt")...)
	if j.js {
		eventually(j.t, "the file is uploaded", func() bool { return b.count("[data-upload-rows] > li.done") == 1 })
	}
	b.fill("#content", "Changed, and still of "+j.word)
	b.submit(postButton, 200)
	b.wantText(".notice", "saved")
	b.wantText(".prose", "Changed")
	names := b.text(".file-rows a.file-name")
	if strings.Contains(names, "notes.txt") || !strings.Contains(names, "later.txt") || strings.Count(names, "\n") != 5 {
		j.t.Errorf("the post now has the files %q", names)
	}
}

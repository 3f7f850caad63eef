package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/posts"
)

var pdf = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")

func postFields() url.Values {
	return url.Values{"title": {"Harbour & <b>light</b>"}, "content": {"Some **words**"}, "tags": {"sea, Boats"}, "visibility": {"public"},
		"everyone": {"yes"}}
}

// write posts with the given files and returns the address of the post.
func (b *browser) write(fields url.Values, parts ...part) string {
	b.t.Helper()
	got := b.postForm("/posts", fields, parts...)
	if got.Code != http.StatusSeeOther {
		b.t.Fatalf("POST /posts = %d\n%s", got.Code, got.Body)
	}
	return got.Header().Get("Location")
}

// links returns the addresses in a page that match pattern, each once.
func links(page, pattern string) (found []string) {
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?:href|src)="(`+pattern+`)(?:[?]download=1)?"`).FindAllStringSubmatch(page, -1) {
		if !seen[m[1]] && !strings.HasSuffix(m[1], "/preview") {
			seen[m[1]] = true
			found = append(found, m[1])
		}
	}
	return found
}

func TestWayOfAUser(t *testing.T) {
	s := newSite(t)
	ann, bob, guest := s.registered("ann"), s.registered("bob"), s.browser()
	post := ann.write(postFields(),
		part{"file", "one.jpg", "image/jpeg", drawJPEG(t, 400, 300)},
		part{"file", "two.png", "image/png", drawPNG(t, 40, 30)},
		part{"file", "paper & ink.pdf", "application/pdf", pdf})
	if files := links(guest.get(post).Body.String(), `/files/[A-Z2-7]+/[^"?]+`); len(files) != 1 {
		t.Errorf("while pictures are processed others see %v", files)
	}
	for _, file := range links(ann.get("/files").Body.String(), `/files/([A-Z2-7]+)/[^"?]+`) {
		s.settle(models.FileID(strings.Split(file, "/")[2]))
	}
	for _, place := range []string{"/", "/tags/boats", "/users/ann", "/search?q=harb+boats", "/search?q=paper"} {
		if page := guest.get(place).Body.String(); !strings.Contains(page, "Harbour &amp; &lt;b&gt;light&lt;/b&gt;") ||
			!strings.Contains(page, post) {
			t.Errorf("%s does not show the post, escaped:\n%s", place, page)
		}
	}
	page := guest.get(post).Body.String()
	if !strings.Contains(page, "<strong>words</strong>") {
		t.Errorf("the content is not Markdown:\n%s", page)
	}
	files := links(page, `/files/[A-Z2-7]+/[^"?]+`)
	paper := files[len(files)-1]
	ranged := httptest.NewRequest(http.MethodGet, publicURL+paper, nil)
	ranged.Header.Set("Range", "bytes=1-3")
	if got := guest.do(ranged); got.Code != http.StatusPartialContent || got.Body.String() != "PDF" {
		t.Errorf("range of %s = %d %q", paper, got.Code, got.Body)
	}
	if got := bob.post(post+"/comments", url.Values{"body": {"Fine <i>work</i><script>alert(1)</script>"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("comment = %d\n%s", got.Code, got.Body)
	}
	if page := guest.get(post).Body.String(); !strings.Contains(page, "<em>work</em>") || strings.Contains(page, "alert(1)</script>") {
		t.Errorf("the comment is not shown, or not sanitised:\n%s", page)
	}
	if got := ann.post(post+"/delete", nil); toldAt(got) != "/posts/deleted post" {
		t.Errorf("delete = %d %s", got.Code, got.Header().Get("Location"))
	}
	for _, gone := range []string{post, paper} {
		if got := ann.get(gone); got.Code != http.StatusNotFound {
			t.Errorf("%s of a deleted post = %d", gone, got.Code)
		}
	}
	s.clock.advance(6 * 24 * time.Hour)
	ann.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	if page := ann.get("/posts/deleted").Body.String(); !strings.Contains(page, post+"/restore") {
		t.Errorf("nothing to undo:\n%s", page)
	}
	if got := ann.post(post+"/restore", nil); got.Code != http.StatusSeeOther {
		t.Errorf("restore = %d", got.Code)
	}
	if got := guest.get(paper); got.Code != http.StatusOK || got.Body.String() != string(pdf) {
		t.Errorf("after the undo %s = %d", paper, got.Code)
	}
}

func TestForms_ComeBackFilledIn(t *testing.T) {
	s := newSite(t)
	guest := s.browser()
	got := guest.post("/register", url.Values{"username": {"a<b"}, "email": {"not-an-address"}, "password": {"short"}})
	page := got.Body.String()
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `value="a&lt;b"`) ||
		!strings.Contains(page, `value="not-an-address"`) ||
		strings.Contains(page, `value="short"`) || strings.Count(page, "aria-invalid") < 3 {
		t.Errorf("register = %d\n%s", got.Code, page)
	}
	ann := s.registered("ann")
	fields := postFields()
	fields.Set("title", strings.Repeat("x", models.MaxTitle+1))
	got = ann.postForm("/posts", fields, part{"file", "kept.txt", "text/plain", []byte("keep me")}, part{"file", "bad.exe", "", []byte("MZ")})
	page = got.Body.String()
	id := regexp.MustCompile(`name="file_ids" value="([A-Z2-7]+)"`).FindStringSubmatch(page)
	if got.Code < 400 || id == nil || !strings.Contains(page, "Some **words**") || !strings.Contains(page, "bad.exe") ||
		!strings.Contains(page, `id="title-problem"`) {
		t.Fatalf("post = %d\n%s", got.Code, page)
	}
	fields.Set("title", "Better")
	fields.Set("file_ids", id[1])
	if page := ann.get(ann.write(fields)).Body.String(); !strings.Contains(page, "kept.txt") {
		t.Errorf("the file sent with the mistake is lost:\n%s", page)
	}
	post := ann.write(postFields())
	got = ann.post(post+"/comments", url.Values{"body": {strings.Repeat("ü", models.MaxCommentBody+1)}})
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "üüü") {
		t.Errorf("comment = %d, kept %v", got.Code, strings.Contains(got.Body.String(), "üüü"))
	}
}

func TestEdit_RemovesAndAddsFiles(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	post := ann.write(postFields(), part{"file", "old.txt", "", []byte("old")}, part{"file", "stays.txt", "", []byte("stays")})
	form := ann.get(post + "/edit").Body.String()
	fields := postFields()
	for _, m := range regexp.MustCompile(`name="file_ids" value="([A-Z2-7]+)"`).FindAllStringSubmatch(form, -1) {
		fields.Add("file_ids", m[1])
	}
	removable := regexp.MustCompile(`name="remove_files" value="([A-Z2-7]+)"`).FindAllStringSubmatch(form, -1)
	if len(removable) != 2 {
		t.Fatalf("%d files to remove in\n%s", len(removable), form)
	}
	fields.Set("remove_files", removable[0][1])
	if got := ann.postForm(post+"/edit", fields, part{"file", "new.txt", "", []byte("new")}); got.Code != http.StatusSeeOther {
		t.Fatalf("edit = %d\n%s", got.Code, got.Body)
	}
	page := ann.get(post).Body.String()
	if strings.Contains(page, "old.txt") || !strings.Contains(page, "stays.txt") || !strings.Contains(page, "new.txt") {
		t.Errorf("after the edit:\n%s", page)
	}
}

func TestUploadByScript(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	send := func(name string, content []byte) *httptest.ResponseRecorder {
		body, contentType := multipartForm(t, nil, part{"file", name, "", content})
		r := httptest.NewRequest(http.MethodPost, publicURL+"/files", body)
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Origin", publicURL)
		return ann.do(r)
	}
	if got := send("a.txt", []byte("hello")); got.Code != http.StatusCreated || !strings.Contains(got.Body.String(), `"state":"ready"`) {
		t.Errorf("upload = %d %s", got.Code, got.Body)
	}
	got := send("big.gz", append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"), make([]byte, maxTestFile)...))
	if got.Code != http.StatusRequestEntityTooLarge || got.Header().Get("Content-Type") != "application/problem+json" ||
		!strings.Contains(got.Body.String(), `"field":"file"`) {
		t.Errorf("too large = %d %s", got.Code, got.Body)
	}
}

func TestForm_HasALimitOfParts(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	fields := postFields()
	for i := range 4*models.MaxPostFiles + 20 {
		fields.Set("extra"+strconv.Itoa(i), "x")
	}
	if got := ann.postForm("/posts", fields); got.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of more parts than any of ours = %d", got.Code)
	}
}

func TestComment_IsShownToItsAuthorOnALongPost(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	post := ann.write(postFields())
	for i := range posts.CommentPageSize + 1 {
		s.clock.advance(time.Second)
		got := ann.post(post+"/comments", url.Values{"body": {"number " + strconv.Itoa(i+1)}})
		address, anchor, _ := strings.Cut(got.Header().Get("Location"), "#")
		if page := ann.get(address).Body.String(); !strings.Contains(page, `id="`+anchor+`"`) {
			t.Fatalf("%s does not show comment %d", address, i+1)
		}
	}
	if next := links(ann.get(post).Body.String(), post+`\?after=[^"]+`); len(next) != 1 {
		t.Errorf("the first page leads on to %v", next)
	}
}

// A form that breaks off between two parts is not whole: what came after it
// may have been the very thing that mattered.
func TestForm_ThatBreaksOffBetweenParts(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	body, contentType := multipartForm(t, postFields())
	whole := body.String()
	for _, cut := range []string{whole[:strings.LastIndex(whole, "--")], whole[:strings.LastIndex(whole, "\r\n--")]} {
		r := httptest.NewRequest(http.MethodPost, publicURL+"/posts", strings.NewReader(cut))
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if got := ann.do(r); got.Code != http.StatusBadRequest {
			t.Errorf("a form cut off after %q = %d", cut[len(cut)-20:], got.Code)
		}
	}
}

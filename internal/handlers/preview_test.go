package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

// A preview is open to those who can get the bytes, and answers like a download to others.
func TestPreview_HasTheRightsOfItsFile(t *testing.T) {
	s := newSite(t)
	mara, jonas, guest := s.registered("mara"), s.registered("jonas"), s.browser()
	for _, c := range []struct {
		visibility models.Visibility
		others     int
	}{{models.Public, http.StatusOK}, {models.Unlisted, http.StatusOK}, {models.Private, http.StatusNotFound}} {
		sh := mara.shareTwo(nil)
		post := models.PostID(strings.TrimPrefix(sh.post, "/posts/"))
		s.exec(fmt.Sprintf(`UPDATE posts SET visibility = '%s' WHERE id = '%s'`, c.visibility, post))
		text := "/files/" + string(sh.files[1].ID)
		for who, want := range map[*browser]int{mara: http.StatusOK, jonas: c.others, guest: c.others} {
			page, bytes := who.get(text+"/preview"), who.get(text+"/minutes.txt")
			if page.Code != want || bytes.Code != want {
				t.Errorf("%s: the page %d, the bytes %d, want %d", c.visibility, page.Code, bytes.Code, want)
			}
			if holds(page.Body.String(), "some notes") != (want == http.StatusOK) {
				t.Errorf("%s: the page is\n%s", c.visibility, page.Body)
			}
		}
		if page := mara.get(text + "/preview").Body.String(); !holds(page, `href="`+sh.post+`"`, `id="L1"`, `rel="prev"`) {
			t.Errorf("%s: the page has no way back:\n%s", c.visibility, page)
		}
		if page := mara.get("/files/" + string(sh.files[0].ID) + "/preview").Body.String(); !holds(page, "/thumbnail/1280", `rel="next"`) {
			t.Errorf("%s: the image is\n%s", c.visibility, page)
		}
		for _, change := range []string{"hidden_at = created_at", "state = 'processing'"} {
			s.exec(fmt.Sprintf(`UPDATE files SET %s WHERE id = '%s'`, change, sh.files[1].ID))
			for _, way := range []string{text + "/preview", sh.link + text + "/preview"} {
				if got := guest.get(way); got.Code < http.StatusBadRequest || holds(got.Body.String(), "some notes") {
					t.Errorf("%s, %s: %d", change, way, got.Code)
				}
			}
			s.exec(fmt.Sprintf(`UPDATE files SET hidden_at = NULL, state = 'ready' WHERE id = '%s'`, sh.files[1].ID))
		}
	}
}

// The text of a document is shown, escaped, to those who can see a text: not by a link that counts downloads.
func TestPreview_Document(t *testing.T) {
	s := newSite(t)
	mara, guest := s.registered("mara"), s.browser()
	docx := zipFile(t, "[Content_Types].xml", "<x/>", "docProps/app.xml", "<x><Pages>3</Pages></x>",
		"word/document.xml", "<x><p><t>some &lt;i>notes</t></p></x>")
	for options, want := range map[string]bool{"permission=download": true, "permission=preview": true, "downloads=1": false} {
		sh := mara.shareFiles(must(url.ParseQuery(options))(t), part{"file", "a.docx", "", docx})
		file := "/files/" + string(sh.files[0].ID) + "/preview"
		if page := mara.get(file).Body.String(); !holds(page, "Word document, 3 pages", "<p>some &lt;i&gt;notes</p>") {
			t.Errorf("the owner's page is\n%s", page)
		}
		page := guest.get(sh.link + file).Body.String()
		if holds(page, "Word document", "notes</p>") != want || !want && !holds(page, "counts downloads") {
			t.Errorf("%s: the page is\n%s", options, page)
		}
	}
}

// A name that is the path of another page does not hide the file.
func TestPreview_FileWithTheNameOfAPage(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	sh := mara.shareFiles(url.Values{}, part{"file", "preview", "", []byte("these are the bytes")},
		part{"file", "state", "", []byte("bytes too")})
	for i, want := range []string{"these are the bytes", "bytes too"} {
		page := mara.get("/files/" + string(sh.files[i].ID) + "/preview").Body.String()
		if got := mara.get(hrefOf(t, page, "?download=1")); got.Body.String() != want {
			t.Errorf("the download is %d\n%s", got.Code, got.Body)
		}
	}
	shared := mara.get(sh.link + "/files/" + string(sh.files[0].ID) + "/preview").Body.String()
	if got := s.browser().get(hrefOf(t, shared, "/_preview")); got.Body.String() != "these are the bytes" ||
		!strings.Contains(got.Header().Get("Content-Disposition"), `filename="preview"`) {
		t.Errorf("the download by the link: %d %v\n%s", got.Code, got.Header(), got.Body)
	}
}

// hrefOf returns the first link of a page that ends so.
func hrefOf(t *testing.T, page, end string) string {
	t.Helper()
	before, _, ok := strings.Cut(page, end+`"`)
	if !ok {
		t.Fatalf("no link ends in %s:\n%s", end, page)
	}
	return before[strings.LastIndexByte(before, '"')+1:] + end
}

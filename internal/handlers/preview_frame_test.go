package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/handlers"
)

// ancestors returns who may show an answer in a frame.
func ancestors(got *httptest.ResponseRecorder) string {
	return between(got.Header().Get("Content-Security-Policy"), "frame-ancestors ", ";")
}

// A PDF is shown in a frame, which only pages of the site may hold, still in its sandbox. No other
// file can be framed, nor the PDF as a download, and no other page can hold a frame.
func TestPreview_FramesPDF(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	sh := mara.shareFiles(url.Values{}, part{"file", "a & b.pdf", "", pdf}, part{"file", "a.bin", "", pdf}, textFile("a.txt", "notes"))
	base := func(i int) string { return "/files/" + string(sh.files[i].ID) }
	page := mara.get(base(0) + "/preview?show=1")
	src := between(page.Body.String(), `<iframe class="preview-frame" src="`, `"`)
	if policy := page.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "; frame-src 'self'; ") ||
		!strings.Contains(policy, "frame-ancestors 'none'") || src != base(0)+"/a%20&amp;%20b.pdf" {
		t.Errorf("the page shows %q in a frame: %s", src, policy)
	}
	framed := mara.get(strings.ReplaceAll(src, "&amp;", "&"))
	if h := framed.Header(); ancestors(framed) != "'self'" || !strings.HasSuffix(h.Get("Content-Security-Policy"), "; sandbox") ||
		h.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(h.Get("Content-Disposition"), "inline") ||
		h.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("what is in the frame: %d %v", framed.Code, h)
	}
	for _, path := range []string{base(0) + "/preview", base(0) + "/a.pdf?download=1", base(0) + "/original", base(1) + "/a.bin",
		base(2) + "/a.txt", sh.link + base(0) + "/a.pdf"} {
		if got := mara.get(path); got.Code != http.StatusOK || ancestors(got) != "'none'" {
			t.Errorf("%s: %d, framed by %q", path, got.Code, ancestors(got))
		}
	}
	for _, path := range []string{base(0) + "/preview", base(1) + "/preview?show=1", base(2) + "/preview?show=1",
		sh.link + base(0) + "/preview?show=1", "/"} {
		if got := mara.get(path); got.Code != http.StatusOK || holds(got.Body.String(), "<iframe") ||
			strings.Contains(got.Header().Get("Content-Security-Policy"), "frame-src") {
			t.Errorf("%s: %d %s", path, got.Code, got.Header().Get("Content-Security-Policy"))
		}
	}
}

// With a content origin, the frame shows it from there, and only on the site of PUBLIC_URL, which
// is who may hold it.
func TestPreview_FramesPDFOfTheContentHost(t *testing.T) {
	s := newSiteWith(t, handlers.Options{ContentOrigin: contentOrigin, ContentKey: contentKey, AllowedHosts: []string{"other.test"}})
	mara := s.registered("mara")
	_, file := mara.writeFile("public", "a.pdf", string(pdf))
	_, text := mara.writeFile("public", "a.txt", "notes")
	preview := strings.TrimSuffix(file, "a.pdf") + "preview"
	page := mara.get(preview + "?show=1")
	if policy := page.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "; frame-src 'self' "+contentOrigin+"; ") ||
		!holds(page.Body.String(), `<iframe class="preview-frame" src="`+file+`"`) {
		t.Errorf("the page: %s\n%s", policy, page.Body)
	}
	for path, want := range map[string][2]string{
		file: {publicURL, "cross-origin"}, file + "?download=1": {"'none'", "same-origin"}, text: {"'none'", "same-origin"},
	} {
		got := s.ask(http.MethodGet, mara.linked(path))
		if h := got.Header(); got.Code != http.StatusOK || ancestors(got) != want[0] || h.Get("Cross-Origin-Resource-Policy") != want[1] ||
			!strings.HasSuffix(h.Get("Content-Security-Policy"), "; sandbox") || h.Get("Cross-Origin-Embedder-Policy") != "require-corp" {
			t.Errorf("%s: %d %v", path, got.Code, h)
		}
	}
	elsewhere := s.ask(http.MethodGet, "http://other.test"+preview+"?show=1")
	if elsewhere.Code != http.StatusOK || holds(elsewhere.Body.String(), "<iframe") ||
		strings.Contains(elsewhere.Header().Get("Content-Security-Policy"), "frame-src") {
		t.Errorf("at another name: %d %s", elsewhere.Code, elsewhere.Header().Get("Content-Security-Policy"))
	}
}

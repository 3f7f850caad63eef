package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/settings"
)

// By default every file is taken. A list that an admin sets narrows that at once, a refusal
// is a short sentence, and a page lists what is allowed.
func TestFileTypes_AreNarrowedInThePanel(t *testing.T) {
	s := newSite(t)
	boss, ann, guest := s.withRole("boss", models.RoleAdmin), s.program("ann"), s.browser()
	request := s.registered("mara").request(nil)
	owner := s.browser()
	owner.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}})
	const link = `<a href="/file-types">Allowed file types</a>`
	want(t, ann.send(http.MethodPut, "/files/a.exe", []byte("MZ\x00")), http.StatusCreated)
	guest.wantPage("/file-types", "files of every type")
	for _, path := range []string{"/files", "/posts/new", "/share"} {
		if page := owner.get(path).Body.String(); strings.Contains(page, link) || strings.Contains(page, "accept=") {
			t.Errorf("%s speaks of types, and all are allowed\n%s", path, page)
		}
	}

	narrowed := url.Values{"upload_types": {"", "images", "pdf"}, "do": {"save"}}
	if got := boss.post("/admin/settings", narrowed); toldAt(got) != "/admin/settings saved" {
		t.Fatalf("narrowing: %d\n%s", got.Code, got.Body)
	}
	refused := want(t, ann.send(http.MethodPut, "/files/a.exe", []byte("MZ\x00")), http.StatusUnsupportedMediaType)
	if refused["detail"] != "Files of type .exe aren't allowed here." || refused["help"] != publicURL+"/file-types" {
		t.Errorf("the refusal is %v", refused)
	}
	if got := ann.withScopes("upload").up("a.exe", "MZ\x00"); got.Body.String() !=
		"file: Files of type .exe aren't allowed here. "+publicURL+"/file-types\n" {
		t.Errorf("as text: %s", got.Body)
	}
	guest.wantPage("/file-types", "<dt>Images</dt>", ".jpg, .jpeg", "<dt>PDF</dt>")
	for _, path := range []string{"/files", "/posts/new", "/share"} {
		owner.wantPage(path, link)
	}
	guest.wantPage(request.link, link)
	form := owner.postForm("/files", nil, part{"file", "a.exe", "", []byte("MZ\x00")})
	if page := form.Body.String(); form.Code != http.StatusUnsupportedMediaType || !strings.Contains(page, link) ||
		!strings.Contains(page, "“a.exe”: Files of type .exe aren&#39;t allowed here.") {
		t.Errorf("the form says %d %s", form.Code, page)
	}

	if got := boss.post("/admin/settings", url.Values{"upload_types": {""}, "do": {"save"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("widening: %d\n%s", got.Code, got.Body)
	}
	want(t, ann.send(http.MethodPut, "/files/a.exe", []byte("MZ\x00")), http.StatusCreated)
	s.settings.Base = valuesOf(t, "UPLOAD_TYPES=text")
	boss.wantPage("/admin/settings", "Set by the environment variable UPLOAD_TYPES.")
}

// The panel and the environment know the groups of filetypes.
func TestFileTypes_GroupsHaveTheSameNames(t *testing.T) {
	for _, control := range settings.Controls() {
		if control.Name == "UPLOAD_TYPES" && !slices.Equal(control.Choices, filetypes.GroupNames()) {
			t.Errorf("the panel has %v", control.Choices)
		}
	}
	every := strings.Join(filetypes.GroupNames(), ",")
	if got := valuesOf(t, "UPLOAD_TYPES="+every).UploadTypes; !slices.Equal(got, filetypes.GroupNames()) {
		t.Errorf("the environment has %v", got)
	}
}

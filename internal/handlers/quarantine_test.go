package handlers_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

// No route returns the bytes of a file in quarantine. Its owner gets a
// notification.
func TestQuarantine_BlocksTheBytes(t *testing.T) {
	for name, settings := range map[string]handlers.Options{"one host": {},
		"content origin": {ContentOrigin: contentOrigin, ContentKey: contentKey}} {
		t.Run(name, func(t *testing.T) {
			s := newSiteWith(t, settings)
			ann, mona := s.registered("ann"), s.withRole("mona", models.RoleAdmin)
			fields := postFields()
			fields.Set("visibility", "public")
			post := ann.write(fields, part{"file", "red.png", "", drawPNG(t, 400, 300)})
			id := s.fileOf("ann", "red.png")
			s.settle(models.FileID(id))
			owner, program := s.programOf("ann"), s.programOf("mona")
			doors := []string{"/files/" + id + "/red.png", "/files/" + id + "/red.png?download=1", "/files/" + id + "/original", "/files/" + id +
				"/thumbnail", "/files/" + id + "/thumbnail/1280",
				"/api/v1/files/" + id + "/content", "/api/v1/files/" + id + "/thumbnail"}
			if settings.ContentOrigin != "" {
				for _, door := range doors[:3] {
					doors = append(doors, ann.get(door).Header().Get("Location"))
				}
			}
			open := func(b *browser, door, token string) int {
				if strings.HasPrefix(door, "/") {
					door = publicURL + door
				}
				r := httptest.NewRequest(http.MethodGet, door, nil)
				if token != "" {
					r.Header.Set("Authorization", "Bearer "+token)
				}
				return b.do(r).Code
			}
			for _, door := range doors {
				if got := max(open(ann, door, ""), open(s.browser(), door, owner.token)); got == 404 && !strings.HasPrefix(door, "/api") {
					t.Errorf("before, %s is answered %d", door, got)
				}
			}
			if got := mona.post("/admin/content/file/"+id+"/hide", url.Values{"why": {"malware"}}); got.Code != http.StatusSeeOther {
				t.Fatalf("putting in quarantine: %d\n%s", got.Code, got.Body)
			}
			for _, door := range doors {
				for who, got := range map[string]int{
					"its owner": open(ann, door, ""), "a guest": open(s.browser(), door, ""), "an admin": open(mona, door, ""),
					"its owner's program": open(s.browser(), door, owner.token), "an admin's program": open(s.browser(), door, program.token),
				} {
					if got != 404 && got != 403 && got != 303 || got == 303 && strings.HasPrefix(door, "/files/"+id+"/red") {
						t.Errorf("%s opens %s: %d", who, door, got)
					}
				}
			}
			if got := ann.get("/settings/data/export.zip").Body.String(); strings.Contains(got, "files/"+id) {
				t.Error("it is in the export")
			}
			for _, path := range []string{"/api/v1/files/" + id, "/api/v1/me/files", "/api/v1" + post} {
				r := httptest.NewRequest(http.MethodGet, publicURL+path, nil)
				r.Header.Set("Authorization", "Bearer "+owner.token)
				if got := s.browser().do(r); got.Code != 200 || !strings.Contains(got.Body.String(), `"state":"quarantined"`) ||
					strings.Contains(got.Body.String(), `"thumbnail_url"`) {
					t.Errorf("%s: %d %s", path, got.Code, got.Body)
				}
				r.Header.Set("Authorization", "Bearer "+program.token)
				if got := s.browser().do(r); strings.Contains(got.Body.String(), "red.png") {
					t.Errorf("%s tells others: %d %s", path, got.Code, got.Body)
				}
			}
			if page := mona.get("/admin/files?state=quarantine").Body.String(); !strings.Contains(page, id) {
				t.Error("it is not listed")
			}
			if got := mona.get("/admin/content/file/" + id + "/bytes"); got.Code != http.StatusNotFound {
				t.Errorf("an admin without a glass: %d", got.Code)
			}
			mona.openGlass("file", id)
			if got := mona.get("/admin/content/file/" + id + "/bytes"); got.Code != 200 ||
				!strings.HasPrefix(got.Header().Get("Content-Disposition"), "attachment") || !strings.HasPrefix(got.Body.String(), "\x89PNG") {
				t.Errorf("an admin with a glass: %d %s", got.Code, got.Header())
			}
		})
	}
}

// A running download stops when the file goes into quarantine: the shown bytes
// and the original, on both hosts.
func TestQuarantine_CutsARunningDownload(t *testing.T) {
	const size = 48 << 20
	content := handlers.Options{ContentOrigin: contentOrigin, ContentKey: contentKey}
	for name, tt := range map[string]struct {
		settings handlers.Options
		by, path string
	}{
		"another's, site": {handlers.Options{}, "bob", "a.txt"}, "another's, content origin": {content, "bob", "a.txt"},
		"its owner's original, site": {handlers.Options{}, "ann", "original"}, "its owner's original, content origin": {content, "ann",
			"original"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSiteWith(t, tt.settings)
			tier := s.files.Policy.Get().Tiers[models.TierFree]
			tier.MaxFileSize, tier.Storage = size, size
			s.files.Policy.Get().Tiers[models.TierFree] = tier
			ann := s.registered("ann")
			by := map[string]*browser{"ann": ann, "bob": s.registered("bob")}[tt.by]
			f := must(s.files.Receive(t.Context(), s.userNamed("ann"),
				files.Input{Name: "a.txt", Size: size, Body: io.LimitReader(letters{}, size)}))(t)
			fields := postFields()
			fields.Set("visibility", "public")
			fields.Set("file_ids", string(f.ID))
			ann.write(fields)
			d := s.download(by, "/files/"+string(f.ID)+"/"+tt.path, "Cookie: "+by.jar.Cookies(mustURL(t))[0].String())
			if err := s.moderation.Hide(t.Context(), models.Actor{}, models.Subject{Kind: models.SubjectFile, ID: string(f.ID)},
				"malware"); err != nil {
				t.Fatal(err)
			}
			d.wantCut(size)
		})
	}
}

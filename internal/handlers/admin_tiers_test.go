package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// A change of a tier applies at run time to pages, forms and uploads, here and
// on other nodes.
func TestAdminTiers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss, ann := s.withRole("boss", models.RoleAdmin), s.registered("ann")
		boss.wantPage("/admin/tiers", `<a href="/admin/tiers/premium">premium</a>`, "up to 1 GiB", "up to 16,384 pixels", "<dd>no limit</dd>")
		boss.wantPage("/admin/tiers/free", `name="file" value="1GiB"`, `name="post-files" value="10"`, "leave it empty for the default")
		upload := func(bytes int) int {
			return ann.postForm("/files", nil, part{"file", "a.txt", "", []byte(strings.Repeat("x", bytes))}).Code
		}
		if got := upload(3000); got != http.StatusSeeOther {
			t.Fatalf("an upload: %d", got)
		}
		form := url.Values{"file": {"2KiB"}, "storage": {"2.5KiB"}, "image-side": {"100"}, "post-files": {"2"}, "do": {"preview"}}
		preview := boss.post("/admin/tiers/free", form)
		for _, text := range []string{"Nothing is changed yet", "<td>up to 1 GiB</td><td>up to 2 KiB</td><td>less</td>", "2 users have this tier",
			"<strong>1</strong> would exceed the storage", "0 exceed it now", `value="2.5KiB"`} {
			if preview.Code != http.StatusOK || !strings.Contains(preview.Body.String(), text) {
				t.Errorf("the preview does not say %q: %d\n%s", text, preview.Code, preview.Body)
			}
		}
		if s.settings.Changed("TIERS:free.storage") {
			t.Fatal("the preview changed something")
		}
		form.Set("do", "save")
		if got := boss.post("/admin/tiers/free", form); toldAt(got) != "/admin/tiers/free saved" {
			t.Fatalf("saving: %d\n%s", got.Code, got.Body)
		}
		if got := upload(1); got != http.StatusRequestEntityTooLarge {
			t.Errorf("an upload over the quota: %d", got)
		}
		bob := s.registered("bob")
		if got := bob.postForm("/files", nil, part{"file", "a.txt", "",
			[]byte(strings.Repeat("x", 2049))}); got.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("a larger file: %d", got.Code)
		}
		if got := bob.postForm("/files", nil, part{"file", "a.txt", "", []byte(strings.Repeat("x", 2048))}); got.Code != http.StatusSeeOther {
			t.Errorf("the largest file: %d", got.Code)
		}
		bob.wantPage("/settings/usage", "up to 2 KiB", "of 2.5 KiB used", "up to 2 files", "up to 100 pixels")
		bob.wantPage("/posts/new", "Up to 2 files")
		boss.wantPage("/admin/tiers", "changed</span>", "up to 2 KiB")
		there, holds := s.another(t)
		must(0, there.Reload(t.Context()))(t)
		if gets := holds.Tier(models.TierFree); gets.MaxFileSize != 2048 || gets.Storage != 2560 || gets.MaxSide != 100 ||
			gets.MaxPostFiles != 2 {
			t.Errorf("on another node it is %+v", gets)
		}
		bad := boss.post("/admin/tiers/free", url.Values{"file": {"3KiB"}, "storage": {"2KiB"}, "post-files": {"101<b>"}, "do": {"save"}})
		if page := bad.Body.String(); bad.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="post-files-problem"`) ||
			!strings.Contains(page, `value="101&lt;b&gt;"`) || !strings.Contains(page, `<a href="#post-files">Files in a post: Enter `) {
			t.Errorf("rubbish: %d\n%s", bad.Code, page)
		}
		if got := boss.post("/admin/tiers/free", url.Values{"file": {"3KiB"}, "storage": {"2KiB"},
			"do": {"preview"}}); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `id="file-problem"`) {
			t.Errorf("a file larger than all: %d", got.Code)
		}
		if got := boss.post("/admin/tiers/free", url.Values{"do": {"defaults"}}); got.Code != http.StatusSeeOther ||
			s.settings.Changed("TIERS:free.storage") {
			t.Errorf("back to the defaults: %d", got.Code)
		}
		if got := upload(1); got != http.StatusSeeOther {
			t.Errorf("an upload after all: %d", got)
		}
		for _, tier := range []string{"gold", "FREE", "%20free"} {
			if got := boss.get("/admin/tiers/" + tier); got.Code != http.StatusNotFound {
				t.Errorf("a tier %s: %d", tier, got.Code)
			}
			if got := boss.post("/admin/tiers/"+tier, nil); got.Code != http.StatusNotFound {
				t.Errorf("a change of %s: %d", tier, got.Code)
			}
		}
		s.wantAudited("setting.edit done", "setting.edit done", "setting.edit done", "setting.edit done")
	})
}

// A form for one tier cannot change the settings of another.
func TestAdminTiers_ChangeTheirOwn(t *testing.T) {
	s := newSite(t)
	boss := s.withRole("boss", models.RoleAdmin)
	boss.post("/admin/tiers/free", url.Values{"TIERS:pro.storage": {"1GiB"}, "pro.storage": {"1GiB"}, "registration": {"closed"},
		"site_key": {"x"}, "post-files": {"9"}, "do": {"save"}})
	if edits := must(s.db.SettingEdits(t.Context()))(t); len(edits) != 1 || edits[0].Name != "TIERS:free.post-files" {
		t.Errorf("kept are %+v", edits)
	}
}

// A tier says which images have a thumbnail when they are processed. Others are taken, too.
func TestAdminTiers_LimitThumbnails(t *testing.T) {
	s := newSite(t)
	boss, ann := s.withRole("boss", models.RoleAdmin), s.registered("ann")
	ann.postForm("/files", nil, part{"file", "a.png", "image/png", drawPNG(t, 300, 200)})
	for _, tier := range []string{"free", "pro", "premium"} {
		if got := boss.post("/admin/tiers/"+tier, url.Values{"image-side": {"100"}, "do": {"save"}}); got.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d", tier, got.Code)
		}
	}
	page := must(s.files.List(t.Context(), s.userNamed("ann"), models.Cursor{}, 10))(t)
	if f := s.settle(page.Items[0].ID); f.State != models.Ready || f.HasThumbnail() || f.Width != 300 {
		t.Errorf("it is %s, %d pixels wide, and has a thumbnail: %v", f.State, f.Width, f.HasThumbnail())
	}
	s.clock.advance(time.Second)
	if got := ann.postForm("/files", nil, part{"file", "b.png", "image/png", drawPNG(t, 100, 20)}); got.Code != http.StatusSeeOther {
		t.Errorf("another one: %d", got.Code)
	}
	page = must(s.files.List(t.Context(), s.userNamed("ann"), models.Cursor{}, 10))(t)
	if f := s.settle(page.Items[0].ID); !f.HasThumbnail() {
		t.Errorf("%s, which is as large as allowed, has no thumbnail", f.Name)
	}
}

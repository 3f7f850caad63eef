package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

func TestAdminLimits(t *testing.T) {
	s := newSiteBy(t, databasetest.New(t), handlers.Options{}, "login=1000-S,login-account=1000-S,search.pro=9-M")
	boss, ann := s.withRole("boss", models.RoleAdmin), s.registered("ann")
	wantPage := func(path string, texts ...string) {
		t.Helper()
		got := boss.get(path)
		for _, text := range texts {
			if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), text) {
				t.Errorf("%s does not say %q: %d\n%s", path, text, got.Code, got.Body)
			}
		}
	}
	wantPage("/admin/limits", `<a href="/admin/limits/search">Searches</a>`, "environment", "20 GiB a day")
	wantPage("/admin/limits/search", `name="free" value="5-S&#43;30-M"`, `name="pro" value="9-M"`, " disabled")
	search := func() int { return ann.get("/search?q=x").Code }

	preview := boss.post("/admin/limits/search", url.Values{"free": {"1-H"}, "guest": {"5-S+30-M"}, "do": {"preview"}})
	for _, text := range []string{"Nothing is changed yet", "1 a hour", "43200 to 24 times a day", "stricter", `name="free" value="1-H"`} {
		if text = strings.Replace(text, "1 a hour", "1 an hour", 1); preview.Code != http.StatusOK ||
			!strings.Contains(preview.Body.String(), text) {
			t.Errorf("the preview does not say %q: %d\n%s", text, preview.Code, preview.Body)
		}
	}
	for range 2 {
		if got := search(); got != http.StatusOK {
			t.Errorf("after a preview a search is %d", got)
		}
	}
	bad := boss.post("/admin/limits/search", url.Values{"free": {"often<b>"}, "do": {"save"}})
	if page := bad.Body.String(); bad.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `value="often&lt;b&gt;"`) ||
		!strings.Contains(page, `id="free-problem"`) {
		t.Errorf("rubbish is answered %d\n%s", bad.Code, page)
	}
	if got := boss.post("/admin/limits/search", url.Values{"free": {"2-H"}, "pro": {"1-D"},
		"do": {"save"}}); toldAt(got) != "/admin/limits/search saved" {
		t.Fatalf("saving is answered %d\n%s", got.Code, got.Body)
	}
	if a, b, c := search(), search(), search(); a != http.StatusOK || b != http.StatusOK || c != http.StatusTooManyRequests {
		t.Errorf("with two searches an hour three are %d, %d and %d", a, b, c)
	}
	wantPage("/admin/limits/search", `name="free" value="2-H"`, "Default: <code>5-S&#43;30-M</code>", `name="pro" value="9-M"`)
	wantPage("/admin/limits", "changed</span>")
	if got := boss.post("/admin/limits/search", url.Values{"do": {"defaults"}}); got.Code != http.StatusSeeOther {
		t.Errorf("back to the defaults: %d", got.Code)
	}
	if got := search(); got != http.StatusOK {
		t.Errorf("after that a search is %d", got)
	}
	if got := boss.get("/admin/limits/nothing"); got.Code != http.StatusNotFound {
		t.Errorf("an unknown act: %d", got.Code)
	}
	if got := boss.post("/admin/limits/nothing", nil); got.Code != http.StatusNotFound {
		t.Errorf("a change of an unknown act: %d", got.Code)
	}
	s.wantAudited("setting.edit done", "setting.edit done")
}

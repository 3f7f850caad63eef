package handlers_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

func TestUsage_ShowsWhatIsUsed(t *testing.T) {
	s := newSiteBy(t, databasetest.New(t), handlers.Options{},
		"upload.free=5-M+20-H,upload-bytes.free=2000B-D,uploads-at-once.free=3,post=fixed")
	ann := s.registered("ann")
	ann.postForm("/files", nil, part{"file", "a.txt", "", []byte(strings.Repeat("x", 500))})
	s.clock.advance(20 * time.Second)
	page := ann.get("/settings/usage")
	body := page.Body.String()
	for _, want := range []string{
		"free</span>", "500 B of 3 MiB used", "up to 1 MiB", "up to 10 files", "up to 1,000 pixels per side",
		"1 of 5 in a minute", "1 of 20 in an hour", "of 1.9 KiB in a day", "0 of 3 in progress", "resets in ",
		"resets in more than 24 hours", `aria-current="page">Usage`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, unused := range []string{"Admin panel"} { // what there is not yet
		if strings.Contains(body, unused) {
			t.Errorf("the page tells of %q", unused)
		}
	}
	if page.Code != http.StatusOK {
		t.Errorf("%d\n%s", page.Code, body)
	}
	if got := s.browser().get("/settings/usage"); got.Code != http.StatusSeeOther {
		t.Errorf("a guest: %d", got.Code)
	}
}

type usedRule struct {
	Act, Group, Unit string
	Windows          []struct {
		Name                string
		Limit, Used, Period int64
	}
}

func TestUsage_ByTheAPI(t *testing.T) {
	s := newSiteBy(t, databasetest.New(t), handlers.Options{}, "api-read.free=7-M")
	ann := s.program("ann")
	var got struct {
		Tier         string
		MaxPostFiles int `json:"max_post_files"`
		Limits       []usedRule
	}
	for want := range 3 { // asking is a read itself
		rec := ann.send(http.MethodGet, "/me/usage", nil)
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != http.StatusOK {
			t.Fatalf("%d %v\n%s", rec.Code, err, rec.Body)
		}
		i := slices.IndexFunc(got.Limits, func(l usedRule) bool { return l.Act == "api-read" })
		if i < 0 || got.Limits[i].Group != "api" || got.Limits[i].Windows[0].Limit != 7 || got.Limits[i].Windows[0].Used != int64(want+1) ||
			got.Limits[i].Windows[0].Period != 60 {
			t.Errorf("after %d reads: %+v", want+1, got.Limits)
		}
	}
	if got.Tier != "free" || got.MaxPostFiles != 10 {
		t.Errorf("tier %s, %d files a post", got.Tier, got.MaxPostFiles)
	}
}

func TestPostFiles_ByTier(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	form := ann.get("/posts/new").Body.String()
	if !strings.Contains(form, "Up to 10 files. ") || !strings.Contains(form, `data-max-files="10"`) {
		t.Error("the form does not tell the tier's number of files")
	}
	if strings.Contains(ann.get("/files").Body.String(), "Up to 10 files") {
		t.Error("the files page tells the number of files of a post")
	}
	parts := make([]part, 11)
	for i := range parts {
		parts[i] = part{"file", "a.txt", "", []byte("hello")}
	}
	got := ann.postForm("/posts", postFields(), parts...)
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "at most 10 files") {
		t.Errorf("eleven files: %d", got.Code)
	}
	got = ann.postForm("/posts", postFields(), parts[:10]...)
	if got.Code != http.StatusSeeOther {
		t.Fatalf("ten files: %d", got.Code)
	}
	// A post with more files than the tier allows by now keeps them when it is edited.
	s.posts.MaxFiles.Set(map[models.Tier]int{models.TierFree: 5})
	post := got.Header().Get("Location")
	fields := postFields()
	for _, piece := range strings.Split(ann.get(post+"/edit").Body.String(), `name="file_ids" value="`)[1:] {
		id, _, _ := strings.Cut(piece, `"`)
		fields.Add("file_ids", id)
	}
	if got := ann.postForm(post+"/edit", fields); len(fields["file_ids"]) != 10 || got.Code != http.StatusSeeOther {
		t.Errorf("editing a post with %d files where 5 are allowed: %d", len(fields["file_ids"]), got.Code)
	}
}

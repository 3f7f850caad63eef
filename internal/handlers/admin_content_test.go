package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/moderation"
)

// A privateContent is ann's private content, with a word in each that only she can read.
type privateContent struct{ post, comment, file, loose string }

const (
	canaryTitle, canaryWords, canaryComment = "titlecanary", "wordscanary", "commentcanary"
	canaryFile, canaryBytes, canaryLoose    = "filecanary.txt", "bytescanary", "loosecanary.txt"
)

// writePrivately lets ann write a private post with a comment and a file, and upload
// a file without a post.
func (b *browser) writePrivately() (h privateContent) {
	b.t.Helper()
	fields := postFields()
	fields.Set("title", canaryTitle)
	fields.Set("content", canaryWords)
	fields.Set("visibility", "private")
	h.post = strings.TrimPrefix(b.write(fields, part{"file", canaryFile, "", []byte(canaryBytes)}), "/posts/")
	b.post("/posts/"+h.post+"/comments", url.Values{"body": {canaryComment}})
	b.postForm("/files", nil, part{"file", canaryLoose, "", []byte(canaryBytes)})
	page := b.get("/posts/" + h.post).Body.String()
	h.comment = between(page, `id="comment-`, `"`)
	h.file, h.loose = b.fileOf("ann", canaryFile), b.fileOf("ann", canaryLoose)
	return h
}

// fileOf returns the ID of the user's file with that name.
func (s *site) fileOf(username, name string) string {
	s.t.Helper()
	for _, f := range must(s.files.List(s.t.Context(), s.userNamed(username), models.Cursor{}, 50))(s.t).Items {
		if string(f.Name) == name {
			return string(f.ID)
		}
	}
	s.t.Fatalf("%s has no %s", username, name)
	return ""
}

// wantCanaries checks that a page has these words of ann's and no others.
func wantCanaries(t *testing.T, what, text string, want ...string) {
	t.Helper()
	for _, canary := range []string{canaryTitle, canaryWords, canaryComment, canaryFile, canaryBytes, canaryLoose} {
		wanted := strings.Contains(strings.Join(want, " "), canary)
		if strings.Contains(text, canary) != wanted {
			t.Errorf("%s: has %s: %t, want %t", what, canary, !wanted, wanted)
		}
	}
}

// No page shows an admin private content. The test requests every page with
// each of ann's IDs in its URL.
func TestAdminContent_NothingPrivateWithoutGlass(t *testing.T) {
	s := newSite(t)
	ann, mona := s.registered("ann"), s.withRole("mona", models.RoleAdmin)
	h := ann.writePrivately()
	program := s.programOf("mona")
	asked := 0
	for _, r := range routesOf(t, s) {
		if r.Method != http.MethodGet || r.Path == "/static/*" {
			continue
		}
		for kind, ids := range map[string][]string{"post": {h.post}, "comment": {h.comment}, "file": {h.file, h.loose}} {
			for _, id := range ids {
				path := strings.NewReplacer(":kind", kind, ":id", id, ":name", canaryFile, ":username", "ann", ":tag", "boats", ":width",
					"1280").Replace(r.Path)
				for _, query := range []string{"", "?q=" + canaryTitle[:5], "?user=ann"} {
					request := httptest.NewRequest(http.MethodGet, publicURL+path+query, nil)
					var got string
					if strings.HasPrefix(path, "/api/") {
						request.Header.Set("Authorization", "Bearer "+program.token)
						got = s.browser().do(request).Body.String()
					} else {
						got = mona.do(request).Body.String()
					}
					// The form of a search says what was sought; a name in the address is the asker's.
					wantCanaries(t, path+query, strings.ReplaceAll(got, path, ""))
					asked++
				}
			}
		}
	}
	if asked < 500 {
		t.Errorf("only %d pages were asked for", asked)
	}
	mona.wantPage("/admin/content/post/"+h.post, "only its owner (it is private)")
	mona.wantPage("/admin/content/file/"+h.file, "only its owner (its post is private)")
	for list, says := range map[string]string{
		"/admin/posts": "Private post " + h.post[len(h.post)-6:] + "</a>", "/admin/comments": "Comment on a private post",
		"/admin/files":                        "Private text file " + h.file[len(h.file)-6:] + "</a>",
		"/admin/posts?state=private&user=ann": "Private post " + h.post[len(h.post)-6:] + "</a>",
	} {
		page := mona.get(list).Body.String()
		if !strings.Contains(page, says) {
			t.Errorf("%s does not say %q", list, says)
		}
		// Each row names its owner once.
		if rows, owners := strings.Count(page, "<li><div>"), strings.Count(page, "by <a href=\"/admin/users/"); rows != owners || rows == 0 {
			t.Errorf("%s names %d owners in %d rows", list, owners, rows)
		}
	}
}

// openGlass breaks the glass of one subject, and requires success.
func (b *browser) openGlass(kind, id string) {
	b.t.Helper()
	at := "/admin/content/" + kind + "/" + id
	if got := b.post(at+"/open", url.Values{"reason": {"a court asks"}}); toldAt(got) != at+" opened" {
		b.t.Fatalf("breaking the glass of a %s: %d\n%s", kind, got.Code, got.Body)
	}
}

// Breaking the glass shows one subject to one admin, for a while. The owner
// gets a notification with the reason.
func TestAdminContent_BreakGlass(t *testing.T) {
	s := newSite(t)
	ann, mona, ada := s.registered("ann"), s.withRole("mona", models.RoleAdmin), s.withRole("ada", models.RoleAdmin)
	h := ann.writePrivately()
	post, comment, file := "/admin/content/post/"+h.post, "/admin/content/comment/"+h.comment, "/admin/content/file/"+h.file
	see := func(what string, b *browser, path string, code int, want ...string) {
		t.Helper()
		got := b.get(path)
		if got.Code != code {
			t.Errorf("%s: %d, want %d\n%s", what, got.Code, code, got.Body)
		}
		wantCanaries(t, what, got.Body.String()+got.Header().Get("Content-Disposition"), want...)
	}
	for kind, id := range map[string]string{"post": h.post, "file": h.file} {
		for _, reason := range []string{"", strings.Repeat("x", models.MaxReportWords+1)} {
			got := mona.post("/admin/content/"+kind+"/"+id+"/open", url.Values{"reason": {reason}})
			if page := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="reason-problem"`) ||
				!strings.Contains(page, reason) {
				t.Errorf("breaking a glass for %.5q: %d", reason, got.Code)
			}
		}
	}
	see("bytes without a glass", mona, file+"/bytes", 404)
	if page := ann.get("/notifications").Body.String(); strings.Contains(page, "An admin viewed") {
		t.Error("ann is told of what was not opened")
	}

	mona.openGlass("post", h.post)
	see("the post", mona, post, 200, canaryTitle, canaryWords, canaryFile)
	see("the post, by another admin", ada, post, 200)
	see("its file", mona, file, 200)
	see("the bytes of its file", mona, file+"/bytes", 404)
	see("its comment", mona, comment, 200)
	see("the list", mona, "/admin/posts", 200)
	if page := ada.get(post).Body.String(); !strings.Contains(page, "mona (admin), until") {
		t.Error("the page does not say who may open it")
	}
	mona.openGlass("comment", h.comment)
	see("the comment", mona, comment, 200, canaryComment)
	mona.openGlass("file", h.file)
	see("the file", mona, file, 200, canaryFile)
	see("the bytes", mona, file+"/bytes", 200, canaryBytes, canaryFile)
	see("the bytes, by another admin", ada, file+"/bytes", 404)
	see("the bytes as a post", mona, post+"/bytes", 404)
	see("the bytes of another file", mona, "/admin/content/file/"+h.loose+"/bytes", 404)
	if got := mona.post(post+"/open", url.Values{"reason": {"again"}}); got.Code != http.StatusConflict {
		t.Errorf("breaking a glass twice: %d", got.Code)
	}

	got := mona.get(file + "/bytes")
	for header, want := range map[string]string{"Content-Security-Policy": "sandbox", "Content-Disposition": "attachment",
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
		if !strings.Contains(got.Header().Get(header), want) {
			t.Errorf("the bytes come with %s: %q", header, got.Header().Get(header))
		}
	}
	notices := ann.get("/notifications").Body.String()
	for _, want := range []string{"private post “" + canaryTitle + "”: a court asks", "viewed your comment", "private file “" + canaryFile} {
		if !strings.Contains(notices, want) {
			t.Errorf("ann is not told %q", want)
		}
	}
	s.wantAudited("content.break_glass done", "content.break_glass done", "content.break_glass done", "content.read_file done",
		"content.read_file done")
	if page := ada.get(post).Body.String(); !strings.Contains(page, "content.break_glass") || !strings.Contains(page, "a court asks") {
		t.Error("the page does not have what the audit log has about it")
	}

	then := s.clock.now()
	kept := func(want int) {
		t.Helper()
		if err := s.moderation.Purge(t.Context(), models.PurgeRemoved{}); err != nil {
			t.Fatal(err)
		}
		if views := must(s.db.BrokenGlass(t.Context(), "post:"+h.post, then, 10))(t); len(views) != want {
			t.Errorf("%d broken glasses are kept, want %d", len(views), want)
		}
	}
	s.clock.advance(15 * time.Minute)
	kept(1)
	see("the post, at the end", mona, post, 200)
	see("the bytes, at the end", mona, file+"/bytes", 404)
	see("the comment, at the end", mona, comment, 200)
	s.clock.advance(moderation.RestorePeriod)
	kept(0)
}

// An admin who loses the role or is suspended loses access with the next
// request.
func TestBreakGlass_EndsWithTheRole(t *testing.T) {
	s := newSite(t)
	ann, mona := s.registered("ann"), s.withRole("mona", models.RoleAdmin)
	boss := s.withRole("boss", models.RoleAdmin)
	h := ann.writePrivately()
	at := "/admin/content/file/" + h.file
	mona.openGlass("file", h.file)
	for _, tt := range []struct {
		act  string
		form url.Values
		code int // mona's response after she signs in again
	}{
		{"role", url.Values{"role": {"moderator"}, "why": {"enough"}}, 403},
		{"suspend", url.Values{"why": {"enough"}}, 303},
	} {
		if got := boss.post("/admin/users/mona/"+tt.act, tt.form); got.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", tt.act, got.Code, got.Body)
		}
		for _, path := range []string{at, at + "/bytes"} {
			got := mona.get(path)
			if wantCanaries(t, tt.act, got.Body.String()); got.Code != http.StatusSeeOther {
				t.Errorf("%s: %s is answered %d", tt.act, path, got.Code)
			}
		}
		mona.post("/login", url.Values{"username": {"mona"}, "password": {testPassword}})
		for _, path := range []string{at, at + "/bytes", "/admin/posts", "/admin/comments", "/admin/files"} {
			if got := mona.get(path); got.Code != tt.code {
				t.Errorf("%s: %s after logging in is answered %d", tt.act, path, got.Code)
			}
		}
	}
}

// A download by break-glass ends with the glass, the role and the session.
func TestBreakGlass_CutsARunningDownload(t *testing.T) {
	const size = 48 << 20
	for name, end := range map[string]func(s *site, mona *browser) error{
		"the glass ends": func(s *site, _ *browser) error {
			s.clock.advance(15 * time.Minute)
			return nil
		},
		"demoted": func(s *site, _ *browser) error {
			s.withRole("boss", models.RoleAdmin)
			return s.db.ChangeRole(t.Context(), s.userNamed("mona").ID, models.RoleUser)
		},
		"logged out": func(_ *site, mona *browser) error {
			mona.post("/logout", nil)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			tier := s.files.Policy.Get().Tiers[models.TierFree]
			tier.MaxFileSize, tier.Storage = size, size
			s.files.Policy.Get().Tiers[models.TierFree] = tier
			s.registered("ann")
			mona := s.withRole("mona", models.RoleAdmin)
			f := must(s.files.Receive(t.Context(), s.userNamed("ann"),
				files.Input{Name: "a.txt", Size: size, Body: io.LimitReader(letters{}, size)}))(t)
			mona.openGlass("file", string(f.ID))
			d := s.download(mona, fmt.Sprintf("/admin/content/file/%s/bytes", f.ID), "Cookie: "+mona.jar.Cookies(mustURL(t))[0].String())
			if err := end(s, mona); err != nil {
				t.Fatal(err)
			}
			d.wantCut(size)
		})
	}
}

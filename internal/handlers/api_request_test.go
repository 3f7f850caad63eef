package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

// requestMembers are the members of a file request that the API shows. Another one needs
// a reason, and must be no secret (CVE-2026-62684).
var requestMembers = []string{"bytes", "closed_at", "created_at", "expires_at", "files", "id", "kinds", "last_used_at", "locked",
	"max_bytes", "max_file_bytes", "max_files", "message", "name", "one_use", "post_id", "sender", "state", "title", "updated_at", "url"}

func TestAPI_AFileRequestFromStartToEnd(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann := s.program("ann")
		made := ann.send("POST", "/requests", doc{
			"title": "Photos", "message": "All of them", "name": "Regatta", "expires_in": "2w", "password": "open sesame", "sender": "name",
			"max_files": 5, "max_bytes": 1 << 20, "max_file_bytes": 1 << 19, "kinds": []string{"text", "image"}, "one_use": true,
		})
		request := want(t, made, http.StatusCreated)
		id, link := text(t, request, "id"), strings.TrimPrefix(text(t, request, "url"), publicURL)
		if got, want := made.Header().Get("Location"), publicURL+"/api/v1/requests/"+id; got != want {
			t.Errorf("Location = %q, want %q", got, want)
		}
		wantMembers(t, request, requestMembers)
		all := map[string]string{"state": "open", "title": "Photos", "message": "All of them", "name": "regatta", "kinds": "[image text]",
			"sender": "name", "one_use": "true", "locked": "true", "files": "0", "max_files": "5", "bytes": "0", "max_bytes": "1.048576e+06",
			"max_file_bytes": "524288", "expires_at": "2026-03-28T15:09:26.535897Z", "closed_at": "<nil>"}
		wantShare(t, request, all)
		wantShare(t, want(t, ann.send("GET", "/requests/"+id, nil), http.StatusOK), all)
		if got := s.browser().get(link); !strings.HasPrefix(link, "/r/regatta-") || got.Code != http.StatusUnauthorized {
			t.Errorf("the link %s: %d", link, got.Code)
		}
		// What is not sent stays; an empty password goes.
		changed := want(t, ann.send("PATCH", "/requests/"+id, doc{"title": "More photos", "password": "", "max_bytes": 0}), http.StatusOK)
		all["title"], all["locked"], all["max_bytes"] = "More photos", "false", "0"
		wantShare(t, changed, all)
		if got := s.browser().get(link); got.Code != http.StatusOK {
			t.Errorf("without the password: %d", got.Code)
		}
		listed := want(t, ann.send("GET", "/requests", nil), http.StatusOK)
		if items, ok := listed["items"].([]any); !ok || len(items) != 1 {
			t.Errorf("the list is %v", listed)
		}
		want(t, ann.send("DELETE", "/requests/"+id, nil), http.StatusNoContent)
		wantShare(t, want(t, ann.send("GET", "/requests/"+id, nil), http.StatusOK), map[string]string{"state": "closed"})
		if got := s.browser().get(link); got.Code != http.StatusGone {
			t.Errorf("the closed link: %d", got.Code)
		}
		s.wantAudited("request.create done", "request.update done", "request.revoke done")
	})
}

// A token that may only read gets no link and changes nothing; nobody reaches the file
// requests of others.
func TestAPI_FileRequestsAreTheirOwners(t *testing.T) {
	s := newSite(t)
	ann, bob := s.program("ann"), s.program("bob")
	id := text(t, want(t, ann.send("POST", "/requests", doc{"title": "Photos"}), http.StatusCreated), "id")
	for _, way := range []string{"GET", "PATCH", "DELETE"} {
		var body any
		if way == "PATCH" {
			body = doc{"title": "Mine"}
		}
		want(t, bob.send(way, "/requests/"+id, body), http.StatusNotFound)
	}
	reader := ann.withScopes("read")
	if _, has := want(t, reader.send("GET", "/requests/"+id, nil), http.StatusOK)["url"]; has {
		t.Error("a token that may only read gets the link")
	}
	want(t, reader.send("PATCH", "/requests/"+id, doc{"title": "Mine"}), http.StatusForbidden)
	want(t, reader.send("POST", "/requests", doc{"title": "Mine"}), http.StatusForbidden)
	for field, value := range map[string]any{"title": "", "max_files": 1001, "max_bytes": -1, "max_file_bytes": -1, "expires_in": "soon",
		"kinds": []string{"music"}, "sender": "phone", "password": "short", "name": "ü"} {
		body := doc{"title": "Photos"}
		body[field] = value
		got := ann.send("POST", "/requests", body)
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `"`+field+`"`) {
			t.Errorf("%s = %v: %d %s", field, value, got.Code, got.Body)
		}
	}
}

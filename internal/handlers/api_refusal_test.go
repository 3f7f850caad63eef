package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.org/cloakroom/internal/models"
)

func TestAPI_ReadsJSONStrictly(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	tests := []struct {
		name, body, mediaType string
		status                int
		field                 string
	}{
		{"no JSON", `title=x`, "", 400, ""},
		{"nothing", ``, "", 400, ""},
		{"a list", `[]`, "", 400, ""},
		{"null", `null`, "", 400, ""},
		{"cut short", `{"title":"x","content":"y"`, "", 400, ""},
		{"more behind it", `{"title":"x","content":"y"}{}`, "", 400, ""},
		{"garbage behind it", `{"title":"x","content":"y"} x`, "", 400, ""},
		{"not UTF-8", "{\"title\":\"\xff\",\"content\":\"y\"}", "", 400, ""},
		{"too deep", `{"title":"x","content":"y","tags":[[[["go"]]]]}`, "", 400, ""},
		{"far too deep", `{"title":` + strings.Repeat("[", 100_000) + `}`, "", 400, ""},
		{"twice", `{"title":"x","content":"y","title":"z"}`, "", 400, "title"},
		{"unknown", `{"title":"x","content":"y","author":"bob"}`, "", 422, "author"},
		{"another case", `{"Title":"x","content":"y"}`, "", 422, "Title"},
		{"a number", `{"title":1,"content":"y"}`, "", 422, "title"},
		{"null in it", `{"title":null,"content":"y"}`, "", 422, "title"},
		{"a text for a list", `{"title":"x","content":"y","tags":"go"}`, "", 422, "tags"},
		{"a list of numbers", `{"title":"x","content":"y","tags":[1]}`, "", 422, "tags"},
		{"a tag of two", `{"title":"x","content":"y","tags":["a,b"]}`, "", 422, "tags"},
		{"many tags", `{"title":"x","content":"y","tags":["a","b","c","d","e","f","g","h","i","j","k"]}`, "", 422, "tags"},
		{"no identifier", `{"title":"x","content":"y","files":["\u0000"]}`, "", 422, "files"},
		{"no file", `{"title":"x","content":"y","files":["` + string(models.NewFileID()) + `"]}`, "", 422, "files"},
		{"no title", `{"content":"y"}`, "", 422, "title"},
		{"a long title", `{"title":"` + strings.Repeat("x", 201) + `","content":"y"}`, "", 422, "title"},
		{"a wrong visibility", `{"title":"x","content":"y","visibility":"all"}`, "", 422, "visibility"},
		{"a form", `{}`, "application/x-www-form-urlencoded", 415, ""},
		{"text", `{}`, "text/plain", 415, ""},
		{"another charset", `{}`, "application/json; charset=utf-16", 415, ""},
		{"too large", `{"title":"` + strings.Repeat("x", 256<<10) + `"}`, "", 413, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mediaType := tt.mediaType
			if mediaType == "" {
				mediaType = "application/json"
			}
			got := want(t, ann.send("POST", "/posts", tt.body, "Content-Type", mediaType), tt.status)
			if field, _ := got["field"].(string); field != tt.field {
				t.Errorf("wrong at %q, want %q: %v", field, tt.field, got)
			}
		})
	}
	want(t, ann.send("POST", "/posts", `{"title":"x","content":"y"}`, "Content-Type", `application/json; charset="UTF-8"`), http.StatusCreated)
}

func TestAPI_TakesTheLongestTexts(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	escaped := func(n int) string { return strings.Repeat(`\ud83d\ude00`, n) }
	body := fmt.Sprintf(`{"title":"%s","content":"%s"}`, escaped(models.MaxTitle), escaped(models.MaxContent))
	id := text(t, want(t, ann.send("POST", "/posts", body), http.StatusCreated), "id")
	want(t, ann.send("POST", "/posts/"+id+"/comments", `{"body":"`+escaped(models.MaxCommentBody)+`"}`), http.StatusCreated)
}

func TestAPI_NamesEveryWrongField(t *testing.T) {
	s := newSite(t)
	got := want(t, s.program("ann").send("PATCH", "/me", doc{"email": "x", "phone": "y", "website": "javascript:alert(1)"}),
		http.StatusUnprocessableEntity)
	var fields []string
	for _, one := range got["errors"].([]any) {
		fields = append(fields, fmt.Sprint(one.(doc)["field"]))
	}
	if fmt.Sprint(fields) != "[email phone website]" {
		t.Errorf("fields = %v", fields)
	}
}

func TestAPI_EveryErrorIsAProblem(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	stranger := &program{site: s, token: "cloakroom_AAAAAAAAAAAAAAAAAAAAAAAAAA"}
	tests := []struct {
		name   string
		got    *httptest.ResponseRecorder
		status int
	}{
		{"no such address", ann.send("GET", "/nothing", nil), 404},
		{"no such version", ann.send("GET", "/../v2/posts", nil), 404},
		{"a slash too much", ann.send("GET", "/posts/", nil), 404},
		{"another method", ann.send("DELETE", "/me", nil), 405},
		{"a made up method", ann.send("BREW", "/posts", nil), 405},
		{"no token", s.guest().send("GET", "/me", nil), 401},
		{"a bad token", stranger.send("GET", "/me", nil), 401},
		{"a bad token on a public route", stranger.send("GET", "/posts", nil), 401},
		{"a body where none is read", ann.send("DELETE", "/me/avatar", []byte("x")), 413},
		{"from another site", ann.send("POST", "/posts", doc{"title": "x", "content": "y"}, "Sec-Fetch-Site", "cross-site"), 403},
		{"no image", ann.send("PUT", "/me/avatar", []byte("not a picture")), 415},
		{"no avatar at all", ann.send("PUT", "/me/avatar", []byte{}), 422},
		{"a wrong width", ann.send("GET", "/files/"+string(models.NewFileID())+"/thumbnail?width=7", nil), 422},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := want(t, tt.got, tt.status) // send has checked the format
			if got["status"] != float64(tt.status) || got["request_id"] != tt.got.Header().Get("X-Request-Id") {
				t.Errorf("problem = %v", got)
			}
			if tt.status == http.StatusUnauthorized && !strings.HasPrefix(tt.got.Header().Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("WWW-Authenticate = %q", tt.got.Header().Get("WWW-Authenticate"))
			}
			if tt.status == http.StatusMethodNotAllowed && tt.got.Header().Get("Allow") == "" {
				t.Error("Allow is missing")
			}
		})
	}
}

func TestAPI_ASessionIsNoToken(t *testing.T) {
	s := newSite(t)
	ann := s.registered("ann")
	if got := ann.get("/settings/profile").Code; got != http.StatusOK {
		t.Fatalf("the session does not even open a page: %d", got)
	}
	if got := ann.get("/api/v1/me"); got.Code != http.StatusUnauthorized {
		t.Errorf("GET /me by a session = %d", got.Code)
	}
	user := s.userNamed("ann")
	_, secret, err := s.accounts.NewToken(t.Context(), models.Actor{User: user}, everyRight(user, "test"))
	if err != nil {
		t.Fatal(err)
	}
	token := &program{site: s, user: user, token: secret.Reveal()}
	id := token.create(doc{"title": "Mine", "content": "alone", "visibility": "private"})
	if got := ann.get("/api/v1/posts/" + id); got.Code != http.StatusNotFound {
		t.Errorf("a private post by a session = %d", got.Code)
	}
	// The reverse: a token opens no page.
	r := httptest.NewRequest(http.MethodGet, publicURL+"/settings/profile", nil)
	r.Header.Set("Authorization", "Bearer "+secret.Reveal())
	if got := s.browser().do(r); got.Code != http.StatusSeeOther {
		t.Errorf("a page by a token = %d", got.Code)
	}
}

// The owner of each row can read it; another user and a guest get 404.
func TestAPI_OthersFindNothing(t *testing.T) {
	s := newSite(t)
	ann, bob := s.program("ann"), s.program("bob")
	file, loose := ann.put("a.txt", "a"), ann.put("b.txt", "b")
	private := ann.create(doc{"title": "Private", "content": "x", "visibility": "private", "files": []string{file}})
	public := ann.create(doc{"title": "Public", "content": "x"})
	deleted := ann.create(doc{"title": "Deleted", "content": "x"})
	want(t, ann.send("DELETE", "/posts/"+deleted, nil), http.StatusNoContent)
	comment := text(t, want(t, ann.send("POST", "/posts/"+public+"/comments", doc{"body": "x"}), http.StatusCreated), "id")
	hidden := text(t, want(t, ann.send("POST", "/posts/"+private+"/comments", doc{"body": "x"}), http.StatusCreated), "id")
	tests := []struct {
		method, path string
		body         any
		guest        int
		owner        int
	}{
		{"GET", "/posts/" + private, nil, 404, 200},
		{"GET", "/posts/" + deleted, nil, 404, 404},
		{"GET", "/posts/" + private + "/comments", nil, 404, 200},
		{"POST", "/posts/" + private + "/comments", doc{"body": "x"}, 401, 201},
		{"PATCH", "/posts/" + public, doc{"title": "Mine"}, 401, 200},
		{"PATCH", "/posts/" + private, doc{"title": "Mine"}, 401, 200},
		{"GET", "/files/" + file, nil, 404, 200},
		{"GET", "/files/" + file + "/content", nil, 404, 200},
		{"GET", "/files/" + file + "/thumbnail", nil, 404, 404},
		{"GET", "/files/" + loose, nil, 404, 200},
		{"GET", "/files/" + loose + "/content", nil, 404, 200},
		{"HEAD", "/files/" + loose + "/content", nil, 404, 200},
		{"DELETE", "/files/" + loose, nil, 401, 204},
		{"DELETE", "/files/" + file, nil, 401, 204},
		{"DELETE", "/comments/" + comment, nil, 401, 204},
		{"DELETE", "/comments/" + hidden, nil, 401, 204},
		{"POST", "/posts/" + deleted + "/restore", nil, 401, 200},
		{"DELETE", "/posts/" + public, nil, 401, 204},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			if got := bob.send(tt.method, tt.path, tt.body).Code; got != http.StatusNotFound {
				t.Errorf("to another user: %d", got)
			}
			if got := s.guest().send(tt.method, tt.path, tt.body).Code; got != tt.guest {
				t.Errorf("to a guest: %d, want %d", got, tt.guest)
			}
			if got := ann.send(tt.method, tt.path, tt.body).Code; got != tt.owner {
				t.Errorf("to its owner: %d, want %d", got, tt.owner)
			}
		})
	}
	stolen := doc{"title": "x", "content": "y", "files": []string{ann.put("c.txt", "c")}}
	if got := bob.send("POST", "/posts", stolen).Code; got != http.StatusUnprocessableEntity {
		t.Errorf("another's file is attached: %d", got)
	}
}

func TestAPI_ListsHideWhatIsPrivate(t *testing.T) {
	s := newSite(t)
	ann, bob := s.program("ann"), s.program("bob")
	for _, visibility := range []string{"public", "unlisted", "private"} {
		ann.create(doc{"title": "A " + visibility, "content": "words", "tags": []string{visibility}, "visibility": visibility})
	}
	for _, path := range []string{"/posts", "/users/ann/posts", "/search?q=words"} {
		got, _ := bob.walk(path, "title")
		if fmt.Sprint(got) != "[A public]" {
			t.Errorf("GET %s tells bob of %v", path, got)
		}
	}
	if got, _ := bob.walk("/tags", "tag"); fmt.Sprint(got) != "[public]" {
		t.Errorf("bob sees the tags %v", got)
	}
	if got, _ := ann.walk("/users/ann/posts", "title"); len(got) != 3 {
		t.Errorf("ann sees %v", got)
	}
}

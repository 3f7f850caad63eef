package handlers_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
)

func eachDatabase(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { test(t, newSiteOn(t, db, handlers.Options{})) })
}

// A sent is a form with valid values. The test replaces each field in turn with
// hostile text.
type sent struct {
	multipart bool
	fields    url.Values
	shownAt   string            // the page that shows the text; empty: the target of the redirect
	shownIn   map[string]string // the element that shows the text, by field
}

// forms has every form of the site, by its route, with valid values for
// username.
func forms(username string) map[string]sent {
	post := sent{
		multipart: true,
		fields: url.Values{"title": {"T"}, "content": {"C"}, "tags": {"t"}, "visibility": {"public"}, "file_ids": nil, "remove_files": nil,
			"everyone": {"yes"}},
		shownIn: map[string]string{"title": "h1"},
	}
	account := url.Values{"username": {"somebody"}, "email": {"somebody@example.org"}, "password": {testPassword}}
	return map[string]sent{
		"/invite/:secret": {fields: account},
		"/admin/invitations": {fields: url.Values{"role": {"user"}, "tier": {"free"}, "days": {"7"}, "email": {""},
			"note": {"N"}}},
		"/admin/invitations/:id/revoke": {fields: url.Values{"x": {"x"}}},
		"/report/:kind/:id":             {fields: url.Values{"reason": {"spam"}, "words": {"W"}}},
		"/settings/notifications":       {fields: url.Values{"comment": {"site"}, "mention": {"off"}}},
		"/notifications/read":           {fields: url.Values{"x": {"x"}}},
		"/notifications/:id/read":       {fields: url.Values{"x": {"x"}}},
		"/unsubscribe/:token":           {fields: url.Values{"List-Unsubscribe": {"One-Click"}}},
		"/shares":                       {multipart: true, fields: shareFields("T"), shownAt: "/shares"},
		"/shares/:id":                   {fields: shareFields("T")},
		"/shares/:id/revoke":            {fields: url.Values{"x": {"x"}}},
		"/posts/:id/private":            {fields: url.Values{"x": {"x"}}},
		"/files/:id/private":            {fields: url.Values{"x": {"x"}}},
		"/files/:id/allow-metadata":     {fields: url.Values{"x": {"x"}}},
		"/s/:secret":                    {fields: url.Values{"password": {"P"}}},
		"/requests":                     {fields: requestFields("T"), shownIn: map[string]string{"title": "h1", "message": "textarea"}},
		"/requests/:id":                 {fields: requestFields("T")},
		"/requests/:id/revoke":          {fields: url.Values{"x": {"x"}}},
		"/requests/:id/delete":          {fields: url.Values{"x": {"x"}}},
		"/r/:secret":                    {fields: url.Values{"password": {"P"}}},
		"/r/:secret/files":              {multipart: true, fields: url.Values{"name": {"N"}, "email": {"jo@example.org"}}},
		"/s/:secret/comments":           {fields: url.Values{"body": {"B"}}},
		"/admin/reports/:id/claim":      {fields: url.Values{"x": {"x"}}},
		"/admin/reports/:id/release":    {fields: url.Values{"x": {"x"}}},
		"/admin/reports/:id/undo":       {fields: url.Values{"x": {"x"}}},
		"/admin/reports/:id/decide":     {fields: url.Values{"decision": {"hide"}, "why": {"W"}, "note": {"N"}}},
		"/admin/settings": {fields: url.Values{"REGISTRATION": {"open"}, "REGISTRATION_DOMAINS": {""},
			"do": {"save"}}},
		"/admin/tiers/:tier":                {fields: url.Values{"storage": {"10GiB"}, "do": {"save"}}},
		"/admin/users/:username/delete":     {fields: url.Values{"username": {"ann"}, "why": {"W"}, "when": {"later"}}},
		"/admin/users/:username/keep":       {fields: url.Values{"why": {"W"}}},
		"/forgot":                           {fields: url.Values{"account": {"somebody"}}},
		"/verify/:secret":                   {fields: url.Values{"x": {"x"}}},
		"/settings/verification":            {fields: url.Values{"x": {"x"}}},
		"/register":                         {fields: account},
		"/setup/:secret":                    {fields: account},
		"/admin/certificates/retry":         {fields: url.Values{"name": {"cloakroom.test"}}},
		"/admin/browser-reports/delete":     {fields: url.Values{"report": {"X"}, "kind": {"csp-violation"}}},
		"/admin/browser-reports/delete-all": {fields: url.Values{"x": {"x"}}},
		"/admin/jobs/:job/retry":            {fields: url.Values{"x": {"x"}}},
		"/admin/test-mail":                  {fields: url.Values{"x": {"x"}}},
		"/admin/jobs/:job/cancel":           {fields: url.Values{"x": {"x"}}},
		"/admin/content/:kind/:id/hide":     {fields: url.Values{"why": {"W"}}},
		"/admin/content/:kind/:id/remove":   {fields: url.Values{"why": {"W"}}},
		"/admin/content/:kind/:id/restore":  {fields: url.Values{"why": {"W"}}},
		"/admin/content/:kind/:id/open":     {fields: url.Values{"reason": {"W"}}},
		"/admin/ip-rules": {fields: url.Values{"prefix": {"198.51.100.7"}, "action": {"block"}, "note": {"N"},
			"for": {"1h"}}},
		"/admin/ip-rules/delete":                      {fields: url.Values{"rule": {"198.51.100.7"}}},
		"/admin/limits/:act":                          {fields: url.Values{"free": {"5-M"}, "do": {"save"}}},
		"/login/oidc":                                 {fields: url.Values{"next": {"/files"}}},
		"/settings/sign-in/link":                      {fields: url.Values{"x": {"x"}}},
		"/settings/sign-in/unlink":                    {fields: url.Values{"issuer": {"x"}, "subject": {"x"}}},
		"/login/passkey/options":                      {fields: url.Values{"x": {"x"}}},
		"/login/passkey":                              {fields: url.Values{"credential": {"{}"}, "next": {"/files"}}},
		"/login/second-factor/options":                {fields: url.Values{"x": {"x"}}},
		"/login/second-factor/passkey":                {fields: url.Values{"credential": {"{}"}, "next": {"/files"}}},
		"/confirm/options":                            {fields: url.Values{"x": {"x"}}},
		"/confirm/provider":                           {fields: url.Values{"next": {"/files"}}},
		"/confirm/passkey":                            {fields: url.Values{"credential": {"{}"}, "next": {"/files"}}},
		"/settings/second-factor/passkeys/options":    {fields: url.Values{"x": {"x"}}},
		"/settings/second-factor/passkeys":            {fields: url.Values{"name": {"N"}, "credential": {"{}"}}},
		"/settings/second-factor/passkeys/:id/delete": {fields: url.Values{"x": {"x"}}},
		"/login/second-factor":                        {fields: url.Values{"code": {"123456"}, "next": {"/files"}}},
		"/settings/second-factor/begin":               {fields: url.Values{"x": {"x"}}},
		"/settings/second-factor/cancel":              {fields: url.Values{"x": {"x"}}},
		"/settings/second-factor/finish":              {fields: url.Values{"code": {"123456"}}},
		"/settings/second-factor/codes":               {fields: url.Values{"x": {"x"}}},
		"/settings/second-factor/remove":              {fields: url.Values{"x": {"x"}}},
		"/confirm":                                    {fields: url.Values{"password": {testPassword}, "next": {"/files"}}},
		"/login": {fields: url.Values{"username": {username}, "password": {testPassword},
			"next": {"/files"}}},
		"/theme":                               {fields: url.Values{"theme": {"dark"}}},
		"/logout":                              {fields: url.Values{"next": {"/"}}},
		"/posts":                               post,
		"/posts/:id/edit":                      post,
		"/posts/:id/delete":                    {fields: url.Values{"id": {"x"}}},
		"/posts/:id/restore":                   {fields: url.Values{"id": {"x"}}},
		"/posts/:id/comments":                  {fields: url.Values{"body": {"B"}}},
		"/reset/:secret":                       {fields: url.Values{"password": {testPassword}}},
		"/admin/users/:username/tier":          {fields: url.Values{"tier": {"pro"}}},
		"/admin/users/:username/role":          {fields: url.Values{"role": {"user"}, "why": {"W"}}},
		"/admin/users/:username/quota":         {fields: url.Values{"quota": {"1GiB"}}},
		"/admin/users/:username/suspend":       {fields: url.Values{"why": {"W"}}},
		"/admin/users/:username/reinstate":     {fields: url.Values{"why": {"W"}}},
		"/admin/users/:username/end-sessions":  {fields: url.Values{"why": {"W"}}},
		"/admin/users/:username/remove-factor": {fields: url.Values{"why": {"W"}}},
		"/admin/users/:username/reset":         {fields: url.Values{"why": {"W"}}},
		"/settings/profile": {
			fields:  url.Values{"email": {"ann@example.org"}, "phone": {""}, "website": {""}, "bio": {""}},
			shownAt: "/settings/profile", shownIn: map[string]string{"email": "input", "bio": "textarea", "website": "input"},
		},
		"/settings/avatar":        {multipart: true, fields: url.Values{"avatar": {"x"}}},
		"/settings/data/delete":   {fields: url.Values{"username": {"x"}}},
		"/settings/keep":          {fields: url.Values{"x": {"x"}}},
		"/settings/avatar/delete": {fields: url.Values{"x": {"x"}}},
		"/settings/security":      {fields: url.Values{"current_password": {"x"}, "password": {testPassword}}},
		"/settings/sessions/end":  {fields: url.Values{"session": {"x"}, "all": nil}},
		"/settings/tokens": {fields: url.Values{"name": {"N"}, "access": {"chosen"}, "scope": {"read", "write", "upload"}},
			shownAt: "/settings/tokens", shownIn: map[string]string{"name": "h3"}},
		"/settings/tokens/:id/delete": {fields: url.Values{"id": {"x"}}},
		"/files":                      {multipart: true, fields: url.Values{"note": {"x"}}},
		"/files/:id/delete":           {fields: url.Values{"id": {"x"}}},
		"/files/zip":                  {fields: url.Values{"file_ids": {"x"}}},
		"/files/share":                {fields: url.Values{"file_ids": {"x"}}},
		"/files/post":                 {fields: url.Values{"file_ids": {"x"}}},
		"/files/delete":               {fields: url.Values{"file_ids": {"x"}, "sure": {"yes"}}},
		"/files/:id/rename":           {fields: url.Values{"name": {"x"}}},
		"/files/:id/replace":          {multipart: true, fields: url.Values{"note": {"x"}}},
		"/comments/:id/delete":        {fields: url.Values{"id": {"x"}}},
	}
}

// belongings are the rows of a user, to put their IDs into URLs.
type belongings struct{ post, file, comment, token string }

// settled returns a user with one of everything.
func (s *site) settled(username string) (*browser, belongings) {
	s.t.Helper()
	b := s.registered(username)
	post := b.write(postFields(), part{"file", "mine.txt", "", []byte("mine")})
	b.post(post+"/comments", url.Values{"body": {"said"}})
	page := b.get(post).Body.String()
	token := b.post("/settings/tokens", url.Values{"name": {"laptop"}, "scope": {"read", "write", "upload"}}).Body.String()
	return b, belongings{
		post: strings.TrimPrefix(post, "/posts/"), file: between(page, `/files/`, `/`), comment: between(page, `id="comment-`, `"`),
		token: between(token, "/settings/tokens/", "/delete"),
	}
}

// fill puts belongings into the pattern of a route; other parameters keep a
// text from the corpus.
func (has belongings) fill(pattern string) string {
	id := has.post
	switch {
	case strings.Contains(pattern, "/files/"):
		id = has.file
	case strings.Contains(pattern, "/comments/:id"):
		id = has.comment
	case strings.Contains(pattern, "/tokens/"):
		id = has.token
	}
	return strings.NewReplacer(":id", id, ":kind", "post", ":name", "mine.txt", ":secret", "NOSUCHSECRET", ":tag", "sea", ":username", "ann",
		":tier", "free", ":width", "1280", "*", "app.js").Replace(pattern)
}

// TestHostileText_InEveryForm fills every field of every form with the corpus.
// The site stores and shows the text unchanged, or refuses it.
func TestHostileText_InEveryForm(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		for i, r := range routesOf(t, s) {
			if r.Method != http.MethodPost || strings.HasPrefix(r.Path, "/api/") || r.Path == "/reports" { // it reads no form
				continue
			}
			name := fmt.Sprint("user_", i)
			form, ok := forms(name)[r.Path]
			if !ok {
				t.Errorf("no form for POST %s in the table", r.Path)
				continue
			}
			t.Run(strings.ReplaceAll(r.Path[1:], "/", "_"), func(t *testing.T) {
				user, has := s.settled(name)
				for field := range form.fields {
					most := 100
					if _, literal := form.shownIn[field]; !literal {
						most = 2
					}
					for _, text := range corpus(most) {
						user.tryField(t, has.fill(r.Path), form, field, text)
					}
				}
			})
		}
	})
}

func (b *browser) tryField(t *testing.T, path string, form sent, field, text string) {
	t.Helper()
	fields := maps.Clone(form.fields)
	fields[field] = []string{text}
	what := fmt.Sprintf("%s %s=%.200q", path, field, text)
	var got *httptest.ResponseRecorder
	if form.multipart {
		got = b.postForm(path, fields)
	} else {
		got = b.post(path, fields)
	}
	page := wantHandled(t, what, got)
	where, literal := form.shownIn[field]
	if !literal || kept(text) == "" {
		return
	}
	if got.Code == http.StatusUnprocessableEntity {
		if utf8.ValidString(text) && !strings.ContainsAny(text, "\r\x00") && !shown(page, form.cameFrom(field), text) {
			t.Errorf("%s is refused, and the form does not come back with it", what)
		}
		return
	}
	if got.Code >= http.StatusBadRequest {
		return
	}
	at := form.shownAt
	if at == "" {
		at = got.Header().Get("Location")
	}
	if !shown(wantHandled(t, what, b.get(at)), where, kept(text)) {
		t.Errorf("%s is taken with %d, but not shown to the letter in %s at %s", what, got.Code, where, at)
	}
}

// cameFrom is the element in which the user entered the text.
func (f sent) cameFrom(field string) string {
	if field == "bio" || field == "content" || field == "body" || field == "message" {
		return "textarea"
	}
	return "input"
}

// shareFields returns the fields of a share in a form.
func shareFields(text string) url.Values {
	return url.Values{
		"name": {text}, "sender": {text}, "note": {text}, "permission": {"download"}, "expires": {"7"}, "downloads": {"3"}, "password": {""},
		"users": {""}, "preview": {""}, "file_ids": nil, "post_id": nil, "file_id": nil,
	}
}

// requestFields returns the fields of a file request in a form.
func requestFields(text string) url.Values {
	return url.Values{
		"title": {text}, "message": {text}, "name": {text}, "expires": {"7"}, "files": {"3"}, "total": {"1MB"}, "each": {"1MB"},
		"kinds": {"image"}, "sender": {"name"}, "one_use": nil, "password": {""},
	}
}

package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

// A door is the access that a route requires.
type door int

const (
	everyone door = iota
	users
	confirmedUsers // users who re-authenticated recently
	programs       // users by API token
	adminPrograms  // admins by API token
	onlyModerators // and admins
	onlyConfirmedModerators
	onlyAdmins
	onlyConfirmedAdmins
)

// doors has every route with the access that it requires. A route that is
// missing here, or that requires something else, fails TestEveryDoor.
var doors = map[string]door{
	"GET /invite/:secret":                everyone,
	"POST /invite/:secret":               everyone,
	"GET /admin/invitations":             onlyAdmins,
	"POST /admin/invitations":            onlyConfirmedAdmins,
	"POST /admin/invitations/:id/revoke": onlyConfirmedAdmins,

	"GET /admin":                             onlyAdmins,
	"GET /admin/certificates":                onlyAdmins,
	"POST /admin/certificates/retry":         onlyConfirmedAdmins,
	"GET /admin/browser-reports":             onlyAdmins,
	"POST /admin/browser-reports/delete":     onlyConfirmedAdmins,
	"POST /admin/browser-reports/delete-all": onlyConfirmedAdmins,

	"GET /admin/jobs":              onlyAdmins,
	"POST /admin/jobs/:job/retry":  onlyConfirmedAdmins,
	"POST /admin/test-mail":        onlyConfirmedAdmins,
	"POST /admin/jobs/:job/cancel": onlyConfirmedAdmins,

	"GET /report/:kind/:id":           everyone,
	"POST /report/:kind/:id":          everyone,
	"GET /settings/reports":           users,
	"GET /settings/notifications":     users,
	"POST /settings/notifications":    users,
	"GET /notifications":              users,
	"POST /notifications/read":        users,
	"GET /notifications/:id":          users,
	"POST /notifications/:id/read":    users,
	"GET /unsubscribe/:token":         everyone,
	"POST /unsubscribe/:token":        everyone,
	"GET /admin/reports":              onlyModerators,
	"GET /admin/reports/:id":          onlyModerators,
	"POST /admin/reports/:id/claim":   onlyConfirmedModerators,
	"POST /admin/reports/:id/release": onlyConfirmedModerators,
	"POST /admin/reports/:id/undo":    onlyConfirmedModerators,
	"POST /admin/reports/:id/decide":  onlyConfirmedModerators,

	"GET /admin/posts":                      onlyAdmins,
	"GET /admin/comments":                   onlyAdmins,
	"GET /admin/files":                      onlyAdmins,
	"GET /admin/content/:kind/:id":          onlyAdmins,
	"GET /admin/content/:kind/:id/bytes":    onlyConfirmedAdmins,
	"POST /admin/content/:kind/:id/open":    onlyConfirmedAdmins,
	"POST /admin/content/:kind/:id/hide":    onlyConfirmedAdmins,
	"POST /admin/content/:kind/:id/remove":  onlyConfirmedAdmins,
	"POST /admin/content/:kind/:id/restore": onlyConfirmedAdmins,

	"GET /forgot":                 everyone,
	"POST /forgot":                everyone,
	"GET /verify/:secret":         everyone,
	"POST /verify/:secret":        everyone,
	"POST /settings/verification": users,

	"GET /livez":                                everyone,
	"GET /readyz":                               everyone,
	"GET /favicon.ico":                          everyone,
	"GET /robots.txt":                           everyone,
	"GET /.well-known/security.txt":             everyone,
	"POST /reports":                             everyone,
	"GET /":                                     everyone,
	"GET /feed.atom":                            everyone,
	"GET /posts/:id":                            everyone,
	"GET /tags/:tag":                            everyone,
	"GET /users/:username":                      everyone,
	"GET /users/:username/avatar":               everyone,
	"GET /search":                               everyone,
	"GET /file-types":                           everyone,
	"GET /register":                             everyone,
	"POST /register":                            everyone,
	"GET /login":                                everyone,
	"POST /login":                               everyone,
	"GET /manifest.webmanifest":                 everyone,
	"POST /theme":                               everyone,
	"POST /logout":                              everyone,
	"GET /setup/:secret":                        everyone,
	"POST /setup/:secret":                       everyone,
	"GET /share":                                users,
	"GET /shares":                               users,
	"POST /shares":                              users,
	"GET /shares/:id":                           users,
	"POST /shares/:id":                          users,
	"GET /shares/:id/qr.png":                    users,
	"POST /shares/:id/revoke":                   users,
	"GET /posts/:id/access":                     users,
	"POST /posts/:id/private":                   users,
	"GET /files/:id/access":                     users,
	"POST /files/:id/private":                   users,
	"POST /files/:id/allow-metadata":            users,
	"GET /s/:secret":                            everyone,
	"POST /s/:secret":                           everyone,
	"POST /s/:secret/comments":                  users,
	"GET /s/:secret/files/:id/preview":          everyone,
	"GET /s/:secret/zip":                        everyone,
	"GET /s/:secret/files/:id/thumbnail":        everyone,
	"GET /s/:secret/files/:id/thumbnail/:width": everyone,
	"GET /s/:secret/files/:id/:name":            everyone,
	"GET /requests":                             users,
	"GET /requests/new":                         users,
	"POST /requests":                            users,
	"GET /requests/:id":                         users,
	"POST /requests/:id":                        users,
	"GET /requests/:id/qr.png":                  users,
	"POST /requests/:id/revoke":                 users,
	"POST /requests/:id/delete":                 users,
	"GET /r/:secret":                            everyone,
	"POST /r/:secret":                           everyone,
	"POST /r/:secret/files":                     everyone,
	"PUT /r/:secret/:name":                      everyone,
	"GET /r/:secret/receipt":                    everyone,

	"GET /posts/:id/zip":                everyone,
	"GET /files/:id/thumbnail":          everyone,
	"GET /files/:id/preview":            everyone,
	"GET /files/:id/thumbnail/:width":   everyone,
	"GET /files/:id/:name":              everyone,
	"GET /content/:id/:name":            everyone,
	"GET /api/v1/openapi.json":          everyone,
	"GET /api/v1/posts":                 everyone,
	"GET /api/v1/posts/:id":             everyone,
	"GET /api/v1/posts/:id/comments":    everyone,
	"GET /api/v1/tags":                  everyone,
	"GET /api/v1/tags/:tag/posts":       everyone,
	"GET /api/v1/users/:username":       everyone,
	"GET /api/v1/users/:username/posts": everyone,
	"GET /api/v1/search":                everyone,
	"GET /api/v1/files/:id":             everyone,
	"GET /api/v1/files/:id/content":     everyone,
	"GET /api/v1/files/:id/thumbnail":   everyone,
	"GET /static/*":                     everyone,

	"GET /confirm":                     users,
	"POST /confirm":                    users,
	"GET /posts/new":                   users,
	"GET /posts":                       users,
	"POST /posts":                      users,
	"GET /posts/deleted":               users,
	"GET /posts/:id/edit":              users,
	"POST /posts/:id/edit":             users,
	"POST /posts/:id/delete":           users,
	"POST /posts/:id/restore":          users,
	"POST /posts/:id/comments":         users,
	"POST /comments/:id/delete":        users,
	"GET /files":                       users,
	"POST /files":                      users,
	"POST /files/:id/delete":           users,
	"POST /files/zip":                  users,
	"GET /files/zip":                   users,
	"POST /files/share":                users,
	"POST /files/post":                 users,
	"POST /files/delete":               users,
	"GET /files/:id/edit":              users,
	"POST /files/:id/rename":           users,
	"POST /files/:id/replace":          users,
	"GET /files/:id/state":             users,
	"GET /files/:id/original":          users,
	"GET /settings/profile":            users,
	"POST /settings/profile":           users,
	"POST /settings/avatar":            users,
	"POST /settings/avatar/delete":     users,
	"GET /settings/security":           users,
	"POST /settings/security":          users,
	"GET /settings/sessions":           users,
	"POST /settings/sessions/end":      confirmedUsers,
	"GET /settings/usage":              users,
	"GET /settings/data":               users,
	"GET /settings/data/export.zip":    confirmedUsers,
	"POST /settings/data/delete":       confirmedUsers,
	"GET /settings/keep":               users,
	"POST /settings/keep":              users,
	"GET /settings/tokens":             users,
	"GET /settings/sharex.sxcu":        users,
	"POST /settings/tokens/:id/delete": users,

	"POST /settings/tokens": confirmedUsers,

	"GET /api/v1/me":                        programs,
	"PATCH /api/v1/me":                      programs,
	"PUT /api/v1/me/avatar":                 programs,
	"DELETE /api/v1/me/avatar":              programs,
	"GET /api/v1/me/files":                  programs,
	"GET /api/v1/me/usage":                  programs,
	"GET /api/v1/me/export":                 programs,
	"GET /api/v1/me/posts/deleted":          programs,
	"POST /api/v1/posts":                    programs,
	"PATCH /api/v1/posts/:id":               programs,
	"DELETE /api/v1/posts/:id":              programs,
	"POST /api/v1/posts/:id/restore":        programs,
	"POST /api/v1/posts/:id/comments":       programs,
	"DELETE /api/v1/comments/:id":           programs,
	"PUT /api/v1/files/:name":               programs,
	"PATCH /api/v1/files/:id":               programs,
	"DELETE /api/v1/files/:id":              programs,
	"POST /api/v1/files/:id/content":        programs,
	"POST /api/v1/files/:id/allow-metadata": programs,
	"PUT /up/:name":                         programs,
	"GET /api/v1/requests":                  programs,
	"POST /api/v1/requests":                 programs,
	"GET /api/v1/requests/:id":              programs,
	"PATCH /api/v1/requests/:id":            programs,
	"DELETE /api/v1/requests/:id":           programs,
	"GET /api/v1/shares":                    programs,
	"POST /api/v1/shares":                   programs,
	"GET /api/v1/shares/:id":                programs,
	"PATCH /api/v1/shares/:id":              programs,
	"DELETE /api/v1/shares/:id":             programs,

	"GET /api/v1/admin/users":                         adminPrograms,
	"GET /api/v1/admin/users/:username":               adminPrograms,
	"POST /api/v1/admin/users/:username/tier":         adminPrograms,
	"POST /api/v1/admin/users/:username/role":         adminPrograms,
	"POST /api/v1/admin/users/:username/quota":        adminPrograms,
	"POST /api/v1/admin/users/:username/suspend":      adminPrograms,
	"POST /api/v1/admin/users/:username/reinstate":    adminPrograms,
	"POST /api/v1/admin/users/:username/end-sessions": adminPrograms,
	"GET /api/v1/admin/invitations":                   adminPrograms,
	"POST /api/v1/admin/invitations":                  adminPrograms,
	"DELETE /api/v1/admin/invitations/:id":            adminPrograms,
	"GET /api/v1/admin/ip-rules":                      adminPrograms,
	"POST /api/v1/admin/ip-rules":                     adminPrograms,
	"DELETE /api/v1/admin/ip-rules":                   adminPrograms,
	"GET /api/v1/admin/audit-events":                  adminPrograms,
	"GET /api/v1/admin/limits":                        adminPrograms,

	"GET /login/second-factor":                         everyone,
	"POST /login/second-factor":                        everyone,
	"GET /settings/second-factor":                      confirmedUsers,
	"GET /settings/second-factor/qr.png":               confirmedUsers,
	"POST /settings/second-factor/begin":               confirmedUsers,
	"POST /settings/second-factor/cancel":              confirmedUsers,
	"POST /settings/second-factor/finish":              confirmedUsers,
	"POST /settings/second-factor/codes":               confirmedUsers,
	"POST /settings/second-factor/remove":              confirmedUsers,
	"POST /login/passkey/options":                      everyone,
	"POST /login/oidc":                                 everyone,
	"GET /settings/sign-in":                            users,
	"POST /settings/sign-in/link":                      confirmedUsers,
	"POST /settings/sign-in/unlink":                    confirmedUsers,
	"GET /login/oidc/callback":                         everyone,
	"POST /login/passkey":                              everyone,
	"POST /login/second-factor/passkey":                everyone,
	"POST /login/second-factor/options":                everyone,
	"POST /confirm/provider":                           users,
	"POST /confirm/options":                            users,
	"POST /confirm/passkey":                            users,
	"POST /settings/second-factor/passkeys/options":    confirmedUsers,
	"POST /settings/second-factor/passkeys":            confirmedUsers,
	"POST /settings/second-factor/passkeys/:id/delete": confirmedUsers,
	"GET /admin/ip-rules":                              onlyAdmins,
	"POST /admin/ip-rules":                             onlyConfirmedAdmins,
	"POST /admin/ip-rules/delete":                      onlyConfirmedAdmins,
	"GET /admin/limits":                                onlyAdmins,
	"GET /admin/limits/:act":                           onlyAdmins,
	"POST /admin/limits/:act":                          onlyConfirmedAdmins,
	"GET /admin/settings":                              onlyAdmins,
	"POST /admin/settings":                             onlyConfirmedAdmins,
	"GET /admin/tiers":                                 onlyAdmins,
	"GET /admin/tiers/:tier":                           onlyAdmins,
	"POST /admin/tiers/:tier":                          onlyConfirmedAdmins,
	"GET /admin/audit":                                 onlyAdmins,
	"GET /reset/:secret":                               everyone,
	"POST /reset/:secret":                              everyone,
	"GET /admin/users":                                 onlyAdmins,
	"GET /admin/users/:username":                       onlyAdmins,
	"POST /admin/users/:username/tier":                 onlyConfirmedAdmins,
	"POST /admin/users/:username/role":                 onlyConfirmedAdmins,
	"POST /admin/users/:username/quota":                onlyConfirmedAdmins,
	"POST /admin/users/:username/suspend":              onlyConfirmedAdmins,
	"POST /admin/users/:username/reinstate":            onlyConfirmedAdmins,
	"POST /admin/users/:username/end-sessions":         onlyConfirmedAdmins,
	"POST /admin/users/:username/remove-factor":        onlyConfirmedAdmins,
	"POST /admin/users/:username/reset":                onlyConfirmedAdmins,
	"POST /admin/users/:username/delete":               onlyConfirmedAdmins,
	"POST /admin/users/:username/keep":                 onlyConfirmedAdmins,

	"GET /admin/audit/events.jsonl": onlyConfirmedAdmins,
}

// A doorVisitor is a visitor of a route.
type doorVisitor struct {
	name   string
	role   models.Role // empty: a guest
	proved bool        // re-authenticated recently
	token  string      // instead of a session
}

// doorVisitors returns one visitor of each sort.
func (s *site) doorVisitors() map[*browser]doorVisitor {
	s.t.Helper()
	all := map[*browser]doorVisitor{s.browser(): {name: "a guest"}}
	for _, role := range models.Roles() {
		name := string(role) + "1"
		early := s.withRole(name, role)
		all[early] = doorVisitor{name: name + " after a while", role: role}
		all[s.browser()] = doorVisitor{name: "the program of " + name, role: role, token: s.programOf(name).token}
	}
	suspended := s.withRole("suspended1", models.RoleAdmin)
	all[suspended] = doorVisitor{name: "a suspended admin"}
	s.clock.advance(31 * time.Minute)
	if _, err := s.accounts.Suspend(s.t.Context(), models.Actor{}, "suspended1", "test"); err != nil {
		s.t.Fatal(err)
	}
	for _, role := range models.Roles() {
		late := s.withRole(string(role)+"2", role)
		all[late] = doorVisitor{name: string(role) + "2", role: role, proved: true}
	}
	return all
}

// withRole returns the browser of a new user who has the role.
func (s *site) withRole(name string, role models.Role) *browser {
	s.t.Helper()
	s.registered(name)
	if err := s.db.ChangeRole(s.t.Context(), s.userNamed(name).ID, role); err != nil {
		s.t.Fatal(err)
	}
	_, entry, err := s.accounts.LogIn(s.t.Context(), name, testPassword, models.Client{}) // the role ended the session
	if err != nil {
		s.t.Fatal(err)
	}
	return s.holding(entry.Session)
}

// verdict returns the expected response to a doorVisitor; empty: access.
func (d door) verdict(k doorVisitor, method string, api bool) string {
	if d == everyone {
		return ""
	}
	byToken := d == programs || d == adminPrograms
	if byToken != (k.token != "") || k.role == "" {
		if byToken || api || method != http.MethodGet && method != http.MethodHead {
			return "401"
		}
		if method == http.MethodHead {
			return "401"
		}
		return "to /login"
	}
	least := map[door]models.Role{onlyModerators: models.RoleModerator, onlyConfirmedModerators: models.RoleModerator,
		adminPrograms: models.RoleAdmin, onlyAdmins: models.RoleAdmin, onlyConfirmedAdmins: models.RoleAdmin}[d]
	if least != "" && !k.role.AtLeast(least) {
		return "403"
	}
	if (d == confirmedUsers || d == onlyConfirmedModerators || d == onlyConfirmedAdmins) && !k.proved {
		if method == http.MethodGet {
			return "to /confirm"
		}
		return "403"
	}
	return ""
}

// TestEveryDoor sends every visitor to every route.
func TestEveryDoor(t *testing.T) {
	s := newSite(t)
	all := s.doorVisitors()
	seen := map[string]bool{}
	for _, r := range routesOf(t, s) {
		if r.Path == "/logout" { // it ended the session
			seen["POST /logout"] = true
			continue
		}
		name := strings.Replace(r.Method, http.MethodHead, http.MethodGet, 1) + " " + r.Path
		d, known := doors[name]
		if seen[name] = true; !known {
			t.Errorf("%s is not in the table of doors", name)
			continue
		}
		for b, k := range all {
			request := httptest.NewRequest(r.Method, address(r.Path), nil)
			if k.token != "" {
				request.Header.Set("Authorization", "Bearer "+k.token)
			}
			request.Header.Set("Sec-Fetch-Site", "same-origin")
			got := b.do(request)
			if want := d.verdict(k, r.Method, strings.HasPrefix(r.Path, "/api/")); !answeredAs(got, want) {
				t.Errorf("%s %s as %s: %d %s, want %q", r.Method, r.Path, k.name, got.Code, got.Header().Get("Location"), want)
			}
		}
	}
	for name := range doors {
		if !seen[name] {
			t.Errorf("%s is no route", name)
		}
	}
}

// answeredAs reports whether got is the verdict. A visitor with access may
// still get 404, or an error about an empty form.
func answeredAs(got *httptest.ResponseRecorder, verdict string) bool {
	to := got.Header().Get("Location")
	away := strings.HasPrefix(to, "/login?next=") || strings.HasPrefix(to, "/confirm?next=")
	switch verdict {
	case "":
		return got.Code != http.StatusUnauthorized && got.Code != http.StatusForbidden && !away && got.Code < 500
	case "401":
		return got.Code == http.StatusUnauthorized
	case "403":
		return got.Code == http.StatusForbidden
	case "to /login":
		return got.Code == http.StatusSeeOther && strings.HasPrefix(to, "/login?next="+url.QueryEscape("/"))
	}
	return got.Code == http.StatusSeeOther && strings.HasPrefix(to, "/confirm?next="+url.QueryEscape("/"))
}

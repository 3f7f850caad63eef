package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const (
	userKey    = "user"    // where a request keeps its models.User
	sessionKey = "session" // and the hash of its session
	tokenKey   = "token"   // or of its API token
	scopesKey  = "scopes"  // and what that token may

	confirmedKey = "confirmed" // set: the visitor proved of late to be there
)

// visitor returns who makes the request: the zero User is a guest.
func visitor(c echo.Context) models.User {
	user, _ := c.Get(userKey).(models.User)
	return user
}

// session returns the hash of the session the request came with.
func session(c echo.Context) models.SecretHash {
	hash, _ := c.Get(sessionKey).(models.SecretHash)
	return hash
}

// client returns what the request comes from.
func client(c echo.Context) models.Client {
	return models.Client{Addr: cameBy(c).addr, UserAgent: c.Request().UserAgent()}
}

// actor returns who makes the request, and from where.
func actor(c echo.Context) models.Actor { return models.Actor{User: visitor(c), Client: client(c)} }

// credential returns the hash of what the visitor came in by, a session or an
// API token; a guest has none.
func credential(c echo.Context) models.SecretHash {
	if hash, ok := c.Get(tokenKey).(models.SecretHash); ok {
		return hash
	}
	return session(c)
}

// identifies returns how one finds out who comes, where who may.
func (s *Server) identifies(who access) func(echo.Context) error {
	switch who {
	case api, apiReader, apiWriter, apiUploader, apiAdmin:
		return s.identifyToken
	case machines, probes:
		return unasked
	case signed:
		return s.identifyLink
	}
	return s.identifySession
}

const refusalKey = "refusal" // where a request keeps why its visitor is not believed

// identified finds out who comes. Whoever is not believed is counted as a guest
// before they are told so: guessing is limited too.
func identified(identify func(echo.Context) error) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := identify(c); err != nil {
				c.Set(refusalKey, err)
			}
			return next(c)
		}
	}
}

// unasked is for whoever comes: nobody looks who it is.
func unasked(echo.Context) error { return nil }

// cookieName is bound to HTTPS and to this host alone where that can be
// (RFC 6265bis, 4.1.3.2).
func (s *Server) cookieName() string {
	if s.Settings.Secure {
		return "__Host-session"
	}
	return "session"
}

// identifySession honours the session cookie, and takes a dead one away.
func (s *Server) identifySession(c echo.Context) error {
	cookie, err := c.Cookie(s.cookieName())
	if err != nil || cookie.Value == "" {
		return nil // a guest
	}
	found, user, err := s.Accounts.BySession(c.Request().Context(), models.Secret(cookie.Value))
	if problem.KindOf(err) == problem.NotFound {
		s.setSession(c, "")
		return nil
	}
	if err != nil {
		return err
	}
	c.Set(userKey, user)
	c.Set(sessionKey, found.Hash)
	if s.Accounts.Confirmed(found) {
		c.Set(confirmedKey, true)
	}
	return nil
}

// identifyToken honours an API token. A token that is not good is an error
// even where guests may come: its holder thinks they are somebody.
func (s *Server) identifyToken(c echo.Context) error {
	header := c.Request().Header.Get("Authorization")
	if header == "" {
		return nil
	}
	scheme, text, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="cloakroom"`)
		return problem.New(problem.Unauthenticated, "Send an API token as a bearer token.")
	}
	secret := models.Secret(strings.TrimSpace(text))
	token, user, err := s.Accounts.ByToken(c.Request().Context(), secret)
	if err != nil {
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="cloakroom", error="invalid_token"`)
		return err
	}
	if s.Accounts.OwesFactor(user) {
		return problem.New(problem.Forbidden, "Your role needs a second factor. Set one up in your settings, and this token works again.")
	}
	c.Set(userKey, user)
	c.Set(tokenKey, token.Hash)
	c.Set(scopesKey, token.Scopes)
	return nil
}

// setSession gives the browser the secret of its session, or takes it away
// when secret is "" (OWASP ASVS 5.0, 3.3.1 to 3.3.4).
func (s *Server) setSession(c echo.Context, secret models.Secret) {
	cookie := &http.Cookie{ //nolint:gosec // Secure follows PUBLIC_URL, which may be http on one machine
		Name: s.cookieName(), Value: secret.Reveal(), Path: "/", MaxAge: int(s.Settings.SessionLifetime.Seconds()),
		HttpOnly: true, Secure: s.Settings.Secure, SameSite: http.SameSiteLaxMode,
	}
	if secret == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

// ownPath returns next if it is a path of ours to go to after logging in, and
// "/" otherwise: an address of another site, in whatever disguise, is not.
func ownPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\t\r\n") {
		return "/"
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") ||
		strings.ContainsFunc(u.Path, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return "/"
	}
	return next
}

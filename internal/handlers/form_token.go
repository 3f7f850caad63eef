package handlers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/problem"
)

// Browsers of today say where a form comes from, and sameOrigin believes them.
// For one that does not, each form carries a token that only a page of ours
// can know: it is made from a cookie that other sites cannot read (OWASP ASVS
// 5.0, 3.5.1).
const (
	tokenField   = "token"
	tokenWanted  = "token wanted" // set on a request that must prove itself by its token
	maxFormToken = 100            // bytes
)

// guestCookie holds what the tokens of someone without a session are made from.
func (s *Server) guestCookie() string {
	if s.Settings.Secure {
		return "__Host-guest"
	}
	return "guest"
}

// formToken returns the token for the forms of a page. A guest gets a cookie
// for it, so it is asked for only where guests have forms.
func (s *Server) formToken(c echo.Context) string {
	c.Response().Header().Set("Cache-Control", "no-store") // a cache on the way would hand it to others
	if secret := s.tokenSecret(c); secret != "" {
		return tokenOf(secret)
	}
	secret := rand.Text()
	c.SetCookie(&http.Cookie{ //nolint:gosec // Secure follows PUBLIC_URL, which may be http on one machine
		Name: s.guestCookie(), Value: secret, Path: "/", HttpOnly: true, Secure: s.Settings.Secure, SameSite: http.SameSiteLaxMode,
	})
	return tokenOf(secret)
}

// tokenSecret returns what the visitor's tokens are made from: the secret of
// their session while it lives, else of their guest cookie, or "".
func (s *Server) tokenSecret(c echo.Context) string {
	name := s.guestCookie()
	if session(c) != "" {
		name = s.cookieName()
	}
	cookie, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

func tokenOf(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("form token")) // a hash never fails to write
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// saysWhence reports whether the browser said where the request comes from.
func saysWhence(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != ""
}

// checkToken judges the token of a form, if this request must have one.
func (s *Server) checkToken(c echo.Context, token string) error {
	if c.Get(tokenWanted) == nil || s.tokenHolds(c, token) {
		return nil
	}
	return problem.New(problem.Forbidden, "This form is too old, or did not come from a page here. Load the page again and send it once more.")
}

// tokenHolds reports whether token is the one of the visitor's forms.
func (s *Server) tokenHolds(c echo.Context, token string) bool {
	secret := s.tokenSecret(c)
	return secret != "" && hmac.Equal([]byte(token), []byte(tokenOf(secret)))
}

// proven wants a token of a form whose browser does not say where it comes
// from. Forms with files are judged as they stream, before their first file.
func (s *Server) proven(most bodyCap) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.Method == http.MethodGet || r.Method == http.MethodHead || saysWhence(r) {
				return next(c)
			}
			c.Set(tokenWanted, true)
			if most == fileBody && strings.HasPrefix(r.Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
				return next(c)
			}
			form, err := formOf(c)
			if err == nil {
				err = s.checkToken(c, form.Get(tokenField))
			}
			if err != nil {
				return err
			}
			return next(c)
		}
	}
}

// readToken reads and judges a token that is a part of a form.
func (s *Server) readToken(c echo.Context, part *multipart.Part) error {
	token, err := io.ReadAll(io.LimitReader(part, maxFormToken))
	if err != nil {
		return errUnreadable(err)
	}
	return s.checkToken(c, string(token))
}

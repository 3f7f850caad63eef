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

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Current browsers say where a form comes from, and sameOrigin checks that. For
// those that do not, each form carries a token that only a page of ours can
// know: it is made from a cookie that other sites cannot read (OWASP ASVS 5.0,
// 3.5.1).
const (
	tokenField   = "token"
	maxFormToken = 100 // bytes
)

// guestCookie holds the secret that the form tokens of a visitor without a
// session are made from.
func (s *Server) guestCookie() cookie {
	return cookie{name: "guest", life: 0, secure: s.Settings.Secure}
}

// formToken returns the token for the forms of a page. A guest gets a cookie
// for it, so only pages on which guests have forms call it for them.
func (s *Server) formToken(c echo.Context) string {
	c.Response().Header().Set("Cache-Control", "no-store") // a cache on the way would give it to others
	secret := s.tokenSecret(c)
	if secret == "" {
		secret = models.Secret(rand.Text())
		s.guestCookie().set(c, secret)
	}
	return tokenOf(secret)
}

// tokenSecret returns the secret that the visitor's form tokens are made from:
// that of their session, else that of their guest cookie, or "".
func (s *Server) tokenSecret(c echo.Context) models.Secret {
	if session(c) != "" {
		return s.sessionCookie().get(c)
	}
	return s.guestCookie().get(c)
}

func tokenOf(secret models.Secret) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte("form token")) // a hash never fails to write
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// namesItsOrigin reports whether the browser says where the request comes from.
func namesItsOrigin(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != ""
}

// checkToken checks the token of a form, if this request must have one.
func (s *Server) checkToken(c echo.Context, token string) error {
	if !VisitOf(c).needToken || s.isFormToken(c, token) {
		return nil
	}
	return problem.New(problem.Forbidden, "This form has expired. Reload the page and send it again.")
}

// isFormToken reports whether token is that of the visitor's forms.
func (s *Server) isFormToken(c echo.Context, token string) bool {
	secret := s.tokenSecret(c)
	return secret != "" && hmac.Equal([]byte(token), []byte(tokenOf(secret)))
}

// checkFormToken requires a token of a form whose browser does not say where it
// comes from. Forms with files are checked as they stream, before their first
// file.
func (s *Server) checkFormToken(body Body) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			if r.Method == http.MethodGet || r.Method == http.MethodHead || namesItsOrigin(r) {
				return next(c)
			}
			VisitOf(c).needToken = true
			if body.Files() && strings.HasPrefix(r.Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
				return next(c)
			}
			form, err := readForm(c)
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

// readToken reads and checks a token that is a part of a form.
func (s *Server) readToken(c echo.Context, part *multipart.Part) error {
	token, err := io.ReadAll(io.LimitReader(part, maxFormToken))
	if err != nil {
		return errUnreadable(err)
	}
	return s.checkToken(c, string(token))
}

package gate

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

// Current browsers say where a form comes from, and SameOrigin checks that. For
// those that do not, each form carries a token that only a page of ours can
// know: it is made from a cookie that other sites cannot read (OWASP ASVS 5.0,
// 3.5.1).
const (
	TokenField   = "token"
	maxFormToken = 100 // bytes
)

// guestCookie holds the secret that the form tokens of a visitor without a
// session are made from.
func (g *Gate) guestCookie() Cookie {
	return Cookie{Name: "guest", Life: 0, Secure: g.Options.Secure}
}

// FormToken returns the token for the forms of a page. A guest gets a cookie
// for it, so only pages on which guests have forms call it for them.
func (g *Gate) FormToken(c echo.Context) string {
	c.Response().Header().Set("Cache-Control", "no-store") // a cache on the way would give it to others
	secret := g.tokenSecret(c)
	if secret == "" {
		secret = models.Secret(rand.Text())
		g.guestCookie().Set(c, secret)
	}
	return tokenOf(secret)
}

// tokenSecret returns the secret that the visitor's form tokens are made from:
// that of their session, else that of their guest cookie, or "".
func (g *Gate) tokenSecret(c echo.Context) models.Secret {
	if SessionOf(c) != "" {
		return g.sessionCookie().Get(c)
	}
	return g.guestCookie().Get(c)
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

// CheckToken checks the token of a form, if this request must have one.
func (g *Gate) CheckToken(c echo.Context, token string) error {
	if !VisitOf(c).needToken || g.isFormToken(c, token) {
		return nil
	}
	return problem.New(problem.Forbidden, "This form has expired. Reload the page and send it again.")
}

// isFormToken reports whether token is that of the visitor's forms.
func (g *Gate) isFormToken(c echo.Context, token string) bool {
	secret := g.tokenSecret(c)
	return secret != "" && hmac.Equal([]byte(token), []byte(tokenOf(secret)))
}

// CheckFormToken requires a token of a form whose browser does not say where it
// comes from. Forms with files are checked as they stream, before their first
// file.
func (g *Gate) CheckFormToken(body Body) echo.MiddlewareFunc {
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
			form, err := ReadForm(c)
			if err == nil {
				err = g.CheckToken(c, form.Get(TokenField))
			}
			if err != nil {
				return err
			}
			return next(c)
		}
	}
}

// ReadToken reads and checks a token that is a part of a form.
func (g *Gate) ReadToken(c echo.Context, part *multipart.Part) error {
	token, err := io.ReadAll(io.LimitReader(part, maxFormToken))
	if err != nil {
		return ErrUnreadable(err)
	}
	return g.CheckToken(c, string(token))
}

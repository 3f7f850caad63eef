package gate

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// Current browsers say where a form comes from, and RequireSameOrigin checks that. For
// other browsers, each form carries a token that only pages of this site can know:
// it is derived from a cookie that other sites cannot read (OWASP ASVS 5.0, 3.5.1).

// TokenField is the name of the form field that holds the form token.
const TokenField = "token"

// maxFormToken is how many bytes of a form token are read.
const maxFormToken = 100

// guestCookie returns the cookie for the secret from which the form tokens of a
// visitor without a session are derived.
func (g *Gate) guestCookie() Cookie {
	return Cookie{Name: "guest", Life: 0, Secure: g.Options.Secure}
}

// FormToken returns the token for the forms of a page. It sets a cookie for guests
// who have none, so pages call it for guests only if guests have forms there.
func (g *Gate) FormToken(c echo.Context) string {
	c.Response().Header().Set("Cache-Control", "no-store") // a shared cache would give it to others
	VisitOf(c).gaveToken = true
	secret := g.tokenSecret(c)
	if secret == "" {
		secret = models.Secret(rand.Text())
		g.guestCookie().Set(c, secret)
	}
	return tokenOf(secret)
}

// tokenSecret returns the secret from which the visitor's form tokens are derived:
// the secret of their session or else of their guest cookie, or "".
func (g *Gate) tokenSecret(c echo.Context) models.Secret {
	if begun := VisitOf(c).secret; begun != "" {
		return begun
	}
	if SessionOf(c) != "" {
		return g.sessionCookie().Get(c)
	}
	return g.guestCookie().Get(c)
}

// tokenOf derives a form token from secret.
func tokenOf(secret models.Secret) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte("form token")) // a hash never fails to write
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// namesItsOrigin reports whether the browser says which site sent the request.
func namesItsOrigin(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != ""
}

// errOldToken is the problem of a form with a token of an earlier session, or without one.
var errOldToken = problem.New(problem.Forbidden, "This form has expired. Reload the page and send it again.")

// CheckToken returns a Forbidden problem if this request needs a form token and
// token is not a valid one.
func (g *Gate) CheckToken(c echo.Context, token string) error {
	if !VisitOf(c).needToken || g.isFormToken(c, token) {
		return nil
	}
	return errOldToken
}

// isFormToken reports whether token is the token of the visitor's forms.
func (g *Gate) isFormToken(c echo.Context, token string) bool {
	secret := g.tokenSecret(c)
	return secret != "" && hmac.Equal([]byte(token), []byte(tokenOf(secret)))
}

// RequireFormToken requires a form token if the browser does not say which site sent
// the form. Forms with files are checked as they stream, before their first file.
func (g *Gate) RequireFormToken(body Body) echo.MiddlewareFunc {
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
			if errors.Is(err, errOldToken) {
				g.saveFields(c, form)
			}
			if err != nil {
				return err
			}
			return next(c)
		}
	}
}

// ReadToken reads a form token from a part of a form, which is one of parts, and checks
// it. If it is an old one, it saves the fields of the parts after it.
func (g *Gate) ReadToken(c echo.Context, part *multipart.Part, parts *multipart.Reader) error {
	token, err := io.ReadAll(io.LimitReader(part, maxFormToken))
	if err != nil {
		return ErrUnreadable(err)
	}
	err = g.CheckToken(c, string(token))
	if err != nil {
		g.saveParts(c, parts, string(token))
	}
	return err
}

package gate_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/gate"
)

// Over HTTPS a cookie is Secure and for one host, and has the prefix that makes
// browsers hold it to that. No cookie is readable by scripts or sent by other sites.
func TestCookie_OverHTTPS(t *testing.T) {
	for want, cookie := range map[string]gate.Cookie{
		"__Host-a=secret; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax":      {Name: "a", Life: time.Hour, Secure: true},
		"__Host-a=secret; Path=/; HttpOnly; Secure; SameSite=Lax":                    {Name: "a", Secure: true},
		"__Secure-a=secret; Path=/s/x; Max-Age=3600; HttpOnly; Secure; SameSite=Lax": {Name: "a", Path: "/s/x", Life: time.Hour, Secure: true},
		"a=secret; Path=/; HttpOnly; SameSite=Lax":                                   {Name: "a"},
	} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		answer := httptest.NewRecorder()
		c := echo.New().NewContext(request, answer)
		cookie.Set(c, "secret")
		if got := answer.Header().Get("Set-Cookie"); got != want {
			t.Errorf("the cookie is %q, want %q", got, want)
		}
		request.AddCookie(answer.Result().Cookies()[0])
		if got := cookie.Get(c); got != "secret" {
			t.Errorf("%s: it comes back as %q", want, got.Reveal())
		}
	}
}

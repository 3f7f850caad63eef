package gate

import (
	"net/http"
	"net/url"
	"strings"
)

// Target returns the path and query of u, and nothing else of it, as a redirect to
// this site needs them: it begins with exactly one slash. A request can name more than
// a path ("GET x:@evil.example/ HTTP/1.1"), which would move the redirect to another
// host.
func Target(u *url.URL) string {
	path := u.EscapedPath()
	if u.Opaque != "" || !strings.HasPrefix(path, "/") {
		path = "/"
	}
	target := "/" + strings.TrimLeft(path, `/\`)
	if u.RawQuery != "" {
		target += "?" + u.RawQuery
	}
	return target
}

// IsForPrograms reports whether r is for the API, or carries a token for it. Over HTTP
// such a request is refused, not redirected: its token has travelled unencrypted, and
// a redirect would hide that (OWASP ASVS 5.0, 4.1.2).
func IsForPrograms(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, upPath) || r.Header.Get("Authorization") != ""
}

// UnencryptedMessage tells programs why they are refused over HTTP.
const UnencryptedMessage = "Use HTTPS: the API does not answer over HTTP. " +
	"If you sent an API token, revoke it, because it travelled unencrypted."

package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

// newLimited returns a site with the default limits, except for overrides.
func newLimited(t *testing.T, overrides string) *site {
	t.Helper()
	return newSiteBy(t, databasetest.New(t), handlers.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, overrides)
}

// member returns the browser of a new user, who has used up nothing.
func (s *site) member(username string) *browser {
	s.t.Helper()
	in := accounts.RegistrationInput{Username: username, Email: username + "@example.org", Password: testPassword}
	_, secret, err := s.accounts.Register(s.t.Context(), in, models.Client{})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.holding(secret)
}

// holding returns a browser with this session.
func (s *site) holding(secret models.Secret) *browser {
	b := s.browser()
	b.jar.SetCookies(must(url.Parse(publicURL))(s.t), []*http.Cookie{{Name: "session", Value: secret.Reveal()}})
	return b
}

// from sends a request from the given remote address, for a path or an absolute
// URL. Headers are names and values in turn.
func (b *browser) from(addr, method, path string, headers ...string) *httptest.ResponseRecorder {
	if strings.HasPrefix(path, "/") {
		path = publicURL + path
	}
	r := httptest.NewRequest(method, path, nil)
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(addr), 4711).String()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.do(r)
}

var (
	policyField = regexp.MustCompile(`^"[a-z-]+";q=\d+;w=\d+(, "[a-z-]+";q=\d+;w=\d+)*$`)
	stateField  = regexp.MustCompile(`^"[a-z-]+";r=\d+;t=\d+(, "[a-z-]+";r=\d+;t=\d+)*$`)
)

// wantTold requires the headers that state the limit.
func wantTold(t *testing.T, what string, got *httptest.ResponseRecorder) {
	t.Helper()
	h := got.Header()
	policy, state := h.Get("RateLimit-Policy"), h.Get("RateLimit")
	if !policyField.MatchString(policy) || !stateField.MatchString(state) || strings.Count(policy, ",") != strings.Count(state, ",") {
		t.Errorf("%s: %d, RateLimit-Policy: %q, RateLimit: %q", what, got.Code, policy, state)
	}
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		if _, err := strconv.ParseUint(h.Get(name), 10, 63); err != nil {
			t.Errorf("%s: %d, %s: %q", what, got.Code, name, h.Get(name))
		}
	}
}

// exempt lists the routes without a limit.
var exempt = []string{"/livez", "/readyz", "/robots.txt", "/favicon.ico", "/.well-known/security.txt", "/static/*", "/api/v1/openapi.json",
	"/manifest.webmanifest"}

// TestEveryRoute_IsLimited uses up the limit of each route as a guest, as a
// user and by an API token.
func TestEveryRoute_IsLimited(t *testing.T) {
	for _, who := range []string{"guest", "user", "program"} {
		s := newSiteBy(t, databasetest.New(t), handlers.Options{ContentOrigin: contentOrigin, ContentKey: contentKey},
			"*=1-H,reset=1-H,login=1-H,login-account=1-H,register=1-H,setup=1-H,browser=1-H,stray=1-H")
		b, headers := s.browser(), []string{}
		switch who {
		case "user":
			b = s.member("ann")
		case "program":
			s.member("ann")
			headers = []string{"Authorization", "Bearer " + s.programOf("ann").token}
		}
		for _, r := range routesOf(t, s) {
			s.clock.advance(2*time.Hour + time.Second) // so that all counters are empty
			s.exec(`UPDATE sessions SET expires_at = '2999-01-01 00:00:00+00:00'`)
			path := address(r.Path)
			if strings.HasPrefix(r.Path, "/content/") { // it is on another host
				path = strings.Replace(path, publicURL, contentOrigin, 1)
			}
			ask := func() *httptest.ResponseRecorder { return b.from("192.0.2.7", r.Method, path, headers...) }
			what := fmt.Sprintf("%s as %s: %s", r.Method, who, r.Path)
			first := ask()
			if r.Path == "/logout" && who == "user" { // it worked
				_, entry, err := s.accounts.LogIn(t.Context(), "ann", testPassword, models.Client{})
				if err != nil {
					t.Fatal(err)
				}
				b = s.holding(entry.Session)
			}
			if slices.Contains(exempt, r.Path) && first.Code != http.StatusNotFound {
				if second := ask(); second.Code == http.StatusTooManyRequests || second.Header().Get("RateLimit") != "" {
					t.Errorf("%s is not to be limited: %d %v", what, second.Code, second.Header())
				}
				continue
			}
			if first.Code == http.StatusTooManyRequests {
				t.Errorf("%s: the first is refused", what)
			}
			wantTold(t, what, first)
			wantRefused(t, what, r.Path, ask())
		}
	}
}

func wantRefused(t *testing.T, what, path string, got *httptest.ResponseRecorder) {
	t.Helper()
	wantTold(t, what, got)
	wait, err := strconv.Atoi(got.Header().Get("Retry-After"))
	if got.Code != http.StatusTooManyRequests || err != nil || wait < 1 || wait > 2*3600 || got.Header().Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%s: %d, Retry-After: %q, %q left", what, got.Code, got.Header().Get("Retry-After"), got.Header().Get("X-RateLimit-Remaining"))
	}
	want := "text/html; charset=UTF-8"
	switch {
	case strings.HasPrefix(path, "/api/"):
		want = "application/problem+json"
	case strings.HasPrefix(path, "/content/"), strings.HasPrefix(path, "/up/"), path == "/r/:secret/:name":
		want = "text/plain; charset=UTF-8"
	}
	if kind := got.Header().Get("Content-Type"); kind != want {
		t.Errorf("%s: the refusal is %q, want %q", what, kind, want)
	}
	if got.Header().Get("Cache-Control") != "no-store" || !strings.Contains(got.Body.String(), "Too many requests") {
		t.Errorf("%s: Cache-Control: %s\n%s", what, got.Header().Get("Cache-Control"), got.Body)
	}
}

var resetIn = regexp.MustCompile(`;t=\d+`)

func TestLimitHeaders(t *testing.T) {
	s := newLimited(t, "page=4-S+10-M,download=50-M")
	guest := s.browser()
	got := guest.get("/")
	wantHeaders := func(r *httptest.ResponseRecorder, policy, state, limit, left string) {
		t.Helper()
		h := r.Header()
		if h.Get("RateLimit-Policy") != policy || resetIn.ReplaceAllString(h.Get("RateLimit"), "") != state ||
			h.Get("X-RateLimit-Limit") != limit || h.Get("X-RateLimit-Remaining") != left {
			t.Errorf("%d, RateLimit-Policy: %s\nRateLimit: %s\n%s of %s", r.Code, h.Get("RateLimit-Policy"), h.Get("RateLimit"),
				h.Get("X-RateLimit-Remaining"), h.Get("X-RateLimit-Limit"))
		}
	}
	const policy = `"page-second";q=4;w=1, "page-minute";q=10;w=60`
	wantHeaders(got, policy, `"page-second";r=3, "page-minute";r=9`, "4", "3")
	in := resetIn.FindString(got.Header().Get("RateLimit"))
	reset, now := must(strconv.ParseInt(got.Header().Get("X-RateLimit-Reset"), 10, 64))(t), s.clock.now().Unix()
	if reset <= now || reset > now+2 || in != fmt.Sprint(";t=", reset-now) {
		t.Errorf("X-RateLimit-Reset: %d, and it is %d; RateLimit: %s", reset, now, in)
	}
	for range 3 {
		got = guest.get("/")
	}
	wantHeaders(got, policy, `"page-second";r=0, "page-minute";r=6`, "4", "0")
	wantHeaders(guest.get("/"), `"page-second";q=4;w=1`, `"page-second";r=0`, "4", "0")

	ann := s.member("ann")
	_, file := ann.writeFile("public", "a.txt", "hello")
	if got := guest.from("192.0.2.9", http.MethodHead, file); got.Code != http.StatusOK {
		t.Errorf("HEAD: %d", got.Code)
	} else {
		wantHeaders(got, `"download-minute";q=50;w=60`, `"download-minute";r=49`, "50", "49")
		got = guest.from("192.0.2.9", http.MethodGet, file, "If-None-Match", got.Header().Get("ETag"))
		if got.Code != http.StatusNotModified {
			t.Errorf("with its ETag: %d", got.Code)
		}
		wantHeaders(got, `"download-minute";q=50;w=60`, `"download-minute";r=48`, "50", "48")
	}
}

// class puts a user into a class.
func (s *site) class(username, tier, role string) {
	s.t.Helper()
	query := `UPDATE users SET tier = ?, role = ? WHERE username = ?`
	if _, err := s.db.SQLPool().ExecContext(s.t.Context(), query, tier, role, username); err != nil {
		s.t.Fatal(err)
	}
}

// TestAPIRates uses up the rate of each class.
func TestAPIRates(t *testing.T) {
	for _, tt := range []struct {
		tier, role string
		most       int
	}{{"free", "user", 60}, {"pro", "user", 300}, {"premium", "user", 600}, {"free", "admin", 1000}} {
		t.Run(tt.tier+" "+tt.role, func(t *testing.T) {
			s := newLimited(t, "")
			s.member("ann")
			s.class("ann", tt.tier, tt.role)
			laptop, phone := s.programOf("ann"), s.programOf("ann")
			for i := range tt.most { // two tokens of a user share one count
				p := []*program{laptop, phone}[i%2]
				if got := p.send(http.MethodGet, "/me", nil); got.Code != http.StatusOK ||
					got.Header().Get("X-RateLimit-Remaining") != strconv.Itoa(tt.most-1-i) {
					t.Fatalf("request %d: %d, %s left", i+1, got.Code, got.Header().Get("X-RateLimit-Remaining"))
				}
			}
			got := phone.send(http.MethodGet, "/me", nil)
			wantRefused(t, "one more", "/api/v1/me", got)
			wait := must(strconv.Atoi(got.Header().Get("Retry-After")))(t)
			s.clock.advance(time.Duration(wait) * time.Second)
			if got := laptop.send(http.MethodGet, "/me", nil); got.Code != http.StatusOK {
				t.Errorf("after the %d seconds that were asked for: %d", wait, got.Code)
			}
		})
	}
}

// TestGuests_AreCountedByTheirNetwork uses up the rate of an IPv6 link from all
// its addresses, and that of a site from all its links.
func TestGuests_AreCountedByTheirNetwork(t *testing.T) {
	s := newLimited(t, "api-read=10-M")
	spend := func(addr string) int { return s.browser().from(addr, http.MethodGet, "/api/v1/posts").Code }
	for link := range 10 {
		for i := range 10 {
			if got := spend(fmt.Sprintf("2001:db8:1:%x::%x", link, i+1)); got != http.StatusOK {
				t.Fatalf("link %d, address %d: %d", link, i, got)
			}
		}
		if got := spend(fmt.Sprintf("2001:db8:1:%x:ffff::1", link)); got != http.StatusTooManyRequests {
			t.Fatalf("link %d has an eleventh: %d", link, got)
		}
	}
	if got := spend("2001:db8:1:a::1"); got != http.StatusTooManyRequests {
		t.Errorf("the network has an eleventh link: %d", got)
	}
	if got := spend("2001:db8:2::1"); got != http.StatusOK {
		t.Errorf("another network: %d", got)
	}
}

// TestGuests_AreCountedByTheRightAddress forges the headers of proxies.
func TestGuests_AreCountedByTheRightAddress(t *testing.T) {
	s := newLimited(t, "api-read=1-H")
	for _, tt := range []struct {
		name, remote, forwarded string
		want                    int
	}{
		{"a stranger", "203.0.113.1", "198.51.100.1", 200}, {"with a forged header", "203.0.113.1", "198.51.100.2", 429},
		{"by a proxy", "10.0.0.1", "198.51.100.3", 200}, {"the same by another proxy", "10.0.0.2", "198.51.100.3", 429},
		{"with a forged chain", "10.0.0.1", "198.51.100.9, 198.51.100.3", 429}, {"another by the proxy", "10.0.0.1", "198.51.100.4", 200},
		{"by two proxies", "10.0.0.1", "198.51.100.4, 10.0.0.3", 429},
	} {
		if got := s.browser().from(tt.remote, http.MethodGet, "/api/v1/posts", "X-Forwarded-For", tt.forwarded); got.Code != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got.Code, tt.want)
		}
	}
}

// TestGuessing_IsCountedToTheAddress tries invalid tokens and sessions.
func TestGuessing_IsCountedToTheAddress(t *testing.T) {
	s := newLimited(t, "api-read=3-H,page=3-H")
	for i := range 4 {
		token := s.browser().from("192.0.2.7", http.MethodGet, "/api/v1/me", "Authorization", "Bearer "+string(models.NewSecret()))
		cookie := s.browser().from("192.0.2.7", http.MethodGet, "/", "Cookie", "session="+string(models.NewSecret()))
		if want := []int{401, 401, 401, 429}[i]; token.Code != want {
			t.Errorf("bad token %d: %d, want %d", i+1, token.Code, want)
		}
		if want := []int{200, 200, 200, 429}[i]; cookie.Code != want {
			t.Errorf("dead session %d: %d, want %d", i+1, cookie.Code, want)
		}
	}
}

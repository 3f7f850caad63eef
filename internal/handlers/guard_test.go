package handlers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/iprules"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/overview"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/web"
)

// newBareServer is the server with its guards and without the services.
func newBareServer(t testing.TB, log io.Writer) *Server {
	t.Helper()
	if log == nil {
		log = io.Discard
	}
	pages, err := web.Parse(Funcs)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := limits.Defaults().Override("*=1000000-S")
	if err != nil {
		t.Fatal(err)
	}
	return &Server{
		Limits: &limits.Service{Policy: models.NewLive(wide), Stores: limits.Memory(1000, time.Now), Now: time.Now, Counted: func(limits.Act, limits.Class, bool) {}},
		Files:  &files.Service{}, Accounts: &accounts.Service{Policy: models.NewLive(accounts.Policy{})},
		IPRules: &iprules.Service{Now: time.Now}, Overview: &overview.Service{Now: time.Now},
		Pages: pages, Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)), Ready: func(context.Context) error { return errors.New("hunter2") },
		Certificates: nil,
		Settings:     Settings{PublicURL: "http://cloakroom.test", ReadTimeout: time.Minute, WriteTimeout: time.Minute},
	}
}

func serveBare(s *Server, r Route, request *http.Request, more ...echo.MiddlewareFunc) *httptest.ResponseRecorder {
	e := echo.New()
	e.HTTPErrorHandler = s.showProblem
	e.Use(s.logRequest, recoverPanic, s.secureHeaders, sameOrigin())
	e.Use(more...)
	s.register(e, r)
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, request)
	return rec
}

func TestWhatIsNotClassifiedIsNeverShown(t *testing.T) {
	var log bytes.Buffer
	s := newBareServer(t, &log)
	handlers := map[string]echo.HandlerFunc{
		"error": func(echo.Context) error { return errors.New("hunter2") },
		"panic": func(echo.Context) error { panic("hunter2") },
		"mixed": func(echo.Context) error {
			return errors.Join(problem.OnField("a", "A mistake."), errors.New("hunter2"))
		},
		"ready": s.ready,
	}
	for name, handler := range handlers {
		for _, accept := range []string{"text/html", "application/json"} {
			request := httptest.NewRequest(http.MethodGet, "/x", nil)
			request.Header.Set("Accept", accept)
			got := serveBare(s, Route{http.MethodGet, "/x", handler, Machines, limits.Page, NoBody}, request)
			if got.Code < 500 || strings.Contains(got.Body.String(), "hunter2") || strings.Contains(got.Body.String(), "goroutine") {
				t.Errorf("%s as %s: %d\n%s", name, accept, got.Code, got.Body)
			}
			if !strings.Contains(log.String(), "hunter2") {
				t.Errorf("%s: the log does not say why", name)
			}
		}
	}
}

func TestEveryKindHasAStatus(t *testing.T) {
	for _, kind := range []problem.Kind{problem.Internal, problem.Malformed, problem.Invalid, problem.Unauthenticated,
		problem.Forbidden, problem.NotFound, problem.Conflict, problem.TooLarge, problem.Unsupported, problem.TooMany,
		problem.Unavailable, problem.Misdirected, problem.Timeout} {
		if http.StatusText(statuses[kind]) == "" {
			t.Errorf("kind %q has no status", kind)
		}
	}
}

func TestBodyCap_AtItsEdge(t *testing.T) {
	s := newBareServer(t, new(bytes.Buffer))
	read := func(c echo.Context) error {
		var body bytes.Buffer
		if _, err := body.ReadFrom(c.Request().Body); err != nil {
			return err
		}
		return c.String(http.StatusOK, "read")
	}
	tests := []struct {
		most  Body
		size  int
		want  int
		known bool // the length is in a header
	}{
		{SmallBody, 64 << 10, 200, true}, {SmallBody, 64<<10 + 1, 413, true},
		{SmallBody, 64 << 10, 200, false}, {SmallBody, 64<<10 + 1, 413, false},
		{NoBody, 0, 200, true}, {NoBody, 1, 413, true}, {NoBody, 1, 413, false},
		{FileBody, 1 << 20, 200, false},
	}
	for _, tt := range tests {
		request := httptest.NewRequest(http.MethodPost, "/x", strings.NewReader(strings.Repeat("x", tt.size)))
		if !tt.known {
			request.ContentLength = -1
		}
		if got := serveBare(s, Route{http.MethodPost, "/x", read, Machines, limits.Page, tt.most}, request); got.Code != tt.want {
			t.Errorf("%d bytes where %d are taken: %d, want %d", tt.size, tt.most.Max, got.Code, tt.want)
		}
	}
}

func TestOwnPath(t *testing.T) {
	for _, own := range []string{"/", "/posts/new", "/search?q=a%20b", "/tags/%C3%BC", "/posts/X?after=Y#comment-Z", "/a//b"} {
		if got := ownPath(own); got != own {
			t.Errorf("ownPath(%q) = %q", own, got)
		}
	}
	for _, other := range []string{
		"", "posts", "//evil.example", "///evil.example", `/\evil.example`, `\/evil.example`, "/\t/evil.example", "/\n/evil.example",
		"https://evil.example", "https:evil.example", "javascript:alert(1)", "/%2f/evil.example", "/%5cevil.example", "/%09/evil.example",
		" /x", "%2f%2fevil.example", "/x\r\nSet-Cookie: a=b", "/%0d%0aSet-Cookie:a=b", "/\x00",
	} {
		got := ownPath(other)
		if got != "/" {
			t.Errorf("ownPath(%q) = %q, want /", other, got)
		}
	}
}

func FuzzOwnPath(f *testing.F) {
	f.Add("//evil.example")
	f.Add("/%2fevil")
	f.Fuzz(func(t *testing.T, next string) {
		base, _ := url.Parse("https://cloakroom.test/login")
		got, err := base.Parse(ownPath(next))
		if err != nil || got.Host != "cloakroom.test" || got.Scheme != "https" {
			t.Errorf("%q leads to %v, %v", next, got, err)
		}
	})
}

func FuzzContentDisposition(f *testing.F) {
	for _, name := range []string{"a.txt", `a"; filename="b`, "отчёт.pdf", "100%.txt", "a\r\nX: y", "a'b.txt", `back\slash`} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		header := contentDisposition("attachment", name)
		if strings.ContainsAny(header, "\r\n\x00") {
			t.Fatalf("%q gives %q", name, header)
		}
		kind, params, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" || len(params) != 1 {
			t.Fatalf("%q gives %q: %q %v, %v", name, header, kind, params, err)
		}
		if params["filename"] != name {
			t.Errorf("%q comes back as %q", name, params["filename"])
		}
	})
}

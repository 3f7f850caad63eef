package handlers

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/limits"
)

// BenchmarkLimits is the feed with all its guards, for a guest by IPv6, which
// costs four counters: without limits and with them.
func BenchmarkLimits(b *testing.B) {
	for name, act := range map[string]limits.Act{"without": limits.Exempt, "with": limits.Page} {
		b.Run(name, func(b *testing.B) {
			s := newBareServer(b, nil)
			wide, err := s.Limits.Policy.Get().Override("page=1000000000-S+1000000000-M")
			if err != nil {
				b.Fatal(err)
			}
			s.Limits.Policy.Set(wide)
			posts := pagetest.Posts(20)
			feed := func(c echo.Context) error {
				return s.show(c, http.StatusOK, "feed", feedPage{page: page{Title: "Feed", Path: "/"}, List: postListOf(posts, "/")})
			}
			e := echo.New()
			e.HTTPErrorHandler = s.showProblem
			e.Use(s.resolveClient)
			s.register(e, Route{http.MethodGet, "/", feed, Public, act, NoBody})
			request := httptest.NewRequest(http.MethodGet, "http://cloakroom.test/", nil)
			request.RemoteAddr = "[2001:db8::1]:1234"
			b.ReportAllocs()
			for b.Loop() {
				answer := httptest.NewRecorder()
				if e.ServeHTTP(answer, request); answer.Code != http.StatusOK {
					b.Fatalf("status %d", answer.Code)
				}
			}
		})
	}
}

package site

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/handlers/page"
	"example.org/cloakroom/internal/handlers/pagetest"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// BenchmarkLimits is the feed for a guest by IPv6, which costs four counters:
// without limits and with them.
func BenchmarkLimits(b *testing.B) {
	for name, act := range map[string]limits.Act{"without": limits.Exempt, "with": limits.Page} {
		b.Run(name, func(b *testing.B) {
			wide, err := limits.Defaults().Override("page=1000000000-S+1000000000-M")
			if err != nil {
				b.Fatal(err)
			}
			g := &gate.Gate{
				Limits: &limits.Service{
					Policy: models.NewLive(wide), Stores: limits.Memory(1000, time.Now), Now: time.Now, Counted: func(limits.Act, limits.Class, bool) {},
				},
				Accounts: &accounts.Service{Policy: models.NewLive(accounts.Policy{})}, Now: time.Now,
			}
			re := &page.Renderer{Gate: g, Pages: pagetest.Parse(b, page.Funcs)}
			posts := pagetest.Posts(20)
			feed := func(c echo.Context) error {
				return re.Show(c, http.StatusOK, "feed", feedPage{Frame: page.Frame{Title: "Feed", Path: "/"}, List: postListOf(posts, "/")})
			}
			e := echo.New()
			e.Use(g.ResolveClient)
			e.GET("/", feed, g.LimitRate(act), g.RequireAccess(gate.Public))
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

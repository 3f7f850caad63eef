package handlers

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/accounts"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// A new route is closed to users who have an open duty, until its row opens it.
func TestRoute_IsOpenedByItsRowOnly(t *testing.T) {
	s := newBareServer(t, nil)
	policy := accounts.Policy{VerifyEmail: true, FactorRoles: []models.Role{models.RoleModerator}}
	s.Accounts = &accounts.Service{Policy: models.NewLive(policy)}
	soon := time.Unix(1_800_000_000, 0)
	verified := soon
	users := map[gate.Standing]models.User{
		gate.Unverified: {ID: "ANN", Role: models.RoleUser},
		gate.OwesFactor: {ID: "BOB", Role: models.RoleModerator, EmailVerifiedAt: &verified},
		gate.Leaving:    {ID: "CLEO", Role: models.RoleUser, EmailVerifiedAt: &verified, DeletionAt: &soon},
	}
	for standing, user := range users {
		comes := func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				gate.VisitOf(c).User = user
				return next(c)
			}
		}
		knock := func(path string, access gate.Access) int {
			done := func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }
			request := httptest.NewRequest(http.MethodPost, "http://cloakroom.test"+path, nil)
			request.Header.Set("Sec-Fetch-Site", "same-origin")
			request.Header.Set("Accept", "application/json")
			return serveBare(s, row{http.MethodPost, path, done, access, limits.Page, gate.SmallBody}, request, s.rooms().gate.ResolveClient,
				comes).Code
		}
		for _, path := range []string{"/settings/shares", gate.FactorPath + "/new", gate.KeepPath + "/new", "/login/new", "/new"} {
			if got := knock(path, gate.SignedIn); got != http.StatusForbidden {
				t.Errorf("standing %d at %s: %d, want it closed", standing, path, got)
			}
			if got := knock(path, gate.SignedIn.While(standing)); got != http.StatusNoContent {
				t.Errorf("standing %d at %s that its row opens: %d", standing, path, got)
			}
			if got := knock(path, gate.SignedIn.While((gate.Unverified|gate.OwesFactor|gate.Leaving)&^standing)); got != http.StatusForbidden {
				t.Errorf("standing %d at %s that its row opens to others: %d", standing, path, got)
			}
		}
	}
}

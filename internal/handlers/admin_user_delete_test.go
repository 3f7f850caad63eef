package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/leaving"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

// An admin can delete an account, and cancel the deletion until it happens.
func TestAdminUsers_DeleteAndKeep(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss, ann := s.withRole("boss", models.RoleAdmin), s.registered("ann")
		token := s.programOf("ann")
		send := func(act string, form url.Values) *httptest.ResponseRecorder {
			return boss.post("/admin/users/ann/"+act, form)
		}
		for _, wrong := range []struct{ typed, reason, field string }{
			{"", "spam", "typed"}, {"bob", "spam", "typed"}, {"<b>", "spam", "typed"},
			{"ann", "", "reason"}, {"ann", "  ", "reason"}, {"ann", strings.Repeat("x", 501), "reason"},
		} {
			got := send("delete", url.Values{"typed": {wrong.typed}, "reason": {wrong.reason}, "when": {"now"}})
			if page := got.Body.String(); got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="`+wrong.field+`-problem"`) ||
				!strings.Contains(page, `value="now" checked`) {
				t.Errorf("%q and %q: %d", wrong.typed, wrong.reason, got.Code)
			}
		}
		if s.userNamed("ann").DeletionAt != nil {
			t.Fatal("one of them did it")
		}
		if got := send("delete", url.Values{"typed": {"Ann"}, "reason": {strings.Repeat("x", 500)}}); got.Code != http.StatusSeeOther {
			t.Fatalf("deleting: %d\n%s", got.Code, got.Body)
		}
		if at := s.userNamed("ann").DeletionAt; at == nil || !at.Equal(s.clock.now().Truncate(time.Microsecond).Add(grace)) {
			t.Errorf("it goes at %v", at)
		}
		if got := ann.get("/files"); got.Code != http.StatusSeeOther {
			t.Errorf("her session: %d", got.Code)
		}
		if got := token.send(http.MethodGet, "/me", nil); got.Code != http.StatusUnauthorized {
			t.Errorf("her token: %d", got.Code)
		}
		if got := send("delete", url.Values{"typed": {"ann"}, "reason": {"again"}}); got.Code != http.StatusConflict {
			t.Errorf("deleting again: %d", got.Code)
		}
		if page := boss.get("/admin/users/ann").Body.String(); !strings.Contains(page, "13 Apr 2026, 15:09 UTC") ||
			!strings.Contains(page, "/admin/users/ann/keep") {
			t.Errorf("the page does not say when:\n%s", page)
		}
		if got := send("keep", url.Values{"reason": {"a mistake"}}); got.Code != http.StatusSeeOther || s.userNamed("ann").DeletionAt != nil {
			t.Errorf("keeping: %d", got.Code)
		}
		if got := send("keep", nil); got.Code != http.StatusConflict {
			t.Errorf("keeping again: %d", got.Code)
		}
		s.clock.advance(grace + time.Hour)
		must(0, s.leaving.Delete(t.Context(), models.DeleteUsers{}))(t)
		s.userNamed("ann")
		s.wantAudited("user.ask_deletion done", "user.keep done")
	})
}

// Deletion at once cannot be cancelled: the next job deletes the account.
func TestAdminUsers_DeleteAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		boss, ann := s.withRole("boss", models.RoleAdmin), s.registered("ann")
		who := s.userNamed("ann")
		ann.writeFile("public", "a.txt", "hello")
		form := url.Values{"typed": {"ann"}, "reason": {"a court said so"}, "when": {"now"}}
		if got := boss.post("/admin/users/ann/delete", form); got.Code != http.StatusSeeOther {
			t.Fatalf("deleting: %d\n%s", got.Code, got.Body)
		}
		if page := boss.get("/admin/users/ann").Body.String(); !strings.Contains(page, "being deleted") || strings.Contains(page, "/keep") {
			t.Errorf("the page says\n%s", page)
		}
		if got := boss.post("/admin/users/ann/keep", nil); got.Code != http.StatusConflict {
			t.Errorf("keeping it: %d", got.Code)
		}
		if jobs := must(s.queue.List(t.Context(), "", 0, 100))(t); len(jobs) == 0 || jobs[0].Kind != (models.DeleteUsers{}).Kind() {
			t.Errorf("no job deletes it: %+v", jobs)
		}
		must(0, s.leaving.Delete(t.Context(), models.DeleteUsers{}))(t)
		if got := boss.get("/admin/users/ann"); got.Code != http.StatusNotFound {
			t.Errorf("then the page is %d", got.Code)
		}
		s.wantNoTrace(who)
		s.wantAudited("user.ask_deletion done", "user.delete done")
	})
}

// If all admins delete each other at the same time, one remains.
func TestAdminUsers_DeleteLeavesOneAdmin(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		const n = 4
		var admins [n]models.User
		for i := range admins {
			s.withRole(fmt.Sprintf("admin%d", i), models.RoleAdmin)
			admins[i] = s.userNamed(fmt.Sprintf("admin%d", i))
		}
		var errs [n]error
		var all sync.WaitGroup
		begin := make(chan struct{})
		for i := range admins {
			all.Go(func() {
				<-begin
				name := string(admins[(i+1)%n].Username)
				errs[i] = s.leaving.AdminDelete(t.Context(), models.Actor{User: admins[i]}, name, leaving.DeletionInput{Typed: name, Reason: "a coup"})
			})
		}
		close(begin)
		all.Wait()
		refused := 0
		for _, err := range errs {
			if err != nil && problem.KindOf(err) == problem.Conflict {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		if refused != 1 {
			t.Errorf("%d of %d are refused", refused, n)
		}
	})
}

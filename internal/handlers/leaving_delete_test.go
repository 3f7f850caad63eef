package handlers_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
)

const grace = 30 * 24 * time.Hour

// A user who requests deletion disappears for others at once, and returns if
// they cancel it.
func TestDeletion_CanBeCancelled(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann, bob := s.registered("ann"), s.registered("bob")
		post, file := ann.writeFile("public", "a.txt", "hello")
		token := s.programOf("ann")
		if got := ann.post("/settings/data/delete", url.Values{"username": {"bob"}}); got.Code != http.StatusUnprocessableEntity ||
			s.userNamed("ann").DeletionAt != nil {
			t.Fatalf("with another's name: %d", got.Code)
		}
		got := ann.post("/settings/data/delete", url.Values{"username": {"Ann"}})
		if got.Code != http.StatusSeeOther || toldAt(got) != "/ leaving" {
			t.Fatalf("asking: %d %s", got.Code, got.Body)
		}
		for _, at := range []string{post, file, "/users/ann"} {
			if got := bob.get(at); got.Code != http.StatusNotFound {
				t.Errorf("%s for another: %d", at, got.Code)
			}
		}
		if got := token.send(http.MethodGet, "/me", nil); got.Code != http.StatusUnauthorized {
			t.Errorf("her token: %d", got.Code)
		}
		back := s.browser()
		if got := back.post("/login", url.Values{"username": {"ann"}, "password": {testPassword}}); got.Code != http.StatusSeeOther {
			t.Fatalf("logging in: %d", got.Code)
		}
		for _, at := range []string{"/", "/files", post, "/settings/data", "/settings/data/export.zip", "/admin/audit"} {
			if got := back.get(at); got.Code != http.StatusSeeOther && got.Code != http.StatusForbidden {
				t.Errorf("%s while she waits: %d", at, got.Code)
			}
		}
		if got := back.post("/settings/tokens", url.Values{"name": {"x"}}); got.Code != http.StatusForbidden {
			t.Errorf("a new token while she waits: %d", got.Code)
		}
		if got := back.get("/settings/keep"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "13 Apr 2026") {
			t.Errorf("the page: %d %s", got.Code, got.Body)
		}
		if got := back.post("/settings/keep", nil); got.Code != http.StatusSeeOther {
			t.Errorf("keeping: %d", got.Code)
		}
		s.clock.advance(grace + time.Hour)
		must(0, s.leaving.Delete(t.Context(), models.DeleteUsers{}))(t)
		if got := s.browser().get(file); got.Code != http.StatusOK {
			t.Errorf("after it all, the file is %d", got.Code)
		}
	})
}

// After the grace period no row names the user, and all their bytes are gone.
func TestDeletion_LeavesNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		ann, bob := s.registered("ann"), s.registered("bob")
		who := s.userNamed("ann")
		bobs, _ := bob.writeFile("public", "b.txt", "of bob")
		forHer := bob.shareFiles(url.Values{"users": {"ANN"}}, part{"file", "c.txt", "", []byte("for ann")})
		forBoth := bob.shareFiles(url.Values{"users": {"@Ann carl"}}, part{"file", "d.txt", "", []byte("for both")})
		before := s.bytes()
		for range 3 {
			ann.writeFile("public", "a.txt", "hello")
		}
		must(s.files.Receive(t.Context(), who, files.Input{Name: "loose.txt", Size: 5, Body: strings.NewReader("loose")}))(t)
		gone := ann.write(postFields())
		ann.post(gone+"/delete", nil)
		ann.post("/settings/tokens", url.Values{"name": {"laptop"}, "scope": {"read"}})
		ann.postForm("/settings/avatar", nil, part{"avatar", "me.png", "image/png", drawPNG(t, 300, 200)})
		shared := ann.shareFiles(nil, part{"file", "c.txt", "", []byte("shared")})
		s.browser().get(shared.fileURL())
		s.browser().leave(ann.request(nil), url.Values{"name": {"ann"}}, textFile("e.txt", "for ann"))
		ann.leave(bob.request(nil), nil, textFile("f.txt", "from ann"))
		before++ // what she left belongs to bob
		for _, b := range []*browser{ann, bob, ann} {
			b.post(bobs+"/comments", url.Values{"body": {"a comment"}})
		}
		ann.post("/settings/data/delete", url.Values{"username": {"ann"}})
		s.clock.advance(grace - time.Hour)
		must(0, s.leaving.Delete(t.Context(), models.DeleteUsers{}))(t)
		if s.userNamed("ann").ID != who.ID {
			t.Fatal("she is gone before her time")
		}
		s.clock.advance(2 * time.Hour)
		for range 2 { // the second run has nothing to do
			must(0, s.leaving.Delete(t.Context(), models.DeleteUsers{}))(t)
		}
		s.wantNoTrace(who)
		s.work(func() bool { return s.bytes() == before })
		view := must(s.db.PostFor(t.Context(), "", models.PostID(strings.TrimPrefix(bobs, "/posts/"))))(t)
		if found := must(s.db.CommentsOf(t.Context(), "", view.ID, models.Cursor{}, 10))(t); view.CommentCount != 1 || len(found.Items) != 1 {
			t.Errorf("of three comments, one bob's, %d are left and %d are counted", len(found.Items), view.CommentCount)
		}
		s.wantAudited("user.ask_deletion done", "user.delete done")
		// Bob's links do not open for the next user of that name.
		bob.post("/login", url.Values{"username": {"bob"}, "password": {testPassword}})
		bob.wantPage(forHer.page, `<span class="badge">revoked</span>`)
		bob.wantPage(forBoth.page, `value="carl"`)
		bob.post(forBoth.page, url.Values{"users": {"carl"}})
		if got := s.registered("ann").get(forBoth.link); got.Code != http.StatusGone {
			t.Errorf("bob's link, for the next ann: %d", got.Code)
		}
	})
}

// bytes returns the number of blobs.
func (s *site) bytes() (n int) {
	s.t.Helper()
	_ = filepath.WalkDir(s.uploads, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			n++
		}
		return nil // deleted during the walk
	})
	return n
}

// wantNoTrace searches every row of every table for a user.
func (s *site) wantNoTrace(who models.User) {
	s.t.Helper()
	find := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if s.db.Dialect() == database.Postgres {
		find = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	seen := 0
	for _, table := range s.cells(find) {
		for _, cell := range s.cells(`SELECT * FROM "` + table + `"`) {
			seen++
			named := strings.Contains(cell, string(who.ID)) && table != "audit_events" // which holds identifiers alone
			if named || strings.Contains(cell, string(who.Email)) || cell == string(who.Username) {
				s.t.Errorf("%s has %q", table, cell)
			}
		}
	}
	if seen < 80 { // the rows of the others
		s.t.Errorf("only %d cells were looked at", seen)
	}
}

// cells returns every value of a query.
func (s *site) cells(query string) (all []string) {
	s.t.Helper()
	rows := must(s.db.SQLPool().QueryContext(s.t.Context(), query))(s.t)
	defer rows.Close()
	columns := must(rows.Columns())(s.t)
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		must(0, rows.Scan(values...))(s.t)
		for _, v := range values {
			switch v := (*v.(*any)).(type) {
			case []byte:
				all = append(all, string(v))
			default:
				all = append(all, fmt.Sprint(v))
			}
		}
	}
	must(0, rows.Err())(s.t)
	return all
}

// If all admins request deletion at the same time, one remains.
func TestDeletion_TheLastAdminStays(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		var asking sync.WaitGroup
		begin := make(chan struct{})
		errs := make([]error, 4)
		for i := range errs {
			name := fmt.Sprintf("admin%d", i)
			s.withRole(name, models.RoleAdmin)
			user := s.userNamed(name)
			asking.Go(func() {
				<-begin
				errs[i] = s.leaving.RequestDeletion(t.Context(), models.Actor{User: user}, name)
			})
		}
		close(begin)
		asking.Wait()
		refused := 0
		for _, err := range errs {
			if problem.KindOf(err) == problem.Conflict && err != nil {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		if refused != 1 {
			t.Errorf("%d of 4 are refused", refused)
		}
	})
}

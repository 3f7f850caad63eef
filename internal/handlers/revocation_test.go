package handlers_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// A running upload stops when its session or token ends, and leaves nothing.
func TestRevocation_CutsARunningUpload(t *testing.T) {
	for name, end := range map[string]func(s *site, p *program) error{
		"suspended": func(s *site, p *program) error {
			_, err := s.accounts.Suspend(s.t.Context(), models.Actor{}, "ann", "spam")
			return err
		},
		"token deleted": func(s *site, p *program) error {
			tokens := must(s.accounts.Tokens(s.t.Context(), p.user))(s.t)
			return s.accounts.DeleteToken(s.t.Context(), models.Actor{User: p.user}, tokens[0].ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			p := s.program("ann")
			conn := must(net.Dial("tcp", strings.TrimPrefix(s.listen(), "http://")))(t)
			t.Cleanup(func() { conn.Close() })
			_, host, _ := strings.Cut(publicURL, "://")
			must(fmt.Fprintf(conn, "PUT /api/v1/files/a.txt HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Length: 1000\r\n\r\n%s",
				host, p.token, strings.Repeat("x", 999)))(t)
			for pace := time.NewTicker(10 * time.Millisecond); spentBy(s, limits.UploadBytes, p.user) == 0; { // until it has begun
				<-pace.C
			}
			if err := end(s, p); err != nil {
				t.Fatal(err)
			}
			answer := must(http.ReadResponse(bufio.NewReader(conn), nil))(t)
			defer answer.Body.Close()
			if answer.StatusCode != http.StatusUnauthorized {
				t.Errorf("the upload is answered %d", answer.StatusCode)
			}
			found := must(s.files.List(t.Context(), p.user, models.Cursor{}, 10))(t)
			if used := s.userNamed("ann").StorageUsed; used != 0 || len(found.Items) != 0 {
				t.Errorf("%d files and %d bytes are kept", len(found.Items), used)
			}
		})
	}
}

// A suspended user's posts disappear, and return when the suspension ends.
func TestSuspended_ShareNothing(t *testing.T) {
	s := newSite(t)
	ann, bob, guest := s.registered("ann"), s.registered("bob"), s.browser()
	post, file := ann.writeFile("public", "a.txt", "hello")
	bob.post(post+"/comments", url.Values{"body": {"a comment"}})
	see := func(want int, listed bool) {
		t.Helper()
		for _, b := range []*browser{bob, guest} {
			for _, at := range []string{post, file, "/users/ann"} {
				if got := b.get(at); got.Code != want {
					t.Errorf("%s is answered %d, want %d", at, got.Code, want)
				}
			}
			for _, at := range []string{"/", "/search?q=harbour", "/tags/boats"} {
				if got := b.get(at); got.Code != http.StatusOK || strings.Contains(got.Body.String(), post) != listed {
					t.Errorf("%s lists the post: %t, want %t", at, !listed, listed)
				}
			}
		}
	}
	see(http.StatusOK, true)
	if _, err := s.accounts.Suspend(t.Context(), models.Actor{}, "ann", "spam"); err != nil {
		t.Fatal(err)
	}
	see(http.StatusNotFound, false)
	if got := bob.post(post+"/comments", url.Values{"body": {"a comment"}}); got.Code != http.StatusNotFound {
		t.Errorf("a comment is answered %d", got.Code)
	}
	if _, err := s.accounts.Reinstate(t.Context(), models.Actor{}, "ann", "a mistake"); err != nil {
		t.Fatal(err)
	}
	see(http.StatusOK, true)
}

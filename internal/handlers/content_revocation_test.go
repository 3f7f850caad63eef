package handlers_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

// A running download stops when the permission ends, on both hosts.
func TestRevocation_CutsARunningDownload(t *testing.T) {
	const size = 48 << 20
	content := handlers.Options{ContentOrigin: contentOrigin, ContentKey: contentKey}
	ends := map[string]struct {
		settings handlers.Options
		end      func(ann, bob *browser, post string, f models.File) error
	}{
		"file deleted, site": {handlers.Options{}, func(ann, _ *browser, _ string, f models.File) error {
			return ann.files.Delete(t.Context(), ann.userNamed("ann"), f.ID)
		}},
		"file deleted": {content, func(ann, _ *browser, _ string, f models.File) error {
			return ann.files.Delete(t.Context(), ann.userNamed("ann"), f.ID)
		}},
		"post deleted": {content, func(ann, _ *browser, post string, _ models.File) error {
			ann.post(post+"/delete", nil)
			return nil
		}},
		"owner suspended": {content, func(ann, _ *browser, _ string, _ models.File) error {
			_, err := ann.accounts.Suspend(t.Context(), models.Actor{}, "ann", "spam")
			return err
		}},
		"suspended": {handlers.Options{}, func(ann, _ *browser, _ string, _ models.File) error {
			_, err := ann.accounts.Suspend(t.Context(), models.Actor{}, "bob", "spam")
			return err
		}},
		"logged out": {content, func(_, bob *browser, _ string, _ models.File) error {
			bob.post("/logout", nil)
			return nil
		}},
		"token deleted": {handlers.Options{}, nil},
	}
	for name, tt := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSiteWith(t, tt.settings)
			tier := s.files.Policy.Get().Tiers[models.TierFree]
			tier.MaxFileSize, tier.Storage = size, size
			s.files.Policy.Get().Tiers[models.TierFree] = tier
			ann, bob := s.registered("ann"), s.registered("bob")
			f := must(s.files.Receive(t.Context(), s.userNamed("ann"), files.Input{
				Name: "a.txt", Size: size, Body: io.LimitReader(letters{}, size),
			}))(t)
			fields := postFields()
			fields.Set("visibility", "public")
			fields.Set("file_ids", string(f.ID))
			post := ann.write(fields)
			if tt.end != nil {
				d := s.download(bob, "/files/"+string(f.ID)+"/a.txt", "Cookie: "+bob.jar.Cookies(mustURL(t))[0].String())
				if err := tt.end(ann, bob, post, f); err != nil {
					t.Fatal(err)
				}
				d.wantCut(size)
				return
			}
			program := s.program("carl")
			d := s.download(bob, "/api/v1/files/"+string(f.ID)+"/content", "Authorization: Bearer "+program.token)
			tokens := must(s.accounts.Tokens(t.Context(), program.user))(t)
			if err := s.accounts.DeleteToken(t.Context(), models.Actor{User: program.user}, tokens[0].ID); err != nil {
				t.Fatal(err)
			}
			d.wantCut(size)
		})
	}
}

// A runningDownload has begun and is read slowly.
type runningDownload struct {
	t     testing.TB
	conn  net.Conn
	piece []byte
	came  int
}

// download starts one by b, who is redirected to the content host if there is
// one.
func (s *site) download(b *browser, path, header string) *runningDownload {
	b.t.Helper()
	origin := publicURL
	if at := b.get(path).Header().Get("Location"); strings.HasPrefix(at, contentOrigin) {
		origin, path = contentOrigin, strings.TrimPrefix(at, contentOrigin)
	}
	d := &runningDownload{b.t, must(net.Dial("tcp", strings.TrimPrefix(s.listen(), "http://")))(b.t), make([]byte, 128<<10), 0}
	b.t.Cleanup(func() { d.conn.Close() })
	_, host, _ := strings.Cut(origin, "://")
	must(fmt.Fprintf(d.conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n", path, host, header))(b.t)
	d.came = must(io.ReadFull(d.conn, d.piece))(b.t)
	if !bytes.HasPrefix(d.piece, []byte("HTTP/1.1 200 OK\r\n")) {
		b.t.Fatalf("answer = %q", d.piece[:200])
	}
	return d
}

func (d *runningDownload) wantCut(size int) {
	d.t.Helper()
	if !d.isCut(size) {
		d.t.Fatal("the whole file came")
	}
}

// isCut reads slowly, and reports whether the connection ends before size bytes came.
func (d *runningDownload) isCut(size int) bool {
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for ; ; <-pace.C {
		n, err := d.conn.Read(d.piece)
		if d.came += n; d.came >= size || err != nil {
			return d.came < size
		}
	}
}

// letters is an endless text.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte("cloakroom\n"), len(p)/10+1)), nil
}

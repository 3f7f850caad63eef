package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

// One hundred guests leave a file each at the same time, for a request with ten places:
// ten files are received. Half of them use the form, and half PUT.
func TestRequest_LimitsHoldUnderParallelGuests(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for name, limit := range map[string]url.Values{
			"files": {"files": {"10"}}, "bytes": {"total": {"1000"}}, "one use": {"one_use": {"yes"}},
		} {
			t.Run(name, func(t *testing.T) {
				s := newSiteOn(t, db, handlers.Options{})
				mara := s.registered("mara" + strings.ReplaceAll(name, " ", "_"))
				q := mara.request(limit)
				content := strings.Repeat("x", 100)
				var wait sync.WaitGroup
				codes := make(chan int, 100)
				for i := range cap(codes) { // from as many networks, because each may upload only so much at once
					wait.Go(func() {
						r := httptest.NewRequest(http.MethodPut, publicURL+q.link+"/a.txt", strings.NewReader(content))
						if i%2 == 0 {
							body, contentType := multipartForm(t, nil, textFile("a.txt", content))
							r = httptest.NewRequest(http.MethodPost, publicURL+q.link+"/files", body)
							r.Header.Set("Content-Type", contentType)
							r.Header.Set("Sec-Fetch-Site", "same-origin")
						}
						r.RemoteAddr = fmt.Sprintf("198.51.100.%d:4711", i)
						codes <- s.browser().do(r).Code
					})
				}
				wait.Wait()
				close(codes)
				count := map[int]int{}
				for code := range codes {
					count[code]++
				}
				want := map[string]int{"files": 10, "bytes": 10, "one use": 1}[name]
				row := q.row()
				if got := count[http.StatusSeeOther] + count[http.StatusCreated]; got != want || len(q.received()) != want || row.Files != want {
					t.Errorf("%v: %d files, of which %d are there", count, row.Files, len(q.received()))
				}
				if refused := count[http.StatusGone] + count[http.StatusRequestEntityTooLarge]; refused != 100-want {
					t.Errorf("%v", count)
				}
				used := must(s.db.UserByID(t.Context(), row.OwnerID))(t).StorageUsed
				if row.Bytes != int64(100*want) || used != row.Bytes {
					t.Errorf("%d bytes, and %d of the owner's storage", row.Bytes, used)
				}
			})
		}
	})
}

// Each limit holds at its edge, by form and by PUT.
func TestRequest_LimitsAtTheirEdge(t *testing.T) {
	tests := map[string]struct {
		options url.Values
		first   []part // received
		next    part
		code    int // of next, sent by another guest
		says    string
	}{
		"files":        {url.Values{"files": {"2"}}, []part{textFile("a.txt", "a"), textFile("b.txt", "b")}, textFile("c.txt", "c"), 410, ""},
		"bytes":        {url.Values{"total": {"10"}}, []part{textFile("a.txt", "123456789")}, textFile("b.txt", "12"), 413, "no room left"},
		"all bytes":    {url.Values{"total": {"10"}}, []part{textFile("a.txt", "1234567890")}, textFile("b.txt", "1"), 410, ""},
		"bytes a file": {url.Values{"each": {"10"}}, []part{textFile("a.txt", "1234567890")}, textFile("b.txt", "12345678901"), 413, "up to 10 B"},
		"kinds":        {url.Values{"kinds": {"text", "pdf"}}, []part{textFile("a.txt", "a")}, part{"file", "a.jpg", "", drawJPEG(t, 8, 8)}, 415, "PDF, Text"},
		"type":         {nil, []part{textFile("a.txt", "a")}, textFile("a.exe", "MZ"), 415, "Files of type .exe"},
		"tier":         {nil, nil, part{"file", "a.txt", "", bytes.Repeat([]byte("x"), maxTestFile+1)}, 413, "up to 1 MiB"},
		"name":         {url.Values{"sender": {"name"}}, nil, textFile("a.txt", "a"), 422, "Enter your name."},
		"email":        {url.Values{"sender": {"email"}}, nil, textFile("a.txt", "a"), 422, "Enter your email address."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			if name == "type" {
				s.takes("text")
			}
			q := s.registered("mara").request(tt.options)
			if len(tt.first) > 0 {
				if got := s.browser().leave(q, nil, tt.first...); got.Code != http.StatusSeeOther {
					t.Fatalf("within the limit: %d\n%s", got.Code, got.Body)
				}
			}
			before := q.row()
			form := s.browser().leave(q, nil, tt.next)
			put := s.browser().do(httptest.NewRequest(http.MethodPut, publicURL+q.link+"/"+tt.next.name, bytes.NewReader(tt.next.content)))
			for way, got := range map[string]*httptest.ResponseRecorder{"form": form, "PUT": put} {
				if got.Code != tt.code || !strings.Contains(got.Body.String(), tt.says) {
					t.Errorf("over the limit by %s: %d\n%s", way, got.Code, got.Body)
				}
			}
			if after := q.row(); after.Files != before.Files || after.Bytes != before.Bytes || s.userNamed("mara").StorageUsed != before.Bytes {
				t.Errorf("refused files are counted: %+v", after)
			}
			if n := s.bytes(); n != len(tt.first) {
				t.Errorf("%d blobs are stored", n)
			}
		})
	}
}

// A guest's file counts to the owner's storage, and is refused when that is full.
func TestRequest_CountsToTheOwnersQuota(t *testing.T) {
	s := newSite(t)
	q := s.registered("mara").request(nil)
	s.exec(`UPDATE users SET quota = 10`)
	if got := s.browser().leave(q, nil, textFile("a.txt", "123456")); got.Code != http.StatusSeeOther {
		t.Fatalf("within the quota: %d\n%s", got.Code, got.Body)
	}
	for _, put := range []bool{true, false} {
		got := s.browser().leave(q, nil, textFile("b.txt", "12345"))
		if put {
			got = s.browser().do(httptest.NewRequest(http.MethodPut, publicURL+q.link+"/b.txt", strings.NewReader("12345")))
		}
		says := got.Body.String()
		if got.Code != http.StatusRequestEntityTooLarge || !strings.Contains(says, "no room left") || strings.Contains(says, "10 B") {
			t.Errorf("over the quota, by PUT %v: %d\n%s", put, got.Code, says)
		}
	}
	if got := s.browser().leave(q, nil, textFile("b.txt", "1234")); got.Code != http.StatusSeeOther || s.userNamed("mara").StorageUsed != 10 {
		t.Errorf("up to the quota: %d, %d bytes are stored", got.Code, s.userNamed("mara").StorageUsed)
	}
}

// uploading begins to PUT a file of that size, and sends the first half of it.
func (q requested) uploading(ctx context.Context, at string, size int) (rest *io.PipeWriter, answer chan *http.Response) {
	t := q.owner.t
	t.Helper()
	body, rest := io.Pipe()
	r := must(http.NewRequestWithContext(ctx, http.MethodPut, at+q.link+"/a.txt", body))(t)
	r.Host, r.ContentLength = "cloakroom.test", int64(size)
	answer = make(chan *http.Response, 1)
	go func() {
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			got = nil
		}
		_ = body.Close()
		answer <- got
	}()
	if _, err := rest.Write(bytes.Repeat([]byte("x"), size/2)); err != nil {
		t.Fatal(err)
	}
	return rest, answer
}

// Bytes are reserved while they come in, and given back when the line breaks.
func TestRequest_BrokenUploadGivesBack(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		q := s.registered("mara").request(url.Values{"files": {"1"}, "one_use": {"yes"}})
		ctx, breakOff := context.WithCancel(t.Context())
		const size = 600_000
		rest, answer := q.uploading(ctx, s.listen(), size)
		s.work(func() bool { return s.userNamed("mara").StorageUsed == size })
		if row := q.row(); row.Files != 1 || row.Bytes != size || row.Guest == "" || len(q.received()) != 0 {
			t.Errorf("while it comes in: %+v", row)
		}
		if got := s.browser().get(q.link); got.Code != http.StatusGone {
			t.Errorf("another guest, while the only place is reserved: %d", got.Code)
		}
		breakOff()
		_ = rest.Close()
		<-answer
		s.work(func() bool { return s.userNamed("mara").StorageUsed == 0 })
		if row := q.row(); row.Files != 0 || row.Bytes != 0 || row.Guest != "" {
			t.Errorf("after the line broke: %+v", row)
		}
		if got := s.browser().leave(q, nil, textFile("a.txt", "mine")); got.Code != http.StatusSeeOther {
			t.Errorf("another guest, after the line broke: %d", got.Code)
		}
	})
}

// A form reserves what has arrived of it, and gives it back when it is broken off.
func TestRequest_BrokenFormGivesBack(t *testing.T) {
	s := newSite(t)
	q := s.registered("mara").request(nil)
	whole, contentType := multipartForm(t, nil, textFile("a.txt", strings.Repeat("x", 900_000)))
	body, rest := io.Pipe()
	r := must(http.NewRequestWithContext(t.Context(), http.MethodPost, s.listen()+q.link+"/files", body))(t)
	r.Host, r.ContentLength = "cloakroom.test", int64(whole.Len())
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	done := make(chan struct{})
	go func() {
		defer close(done)
		if got, err := http.DefaultClient.Do(r); err == nil {
			_ = got.Body.Close()
		}
	}()
	must(rest.Write(whole.Next(500_000)))(t)
	s.work(func() bool { return s.userNamed("mara").StorageUsed >= 400_000 })
	_ = rest.CloseWithError(io.ErrUnexpectedEOF)
	<-done
	s.work(func() bool { return s.userNamed("mara").StorageUsed == 0 })
	if row := q.row(); row.Files != 0 || row.Bytes != 0 {
		t.Errorf("after the form was broken off: %+v", row)
	}
}

// Closing a request ends an upload that runs, within two seconds, and nothing of it is
// kept.
func TestRequest_ClosingCutsUploads(t *testing.T) {
	s := newSite(t)
	q := s.registered("mara").request(nil)
	rest, answer := q.uploading(t.Context(), s.listen(), 600_000)
	defer rest.Close()
	s.work(func() bool { return q.row().Files == 1 })
	q.owner.post(q.page+"/revoke", nil)
	began := time.Now()
	got := <-answer
	if got != nil {
		_ = got.Body.Close()
	}
	if took := time.Since(began); took > 5*time.Second || got != nil && got.StatusCode != http.StatusGone {
		t.Errorf("it ended after %v with %v", took, got)
	}
	s.work(func() bool { return s.userNamed("mara").StorageUsed == 0 })
	if row := q.row(); row.Files != 0 || s.bytes() != 0 {
		t.Errorf("%d files, %d blobs", row.Files, s.bytes())
	}
}

// What a killed server had reserved is given back later, but not while an upload runs.
func TestRequest_ReservationsLapse(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		q := s.registered("mara").request(nil)
		row := q.row()
		until := s.clock.now().Add(models.ReservationLife)
		f := models.ReceivedFile{ID: models.NewReceivedFileID(), RequestID: q.id, Holder: "gone", Name: "a.txt", Size: 500,
			CreatedAt: s.clock.now(), ExpiresAt: &until}
		if _, room, err := s.db.ReserveReceivedFile(t.Context(), row, &f, 1<<30); !room || err != nil {
			t.Fatal(room, err)
		}
		for _, step := range []struct {
			wait  time.Duration
			files int
		}{{models.ReservationLife - time.Second, 1}, {time.Second, 0}} {
			s.clock.advance(step.wait)
			if err := s.requests.Expire(t.Context(), models.ExpireReservations{}); err != nil {
				t.Fatal(err)
			}
			if row := q.row(); row.Files != step.files || row.Bytes != int64(500*step.files) || s.userNamed("mara").StorageUsed != row.Bytes {
				t.Errorf("%d files, %d bytes", row.Files, row.Bytes)
			}
		}
	})
}

// The networks of guests are forgotten with the download log; their receipts stay.
func TestRequest_NetworksAreForgotten(t *testing.T) {
	eachDatabase(t, func(t *testing.T, s *site) {
		q := s.registered("mara").request(url.Values{"expires": {"365"}})
		if got := s.browser().leave(q, url.Values{"name": {"Jo"}}, textFile("a.txt", "a")); got.Code != http.StatusSeeOther {
			t.Fatal(got.Code)
		}
		for _, step := range []struct {
			wait  time.Duration
			place string
		}{{90 * 24 * time.Hour, "192.0.2.0/24"}, {time.Second, ""}} {
			s.clock.advance(step.wait)
			if err := s.requests.Expire(t.Context(), models.ExpireReservations{}); err != nil {
				t.Fatal(err)
			}
			if f := q.received()[0]; f.Place != step.place || f.SenderName != "Jo" || f.Size != 1 {
				t.Errorf("after %v more: %+v", step.wait, f)
			}
		}
	})
}

// An old browser, which does not say where its form comes from, needs the form token.
func TestRequest_FormOfAnOldBrowser(t *testing.T) {
	s := newSite(t)
	q := s.registered("mara").request(nil)
	guest := s.browser()
	token := between(guest.get(q.link).Body.String(), `name="token" value="`, `"`)
	for _, want := range []struct {
		token string
		code  int
	}{{"", http.StatusForbidden}, {token, http.StatusSeeOther}} {
		fields := url.Values{"token": {want.token}}
		body, contentType := multipartForm(t, fields, textFile("a.txt", "a"))
		r := httptest.NewRequest(http.MethodPost, publicURL+q.link+"/files", body)
		r.Header.Set("Content-Type", contentType)
		if got := guest.do(r); got.Code != want.code {
			t.Errorf("with the token %q: %d", want.token, got.Code)
		}
	}
}

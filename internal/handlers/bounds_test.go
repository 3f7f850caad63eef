package handlers_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
)

func TestAddress_IsBounded(t *testing.T) {
	s := newSite(t)
	tests := []struct {
		name, target string
		status       int
	}{
		{"8 KiB", "/" + strings.Repeat("x", 8<<10-1), 404},
		{"a byte more", "/" + strings.Repeat("x", 8<<10), 414},
		{"a byte more in its query", "/?" + strings.Repeat("x", 8<<10-1), 414},
		{"a byte more of the API", "/api/v1/posts?" + strings.Repeat("x", 8<<10), 414},
		{"100 parameters", "/?" + strings.Repeat("&", 99), 200},
		{"101 parameters", "/?" + strings.Repeat("&", 100), 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, tt.target, nil)
			r.Host = "cloakroom.test"
			rec := httptest.NewRecorder()
			s.handler.ServeHTTP(rec, r)
			kind := "text/html"
			if strings.HasPrefix(tt.target, "/api/") {
				kind = "application/problem+json"
			}
			if rec.Code != tt.status || !strings.HasPrefix(rec.Header().Get("Content-Type"), kind) {
				t.Errorf("%d %s, want %d", rec.Code, rec.Header().Get("Content-Type"), tt.status)
			}
		})
	}
}

func TestHeaders_AreBounded(t *testing.T) {
	s := newSite(t)
	for lines, status := range map[int]int{100: 200, 101: 431} {
		r := httptest.NewRequest(http.MethodGet, publicURL+"/", nil)
		for i := range lines {
			r.Header.Add("X-"+strconv.Itoa(i%60), "x")
		}
		rec := httptest.NewRecorder()
		s.handler.ServeHTTP(rec, r)
		if rec.Code != status {
			t.Errorf("%d lines: %d, want %d", lines, rec.Code, status)
		}
	}
}

func TestForm_HasALimitOfFields(t *testing.T) {
	s := newSite(t)
	s.registered("ann")
	for fields, status := range map[int]int{100: http.StatusSeeOther, 101: http.StatusRequestEntityTooLarge} {
		login := url.Values{"username": {"ann"}, "password": {testPassword}}
		for i := range fields - 2 {
			login.Set("extra"+strconv.Itoa(i), "x")
		}
		if got := s.browser().post("/login", login); got.Code != status {
			t.Errorf("%d fields: %d, want %d", fields, got.Code, status)
		}
	}
}

// A runningUpload is one that the server has begun to read.
type runningUpload struct {
	rest   *io.PipeWriter
	abort  context.CancelFunc
	result chan int // its status; 0: it was aborted
}

// beginUpload sends a file until the server asks for its first byte, or returns
// the response of a server that refuses it.
func beginUpload(t *testing.T, address, token string) (*runningUpload, *http.Response) {
	t.Helper()
	body, rest := io.Pipe()
	begun := make(chan struct{})
	ctx, abort := context.WithCancel(t.Context())
	t.Cleanup(abort)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{Got100Continue: func() { close(begun) }})
	r := must(http.NewRequestWithContext(ctx, http.MethodPut, address+"/api/v1/files/a.txt", body))(t)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute, DisableKeepAlives: true}}
	u := &runningUpload{rest, abort, make(chan int, 1)}
	answer := make(chan *http.Response, 1)
	go func() {
		got, err := client.Do(r)
		if err != nil {
			u.result <- 0
			return
		}
		got.Body.Close()
		answer <- got
		u.result <- got.StatusCode
	}()
	select {
	case <-begun:
		return u, nil
	case got := <-answer:
		return nil, got
	case <-time.After(20 * time.Second):
		t.Fatal("neither begun nor answered")
	}
	return nil, nil
}

func TestUploads_AtOnce(t *testing.T) {
	s := newSiteBy(t, databasetest.New(t), handlers.Options{}, wide+",uploads-at-once.free=3")
	ann, bob := s.program("ann"), s.program("bob")
	address := s.listen()
	var running []*runningUpload
	begin := func() *http.Response {
		t.Helper()
		u, refused := beginUpload(t, address, ann.token)
		if u != nil {
			running = append(running, u)
		}
		return refused
	}
	for range 3 {
		if got := begin(); got != nil {
			t.Fatalf("an upload that is allowed: %s", got.Status)
		}
	}
	got := begin()
	if got == nil || got.StatusCode != http.StatusTooManyRequests || got.Header.Get("Retry-After") == "" ||
		got.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("one more: %+v", got)
	}
	if u, got := beginUpload(t, address, bob.token); got != nil {
		t.Errorf("somebody else's: %s", got.Status)
	} else {
		u.abort()
	}
	// A finished upload makes room for another, and so does an interrupted one.
	_, _ = running[0].rest.Write([]byte("hello"))
	running[0].rest.Close()
	if status := <-running[0].result; status != http.StatusCreated {
		t.Errorf("an upload that is allowed: %d", status)
	}
	running[1].abort()
	late := time.After(20 * time.Second)
	for room := 0; room < 2; {
		if begin() == nil {
			room++
		}
		select {
		case <-late:
			t.Fatal("an upload that ended is counted for ever")
		default:
		}
	}
	if got := begin(); got == nil || got.StatusCode != http.StatusTooManyRequests {
		t.Errorf("more than there is room for: %+v", got)
	}
}

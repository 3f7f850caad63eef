package handlers_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"example.org/cloakroom/internal/database"
	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/models"
)

// big is more than a request must send to count as a pickup.
const big = 4 * models.PickupBytes

func noise(n int) []byte {
	content := make([]byte, n)
	_, _ = rand.Read(content) // never fails
	return content
}

// zipOf returns an archive with the content.
func zipOf(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	one := must(w.CreateHeader(&zip.FileHeader{Name: "a", Method: zip.Store}))(t)
	if _, err := one.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (sh shared) fileURL() string {
	return sh.link + "/files/" + string(sh.files[0].ID) + "/" + string(sh.files[0].Name)
}

func (sh shared) pickedUp() int {
	sh.owner.t.Helper()
	hash := models.ParseShareLink(sh.link[len("/s/"):])
	var n int
	row := sh.owner.db.SQLPool().QueryRowContext(sh.owner.t.Context(), `SELECT picked_up FROM shares WHERE hash = $1`, string(hash))
	if err := row.Scan(&n); err != nil {
		sh.owner.t.Fatal(err)
	}
	return n
}

// One hundred people click a link for ten at the same time: ten get the file.
func TestPickups_AreExactUnderParallelVisitors(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := newSiteOn(t, db, handlers.Options{})
		content := noise(big)
		sh := s.registered("mara").shareFiles(url.Values{"downloads": {"10"}}, part{"file", "a.zip", "", zipOf(t, content)})
		var wait sync.WaitGroup
		codes := make(chan int, 100)
		for i := range 100 { // from as many networks, because each may download only so much at once
			wait.Go(func() { codes <- s.browser().from(fmt.Sprintf("198.51.100.%d", i), http.MethodGet, sh.fileURL()).Code })
		}
		wait.Wait()
		close(codes)
		count := map[int]int{}
		for code := range codes {
			count[code]++
		}
		if count[http.StatusOK] != 10 || count[http.StatusGone] != 90 || sh.pickedUp() != 10 {
			t.Errorf("%v, and %d places are taken", count, sh.pickedUp())
		}
	})
}

// Looking, HEAD, conditions and the bots of chat apps take no place; who has a place can
// download again, and take the other files.
func TestPickups_AreOnePerVisitor(t *testing.T) {
	s := newSite(t)
	mara := s.registered("mara")
	sh := mara.shareTwo(url.Values{"downloads": {"1"}, "preview": {"yes"}})
	bots := []string{"facebookexternalhit/1.1", "Twitterbot/1.0", "Slackbot-LinkExpanding 1.0", "TelegramBot (like TwitterBot)",
		"WhatsApp/2.23", "Discordbot/2.0"}
	for _, bot := range bots {
		for _, way := range [][2]string{{"GET", sh.link}, {"HEAD", sh.link}, {"HEAD", sh.fileURL()}, {"HEAD", sh.link + "/zip"}} {
			if got := s.browser().ask(way, "User-Agent", bot); got.Code != http.StatusOK {
				t.Errorf("%s %v: %d", bot, way, got.Code)
			}
		}
	}
	mara.get(sh.fileURL())
	if n := sh.pickedUp(); n != 0 {
		t.Fatalf("looking and the owner take %d places", n)
	}
	friend := s.browser()
	for _, path := range []string{sh.link, sh.fileURL(), sh.fileURL(), sh.link + "/zip", sh.link} {
		if got := friend.get(path); got.Code != http.StatusOK {
			t.Errorf("the friend at %s: %d", path, got.Code)
		}
	}
	if n := sh.pickedUp(); n != 1 {
		t.Errorf("one visitor takes %d places", n)
	}
	for _, path := range []string{sh.link, sh.fileURL(), sh.link + "/zip"} {
		if got := s.browser().get(path); got.Code != http.StatusGone {
			t.Errorf("a second visitor at %s: %d", path, got.Code)
		}
	}
	if got := mara.get(sh.fileURL()); got.Code != http.StatusOK {
		t.Errorf("the owner of a link that is used up: %d", got.Code)
	}
	s.clock.advance(models.PickupLife)
	if got := friend.get(sh.fileURL()); got.Code != http.StatusGone {
		t.Errorf("the friend a day later: %d", got.Code)
	}
}

// A one-time link over a broken line: 40 % arrive, and the rest is fetched later, by a
// program without cookies, as curl -C - does.
func TestPickups_SurviveABrokenLine(t *testing.T) {
	s := newSite(t)
	content := zipOf(t, noise(700<<10))
	sh := s.registered("mara").shareFiles(url.Values{"downloads": {"1"}}, part{"file", "a.zip", "", content})
	at := s.listen()
	ctx, cut := context.WithCancel(t.Context())
	first := s.fetch(ctx, at+sh.fileURL(), "")
	part := make([]byte, len(content)*4/10)
	if _, err := io.ReadFull(first.Body, part); err != nil {
		t.Fatal(err)
	}
	cut()
	_ = first.Body.Close()
	if got := s.browser().get(sh.fileURL()); got.Code != http.StatusGone {
		t.Errorf("another visitor gets in while the place is taken: %d", got.Code)
	}
	rest := s.fetch(t.Context(), at+sh.fileURL(), fmt.Sprintf("bytes=%d-", len(part)))
	defer rest.Body.Close()
	got := append(part, must(io.ReadAll(rest.Body))(t)...)
	if rest.StatusCode != http.StatusPartialContent || !bytes.Equal(got, content) {
		t.Errorf("the rest: %d, %d of %d bytes", rest.StatusCode, len(got), len(content))
	}
	if n := sh.pickedUp(); n != 1 {
		t.Errorf("it took %d places", n)
	}
	s.work(func() bool { return strings.Contains(sh.owner.get(sh.page).Body.String(), ">complete</td>") })
}

// A link that is used up does not open for the next one behind the same address, who has no
// cookie of it: not the rest of what is complete, not the whole of it, and not the page.
func TestPickups_AreNotSharedByAnAddress(t *testing.T) {
	s := newSite(t)
	sh := s.registered("mara").shareTwo(url.Values{"downloads": {"1"}})
	if got := s.browser().get(sh.fileURL()); got.Code != http.StatusOK {
		t.Fatalf("the first: %d", got.Code)
	}
	s.clock.advance(models.ResumeGrace)
	other := "/files/" + string(sh.files[1].ID) + "/minutes.txt"
	for _, path := range []string{sh.fileURL(), sh.link, sh.link + "/zip", sh.link + other} {
		for _, headers := range [][]string{
			{"Range", "bytes=1-"}, {"Range", "bytes=1-", "If-Range", `"nope"`}, {"Range", "bytes=1-,0-0"}, nil,
		} {
			if got := s.browser().ask([2]string{http.MethodGet, path}, headers...); got.Code != http.StatusGone {
				t.Errorf("%s, %v: %d", path, headers, got.Code)
			}
		}
	}
}

// A program that asks for the first byte to learn the size takes no place. Pieces of a
// small file do, once they are as much as the file.
func TestPickups_AreNotTakenByAByte(t *testing.T) {
	s := newSite(t)
	sh := s.registered("mara").shareFiles(url.Values{"downloads": {"1"}}, part{"file", "a.zip", "", zipOf(t, noise(big))})
	for range 3 {
		if got := s.browser().ask([2]string{http.MethodGet, sh.fileURL()}, "Range", "bytes=0-0"); got.Code != http.StatusPartialContent {
			t.Fatalf("a byte: %d", got.Code)
		}
	}
	if n := sh.pickedUp(); n != 0 {
		t.Errorf("a byte takes %d places", n)
	}
	small := sh.owner.shareFiles(url.Values{"downloads": {"1"}}, part{"file", "a.txt", "", []byte("0123456789")})
	for i, want := range []int{0, 0, 1} {
		s.browser().ask([2]string{http.MethodGet, small.fileURL()}, "Range", "bytes=0-3")
		if n := small.pickedUp(); n != want {
			t.Errorf("after %d pieces: %d places are taken, want %d", i+1, n, want)
		}
	}
}

// fetch sends a request as a program does: without cookies.
func (s *site) fetch(ctx context.Context, at, ranges string) *http.Response {
	s.t.Helper()
	r := must(http.NewRequestWithContext(ctx, http.MethodGet, at, nil))(s.t)
	r.Host = "cloakroom.test"
	if ranges != "" {
		r.Header.Set("Range", ranges)
	}
	return must(http.DefaultClient.Do(r))(s.t)
}

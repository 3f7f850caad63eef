package handlers_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/cloakroom/internal/database/databasetest"
	"example.org/cloakroom/internal/handlers"
	"example.org/cloakroom/internal/limits"
	"example.org/cloakroom/internal/models"
)

// newTransferSite returns a site with wide limits but for those named.
func newTransferSite(t *testing.T, overrides string) *site {
	t.Helper()
	return newSiteBy(t, databasetest.New(t), handlers.Options{}, wide+","+overrides)
}

// spent returns how many bytes of act the caller has used of the day.
func (s *site) spent(act limits.Act, who limits.Caller) int64 {
	s.t.Helper()
	for _, use := range must(s.limits.Usage(s.t.Context(), who))(s.t) {
		if use.Rule.Act == act {
			return use.Windows[0].Limit - use.Windows[0].Remaining
		}
	}
	s.t.Fatalf("nothing is said of %s", act)
	return 0
}

func spentBy(s *site, act limits.Act, user models.User) int64 {
	return s.spent(act, limits.CallerOf(user, netip.Addr{}))
}

// putText uploads n bytes of text by the API.
func (p *program) putText(n int) *httptest.ResponseRecorder {
	return p.send(http.MethodPut, "/files/a.txt", bytes.Repeat([]byte("x"), n))
}

func TestUploadBytes_OfADay(t *testing.T) {
	s := newTransferSite(t, "upload-bytes.free=1MiB-D")
	ann, bob := s.program("ann"), s.program("bob")
	for i := range 2 {
		if got := ann.putText(1 << 19); got.Code != http.StatusCreated {
			t.Fatalf("half a MiB, time %d: %d\n%s", i, got.Code, got.Body)
		}
	}
	got := ann.putText(1)
	if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") == "" ||
		!strings.Contains(got.Body.String(), "1 MiB uploaded per day") {
		t.Fatalf("one byte more: %d %v\n%s", got.Code, got.Header(), got.Body)
	}
	if used := s.userNamed("ann").StorageUsed; used != 1<<20 {
		t.Errorf("%d bytes are stored", used)
	}
	if got := bob.putText(100); got.Code != http.StatusCreated {
		t.Errorf("another user: %d", got.Code)
	}
	form := s.browser()
	form.post("/login", map[string][]string{"username": {"ann"}, "password": {testPassword}})
	if got := form.postForm("/files", nil, part{"file", "b.txt", "", []byte("hello")}); got.Code != http.StatusTooManyRequests {
		t.Errorf("by the form: %d", got.Code)
	}
	s.clock.advance(49 * time.Hour) // a sliding day lets go by and by
	if got := ann.putText(100); got.Code != http.StatusCreated {
		t.Errorf("another day: %d\n%s", got.Code, got.Body)
	}
}

func TestUploadBytes_CountWhatCame(t *testing.T) {
	s := newTransferSite(t, "upload-bytes.free=1GiB-D")
	s.takes("text")
	ann := s.program("ann")
	chunked := httptest.NewRequest(http.MethodPut, publicURL+"/api/v1/files/a.txt", strings.NewReader(strings.Repeat("x", 1000)))
	chunked.ContentLength = -1
	chunked.Header.Set("Authorization", "Bearer "+ann.token)
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, chunked)
	if got := spentBy(s, limits.UploadBytes, ann.user); rec.Code != http.StatusCreated || got != 1000 {
		t.Errorf("of 1000 bytes of unknown length %d were counted: %d", got, rec.Code)
	}
	if rec := ann.send(http.MethodPut, "/files/a.exe", []byte("MZ")); rec.Code != http.StatusUnsupportedMediaType {
		t.Errorf("a program: %d", rec.Code)
	}
	if got := spentBy(s, limits.UploadBytes, ann.user); got != 1002 {
		t.Errorf("what is refused is counted as it came: %d, want 1002", got)
	}
	// A sender who says nothing of the length pays for each largest file anew.
	two := s.program("two")
	long := httptest.NewRequest(http.MethodPut, publicURL+"/api/v1/files/a.txt", io.LimitReader(endless{}, 3*maxTestFile))
	long.ContentLength = -1
	long.Header.Set("Authorization", "Bearer "+two.token)
	s.handler.ServeHTTP(httptest.NewRecorder(), long)
	if got := spentBy(s, limits.UploadBytes, two.user); got != 3*maxTestFile {
		t.Errorf("of %d bytes, of which most are too many, %d were counted", 3*maxTestFile, got)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, strings.Repeat("x", len(p))), nil }

func TestDownloadBytes_OfADay(t *testing.T) {
	s := newTransferSite(t, "download-bytes.free=3000B-D,download-bytes.guest=1500B-D")
	ann := s.registered("ann")
	post, file := ann.writeFile("public", "a.txt", strings.Repeat("x", 1000))
	bob := s.registered("bob")
	user := s.userNamed("bob")
	// What sends no bytes of the file costs none.
	first := bob.get(file)
	etag := first.Header().Get("ETag")
	for _, free := range []*http.Request{
		httptest.NewRequest(http.MethodHead, publicURL+file, nil),
		withHeader(httptest.NewRequest(http.MethodGet, publicURL+file, nil), "If-None-Match", etag),
		withHeader(httptest.NewRequest(http.MethodGet, publicURL+file, nil), "Range", "bytes=5000-"),
		httptest.NewRequest(http.MethodGet, publicURL+post, nil),
	} {
		bob.do(free)
	}
	if got := spentBy(s, limits.DownloadBytes, user); first.Code != http.StatusOK || got != 1000 {
		t.Errorf("a download of 1000 bytes is counted as %d: %d", got, first.Code)
	}
	got := bob.do(withHeader(httptest.NewRequest(http.MethodGet, publicURL+file, nil), "Range", "bytes=100-199"))
	if spent := spentBy(s, limits.DownloadBytes, user); got.Code != http.StatusPartialContent || spent != 1100 {
		t.Errorf("with a range of 100 bytes it is %d: %d", spent, got.Code)
	}
	for range 2 { // the last whole file crosses the line
		if got := bob.get(file); got.Code != http.StatusOK || got.Body.Len() != 1000 {
			t.Fatalf("a download within the day's bytes: %d", got.Code)
		}
	}
	got = bob.get(file)
	if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") == "" ||
		!strings.Contains(got.Body.String(), "2.9 KiB downloaded per day") {
		t.Fatalf("one more: %d\n%s", got.Code, got.Body)
	}
	if got := bob.do(httptest.NewRequest(http.MethodHead, publicURL+file, nil)); got.Code != http.StatusOK {
		t.Errorf("HEAD costs nothing, and is refused: %d", got.Code)
	}
	for _, name := range []string{"Content-Disposition", "Content-Range", "Accept-Ranges", "ETag", "Last-Modified"} {
		if v := got.Header().Get(name); v != "" {
			t.Errorf("what is refused has %s: %s", name, v)
		}
	}
	if policy := got.Header().Get("Content-Security-Policy"); strings.Contains(policy, "sandbox") ||
		!strings.Contains(got.Header().Get("RateLimit"), "download-bytes-day") {
		t.Errorf("headers = %v", got.Header())
	}
	if got := ann.get(file); got.Code != http.StatusOK {
		t.Errorf("another user: %d", got.Code)
	}
	s.clock.advance(49 * time.Hour)
	if got := bob.get(file); got.Code != http.StatusSeeOther && got.Code != http.StatusOK {
		t.Errorf("another day: %d", got.Code)
	}
}

func TestDownloadBytes_OfGuestsByAddressAndOfAdmins(t *testing.T) {
	s := newTransferSite(t, "download-bytes.free=500B-D,download-bytes.guest=1500B-D,download-bytes.admin=1GiB-D")
	_, file := s.registered("ann").writeFile("public", "a.txt", strings.Repeat("x", 1000))
	from := func(addr string) int {
		r := httptest.NewRequest(http.MethodGet, publicURL+file, nil)
		r.RemoteAddr = addr + ":1234"
		rec := httptest.NewRecorder()
		s.handler.ServeHTTP(rec, r)
		return rec.Code
	}
	for i, want := range []int{200, 200, 429} {
		if got := from("198.51.100.7"); got != want {
			t.Errorf("a guest's download %d: %d, want %d", i, got, want)
		}
	}
	if got := from("198.51.100.8"); got != http.StatusOK {
		t.Errorf("a guest of another address: %d", got)
	}
	// A guest of IPv6 is their whole /64.
	for i, want := range []int{200, 200, 429} {
		if got := from(fmt.Sprintf("[2001:db8::%d]", i+1)); got != want {
			t.Errorf("a guest's download %d by IPv6: %d, want %d", i, got, want)
		}
	}
	root := s.browser()
	secret := must(s.accounts.NewSetupLink(t.Context()))(t)
	root.post("/setup/"+secret.Reveal(), map[string][]string{"username": {"root"}, "email": {"r@example.org"}, "password": {testPassword}})
	for range 4 {
		if got := root.get(file); got.Code != http.StatusOK {
			t.Fatalf("an admin's download: %d", got.Code)
		}
	}
}

func withHeader(r *http.Request, name, value string) *http.Request {
	r.Header.Set(name, value)
	return r
}

func TestDownloadBytes_OfTheViewerOnTheContentHost(t *testing.T) {
	s := newSiteBy(t, databasetest.New(t), handlers.Options{ContentOrigin: contentOrigin, ContentKey: contentKey},
		wide+",download-bytes.free=1500B-D,download-bytes.guest=1B-D")
	ann := s.registered("ann")
	_, file := ann.writeFile("private", "a.txt", strings.Repeat("x", 1000))
	at := ann.linked(file)
	for i, want := range []int{200, 200, 429} {
		if got := s.ask(http.MethodGet, at); got.Code != want {
			t.Errorf("download %d: %d, want %d", i, got.Code, want)
		}
	}
	if got := spentBy(s, limits.DownloadBytes, s.userNamed("ann")); got != 1500 {
		t.Errorf("%d bytes are counted to the viewer, want all 1500", got)
	}
}

func TestDownloadBytes_OfSixtyFourAtOnce(t *testing.T) {
	s := newTransferSite(t, "download-bytes.free=10500B-D,downloads-at-once.free=64")
	ann := s.registered("ann")
	_, file := ann.writeFile("public", "a.txt", strings.Repeat("x", 1000))
	var got atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if rec := ann.get(file); rec.Code == http.StatusOK {
				got.Add(int64(rec.Body.Len()))
			}
		})
	}
	wg.Wait()
	if n := got.Load(); n < 10_000 || n > 11_000 {
		t.Errorf("%d bytes were sent of 10500 and a file", n)
	}
}

// startDownload sends a request by a connection of its own and reads the head
// of the answer.
func startDownload(t *testing.T, address, path, token string) (net.Conn, string) {
	t.Helper()
	conn := must(net.Dial("tcp", strings.TrimPrefix(address, "http://")))(t)
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: cloakroom.test\r\nAuthorization: Bearer %s\r\n\r\n", path, token)
	head := make([]byte, 12)
	_, _ = io.ReadFull(conn, head)
	return conn, string(head)
}

// bigFile returns the address of a file that fits no buffer of a socket.
func (p *program) bigFile(size int64) string {
	p.t.Helper()
	tier := p.files.Policy.Get().Tiers[models.TierFree]
	tier.MaxFileSize, tier.Storage = 2*size, 10*size
	p.files.Policy.Get().Tiers[models.TierFree] = tier
	r := httptest.NewRequest(http.MethodPut, publicURL+"/api/v1/files/a.txt", io.LimitReader(endless{}, size))
	r.ContentLength = size
	r.Header.Set("Authorization", "Bearer "+p.token)
	rec := httptest.NewRecorder()
	p.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusCreated {
		p.t.Fatalf("%d\n%s", rec.Code, rec.Body)
	}
	return strings.TrimPrefix(rec.Header().Get("Location"), publicURL) + "/content"
}

func TestDownload_ThatIsBrokenOffCostsWhatItSent(t *testing.T) {
	const size = 64 << 20
	s := newTransferSite(t, "download-bytes.free=1GiB-D,downloads-at-once.free=2")
	ann := s.program("ann")
	file, address := ann.bigFile(size), s.listen()
	var running []net.Conn
	for range 2 {
		conn, head := startDownload(t, address, file, ann.token)
		if head != "HTTP/1.1 200" {
			t.Fatalf("a download: %s", head)
		}
		running = append(running, conn)
	}
	if got := spentBy(s, limits.DownloadBytes, ann.user); got != 2*size {
		t.Errorf("%d bytes are counted before they are sent, want %d", got, 2*size)
	}
	if _, head := startDownload(t, address, file, ann.token); head != "HTTP/1.1 429" {
		t.Errorf("a third at once: %s", head)
	}
	for _, conn := range running {
		conn.Close()
	}
	late := time.After(20 * time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for { // what broke off makes room, and is given back
		spent := spentBy(s, limits.DownloadBytes, ann.user)
		if spent > 0 && spent < size {
			break
		}
		select {
		case <-late:
			t.Fatalf("%d bytes stay counted for two downloads that were broken off", spent)
		case <-look.C:
		}
	}
	if conn, head := startDownload(t, address, file, ann.token); head != "HTTP/1.1 200" {
		t.Errorf("once there is room: %s", head)
	} else {
		conn.Close()
	}
}

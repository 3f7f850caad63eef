package handlers_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/cloakroom/internal/models"
)

func TestAPI_UploadThenRead(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	content := strings.Repeat("0123456789", 5000)
	made := ann.send("PUT", "/files/digits.txt", []byte(content))
	file := want(t, made, http.StatusCreated)
	id := text(t, file, "id")
	if got, want := made.Header().Get("Location"), publicURL+"/api/v1/files/"+id; got != want {
		t.Errorf("Location = %q, want %q", got, want)
	}
	sum := sha256.Sum256([]byte(content))
	if file["state"] != "ready" || file["width"] != nil || file["size"] != float64(len(content)) ||
		file["sha256"] != hex.EncodeToString(sum[:]) {
		t.Errorf("file = %v", file)
	}
	path := "/files/" + id + "/content"
	whole := ann.send("GET", path, nil)
	if whole.Code != http.StatusOK || whole.Body.String() != content {
		t.Fatalf("GET = %d, %d bytes", whole.Code, whole.Body.Len())
	}
	etag := whole.Header().Get("ETag")
	for name, value := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache",
		"Content-Disposition": `inline; filename="digits.txt"; filename*=UTF-8''digits.txt`, "Content-Length": fmt.Sprint(len(content)),
	} {
		if got := whole.Header().Get(name); got != value {
			t.Errorf("%s = %q, want %q", name, got, value)
		}
	}
	if !strings.Contains(whole.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Error("the bytes are not sandboxed")
	}
	if got := ann.send("HEAD", path, nil); got.Code != http.StatusOK || got.Body.Len() != 0 ||
		got.Header().Get("Content-Length") != fmt.Sprint(len(content)) {
		t.Errorf("HEAD = %d, %d bytes, Content-Length %s", got.Code, got.Body.Len(), got.Header().Get("Content-Length"))
	}
	if got := ann.send("GET", path, nil, "If-None-Match", etag); got.Code != http.StatusNotModified || got.Body.Len() != 0 {
		t.Errorf("If-None-Match = %d, %d bytes", got.Code, got.Body.Len())
	}
	for asked, wanted := range map[string]string{"bytes=3-7": "34567", "bytes=49998-": "89", "bytes=-3": "789"} {
		got := ann.send("GET", path, nil, "Range", asked)
		if got.Code != http.StatusPartialContent || got.Body.String() != wanted || got.Header().Get("Content-Range") == "" {
			t.Errorf("Range %s = %d %q", asked, got.Code, got.Body)
		}
	}
	refused := ann.send("GET", path, nil, "Range", "bytes=50000-")
	want(t, refused, http.StatusRequestedRangeNotSatisfiable)
	if got := refused.Header().Get("Content-Range"); got != "bytes */50000" {
		t.Errorf("Content-Range = %q", got)
	}
	want(t, ann.send("GET", path, nil, "If-Match", `"other"`), http.StatusPreconditionFailed)
}

func TestAPI_TwoUploadsOfOneName(t *testing.T) {
	s := newSite(t)
	ann := s.program("ann")
	one, two := ann.put("a.txt", "one"), ann.put("a.txt", "two")
	if one == two {
		t.Fatal("the second took the place of the first")
	}
	for id, content := range map[string]string{one: "one", two: "two"} {
		if got := ann.send("GET", "/files/"+id+"/content", nil).Body.String(); got != content {
			t.Errorf("%s holds %q, want %q", id, got, content)
		}
	}
}

func TestAPI_ProcessesAnImage(t *testing.T) {
	s := newSite(t)
	ann, bob := s.program("ann"), s.program("bob")
	file := want(t, ann.send("PUT", "/files/red.jpg", drawJPEG(t, 600, 400), "Content-Type", "image/jpeg"), http.StatusCreated)
	id := text(t, file, "id")
	if file["state"] != "processing" || file["width"] != nil || file["thumbnail_url"] != nil {
		t.Errorf("file = %v", file)
	}
	post := ann.create(doc{"title": "Red", "content": "x", "files": []string{id}})
	want(t, ann.send("GET", "/files/"+id+"/content", nil), http.StatusNotFound)
	want(t, bob.send("GET", "/files/"+id, nil), http.StatusNotFound)
	if got := want(t, bob.send("GET", "/posts/"+post, nil), http.StatusOK)["files"].([]any); len(got) != 0 {
		t.Errorf("others see what is not ready: %v", got)
	}
	s.settle(models.FileID(id))
	file = want(t, bob.send("GET", "/files/"+id, nil), http.StatusOK)
	if file["state"] != "ready" || file["sha256"] != nil || text(t, file, "thumbnail_url") != publicURL+"/api/v1/files/"+id+"/thumbnail" {
		t.Errorf("to others the file is %v", file)
	}
	for path, width := range map[string]int{"/content": 600, "/thumbnail": 320, "/thumbnail?width=1280": 600} {
		got := bob.send("GET", "/files/"+id+path, nil)
		picture, _, err := image.DecodeConfig(got.Body)
		if got.Code != http.StatusOK || err != nil || picture.Width != width {
			t.Errorf("%s = %d, %d pixels wide, %v; want %d", path, got.Code, picture.Width, err, width)
		}
	}
	me := want(t, ann.send("PUT", "/me/avatar", drawPNG(t, 300, 200)), http.StatusOK)
	avatar := strings.TrimPrefix(text(t, me, "avatar_url"), publicURL)
	if got := s.browser().get(avatar); got.Code != http.StatusOK || got.Header().Get("Content-Type") == "" {
		t.Errorf("GET %s = %d", avatar, got.Code)
	}
	want(t, ann.send("DELETE", "/me/avatar", nil), http.StatusNoContent)
	if me := want(t, ann.send("GET", "/me", nil), http.StatusOK); me["avatar_url"] != nil {
		t.Errorf("me = %v", me)
	}
}

func TestAPI_RefusedUploads(t *testing.T) {
	s := newSite(t)
	s.takes("images,text,pdf")
	ann := s.program("ann")
	tests := []struct {
		name, file, content, declared string
		status                        int
	}{
		{"a type that is not allowed", "a.html", "<p>", "", 415},
		{"a program named as an image", "a.jpg", "MZ\x00", "image/jpeg", 415},
		{"no name", "%20", "x", "", 422},
		{"a slash in the name", "a%2Fb.txt", "x", "", 422},
		{"too large", "a.txt", strings.Repeat("x", maxTestFile+1), "", 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var headers []string
			if tt.declared != "" {
				headers = []string{"Content-Type", tt.declared}
			}
			if got := want(t, ann.send("PUT", "/files/"+tt.file, []byte(tt.content), headers...), tt.status); got["field"] != "file" {
				t.Errorf("wrong at %v, want file", got["field"])
			}
		})
	}
	want(t, s.guest().send("PUT", "/files/a.txt", []byte("x")), http.StatusUnauthorized)
	if me := want(t, ann.send("GET", "/me", nil), http.StatusOK); me["storage_used"] != 0.0 {
		t.Errorf("refused files take %v bytes", me["storage_used"])
	}
	for range maxTestUsage / maxTestFile {
		ann.put("a.txt", strings.Repeat("x", maxTestFile))
	}
	if got := want(t, ann.send("PUT", "/files/a.txt", []byte("x")), http.StatusRequestEntityTooLarge); !strings.Contains(text(t, got,
		"detail"), "storage") {
		t.Errorf("beyond the quota: %v", got)
	}
}

// A chunked body has no Content-Length, like that of curl -T from a pipe.
func TestAPI_UploadInChunks(t *testing.T) {
	s := newSite(t)
	ann, address := s.program("ann"), s.listen()
	send := func(size int) (*http.Response, doc) {
		body := io.MultiReader(strings.NewReader(strings.Repeat("x", size)), strings.NewReader("")) // of a size net/http does not know
		r := must(http.NewRequestWithContext(t.Context(), http.MethodPut, address+"/api/v1/files/chunks.txt", body))(t)
		r.Host = "cloakroom.test"
		r.Header.Set("Authorization", "Bearer "+ann.token)
		resp := must(http.DefaultClient.Do(r))(t)
		defer resp.Body.Close()
		var d doc
		if err := json.NewDecoder(resp.Body).Decode(&d); err != nil {
			t.Fatal(err)
		}
		return resp, d
	}
	if resp, file := send(100_000); resp.StatusCode != http.StatusCreated || file["size"] != 100_000.0 {
		t.Errorf("in chunks: %d %v", resp.StatusCode, file)
	}
	if resp, got := send(maxTestFile + 1); resp.StatusCode != http.StatusRequestEntityTooLarge || got["field"] != "file" {
		t.Errorf("too many chunks: %d %v", resp.StatusCode, got)
	}
}

// curl asks before it sends a large file. A request that must fail is refused
// before its body arrives.
func TestAPI_RefusesBeforeTheBodyComes(t *testing.T) {
	s := newSite(t)
	ann, address := s.program("ann"), s.listen()
	conn := must(net.Dial("tcp", strings.TrimPrefix(address, "http://")))(t)
	defer conn.Close()
	fmt.Fprintf(conn, "PUT /api/v1/files/a.txt HTTP/1.1\r\nHost: cloakroom.test\r\nAuthorization: Bearer %s\r\nExpect: "+
		"100-continue\r\nContent-Length: %d\r\n\r\n",
		ann.token, maxTestFile+1)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second)) // sooner than the server gives up
	resp := must(http.ReadResponse(bufio.NewReader(conn), nil))(t)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status = %d", resp.StatusCode)
	}
}

// An interrupted upload leaves no file, however little is missing: the server
// reads the first bytes separately.
func TestAPI_AnUploadThatBreaksOff(t *testing.T) {
	s := newSite(t)
	ann, address := s.program("ann"), s.listen()
	for _, got := range []int{10, 100_000} {
		for _, encoding := range []string{"Content-Length: 200000\r\n\r\n", fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n", 200_000)} {
			conn := must(net.Dial("tcp", strings.TrimPrefix(address, "http://")))(t)
			fmt.Fprintf(conn, "PUT /api/v1/files/a.txt HTTP/1.1\r\nHost: cloakroom.test\r\nAuthorization: Bearer %s\r\n%s", ann.token, encoding)
			_, _ = conn.Write(bytes.Repeat([]byte("x"), got))
			_ = conn.(*net.TCPConn).CloseWrite()
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
				if resp.StatusCode != http.StatusBadRequest {
					t.Errorf("%d bytes and no more: %d", got, resp.StatusCode)
				}
				_ = resp.Body.Close()
			}
			_ = conn.Close()
		}
	}
	if got := want(t, ann.send("GET", "/me/files", nil), http.StatusOK); len(got["items"].([]any)) != 0 {
		t.Errorf("files = %v", got["items"])
	}
}

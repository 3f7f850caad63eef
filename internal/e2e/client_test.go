package e2e_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
)

// password is the password of every user.
const password = "a long way to the harbour"

// A client is a program that uses the site, with a cookie jar.
type client struct {
	t    *testing.T
	site *site
	http *http.Client
}

func newClient(t *testing.T, s *site) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, site: s, http: &http.Client{
		Jar: jar, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// newUser returns a client for a newly registered user.
func newUser(t *testing.T, s *site, username string) *client {
	t.Helper()
	c := newClient(t, s)
	c.post("/register", url.Values{"username": {username}, "email": {username + "@example.org"}, "password": {password}}, http.StatusSeeOther)
	return c
}

// logIn starts another session for the user, for example after a restart.
func (c *client) logIn(username string) {
	c.t.Helper()
	c.post("/login", url.Values{"username": {username}, "password": {password}}, http.StatusSeeOther)
}

// An answer is a response with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (c *client) do(req *http.Request) (answer, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, body}, err
}

// get requests a path, with pairs of header fields, and requires a status.
func (c *client) get(path string, status int, header ...string) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.site.url+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return c.want(req, status)
}

// post submits a form and requires a status.
func (c *client) post(path string, form url.Values, status int) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.site.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.want(req, status)
}

func (c *client) want(req *http.Request, status int) answer {
	c.t.Helper()
	got, err := c.do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	if got.status != status {
		c.t.Fatalf("%s %s: status %d, want %d\n%.2000s", req.Method, req.URL.Path, got.status, status, got.body)
	}
	return got
}

// A received is the site's description of an uploaded file.
type received struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	State  string `json:"state"`
	SHA256 string `json:"-"` // of the bytes sent
}

// upload uploads one file as the upload form's script does. It returns an error if there
// was no response, or an unsuccessful one.
func (c *client) upload(ctx context.Context, name string, content io.Reader) (received, error) {
	hash := sha256.New()
	req, err := uploadRequest(ctx, c.site.url+"/files", name, io.TeeReader(content, hash))
	if err != nil {
		return received{}, err
	}
	got, err := c.do(req)
	if err != nil {
		return received{}, err
	}
	if got.status != http.StatusCreated {
		return received{}, fmt.Errorf("status %d: %.500s", got.status, got.body)
	}
	file := received{SHA256: hex.EncodeToString(hash.Sum(nil))}
	return file, json.Unmarshal(got.body, &file)
}

// mustUpload is upload, and fails the test on an error.
func (c *client) mustUpload(name string, content []byte) received {
	c.t.Helper()
	file, err := c.upload(c.t.Context(), name, bytes.NewReader(content))
	if err != nil {
		c.t.Fatalf("uploading %s: %v", name, err)
	}
	return file
}

// uploadRequest returns a request that streams a form with one file.
func uploadRequest(ctx context.Context, address, name string, content io.Reader) (*http.Request, error) {
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition("file", name))
	header.Set("Content-Type", "application/octet-stream")
	if _, err := form.CreatePart(header); err != nil {
		return nil, err
	}
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	body := io.MultiReader(&head, content, strings.NewReader(tail))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Accept", "application/json")
	return req, nil
}

// state returns the state of a file.
func (c *client) state(id string) string {
	c.t.Helper()
	var file struct{ State, Reason string }
	if err := json.Unmarshal(c.get("/files/"+id+"/state", http.StatusOK).body, &file); err != nil {
		c.t.Fatal(err)
	}
	if file.Reason != "" {
		return file.State + ": " + file.Reason
	}
	return file.State
}

// awaitReady waits until the file is ready.
func (c *client) awaitReady(id string) {
	c.t.Helper()
	eventually(c.t, "file "+id+" is ready", func() bool {
		switch state := c.state(id); state {
		case "ready":
			return true
		case "processing":
			return false
		default:
			c.t.Fatalf("file %s is %s", id, state)
			return false
		}
	})
}

// hashOf returns the SHA-256 of the content at path.
func (c *client) hashOf(path string) string {
	c.t.Helper()
	sum := sha256.Sum256(c.get(path, http.StatusOK).body)
	return hex.EncodeToString(sum[:])
}
